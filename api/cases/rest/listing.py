"""Cases and persons found over REST: the queue, and one person, one view."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, select
from sqlmodel import col

from api.accounts.permission import Who
from api.cases.door import Hall
from api.cases.evidence import ISSUED
from api.cases.file import ENDED, Status
from api.cases.store import ERASED
from api.cases.table import CaseHead, CasePerson, Holding, Task
from api.cases.working import may_work
from api.search import MOST_PAGES, instant
from knowledge.entry import Id

PAGE: Final = 50
"""Cases on a page."""

_HEAD: Any = CaseHead.__table__  # type: ignore[attr-defined] # SQLModel hides its table
_SHOWN: Final = (
    "number", "opened_at", "updated_at", "version", "status", "organ", "office", "handler",
    "channel", "items", "process", "step", "project", "submit", "outstanding", "final",
    "accepted_on", "due_on",
)  # fmt: skip
Word = Annotated[str, Field(max_length=200)]


class Wanted(BaseModel):
    """Which cases to list; what is left out does not matter. `handler=me` is who asks."""

    model_config = ConfigDict(extra="forbid")

    status: Status | None = None
    office: Word = ""
    handler: Word = ""
    overdue: bool = False
    item: Id | None = None
    page: Annotated[int, Field(ge=1, le=MOST_PAGES)] = 1


class HeadShown(BaseModel):
    """A case in a list; `submit` and `outstanding` are numbers of papers."""

    number: str
    opened_at: datetime
    updated_at: datetime
    version: int
    status: str
    organ: str
    office: str
    handler: str
    channel: str
    items: list[str]
    process: str
    step: str
    project: str
    submit: int
    outstanding: int
    final: bool
    accepted_on: date | None
    due_on: date | None


class Heads(BaseModel):
    """A page of cases, the newest first; `more` says whether another page follows."""

    cases: list[HeadShown]
    page: int
    more: bool


class WhoseFile(BaseModel):
    """The person whose file is wanted, in the body alone."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(min_length=1, max_length=200)]


class OtherCase(BaseModel):
    """A case of another organ: only where it stands is told."""

    number: str
    status: str
    items: list[str]


class PaperOnFile(BaseModel):
    """A paper that a case brought, or that a case gave out."""

    number: str
    item: str
    material: str
    how: str
    trust: str
    day: date
    until: date | None


class OpenTask(BaseModel):
    """Something that an office still has to do about this person."""

    kind: str
    number: str
    paper: str
    organ: str
    office: str
    due_on: date | None


class PersonOnFile(BaseModel):
    """One person, one view: what the asker may see of what is on file."""

    running: list[HeadShown]
    ended: list[HeadShown]
    elsewhere: list[OtherCase]
    history: list[PaperOnFile]
    licences: list[PaperOnFile]
    tasks: list[OpenTask]


@dataclass(frozen=True)
class Finder:
    """Finds cases and persons for somebody."""

    hall: Hall
    who: Who

    def heads(self, wanted: Wanted) -> dict[str, Any]:
        """Return `Heads`."""
        query = (
            select(_HEAD)
            .where(*self._conditions(wanted))
            .order_by(col(CaseHead.opened_at).desc(), col(CaseHead.number))
            .limit(PAGE + 1)
            .offset((wanted.page - 1) * PAGE)
        )
        found = self.hall.desk.cases.rows(query, CaseHead)
        cases = [_shown(one) for one in found[:PAGE]]
        return {"cases": cases, "page": wanted.page, "more": len(found) > PAGE}

    def person(self, identity: str) -> dict[str, Any]:
        """Return `PersonOnFile`."""
        cases, token = self.hall.desk.cases, self.hall.desk.cases.token(identity)
        numbers = select(col(CasePerson.number)).where(col(CasePerson.token) == token)
        newest = col(CaseHead.opened_at).desc()
        query = select(_HEAD).where(col(CaseHead.number).in_(numbers)).order_by(newest)
        heads = cases.rows(query, CaseHead)
        own = [one for one in heads if may_work(one, self.who)]
        mine = [one.number for one in own]
        papers = self._papers(token, mine)
        return {
            "running": [_shown(one) for one in own if one.status not in ENDED],
            "ended": [_shown(one) for one in own if one.status in ENDED],
            "elsewhere": [_other(one) for one in heads if one not in own],
            "history": [_only(PaperOnFile, one) for one in papers if one.how != ISSUED],
            "licences": [
                _only(PaperOnFile, one)
                for one in papers
                if one.how == ISSUED and (one.until is None or self.hall.desk.today < one.until)
            ],
            "tasks": [_only(OpenTask, one) for one in self._tasks(mine)],
        }

    def _papers(self, token: bytes, numbers: list[str]) -> list[Holding]:
        query = (
            select(Holding.__table__)  # type: ignore[attr-defined] # as above
            .where(col(Holding.token) == token, col(Holding.void).is_(False))
            .where(col(Holding.number).in_(numbers))
            .order_by(col(Holding.day).desc(), col(Holding.id))
        )
        return self.hall.desk.cases.rows(query, Holding)

    def _tasks(self, numbers: list[str]) -> list[Task]:
        query = (
            select(Task.__table__)  # type: ignore[attr-defined] # as above
            .where(col(Task.number).in_(numbers), col(Task.state) == "open")
            .order_by(col(Task.due_on), col(Task.id))
        )
        return self.hall.desk.cases.rows(query, Task)

    def _conditions(self, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
        who, office = self.who, col(CaseHead.office)
        yield col(CaseHead.status) != ERASED
        if who.organ:
            yield col(CaseHead.organ) == who.organ
        if wanted.status:
            yield col(CaseHead.status) == wanted.status
        if wanted.office:
            yield office == wanted.office
        if wanted.handler:
            handler = who.login if wanted.handler == "me" else wanted.handler
            yield col(CaseHead.handler) == handler
        if wanted.overdue:
            yield col(CaseHead.due_on) < self.hall.desk.today
            yield col(CaseHead.status).not_in(sorted(ENDED))
        if wanted.item:
            yield col(CaseHead.items).contains(json.dumps(wanted.item), autoescape=True)


def _shown(head: CaseHead) -> dict[str, Any]:
    plain = {key: getattr(head, key) for key in _SHOWN}
    at = {key: instant(plain[key]) for key in ("opened_at", "updated_at")}
    return {**plain, **at, "items": json.loads(head.items)}


def _other(head: CaseHead) -> dict[str, Any]:
    return {
        "number": head.number,
        "status": head.status,
        "items": json.loads(head.items),
    }


def _only(model: type[BaseModel], row: Any) -> dict[str, Any]:
    return {key: getattr(row, key) for key in model.model_fields}
