"""Facts: what a case may state, and how each value is written."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Final, Literal, NewType, Self

from pydantic import (
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from knowledge.entry import Entry, Text

FactKey = NewType("FactKey", str)
FactType = Literal["choice", "boolean", "integer", "decimal", "date", "text"]
AnsweredBy = Literal["applicant", "desk", "source"]
FactValue = str | bool | int | Decimal | date
"""A choice key or a text, a boolean, a whole number, an exact decimal, or a day."""

LARGEST: Final = 2**53 - 1
"""The largest whole number, in units of the last digit, that every JSON reader keeps exact.

RFC 8259, section 6.
"""

_PLAIN_DECIMAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")
_PLAIN_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HALF_CHARACTER = re.compile(r"[\ud800-\udfff]")
_LONGEST_NUMBER = 40
_LONGEST_SHOWN = 40


class FactValueError(ValueError):
    """A value does not fit the fact it is given for; the message says why, then the cure."""

    def __init__(self, fact: "Fact", value: object, message: str) -> None:
        self.fact, self.value = fact, value
        super().__init__(message)


class Fact(Entry):
    """One thing that a case may state, with its type and the question that asks for it.

    INVARIANT (choices and scale): a choice has at least one choice, a decimal has a scale (the
    digits after the point), and nothing else has either. Only choices have English names.
    """

    key: Annotated[FactKey, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    type: FactType
    name: Text
    choices: dict[Text, Text] | None = None
    choices_en: dict[Text, Text] | None = None
    scale: Annotated[int, Field(ge=0, le=15)] | None = None
    unit: Text | None = None
    unit_en: Text | None = None
    question: Text = ""
    question_en: Text | None = None
    answered_by: AnsweredBy = "applicant"

    @model_validator(mode="before")
    @classmethod
    def _asks_by_name(cls, entry: object) -> object:
        if isinstance(entry, Mapping) and "question" not in entry and "name" in entry:
            return {**entry, "question": entry["name"]}
        return entry

    @field_validator("choices_en")
    @classmethod
    def _only_choices_in_english(
        cls, english: dict[str, str] | None, entry: ValidationInfo
    ) -> dict[str, str] | None:
        kind, choices = entry.data.get("type"), entry.data.get("choices")
        if english is None or kind is None or "choices" not in entry.data:
            return english
        if kind != "choice":
            raise ValueError(f"`choices_en` of a {kind} mean nothing; leave them out")
        for key in sorted(english.keys() - (choices or {})):
            known = ", ".join(f"`{one}` ({name})" for one, name in (choices or {}).items())
            raise ValueError(f"{shown(key)} is no key of `choices`; write {known}")
        return english

    @model_validator(mode="after")
    def _choices_and_scale(self) -> Self:
        if self.type == "choice" and not self.choices:
            raise ValueError("a choice has no `choices`; write at least one `key: name`")
        if self.type != "choice" and self.choices is not None:
            raise ValueError(f"`choices` of a {self.type} mean nothing; leave them out")
        if self.type == "decimal" and self.scale is None:
            raise ValueError("a decimal has no `scale`; say how many digits follow the point")
        if self.type != "decimal" and self.scale is not None:
            raise ValueError(f"`scale` of a {self.type} means nothing; leave it out")
        return self

    def read(self, value: object) -> FactValue:
        """Return the exact value that a case's JSON `value` states, or raise `FactValueError`.

        A decimal travels as text and comes back with exactly `scale` digits after the point.
        """
        if value is None:
            raise self._refusal(value, "is null; leave it out while it is not known")
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
        choices: Mapping[str, str] = self.choices or {}
        if isinstance(value, str) and value in choices:
            return value
        known = ", ".join(f"`{key}` ({name})" for key, name in choices.items())
        raise self._refusal(
            value, f"{shown(value)} is no choice of `{self.key}`; write {known}"
        )

    def _boolean(self, value: object) -> bool:
        if isinstance(value, bool):
            return value
        raise self._refusal(value, f"{shown(value)} is not yes or no; write true or false")

    def _integer(self, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._refusal(
                value, f"{shown(value)} is not a whole number; write it like 12, without quotes"
            )
        if abs(value) > LARGEST:
            raise self._refusal(value, f"{shown(value)} is too large; stay within ±{LARGEST}")
        return value

    def _decimal(self, value: object) -> Decimal:
        scale = self.scale or 0
        if not isinstance(value, str):
            raise self._refusal(
                value, f'{shown(value)} is not text; write a decimal in quotes, like "12.5"'
            )
        found = _PLAIN_DECIMAL.fullmatch(value) if len(value) <= _LONGEST_NUMBER else None
        if found is None:
            raise self._refusal(
                value, f"{shown(value)} is not a plain decimal; write it like 12.5 or -3"
            )
        sign, whole, part = found.group(1), found.group(2), found.group(3) or ""
        if len(part) > scale:
            raise self._refusal(
                value,
                f"{shown(value)} has too many digits after the point; write at most {scale}",
            )
        scaled = int(sign + whole + part.ljust(scale, "0"))
        if abs(scaled) > LARGEST:
            most = format(_exact(LARGEST, scale), "f")
            raise self._refusal(value, f"{shown(value)} is too large; stay within ±{most}")
        return _exact(scaled, scale)

    def _day(self, value: object) -> date:
        if not isinstance(value, str) or not _PLAIN_DAY.fullmatch(value):
            raise self._refusal(value, f"{shown(value)} is not a day; write it like 2024-01-31")
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise self._refusal(
                value, f"there is no day {shown(value)}; correct the year, month or day"
            ) from None

    def _text(self, value: object) -> str:
        if not isinstance(value, str):
            raise self._refusal(value, f"{shown(value)} is not text; put it in quotes")
        if _HALF_CHARACTER.search(value):
            raise self._refusal(value, f"{shown(value)} holds half a character; type it anew")
        return value


def _exact(scaled: int, scale: int) -> Decimal:
    """Return `scaled` with `scale` of its digits after the point: 1250 and 2 give 12.50."""
    # From digits, not by arithmetic: a decimal context of the host program must not round it.
    digits = tuple(int(digit) for digit in str(abs(scaled)))
    return Decimal((scaled < 0, digits, -scale))


def shown(value: object) -> str:
    """Return `value` in backticks as a person sees it in JSON, short and safe to print."""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int) and abs(value) > 10**_LONGEST_SHOWN:
        return "the number"
    text = str(value)
    visible = (sign if sign.isprintable() else "\ufffd" for sign in text[:_LONGEST_SHOWN])
    return f"`{''.join(visible)}{'…' if len(text) > _LONGEST_SHOWN else ''}`"


APPLICANT_KIND: Final = Fact.model_validate(
    {
        "key": "applicant_kind",
        "type": "choice",
        "choices": {"natural": "自然人", "legal": "法人"},
        "choices_en": {"natural": "natural person", "legal": "legal person"},
        "name": "申请人类型",
        "name_en": "kind of applicant",
        "question": "申请人是自然人还是法人？",
        "question_en": "Is the applicant a natural or a legal person?",
    }
)
"""The fact that is always there: the case's `applicant.kind`."""
