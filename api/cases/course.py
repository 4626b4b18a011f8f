"""The course of a case before the law: the days that its statutory clock is read from."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import bindparam, select
from sqlmodel import col

from api.cases.clock import WARN, Clock, Course, Stop, clock
from api.cases.file import CaseFile
from api.cases.permitted import items_of
from api.cases.table import CaseEvent, CaseHead
from api.database import Database
from api.search import instant
from audit.query import Query
from knowledge.calendar import WorkCalendar
from knowledge.day import CHINA
from knowledge.deadline import statutory
from rules.pack import Pack

_HAPPENED: Final = Query(
    select(col(CaseEvent.kind), col(CaseEvent.at))
    .where(col(CaseEvent.number) == bindparam("number", None))
    .order_by(col(CaseEvent.seq))
)
"""What happened in a case, and when. The kinds are picked out here: SQLite would look for them
first, among the events of all cases."""


@dataclass(frozen=True, slots=True)
class Days:
    """When a first notice was given, and when the last paper came; none where neither was."""

    told: date | None = None
    brought: date | None = None


class Courses:
    """Reads the clocks of cases; `today` is the day in China."""

    def __init__(
        self, database: Database, calendar: WorkCalendar, today: Callable[[], date]
    ) -> None:
        self._database, self._calendar, self._today = database, calendar, today

    def clock(self, head: CaseHead, file: CaseFile, pack: Pack, *, warn: int = WARN) -> Clock:
        """Return the clock of a case today, yellow `warn` working days before its time ends."""
        found = course(head, file, pack, self._days(head.number))
        return clock(found, calendar=self._calendar, today=self._today(), warn=warn)

    def act_by(
        self, head: CaseHead, before: CaseFile | None, file: CaseFile, pack: Pack
    ) -> date | None:
        """Return the last day on which the office has to act next, none while others have to.

        Before acceptance it has to tell what is missing, or to accept; after it, to decide.
        What `file` has more than `before` happens today.
        """
        spoken = before is not None and (before.notices or before.received)
        days = self._days(head.number) if spoken else Days()
        told = days.told or (self._today() if file.notices else None)
        came = before is not None and file.received.keys() - before.received.keys()
        days = Days(told, self._today() if came else days.brought)
        run = course(head, file, pack, days)
        found = clock(run, calendar=self._calendar, today=self._today())
        if found.start is not None:
            return found.due.day if found.due else None
        waits = run.told is not None and run.completed is None
        return None if waits or run.ended else found.tell_by.day

    def _days(self, number: str) -> Days:
        happened = self._database.read(_HAPPENED, number=number)
        told = [at for kind, at in happened if kind == "notified"]
        brought = [at for kind, at in happened if kind == "received"]
        return Days(
            told=_day(told[0]) if told else None,
            brought=_day(brought[-1]) if brought else None,
        )


def _day(at: datetime) -> date:
    return instant(at).astimezone(CHINA).date()


def course(head: CaseHead, file: CaseFile, pack: Pack, days: Days) -> Course:
    """Return the course of a case; while papers are missing what was told is not complete."""
    spoken = [day for day in (days.told, days.brought) if day is not None]
    return Course(
        received=_day(head.opened_at),
        items=[
            (item, statutory(pack.catalogue.items[item].deadline, pack.catalogue.laws))
            for item in items_of(file, pack)
        ],
        told=days.told,
        completed=max(spoken) if days.told and not head.outstanding else None,
        accepted=file.accepted.day if file.accepted else None,
        ended=file.ended.day if file.ended else None,
        stops=[Stop(since, until, why) for since, until, why in file.stops],
    )
