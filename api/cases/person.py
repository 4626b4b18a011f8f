"""Persons at the desk: one person, one view: cases, papers on file, what registries said.

Of cases of other organs only number, service, status and office are told; their papers are
counted, and reused where the law lets them be.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from api.accounts.permission import Who
from api.cases.door import Hall
from api.cases.event import Named, NamedParty
from api.cases.evidence import ISSUED
from api.cases.file import CaseFile
from api.cases.line import Line, Lines, local
from api.cases.store import NoCaseError
from api.cases.table import CaseHead, CasePerson, CreditNote, Holding, StoredReceipt
from api.cases.working import may_work
from api.desk_form import Kind
from api.naming import Naming


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper on file; `until` is its last day, `over` whether that is past."""

    name: str
    how: str
    trust: str
    day: date
    until: date | None
    over: bool
    number: str


@dataclass(frozen=True, slots=True)
class Said:
    """What a registry said: when it was asked, for which service, by whom, in which case."""

    source: str
    verdict: str
    at: datetime
    about: str
    item: str
    basis: str
    operator: str
    office: str
    number: str


@dataclass(frozen=True, slots=True)
class Credit:
    """A note on a promise that was kept badly, or its repair."""

    kind: str
    at: datetime
    number: str


@dataclass(frozen=True)
class PersonView:
    """Everything of one person that somebody may see.

    `files` are the readable files by case number, the newest first; `elsewhere` counts papers
    and answers of other organs' cases.
    """

    token: str
    kind: Kind
    identity: str
    name: str
    running: tuple[Line, ...] = ()
    earlier: tuple[Line, ...] = ()
    papers: tuple[Paper, ...] = ()
    licences: tuple[Paper, ...] = ()
    answers: tuple[Said, ...] = ()
    credit: tuple[Credit, ...] = ()
    elsewhere: int = 0
    files: Mapping[str, CaseFile] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether anything is on file."""
        return bool(self.running or self.earlier or self.papers or self.licences)

    @property
    def lines(self) -> tuple[Line, ...]:
        """All cases, the running ones first."""
        return (*self.running, *self.earlier)


class Persons:
    """Looks persons up, for somebody."""

    def __init__(self, hall: Hall, names: Naming, who: Who, lines: Lines) -> None:
        self._hall, self._names, self._who, self._lines = hall, names, who, lines
        self._cases, self._today = hall.desk.cases, hall.desk.today
        self._say = names.speech.say

    def view(self, token: bytes) -> PersonView:
        """Return all that is on file of a person; nothing at all is an empty view."""
        heads = self.heads(token)
        mine = [one for one in heads if may_work(one, self._who)]
        files = self._files(mine)
        kind, identity, name = self._identity(token, files.values())
        lines = self._lines.of(heads)
        readable = {one.number for one in mine}
        holdings = self._rows(Holding, token, col(Holding.day))
        receipts = self._rows(StoredReceipt, token, col(StoredReceipt.asked_at))
        papers = [one for one in holdings if not one.void and self._is_readable(one, readable)]
        said = [one for one in receipts if one.number in readable]
        own = len([one for one in holdings if not one.void]) - len(papers)
        return PersonView(
            token=token.hex(),
            kind=kind,
            identity=identity,
            name=name,
            running=tuple(one for one in lines if not one.ended),
            earlier=tuple(one for one in lines if one.ended),
            papers=tuple(self._paper(one) for one in papers if one.how != ISSUED),
            licences=tuple(self._paper(one) for one in papers if one.how == ISSUED),
            answers=tuple(self._said(one) for one in said),
            credit=tuple(self._credit(token)),
            elsewhere=own + len(receipts) - len(said),
            files=files,
        )

    def heads(self, token: bytes) -> list[CaseHead]:
        """Return the cases of a person, the newest first."""
        query = (
            select(CaseHead.__table__)  # type: ignore[attr-defined] # SQLModel hides its table
            .where(
                col(CaseHead.number).in_(
                    select(col(CasePerson.number)).where(col(CasePerson.token) == token)
                )
            )
            .order_by(col(CaseHead.opened_at).desc(), col(CaseHead.number))
        )
        return self._cases.rows(query, CaseHead)

    def _files(self, heads: Iterable[CaseHead]) -> dict[str, CaseFile]:
        found = {}
        for head in heads:
            try:
                found[head.number] = self._cases.file(head.number)[1]
            except NoCaseError:  # its personal data were erased
                continue
        return found

    def _identity(self, token: bytes, files: Iterable[CaseFile]) -> tuple[Kind, str, str]:
        """Return kind, number and name as readable cases have them."""
        for file in files:
            everybody: tuple[Named | NamedParty, ...] = (file.applicant, *file.parties)
            for one in everybody:
                if self._cases.token(one.id) == token:
                    return one.kind, one.id, one.name
        return "natural", "", ""

    def _rows(self, table: Any, token: bytes, at: Any) -> list[Any]:
        query = (
            select(table.__table__)
            .where(col(table.token) == token)
            .order_by(at.desc(), col(table.id))
        )
        return self._cases.rows(query, table)

    def _is_readable(self, one: Holding, readable: set[str]) -> bool:
        return one.number in readable and one.material in self._names.pack.catalogue.materials

    def _paper(self, one: Holding) -> Paper:
        return Paper(
            name=self._names.material(one.material),
            how=self._say(f"person.how_{one.how}"),
            trust=one.trust,
            day=one.day,
            until=one.until - timedelta(days=1) if one.until else None,
            over=one.until is not None and one.until <= self._today,
            number=one.number,
        )

    def _said(self, one: StoredReceipt) -> Said:
        known = self._names.pack.catalogue
        source = self._names.source(one.source) if one.source in known.sources else one.source
        return Said(
            source=source,
            verdict=self._say(f"verdict.{one.verdict}"),
            at=local(one.asked_at),
            about=self._about(one),
            item=self._names.item(one.item) if one.item in known.items else one.item,
            basis=self._basis(one.purpose),
            operator=self._lines.handlers.get(one.operator, one.operator),
            office=one.office,
            number=one.number,
        )

    def _basis(self, purpose: str) -> str:
        """Return the legal basis on which a registry was asked."""
        cited = purpose.split("、")
        if not all(one.partition(" ")[0] in self._names.pack.catalogue.laws for one in cited):
            return purpose
        return self._names.speech.join([one.full for one in self._names.cited(cited)])

    def _about(self, one: StoredReceipt) -> str:
        known = self._names.pack.catalogue
        materials = [key for key in json.loads(one.materials) if key in known.materials]
        claims = [key for key in json.loads(one.claims) if key in known.claims]
        named = [self._names.material(key) for key in materials]
        named += [self._names.claims(claims)] if claims else []
        return self._names.speech.join(named)

    def _credit(self, token: bytes) -> Sequence[Credit]:
        return [
            Credit(self._say(f"person.credit_{one.kind}"), local(one.at), one.number)
            for one in self._rows(CreditNote, token, col(CreditNote.at))
        ]
