"""Vocabulary faults: what would make the conditions of a pack hard or impossible to read."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from knowledge.fact import APPLICANT_KIND, Fact

LANGUAGE_WORDS = frozenset(
    ["or", "and", "not", "in", "true", "false", "或", "且", "非", "属于", "是", "否"]
)
"""The words of the condition language, in both spellings."""

TAKEN_KEYS = LANGUAGE_WORDS | {"credit", "applicant_kind"}
"""What no fact may have as its key: `questions` may hold `credit` beside fact keys."""

_UNREADABLE = re.compile(
    r"[\s\"'“”‘’＂＇「」『』()\[\]{}（）［］｛｝【】〔〕〖〗=<>!≠≤≥≦≧＝＜＞！]"
)


@dataclass(frozen=True, slots=True)
class VocabularyFault:
    """What is wrong with the fact at `index`, in which field, and the cure."""

    index: int
    field: Literal["key", "name", "choices"]
    message: str


def vocabulary_faults(facts: Sequence[Fact]) -> tuple[VocabularyFault, ...]:
    """Return every fault that would make a condition hard to read, by index."""
    keys = {APPLICANT_KIND.key, *(fact.key for fact in facts)}
    key_first: dict[str, int] = {}
    name_first: dict[str, int] = {}
    faults: list[VocabularyFault] = []
    for index, fact in enumerate(facts):
        faults += [VocabularyFault(index, "key", why) for why in _key_faults(fact)]
        if key_first.setdefault(fact.key, index) != index:
            faults.append(
                VocabularyFault(index, "key", f"key `{fact.key}` is declared twice; rename one")
            )
        faults += [VocabularyFault(index, "name", why) for why in _name_faults(fact, keys)]
        if name_first.setdefault(fact.name, index) != index:
            other = facts[name_first[fact.name]].key
            faults.append(
                VocabularyFault(
                    index, "name", f"`{other}` has the name `{fact.name}` too; rename one"
                )
            )
        faults += [VocabularyFault(index, "choices", why) for why in _choice_faults(fact)]
    return tuple(faults)


def _key_faults(fact: Fact) -> Iterator[str]:
    if fact.key in LANGUAGE_WORDS:
        yield f"`{fact.key}` is a word of the condition language; choose another key"
    elif fact.key in TAKEN_KEYS:
        yield f"`{fact.key}` has a meaning of its own; choose another key"


def _name_faults(fact: Fact, keys: set[str]) -> Iterator[str]:
    name = fact.name
    if _UNREADABLE.search(name) or not name.isprintable():
        yield (
            f"name `{name}` holds a space, quote, bracket or comparison sign; leave it out, "
            "conditions could not be read"
        )
    if name in LANGUAGE_WORDS:
        yield f"name `{name}` is a word of the condition language; choose another name"
    if name in keys:
        yield f"name `{name}` is the key of a fact; choose another name"
    if name == APPLICANT_KIND.name:
        yield f"name `{name}` is that of `applicant_kind`; choose another name"


def _choice_faults(fact: Fact) -> Iterator[str]:
    first: dict[str, str] = {}
    for key, name in (fact.choices or {}).items():
        if first.setdefault(name, key) != key:
            yield f"choices `{first[name]}` and `{key}` share the name `{name}`; rename one"
