"""Residents: the people and organisations that the sandbox's registries know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person who does not exist.

    `household` is the number of its head; `traits` are what the registers hold beyond
    birth, marriage and work (`None`: as chance has it).
    """

    number: str
    name: str
    born: date
    woman: bool
    household: str
    address: str
    spouse: str = ""
    married_on: date | None = None
    employer: str = ""
    traits: tuple[str, ...] | None = None

    kind: Literal["natural", "legal"] = field(default="natural", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """An organisation that does not exist; `landlord` lets it its rooms."""

    number: str
    name: str
    form: str
    founded: date
    representative: str
    address: str
    landlord: str = ""
    traits: tuple[str, ...] | None = None

    kind: Literal["natural", "legal"] = field(default="legal", init=False)


Resident = Person | Organisation
Residents = Mapping[str, Resident]
"""Residents by their numbers."""
