"""Lines: one case in a row of a list, as much of it as whoever looks may see."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, Literal

from sqlalchemy import select
from sqlmodel import col

from api.accounts.permission import Who
from api.cases.clock import WARN
from api.cases.door import Hall
from api.cases.file import ENDED
from api.cases.store import NoCaseError
from api.cases.table import CaseEvent, CaseHead, StoredReceipt, Task
from api.cases.working import may_work
from api.naming import Naming
from knowledge.calendar import WorkCalendar
from knowledge.day import CHINA

Card = Literal["", "yellow", "red"]
HANDED: Final = "handed_over"


@dataclass(frozen=True, slots=True)
class Line:
    """One case. Of another organ's case only number, services, status and office are there.

    `waits` are the things it waits for, in words; `fresh` says that it was handed over and
    nobody has touched it since.
    """

    number: str
    services: str
    status: str
    office: str
    mine: bool
    items: tuple[str, ...] = ()
    who: str = ""
    handler: str = ""
    handler_name: str = ""
    opened: datetime | None = None
    due: date | None = None
    card: Card = ""
    days: int = 0
    waits: tuple[str, ...] = ()
    fresh: bool = False
    project: str = ""
    ended: bool = False


class Lines:
    """Makes the lines of cases for somebody; `handlers` are names of colleagues by login."""

    def __init__(
        self, hall: Hall, names: Naming, who: Who, handlers: Mapping[str, str]
    ) -> None:
        self._hall, self._names, self._who = hall, names, who
        self.handlers, self._say = handlers, names.speech.say
        self._cases, self._today = hall.desk.cases, hall.desk.today

    def of(self, heads: Sequence[CaseHead]) -> list[Line]:
        """Return the lines of cases, in the same order."""
        mine = [one for one in heads if may_work(one, self._who)]
        numbers = [one.number for one in mine]
        waits, fresh = self._waits(mine), self._fresh(numbers)
        return [
            self._line(one, waits[one.number], fresh=one.number in fresh)
            if one in mine
            else self._foreign(one)
            for one in heads
        ]

    def services(self, head: CaseHead) -> str:
        """Return the names of what a case is about."""
        known = self._names.pack.catalogue.items
        if head.step:
            return self._names.step(head.process, head.step)
        items = [one for one in listed_items(head.items) if one in known]
        return self._names.speech.join([self._names.item(one) for one in items])

    def _foreign(self, head: CaseHead) -> Line:
        return Line(
            head.number,
            self.services(head),
            head.status,
            self._office(head),
            mine=False,
            items=tuple(listed_items(head.items)),
            project=head.project,
            ended=head.status in ENDED,
        )

    def _line(self, head: CaseHead, waits: tuple[str, ...], *, fresh: bool) -> Line:
        ended = head.status in ENDED
        card, days = card_of(head, self._hall.desk.calendar, self._today)
        return Line(
            head.number,
            self.services(head),
            head.status,
            self._office(head),
            mine=True,
            items=tuple(listed_items(head.items)),
            who=self._applicant(head.number),
            handler=head.handler,
            handler_name=self.handlers.get(head.handler, head.handler),
            opened=local(head.opened_at),
            due=head.due_on,
            card=card,
            days=days,
            waits=() if ended else waits,
            fresh=fresh,
            project=head.project,
            ended=ended,
        )

    def _office(self, head: CaseHead) -> str:
        known = self._names.pack.catalogue.organs
        organ = self._names.organ(head.organ) if head.organ in known else head.organ
        return head.office or organ

    def _applicant(self, number: str) -> str:
        try:
            _, file = self._cases.file(number)
        except NoCaseError:
            return ""
        return file.applicant.name

    def _waits(self, heads: Iterable[CaseHead]) -> dict[str, tuple[str, ...]]:
        """Return what each case waits for: papers, people who check, registries."""
        found: dict[str, list[str]] = defaultdict(list)
        numbers = [one.number for one in heads]
        for head in heads:
            if head.outstanding:
                found[head.number].append(self._say("queue.wait_papers", n=head.outstanding))
            elif not head.final and head.status == "receiving":
                found[head.number].append(self._say("queue.wait_answers"))
        for number, kinds in self._tasks(numbers).items():
            for kind, (count, due) in kinds.items():
                text = self._say(f"queue.task_{kind}", n=count)
                found[number].append(text + self._overdue(due))
        for number, sources in self._down(numbers).items():
            named = self._names.speech.join(sources)
            found[number].append(self._say("queue.wait_down", sources=named))
        return defaultdict(tuple, {number: tuple(texts) for number, texts in found.items()})

    def _overdue(self, due: date | None) -> str:
        late = due is not None and due < self._today
        return self._say("queue.task_late") if late else ""

    def _tasks(
        self, numbers: Sequence[str]
    ) -> Mapping[str, Mapping[str, tuple[int, date | None]]]:
        query = select(Task).where(
            col(Task.number).in_(numbers), col(Task.state) == "open"
        ).order_by(col(Task.kind), col(Task.due_on))  # fmt: skip
        found: dict[str, dict[str, tuple[int, date | None]]] = defaultdict(dict)
        for row in self._cases.rows(query, Task) if numbers else []:
            count, due = found[row.number].get(row.kind, (0, row.due_on))
            found[row.number][row.kind] = (count + 1, due)
        return found

    def _down(self, numbers: Sequence[str]) -> Mapping[str, list[str]]:
        """Return the registries that could not answer when they were last asked."""
        query = (
            select(StoredReceipt)
            .where(col(StoredReceipt.number).in_(numbers))
            .order_by(col(StoredReceipt.asked_at))
        )
        rows = self._cases.rows(query, StoredReceipt) if numbers else []
        last = {(one.number, one.source, one.token): one for one in rows}
        known = self._names.pack.catalogue.sources
        found: dict[str, list[str]] = defaultdict(list)
        for one in last.values():
            if one.verdict == "unavailable" and one.source in known:
                name = self._names.source(one.source)
                if name not in found[one.number]:
                    found[one.number].append(name)
        return found

    def _fresh(self, numbers: Sequence[str]) -> set[str]:
        """Return the cases whose last event is that they were handed over."""
        same = (col(CaseEvent.number) == CaseHead.number) & (
            col(CaseEvent.seq) == CaseHead.version
        )
        query = (
            select(CaseHead.number)  # type: ignore[call-overload] # a column, says SQLModel
            .join(CaseEvent, same)
            .where(col(CaseHead.number).in_(numbers), col(CaseEvent.kind) == HANDED)
        )
        with self._cases.store.database.reading() as connection:
            return set(connection.execute(query).scalars()) if numbers else set()


def card_of(head: CaseHead, calendar: WorkCalendar, today: date) -> tuple[Card, int]:
    """Return the card of a running case, and the working days that are left or over."""
    due = head.due_on
    if due is None or head.status in ENDED:
        return "", 0
    if today > due:
        return "red", calendar.between(due, today)
    left = calendar.between(today, due)
    return ("yellow" if today >= calendar.before(due, working_days=WARN) else ""), left


def local(at: datetime) -> datetime:
    """Return a kept time as clocks in China show it; SQLite gives it back without its zone."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(CHINA)


def listed_items(text: str) -> list[str]:
    """Return the items that the head of a case names."""
    return list(json.loads(text))
