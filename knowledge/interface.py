"""Interfaces: how a register is asked over the wire, as its own organ describes it (接口)."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from knowledge.entry import Id, Text, Value
from knowledge.fact import FactKey

Signature = Literal["hmac-sm3", "hmac-sha256"]
Word = Literal["number", "name", "kind"]
"""What is known of the person asked about: identifier, name, natural or legal."""

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def _read_code(text: str) -> str:
    if not _CODE.fullmatch(text):
        raise ValueError(
            "is no interface id; use letters, digits, and . _ - after the first character"
        )
    return text


Code = Annotated[str, AfterValidator(_read_code)]
"""An interface id (接口编码): one step of a path, so that it leads nowhere else."""


class Status(Value):
    """The field of a row that says whether it is in force, and which values say so."""

    field: Text
    good: tuple[Text, ...] = Field(min_length=1)


class FactField(Value):
    """The field of a row that answers a fact; `values` turns their words into ours."""

    field: Text
    values: dict[Text, str | bool | int] | None = Field(default=None, min_length=1)


class LicenceFields(Value):
    """The fields of a licence record: number, first day, and last day it is valid (有效期止).

    `spoilt` turns statuses that are not good into those of a licence on record.
    """

    number: Text
    since: Text | None = None
    until: Text | None = None
    spoilt: dict[Text, Literal["suspended", "revoked", "expired"]] = Field(default_factory=dict)


class Interface(Value):
    """How one register is asked and how its rows are read: `lookup` of a source.

    `hub` names the exchange through which it is reached; its address and secret are settings.
    `day` is the field with the day as of which the register stands, not of a row's last change.
    INVARIANT (identity): the number of the person goes out and is compared when it comes back.
    """

    hub: Id
    code: Code
    signature: Signature = "hmac-sm3"
    request: dict[Word, Text]
    wants: Text = "wants"
    codes: dict[Id, Text] = Field(default_factory=dict)
    echo: dict[Word, Text] = Field(default_factory=dict)
    row: Text = "code"
    status: Status | None = None
    day: Text | None = None
    facts: dict[FactKey, FactField] = Field(default_factory=dict)
    licence: LicenceFields | None = None
    show: dict[Text, Text] = Field(default_factory=dict)
    show_en: dict[Text, Text] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _identity(self) -> Self:
        if "number" not in self.request:
            raise ValueError(
                "the request does not say whom it is about; "
                "write their field for `number` in `request`"
            )
        fields = [self.wants, *self.request.values()]
        if len({*fields}) < len(fields):
            raise ValueError(
                "two things go into one field of the request; "
                "give `wants` and each word of `request` a field of its own"
            )
        if self.licence and self.licence.spoilt and self.status is None:
            raise ValueError("`spoilt` means nothing without `status`; describe the status too")
        if unknown := sorted({*self.show_en} - {*self.show}):
            named = ", ".join(f"`{one}`" for one in unknown)
            raise ValueError(f"`show_en` has {named} that `show` has not; add it there first")
        return self

    @property
    def echoed(self) -> dict[Word, str]:
        """The fields of a row that have to repeat what was asked, always with the number."""
        return {"number": self.request["number"], **self.echo}

    @property
    def labels_en(self) -> dict[str, str]:
        """Label to English label, of all labels or some."""
        return {self.show[field]: english for field, english in self.show_en.items()}

    def code_of(self, name: str) -> str:
        """Return the register's code for one of our materials or claims."""
        return self.codes.get(name, name)
