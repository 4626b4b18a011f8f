"""Vocabularies: the facts that the conditions of a pack may speak of, by key and by name."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, Literal

from knowledge.fact import APPLICANT_KIND, Fact

LANGUAGE_WORDS: Final = frozenset(
    ["or", "and", "not", "in", "true", "false", "或", "且", "非", "属于", "是", "否"]
)
"""The words of the condition language, in both spellings."""

TAKEN_KEYS: Final = LANGUAGE_WORDS | {"credit", APPLICANT_KIND.key}
"""What no fact may have as its key: `credit` stands beside fact keys among the questions."""

_SEPARATOR = re.compile(
    r"[\s\"'“”‘’＂＇「」『』()\[\]{}（）［］｛｝【】〔〕〖〗=<>!≠≤≥≦≧＝＜＞！]"
)
_WORD_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


class Vocabulary:
    """The facts declared by a pack, and `applicant_kind`.

    Compared by identity: two vocabularies are never the same, even with the same facts. Where
    `vocabulary_faults` finds something, the first of two facts with one key or one name counts,
    so that the faults of the conditions can still be looked for.
    """

    __slots__ = ("_lengths", "by_key", "by_name", "facts")

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.facts: tuple[Fact, ...] = (APPLICANT_KIND, *facts)
        self.by_key: dict[str, Fact] = {}
        self.by_name: dict[str, Fact] = {}
        lengths: dict[str, set[int]] = {}
        for fact in self.facts:
            self.by_key.setdefault(fact.key, fact)
            self.by_name.setdefault(fact.name, fact)
            lengths.setdefault(fact.name[0], set()).add(len(fact.name))
        self._lengths = {first: sorted(found)[::-1] for first, found in lengths.items()}

    def name_at(self, text: str, place: int) -> str | None:
        """Return the longest declared name that stands in `text` at `place`, or None.

        A name that ends in an ASCII letter or digit ends only where its word does.
        """
        for length in self._lengths.get(text[place : place + 1], ()):
            name = text[place : place + length]
            if name in self.by_name and not _is_cut(text, place + length):
                return name
        return None


def _is_cut(text: str, end: int) -> bool:
    """Return whether `end` lies inside an ASCII word."""
    return text[end : end + 1] in _WORD_CHARACTERS and text[end - 1] in _WORD_CHARACTERS


Field = Literal["key", "name", "choices"]


@dataclass(frozen=True, slots=True)
class VocabularyFault:
    """What is wrong with the fact at `index`, in which field; the message ends in the cure."""

    index: int
    field: Field
    message: str


def vocabulary_faults(facts: Sequence[Fact]) -> tuple[VocabularyFault, ...]:
    """Return everything that would make conditions about these facts ambiguous, by index.

    Two facts with one key are left to whoever checks that ids are unique.
    """
    keys = {APPLICANT_KIND.key, *(fact.key for fact in facts)}
    first = {fact.name: fact for fact in reversed(facts)}
    return tuple(
        VocabularyFault(index, field, message)
        for index, fact in enumerate(facts)
        for field, message in _faults_of(fact, keys, first[fact.name])
    )


def _faults_of(
    fact: Fact, keys: AbstractSet[str], namesake: Fact
) -> Iterator[tuple[Field, str]]:
    if fact.key in LANGUAGE_WORDS:
        yield "key", f"`{fact.key}` is a word of the condition language; choose another key"
    elif fact.key in TAKEN_KEYS:
        yield "key", f"`{fact.key}` has its own meaning in every pack; choose another key"
    for message in _name_faults(fact.name, keys):
        yield "name", message
    if namesake is not fact:
        yield "name", f"`{namesake.key}` is named `{fact.name}` too; rename one of them"
    for message in _choice_faults(fact):
        yield "choices", message


def _name_faults(name: str, keys: AbstractSet[str]) -> Iterator[str]:
    separator = _SEPARATOR.search(name)
    if separator or not name.isprintable():
        held = f"`{separator.group()}`" if separator else "an invisible character"
        yield (
            f"`{name}` holds {held} and could not be read in a condition; "
            "leave out spaces, quotes, brackets and comparison signs"
        )
    if name in LANGUAGE_WORDS:
        yield f"`{name}` is a word of the condition language; choose another name"
    if name == APPLICANT_KIND.name:
        yield f"`{name}` names the kind of applicant in every pack; choose another name"
    if name in keys:
        yield f"`{name}` is the key of a fact; choose another name"


def _choice_faults(fact: Fact) -> Iterator[str]:
    first: dict[str, str] = {}
    for key, name in (fact.choices or {}).items():
        if first.setdefault(name, key) != key:
            yield f"the choices `{first[name]}` and `{key}` share a name; rename one of them"
