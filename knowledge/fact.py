"""Facts: what a case may state, how each value is written, and the vocabulary of a pack."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, NewType, Self

from pydantic import Field, StringConstraints, model_validator

from knowledge.entry import Entry, Text

FactKey = NewType("FactKey", str)
ChoiceKey = NewType("ChoiceKey", str)
FactType = Literal["choice", "boolean", "integer", "decimal", "date", "text"]
AnsweredBy = Literal["applicant", "desk", "source"]
FactValue = str | bool | int | Decimal | date
"""A choice key or a text, a boolean, a whole number, an exact decimal, or a day."""

LARGEST = 2**53 - 1
"""The largest whole number that every JSON reader keeps exact (RFC 8259, section 6)."""

_PLAIN_DECIMAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")
_PLAIN_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST_NUMBER = 40
_WORD_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_WORD_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


class FactValueError(ValueError):
    """A value does not fit the fact it is given for."""

    def __init__(self, fact: "Fact", value: object, message: str) -> None:
        self.fact, self.value = fact, value
        super().__init__(f"fact `{fact.key}`: {message}")


class Fact(Entry):
    """One thing that a case may state, with its type and the question that asks for it.

    INVARIANT (choices and scale): a choice has at least one choice, a decimal has a scale, and
    nothing else has either.
    """

    key: Annotated[FactKey, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    type: FactType
    name: Text
    choices: dict[Annotated[ChoiceKey, StringConstraints(min_length=1)], Text] | None = None
    scale: Annotated[int, Field(ge=0, le=15)] | None = None
    unit: Text | None = None
    question: Text = ""
    question_en: Text | None = None
    answered_by: AnsweredBy = "applicant"

    @model_validator(mode="before")
    @classmethod
    def _asks_by_name(cls, entry: object) -> object:
        if isinstance(entry, Mapping) and "question" not in entry and "name" in entry:
            return {**entry, "question": entry["name"]}
        return entry

    @model_validator(mode="after")
    def _choices_and_scale(self) -> Self:
        if self.type == "choice" and not self.choices:
            raise ValueError("a choice needs `choices`: write at least one `key: name`")
        if self.type != "choice" and self.choices is not None:
            raise ValueError(f"only a choice has `choices`; leave them out of a {self.type}")
        if self.type == "decimal" and self.scale is None:
            raise ValueError("a decimal needs `scale`: write how many digits follow the point")
        if self.type != "decimal" and self.scale is not None:
            raise ValueError(f"only a decimal has `scale`; leave it out of {self.type}")
        return self

    def read(self, value: object) -> FactValue:
        """Return the exact value that a case's JSON `value` states, or raise `FactValueError`.

        A decimal travels as text and comes back with exactly `scale` digits after the point.
        """
        if value is None:
            raise self._refusal(value, "it is null; leave it out when it is not known")
        match self.type:
            case "choice":
                return self._choice(value)
            case "boolean":
                return self._boolean(value)
            case "integer":
                return self._integer(value)
            case "decimal":
                return self._decimal(value)
            case "date":
                return self._day(value)
            case "text":
                return self._text(value)

    def _refusal(self, value: object, message: str) -> FactValueError:
        return FactValueError(self, value, message)

    def _choice(self, value: object) -> str:
        choices: Mapping[ChoiceKey, str] = self.choices or {}
        if isinstance(value, str) and value in choices:
            return value
        known = ", ".join(f"`{key}`" for key in choices)
        raise self._refusal(value, f"{_quoted(value)} is no choice of it; write one of {known}")

    def _boolean(self, value: object) -> bool:
        if isinstance(value, bool):
            return value
        raise self._refusal(value, f"{_quoted(value)} is not yes or no; write true or false")

    def _integer(self, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._refusal(
                value, f"{_quoted(value)} is not a whole number; write it like 12, unquoted"
            )
        if abs(value) > LARGEST:
            raise self._refusal(value, f"it is too large; stay within ±{LARGEST}")
        return value

    def _decimal(self, value: object) -> Decimal:
        scale = self.scale or 0
        if not isinstance(value, str):
            raise self._refusal(
                value,
                f'{_quoted(value)} is not in quotes; write a decimal as text, like "12.5"',
            )
        found = _PLAIN_DECIMAL.fullmatch(value) if len(value) <= _LONGEST_NUMBER else None
        if found is None:
            raise self._refusal(
                value, f'{_quoted(value)} is not a plain decimal; write it like "-12.5"'
            )
        sign, whole, part = found.group(1), found.group(2), found.group(3) or ""
        if len(part) > scale:
            raise self._refusal(
                value,
                f"{_quoted(value)} has {len(part)} digits after the point; "
                f"write at most {scale}",
            )
        scaled = int(sign + whole + part.ljust(scale, "0"))
        if abs(scaled) > LARGEST:
            largest = exact(LARGEST, scale)
            raise self._refusal(value, f"{_quoted(value)} is too large; stay within ±{largest}")
        return exact(scaled, scale)

    def _day(self, value: object) -> date:
        if isinstance(value, str) and _PLAIN_DAY.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                raise self._refusal(
                    value, f"there is no day {_quoted(value)}; look at the calendar"
                ) from None
        raise self._refusal(value, f"{_quoted(value)} is not a day; write it like 2024-01-31")

    def _text(self, value: object) -> str:
        if not isinstance(value, str):
            raise self._refusal(value, f"{_quoted(value)} is not text; put it in quotes")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise self._refusal(value, "it holds half a character; write the text anew")
        return value


def exact(scaled: int, scale: int) -> Decimal:
    """Return `scaled` with its point moved `scale` digits to the left: 1250 and 2 give 12.50."""
    # From digits, not by arithmetic: a decimal context of the host program must not round it.
    digits = tuple(int(digit) for digit in str(abs(scaled)))
    return Decimal((scaled < 0, digits, -scale))


def exact(scaled: int, scale: int) -> Decimal:
    """Return `scaled` with its point moved `scale` digits to the left: 1250 and 2 give 12.50."""
    # From digits, not by arithmetic: a decimal context of the host program must not round it.
    digits = tuple(int(digit) for digit in str(abs(scaled)))
    return Decimal((scaled < 0, digits, -scale))


def _quoted(value: object) -> str:
    """Return `value` as a person sees it in JSON, short and safe to print."""
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    shown = shown.encode("utf-8", "replace").decode()
    return f"`{shown[:40]}…`" if len(shown) > 40 else f"`{shown}`"  # noqa: PLR2004 one screen line


APPLICANT_KIND = Fact.model_validate(
    {
        "key": "applicant_kind",
        "type": "choice",
        "choices": {"natural": "自然人", "legal": "法人"},
        "name": "申请人类型",
        "name_en": "kind of applicant",
        "question": "申请人是自然人还是法人？",
        "question_en": "Is the applicant a natural or a legal person?",
    }
)
"""The fact that is always there: the case's `applicant.kind`."""


class Vocabulary:
    """The facts declared by a pack and `applicant_kind`.

    Compared by identity: two vocabularies are never the same, even with the same facts. Where
    `vocabulary_faults` finds something, the first of two facts with one key or one name is kept, so
    that the faults of conditions can still be looked for.
    """

    __slots__ = ("_longest_first", "by_key", "by_name", "facts")

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.facts: tuple[Fact, ...] = (APPLICANT_KIND, *facts)
        self.by_key: dict[str, Fact] = {}
        self.by_name: dict[str, Fact] = {}
        for fact in self.facts:
            self.by_key.setdefault(fact.key, fact)
            self.by_name.setdefault(fact.name, fact)
        self._longest_first: dict[str, list[str]] = {}
        for name in sorted(self.by_name, key=len, reverse=True):
            self._longest_first.setdefault(name[0], []).append(name)

    def name_at(self, text: str, place: int) -> str | None:
        """Return the longest declared name that stands in `text` at `place`, or None.

        A name that ends in an ASCII letter or digit ends there only where its word does.
        """
        for name in self._longest_first.get(text[place : place + 1], ()):
            if text.startswith(name, place) and not _is_cut(text, place + len(name)):
                return name
        return None


def _is_cut(text: str, end: int) -> bool:
    inside = text[end : end + 1]
    return inside in _WORD_CHARACTERS and text[end - 1] in _WORD_CHARACTERS


class Vocabulary:
    """The facts declared by a pack and `applicant_kind`.

    Compared by identity: two vocabularies are never the same, even with the same facts. Where
    `vocabulary_faults` finds something, the first of two facts with one key or one name is kept, so
    that the faults of conditions can still be looked for.
    """

    __slots__ = ("_longest_first", "by_key", "by_name", "facts")

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.facts: tuple[Fact, ...] = (APPLICANT_KIND, *facts)
        self.by_key: dict[str, Fact] = {}
        self.by_name: dict[str, Fact] = {}
        for fact in self.facts:
            self.by_key.setdefault(fact.key, fact)
            self.by_name.setdefault(fact.name, fact)
        self._longest_first: dict[str, list[str]] = {}
        for name in sorted(self.by_name, key=len, reverse=True):
            self._longest_first.setdefault(name[0], []).append(name)

    def name_at(self, text: str, place: int) -> str | None:
        """Return the longest declared name that stands in `text` at `place`, or None.

        A name that ends in an ASCII letter or digit ends there only where its word does.
        """
        for name in self._longest_first.get(text[place : place + 1], ()):
            if text.startswith(name, place) and not _is_cut(text, place + len(name)):
                return name
        return None


def _is_cut(text: str, end: int) -> bool:
    inside = text[end : end + 1]
    return inside in _WORD_CHARACTERS and text[end - 1] in _WORD_CHARACTERS
