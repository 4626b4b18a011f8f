"""Persons: who stands in which role of a case, and the identifiers that they are known by."""

from typing import Literal, Self

from pydantic import Field, model_validator
from stdnum.cn import ric, uscc

from knowledge.entry import Id, Value

IDENTIFIER_LENGTH = 18


def has_check_character(kind: Literal["natural", "legal"], number: str) -> bool:
    """Return whether the last of 18 characters is the check character of the others.

    Sources: GB 11643 for an identity number, GB 32100 for a unified social credit code.
    """
    if kind == "natural":
        digits = number[:-1].isascii() and number[:-1].isdigit()
        return digits and number[-1] == str(ric.calc_check_digit(number))
    try:
        return number[-1] == str(uscc.calc_check_digit(number[:-1]))
    except ValueError:  # a sign that no credit code has
        return False


class Person(Value):
    """The applicant; `id` is an identity number, a credit code, or another identifier."""

    kind: Literal["natural", "legal"]
    id: str = Field(min_length=1, max_length=200)

    @model_validator(mode="after")
    def _check_character(self) -> Self:
        if len(self.id) == IDENTIFIER_LENGTH and not has_check_character(self.kind, self.id):
            what = "identity number" if self.kind == "natural" else "unified credit code"
            raise ValueError(
                f"the {what} has a wrong check character; compare it with the document "
                "(capital letters only)"
            )
        return self


class Party(Person):
    """Another person of the case, in a role that one of its items declares."""

    role: Id
