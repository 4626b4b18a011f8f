"""The sweep: what the law's time brings about by itself, found every minute.

A case that nobody answered in time is accepted by law (行政许可法 art. 32); a case is warned of
the day before its time ends (yellow), and reported when it is over (red), so are tasks.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from threading import Event, Thread
from typing import Any, Final

import structlog
from sqlalchemy import Connection, select
from sqlmodel import col

from api.accounts.permission import Who
from api.cases.clock import WARN, Clock
from api.cases.event import Accepted
from api.cases.file import CaseFile
from api.cases.put import alerting
from api.cases.refusal import CaseRefusedError
from api.cases.store import CaseChangedError
from api.cases.table import Alert, CaseHead, Task
from api.cases.working import Act, Desk
from knowledge.canonical import digest

MINUTE: Final = 60.0

SYSTEM: Final = Who("system")
"""Who acts where nobody did: the law itself, through this program."""

RUNNING: Final = ("receiving", "accepted")

_log = structlog.get_logger()


def _now() -> datetime:
    return datetime.now(UTC)


class Sweep:
    """Goes through what is due, over and over; each alert is raised once."""

    def __init__(
        self, desk: Desk, clock: Callable[[], datetime] = _now, *, warn: int = WARN
    ) -> None:
        self._desk, self._clock, self._warn = desk, clock, warn
        self._seen: dict[str, tuple[int, date]] = {}
        self._raised: set[str] = set()
        self._stop = Event()
        self._thread = Thread(target=self._run, name="sweep", daemon=True)

    def start(self) -> None:
        """Begin to sweep, at once and then every minute."""
        self._thread.start()

    def close(self) -> None:
        """Stop, once what is being done is done."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def once(self) -> int:
        """Do what is due now; return how many alerts were raised that were not there before."""
        alerts = [alert for head in self._due() for alert in self._case(head)]
        alerts += self._tasks()
        fresh = [one for one in alerts if one.id not in self._raised]
        if not fresh:
            return 0
        works = [alerting(one, self._desk.cases.seal) for one in fresh]
        ids = [one.id for one in fresh]

        def work(connection: Connection) -> int:
            there = connection.execute(select(col(Alert.id)).where(col(Alert.id).in_(ids)))
            known = {row[0] for row in there}
            for one in works:
                one(connection)
            return len(set(ids) - known)

        raised: int = self._desk.office.store.database.write(work)
        self._raised.update(ids)
        return raised

    # how

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.once()
            except Exception as error:  # noqa: BLE001 (a thread of its own: it tries again)
                _log.error("the sweep failed", reason=type(error).__name__)
            self._stop.wait(MINUTE)

    def _due(self) -> Iterator[CaseHead]:
        """Yield the running cases whose day has come or comes soon, not seen as they stand."""
        today = self._desk.today
        soon = self._desk.calendar.after(today, working_days=self._warn).day
        query = (
            select(CaseHead)
            .where(col(CaseHead.status).in_(RUNNING), col(CaseHead.due_on) <= soon)
            .order_by(col(CaseHead.due_on), col(CaseHead.number))
        )
        for head in self._desk.cases.rows(query, CaseHead):
            if self._seen.get(head.number) != (head.version, today):
                yield head

    def _case(self, head: CaseHead) -> list[Alert]:
        """Return the alerts of a case, after accepting it where the law has done so."""
        try:
            head, found = self._accepted(head)
        except (CaseRefusedError, CaseChangedError):
            return []  # somebody works on it just now: the next round sees what came of it
        except Exception as error:  # noqa: BLE001 (one case must not keep others from their day)
            _log.error("a case was not swept", number=head.number, reason=type(error).__name__)
            return []
        self._seen[head.number] = (head.version, self._desk.today)
        if found.state not in ("yellow", "red") or found.due is None:
            return []
        due = found.due.day.isoformat()
        words = {"due": due, "item": found.item, "late": found.late}
        about = digest([found.state, head.number, due])
        return [self._alert(found.state, about, head, words)]

    def _accepted(self, head: CaseHead) -> tuple[CaseHead, Clock]:
        desk = self._desk
        head, file = desk.cases.file(head.number)
        found = self._read(head, file)
        if not found.deemed or found.start is None or file.accepted or file.ended:
            return head, found
        events = (Accepted(day=found.start, deemed=True),)
        act = Act(events, expected=file.version, why="deemed accepted")
        worked = desk.act(head.number, SYSTEM, act)
        return worked.head, self._read(worked.head, worked.file)

    def _read(self, head: CaseHead, file: CaseFile) -> Clock:
        _, answerer = self._desk.office.on(self._desk.today)
        return self._desk.courses.clock(head, file, answerer.decider.pack, warn=self._warn)

    def _tasks(self) -> list[Alert]:
        today = self._desk.today
        query = select(Task).where(col(Task.state) == "open", col(Task.due_on) < today)
        alerts = []
        for one in self._desk.cases.rows(query, Task):
            due = one.due_on.isoformat() if one.due_on else ""
            words = {"task": one.kind, "paper": one.paper, "due": due}
            alerts.append(self._alert("overdue", digest(["overdue", one.id, due]), one, words))
        return alerts

    def _alert(
        self, kind: str, about: str, whose: CaseHead | Task, words: dict[str, Any]
    ) -> Alert:
        return Alert(
            id=about[7:31],
            kind=kind,
            number=whose.number,
            organ=whose.organ,
            office=whose.office,
            user=whose.handler if isinstance(whose, CaseHead) else "",
            at=self._clock(),
            words=json.dumps(words, ensure_ascii=False, sort_keys=True),
        )
