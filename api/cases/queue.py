"""The queue: cases found by whose they are, where they stand, service, day and handler.

Nothing personal is searched here: a person is found by the blind index (`api.cases.person`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, case, func
from sqlalchemy import select as choose
from sqlmodel import col

from api.accounts.permission import Who
from api.cases.clock import WARN
from api.cases.file import ENDED, STATUSES
from api.cases.store import CaseStore
from api.cases.table import CaseHead
from knowledge.calendar import WorkCalendar
from knowledge.day import CHINA

PAGE: Final = 25
"""Cases on a page."""

MOST_PAGES: Final = 100_000

RUNNING: Final = tuple(one for one in STATUSES if one not in ENDED)
SCOPES: Final = ("mine", "unclaimed", "office", "organ", "ended")
"""Whose cases: one's own, nobody's yet, the office's, the organ's, and those that ended."""

SORTS: Final = ("new", "due")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; what is empty does not matter. `day` is the day of opening."""

    scope: str = "mine"
    status: str = ""
    item: str = ""
    handler: str = ""
    day: date | None = None
    sort: str = "new"

    @property
    def narrowed(self) -> bool:
        """Whether anything but the scope is asked for."""
        return bool(self.status or self.item or self.handler or self.day)

    @property
    def stated(self) -> list[tuple[str, str]]:
        """What is asked for, as it stands in an address."""
        pairs = ((key, getattr(self, key)) for key in self.__slots__)
        return [(key, str(value)) for key, value in pairs if value]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the cases that were found; pages count from 1."""

    heads: tuple[CaseHead, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True)
class Counts:
    """How many running cases there are in a scope, and how many with a card."""

    total: int = 0
    yellow: int = 0
    red: int = 0
    papers: int = 0


@dataclass(frozen=True)
class Queue:
    """The cases of an installation as somebody sees them on a day."""

    cases: CaseStore
    calendar: WorkCalendar
    today: date

    def find(self, wanted: Wanted, who: Who, page: int = 1) -> Found:
        """Return a page of the cases that somebody looks for, among those that are theirs."""
        conditions = list(_conditions(wanted, who))
        opened = col(CaseHead.opened_at).desc()
        due = col(CaseHead.due_on)
        order = (due.is_(None), due, opened) if wanted.sort == "due" else (opened,)
        query = (
            choose(CaseHead.__table__)  # type: ignore[attr-defined] # SQLModel hides its table
            .where(*conditions)
            .order_by(*order, col(CaseHead.number))
            .limit(PAGE)
            .offset((page - 1) * PAGE)
        )
        count = choose(func.count()).select_from(CaseHead).where(*conditions)
        with self.cases.store.database.reading() as connection:
            total = connection.execute(count).scalar_one()
            rows = connection.execute(query).all()
        return Found(tuple(CaseHead(**row._asdict()) for row in rows), total, page)

    def counts(self, who: Who) -> Mapping[str, Counts]:
        """Return the counts of every scope, the ended ones without cards."""
        soon = self.calendar.after(self.today, working_days=WARN).day
        due = col(CaseHead.due_on)
        figures = (
            func.count(),
            _sum((due >= self.today) & (due <= soon)),
            _sum(due < self.today),
            _sum(col(CaseHead.outstanding) > 0),
        )
        found = {}
        with self.cases.store.database.reading() as connection:
            for scope in SCOPES:
                if scope == "ended":
                    continue  # ever more of them; nobody waits for their number
                query = choose(*figures).where(*_conditions(Wanted(scope), who))
                row = connection.execute(query).one()
                found[scope] = Counts(*(int(one or 0) for one in row))
        return found


def _conditions(wanted: Wanted, who: Who) -> Iterator[ColumnElement[bool]]:
    yield from _scope(wanted.scope, who)
    status = col(CaseHead.status)
    if wanted.status:
        yield status == wanted.status
    else:
        yield status.in_(sorted(ENDED) if wanted.scope == "ended" else RUNNING)
    if wanted.item:
        yield col(CaseHead.items).contains(f'"{wanted.item}"', autoescape=True)
    if wanted.handler:
        yield col(CaseHead.handler) == wanted.handler
    if wanted.day:
        since = datetime.combine(wanted.day, time(), CHINA).astimezone(UTC)
        opened = col(CaseHead.opened_at)
        yield opened >= since
        yield opened < since + timedelta(days=1)


def _scope(scope: str, who: Who) -> Iterator[ColumnElement[bool]]:
    office, handler = col(CaseHead.office), col(CaseHead.handler)
    if scope == "mine":
        yield handler == who.login
        return
    if who.office and scope != "organ":
        yield office == who.office
    if who.organ:
        yield col(CaseHead.organ) == who.organ
    if scope == "unclaimed":
        yield handler == ""


def _sum(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))
