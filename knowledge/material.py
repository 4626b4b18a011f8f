"""Materials: kinds of document (材料; CCCEV EvidenceType), and the claims that they prove."""

from enum import StrEnum

from pydantic import Field

from knowledge.entry import Entry, Id, Text, Word


class MaterialClass(StrEnum):
    """What kind of paper it is; the law's power to demand it depends on this."""

    CERTIFICATE = "certificate"
    STAMP = "stamp"
    LICENCE = "licence"
    FORM = "form"
    STATEMENT = "statement"
    INTERMEDIARY = "intermediary"
    OTHER = "other"


class Claim(Entry):
    """One fact that has to be proved (待证事实; CCCEV InformationConcept)."""

    id: Id
    name: Text


class Material(Entry):
    """A kind of document; `burden` says how hard it is to get, a whole number from 1."""

    id: Id
    name: Text
    material_class: Word[MaterialClass] = Field(alias="class")
    proves: tuple[Id, ...] = ()
    issuer: Id | None = None
    burden: int = Field(default=1, ge=1)
