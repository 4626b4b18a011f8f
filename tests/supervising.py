"""An office whose days pass when a test says so, its desk, and what happens there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel, col

from api.accounts.permission import Role, Who
from api.cases import event as happened
from api.cases.event import Event, Named
from api.cases.table import Alert, Task
from api.cases.working import Act, Desk, Worked
from api.masking import mask_name
from api.office import Office
from api.opening import open_store
from api.settings import Settings
from api.supervision.sweep import Sweep
from audit.entry import Entry
from audit.store import SqlStore
from evaluator.case import Receipt
from knowledge.calendar import bundled_calendar

PERSON = "11010519491231002X"
OTHER = "440524188001010014"
CLERK = Who("li", "李一", Role.CLERK, "dg-hrss", "就业窗口")
CHIEF = Who("wang", "王二", Role.AUDITOR)
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""Ten in the morning in China, of a week without holidays."""


@dataclass
class Supervised:
    """An office; `now` is its time."""

    office: Office
    now: datetime = MONDAY
    desk: Desk = field(init=False)
    sweep: Sweep = field(init=False)

    def __post_init__(self) -> None:
        clock = lambda: self.now  # noqa: E731 (the time of the test)
        self.desk = Desk(self.office, bundled_calendar(), mask_name, clock)
        self.sweep = Sweep(self.desk, clock)

    def on(self, day: date) -> None:
        """Let it be another day."""
        self.now = datetime(day.year, day.month, day.day, 2, 0, tzinfo=UTC)

    def later(self, **passed: float) -> None:
        """Let time pass."""
        self.now += timedelta(**passed)

    def open(self, item: str, person: str = PERSON, who: Who = CLERK, **more: Any) -> Worked:
        """Open a case."""
        applicant = Named(kind="natural", id=person, name="欧阳娜娜")
        opened = happened.Opened(applicant=applicant, items=(item,), **more)
        return self.desk.open(opened, who)

    def act(self, number: str, *events: Event, who: Who = CLERK) -> Worked:
        """Let events happen."""
        return self.desk.act(number, who, Act(events))

    def down(self, number: str, **asked: tuple[str, ...]) -> Worked:
        """Let registers be down, each for what was asked: ids of materials and claims."""
        worked = self.desk.see(number, CHIEF)
        claims = worked.pack.catalogue.claims
        for source, wanted in asked.items():
            receipt = Receipt(
                source=source,
                verdict="unavailable",
                on=worked.today,
                subject=worked.file.applicant.id,
                materials=tuple(one for one in wanted if one not in claims),
                claims=tuple(one for one in wanted if one in claims),
            )
            look = happened.LookedUp(
                source=source, subject=worked.file.applicant.id, receipts=(receipt,),
                reasons=("timeout",),
            )  # fmt: skip
            worked = self.act(number, look)
        return worked

    def rows(self, table: type[SQLModel], **where: object) -> list[Any]:
        """Return the rows of a table."""
        query = select(table).where(*(col(getattr(table, k)) == v for k, v in where.items()))
        return self.desk.cases.rows(query, table)

    def alerts(self, **where: object) -> list[Alert]:
        """Return alerts, the oldest first."""
        found: list[Alert] = self.rows(Alert, **where)
        return sorted(found, key=lambda one: one.at)

    def sealed(self, kind: str) -> list[Entry]:
        """Return what the record holds of a kind, in order."""
        self.office.sequencer.once()
        with self.office.store.database.reading() as connection:
            return [Entry.parse(one) for one in SqlStore(connection).placed_of_kind(kind)]

    def task(self, number: str, kind: str) -> Task:
        """Return the only task of a kind of a case."""
        (found,) = self.rows(Task, number=number, kind=kind)
        assert isinstance(found, Task)
        return found


@cache
def _begun() -> TemporaryDirectory[str]:
    """Return a folder with a record in which the bundled pack is in force, made once."""
    folder = TemporaryDirectory()
    Office(open_store(_settings(Path(folder.name)))).close()
    return folder


def _settings(folder: Path) -> Settings:
    return Settings.of(f"sqlite:///{folder / 'record.db'}")


@contextmanager
def supervised(folder: Path) -> Iterator[Supervised]:
    """Open a new office."""
    copytree(_begun().name, folder, dirs_exist_ok=True)
    office = Office(open_store(_settings(folder)))
    try:
        yield Supervised(office)
    finally:
        office.close()
