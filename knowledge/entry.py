"""Entries: what every named thing of a pack has in common."""

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._/-]*$")]
Text = Annotated[str, StringConstraints(min_length=1)]
_Enum = TypeVar("_Enum")
Word = Annotated[_Enum, Field(strict=False)]
"""An enumeration, written as the text of its member."""


class Value(BaseModel):
    """A frozen, closed value: unknown keys are refused, nothing is coerced in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Entry(Value):
    """One entry of a section of a pack."""

    name_en: str | None = None
    note: str | None = None
