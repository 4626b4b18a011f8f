"""Laws: the texts that may demand a paper, their rank, and citations of their articles."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BeforeValidator, model_validator

from knowledge.day import Day, check_period, holds
from knowledge.entry import Entry, Id, Text, Word


class Level(StrEnum):
    """The rank of a text (效力层级), after 立法法 arts. 98 to 106."""

    LAW = "law"
    ADMINISTRATIVE_REGULATION = "administrative_regulation"
    STATE_COUNCIL_DECISION = "state_council_decision"
    LOCAL_REGULATION = "local_regulation"
    SEZ_REGULATION = "sez_regulation"
    AUTONOMOUS_REGULATION = "autonomous_regulation"
    CITY_REGULATION = "city_regulation"
    DEPARTMENTAL_RULE = "departmental_rule"
    PROVINCIAL_GOVERNMENT_RULE = "provincial_government_rule"
    CITY_GOVERNMENT_RULE = "city_government_rule"
    NORMATIVE_DOCUMENT = "normative_document"
    TECHNICAL_STANDARD = "technical_standard"


_ALL = frozenset(Level)
_NATIONAL = frozenset({Level.ADMINISTRATIVE_REGULATION, Level.STATE_COUNCIL_DECISION})
_PROVINCIAL = frozenset(
    {Level.LOCAL_REGULATION, Level.SEZ_REGULATION, Level.AUTONOMOUS_REGULATION}
)
_MUNICIPAL = frozenset({Level.CITY_REGULATION, Level.PROVINCIAL_GOVERNMENT_RULE})
_CITY_RULE = frozenset({Level.CITY_GOVERNMENT_RULE})
_PAPERS = frozenset({Level.NORMATIVE_DOCUMENT, Level.TECHNICAL_STANDARD})

# Semantics 5. Departmental rules and local regulations: neither outranks (立法法 art. 106).
_BELOW: dict[Level, frozenset[Level]] = {
    Level.LAW: _ALL - {Level.LAW},
    **dict.fromkeys(_NATIONAL, _ALL - _NATIONAL - {Level.LAW}),
    **dict.fromkeys(_PROVINCIAL, _MUNICIPAL | _CITY_RULE | _PAPERS),
    **dict.fromkeys(_MUNICIPAL, _CITY_RULE | _PAPERS),
    Level.CITY_GOVERNMENT_RULE: _PAPERS,
    Level.DEPARTMENTAL_RULE: _PAPERS,
    Level.NORMATIVE_DOCUMENT: frozenset(),
    Level.TECHNICAL_STANDARD: frozenset(),
}


def outranks(higher: Level, lower: Level) -> bool:
    """Return whether a text of the first level prevails over one of the second."""
    return lower in _BELOW[higher]


@dataclass(frozen=True, slots=True, order=True)
class Citation:
    """One place in one law: the law's id and a locator such as `第十六条第一款`."""

    law: str
    locator: str

    def __str__(self) -> str:
        return f"{self.law} {self.locator}"


def read_citation(value: object) -> Citation:
    """Return the citation that `law-id locator` names, or raise `ValueError` with the cure."""
    if isinstance(value, Citation):
        return value
    law, space, locator = value.partition(" ") if isinstance(value, str) else ("", "", "")
    if not (law and space and locator) or any(sign.isspace() for sign in locator):
        raise ValueError(
            "is not a citation; write the law's id, one space and the locator: "
            "`smer-2022 第十六条第一款`"
        )
    return Citation(law, locator)


Basis = tuple[Annotated[Citation, BeforeValidator(read_citation)], ...]


class Law(Entry):
    """A text of law, continuous through its amendments.

    `region` is the region it is valid in (default: the widest of the pack); `verified` says
    that its text has been read in full; `text` names the file of its text in a folder of law
    texts; `outline` lists the locators of a text that no such folder holds.
    """

    id: Id
    title: Text
    level: Word[Level]
    since: Day
    number: str | None = None
    issuer: str | None = None
    region: Text | None = None
    until: Day | None = None
    verified: bool = False
    text: Text | None = None
    outline: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _some_day(self) -> Self:
        check_period(self.since, self.until)
        return self

    def in_force(self, day: date) -> bool:
        """Return whether the law is in force on a day."""
        return holds(self.since, self.until, day)
