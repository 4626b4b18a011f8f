"""The store of cases: events sealed and added, and what is worked out from them beside them."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, col

from api import record
from api.cases.event import Event, read_event, written
from api.cases.file import CaseFile, after, fold
from api.cases.known import known_in
from api.cases.row import Rows
from api.cases.table import CaseEvent, CaseHead, CasePerson, Task
from api.record import Asker, CaseKey
from api.store import IDENTITY, Store
from api.table import StoredDecision
from audit.insertion import Insertion
from audit.query import Query
from audit.store import SqlStore

ERASED: Final = "erased"
"""The status of a case whose personal data were erased: it is there, and nobody reads it."""

Row = TypeVar("Row", bound=SQLModel)
Work = Callable[[Connection], None]

_HEADS: Final = Rows(CaseHead)
_EVENTS: Final = Rows(CaseEvent)
_PERSONS: Final = Insertion(getattr(CasePerson, "__table__"), once=True)  # noqa: B009 (SQLModel hides its table)
_RELEASE_OF: Final = Query(
    select(col(StoredDecision.release)).where(
        col(StoredDecision.number) == bindparam("number", None)
    )
)
_TASKS: Final = Query(
    select(col(Task.kind), col(Task.state)).where(col(Task.number) == bindparam("number", None))
)
"""Of one case, all: SQLite would look for the open ones of all cases first."""
_SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's 32 signs: none is taken for another when it is read aloud."""


class NoCaseError(Exception):
    """There is no case of this number, or its personal data were erased."""

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__(f"there is no case `{number}`; look it up in the queue")


class CaseChangedError(Exception):
    """Somebody else worked on the case in the meantime: nothing was kept."""

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__(
            f"case `{number}` was changed by somebody else in the meantime; "
            "load it again and repeat what you did"
        )


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a case as it was kept: who, when, and the decision sealed with it."""

    seq: int
    at: datetime
    event: Event
    user: str
    office: str
    decision: str


@dataclass(frozen=True)
class Addition:
    """Events to be added to a case in one transaction, and what goes with them.

    `head` is the row of the case after them, `stood` the one before, none for a new case;
    `works` run in the same transaction.
    """

    number: str
    stood: CaseHead | None
    events: Sequence[Event]
    asker: Asker
    head: CaseHead
    decision: str = ""
    works: Sequence[Work] = field(default_factory=tuple)

    @property
    def after(self) -> int:
        """The version of the case that the events are for."""
        return self.stood.version if self.stood else 0


class CaseStore:
    """The cases of one installation."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._known = known_in(store.database)

    # reading

    def head(self, number: str) -> CaseHead:
        """Return where a case stands, or raise `NoCaseError`."""
        return self._there(number, _HEADS.find(self.store.database, number=number))

    def file(self, number: str) -> tuple[CaseHead, CaseFile]:
        """Return a case with its file, or raise `NoCaseError`."""
        known = self._known.case(number)
        if known is not None and self.store.database.alone:
            return known
        head = self._alive(number, _HEADS.find(self.store.database, number=number))
        if known is None or known[1].version != head.version:
            with self.store.database.reading() as connection:
                head = self._living(connection, number)
                file = fold(one.event for one in self._happened(connection, number))
        else:
            _, file = known
        self._known.remember(head, file)
        return head, file

    def happened(self, number: str) -> list[Happened]:
        """Return all events of a case in their order, or raise `NoCaseError`."""
        with self.store.database.reading() as connection:
            self._living(connection, number)
            return list(self._happened(connection, number))

    def rows(self, query: Any, table: type[Row]) -> list[Row]:
        """Return the rows that a query of one table finds."""
        with self.store.database.reading() as connection:
            return [table(**row._asdict()) for row in connection.execute(query)]

    def sealed_by(self, head: CaseHead) -> int:
        """Return the number of the release that decided a case last, 0 for none."""
        known = self._known.release(head.decision)
        if known is None:
            rows = self.store.database.read(_RELEASE_OF, number=head.decision)
            known = int(rows[0][0]) if rows else 0
            self.decided(head.decision, known)
        return known

    def decided(self, decision: str, release: int) -> None:
        """Keep in memory which release a sealed decision rests on."""
        if release:
            self._known.remember_release(decision, release)

    def open_checks(self, number: str) -> int:
        """Return how many papers of a case an agency still has to check itself."""
        tasks = self.store.database.read(_TASKS, number=number)
        return tasks.count(("agency_check", "open"))

    def token(self, identity: str) -> bytes:
        """Return what a person is found by, without the number being kept."""
        return self.store.keys.vault.blind(IDENTITY, identity)

    def key(self, number: str) -> bytes | None:
        """Return the key that a case's boxes are locked with, none where it was erased."""
        try:
            self._alive(number, _HEADS.find(self.store.database, number=number))
            return self._key(number)
        except NoCaseError:
            return None

    # adding

    def add(self, addition: Addition, file: CaseFile) -> CaseFile:
        """Keep events; when this returns they are on the disk. Return the file after them.

        Raises `CaseChangedError` when the case is no longer at the version they were made for.
        """
        works = list(self._sealing(addition))

        def work(connection: Connection) -> None:
            _place(connection, addition)
            for one in (*works, *addition.works):
                one(connection)

        try:
            self.store.database.write(work)
        except (IntegrityError, CaseChangedError) as error:
            self._known.forget_case(addition.number)
            raise CaseChangedError(addition.number) from error
        self._known.remember(addition.head, file)
        return file

    def person_rows(self, number: str, persons: Iterable[tuple[str, str]]) -> Work:
        """Return the work that lets a case be found by its persons (role, identity number)."""
        rows = [
            {"token": self.token(identity), "number": number, "role": role}
            for role, identity in persons
        ]

        def work(connection: Connection) -> None:
            _PERSONS(connection, *rows)

        return work

    def lock_part(self, number: str, part: str, plain: bytes) -> tuple[bytes, dict[str, bytes]]:
        """Return a box that only the key of a case opens, and it by digest, to be put away."""
        key = CaseKey(number, self._key(number))
        boxes, _ = record.boxed({part: plain}, key)
        return boxes[part], {record.SUITE.digest(boxes[part]): boxes[part]}

    def open_part(self, number: str, part: str, digest: str) -> bytes:
        """Return what a box of a case holds, or raise `NoCaseError`."""
        with self.store.database.reading() as connection:
            self._living(connection, number)
            box = SqlStore(connection).body(digest)
        return record.opened(box, part, CaseKey(number, self._key(number)))

    def forget(self, number: str) -> None:
        """Keep nothing of a case in memory: it was erased."""
        self._known.forget(number)

    def seal(self, connection: Connection, sealed: record.Record) -> None:
        """Seal something that goes with cases, in the transaction of its cause."""
        self.store.keys.log.take(SqlStore(connection), sealed.entry, sealed.bodies)

    # how

    def _sealing(self, addition: Addition) -> Iterator[Work]:
        """Yield, for each event, the work that seals it and adds its row."""
        number, at = addition.number, datetime.now(UTC)
        if addition.stood is None:
            key, wrapped = self.store.keys.vault.new_key(number)
            self._known.remember_key(number, key)
            yield lambda connection: SqlStore(connection).keep_case_key(number, wrapped)
        case_key = CaseKey(number, self._key(number))
        last = addition.after + len(addition.events)
        for seq, event in enumerate(addition.events, addition.after + 1):
            sealed = record.of_case_event(
                record.Step(seq, event.kind, addition.decision if seq == last else ""),
                written(event),
                addition.asker,
                at=int(at.timestamp() * 1000),
                key=case_key,
            )
            row = {
                "number": number,
                "seq": seq,
                "at": at,
                "kind": event.kind,
                "user": addition.asker.user,
                "office": addition.asker.office,
                "box": sealed.entry.parts["event"],
                "decision": addition.decision if seq == last else "",
            }
            yield self._adding(sealed, row)

    def _adding(self, sealed: record.Record, row: Mapping[str, Any]) -> Work:
        def work(connection: Connection) -> None:
            log = self.store.keys.log
            leaf = log.take(SqlStore(connection), sealed.entry, sealed.bodies)
            _EVENTS.add(connection, {**row, "leaf": leaf})

        return work

    def _there(self, number: str, head: CaseHead | None) -> CaseHead:
        if head is None:
            raise NoCaseError(number)
        return head

    def _alive(self, number: str, head: CaseHead | None) -> CaseHead:
        """Return where a case stands, if it can be read: keys in memory outlive an erasure."""
        found = self._there(number, head)
        if found.status == ERASED:
            self.forget(number)
            raise NoCaseError(number)
        return found

    def _living(self, connection: Connection, number: str) -> CaseHead:
        return self._alive(number, _HEADS.first(connection, number=number))

    def _happened(self, connection: Connection, number: str) -> Iterator[Happened]:
        query = (
            select(CaseEvent)
            .where(col(CaseEvent.number) == number)
            .order_by(col(CaseEvent.seq))
        )
        key = CaseKey(number, self._key(number))
        log = SqlStore(connection)
        for row in connection.execute(query).all():
            event = read_event(record.opened(log.body(row.box), "event", key))
            yield Happened(row.seq, row.at, event, row.user, row.office, row.decision)

    def _key(self, number: str) -> bytes:
        known = self._known.key(number)
        if known is not None:
            return known
        with self.store.database.reading() as connection:
            wrapped = SqlStore(connection).case_key(number)
        if wrapped is None:
            raise NoCaseError(number)
        key = self.store.keys.vault.unwrap(number, wrapped)
        self._known.remember_key(number, key)
        return key


def _place(connection: Connection, addition: Addition) -> None:
    """Put the row of a case; of one that stands only what changes, or indexes are rewritten."""
    values = vars(addition.head)
    if addition.stood is None:
        _HEADS.add(connection, values)
        return
    stood = vars(addition.stood)
    changed = {key: values[key] for key in CaseHead.model_fields if values[key] != stood[key]}
    here = {"number": addition.number, "version": addition.after}
    if _HEADS.rewrite(connection, changed, here) != 1:
        raise CaseChangedError(addition.number)


def all_after(file: CaseFile | None, events: Sequence[Event]) -> CaseFile:
    """Return the file after some events; without a file they begin one."""
    if file is None:
        return fold(events)
    for one in events:
        file = after(file, one)
    return file


def new_number(today: datetime) -> str:
    """Return a new case number: the day and 30 random bits, short enough to be read aloud."""
    bits = secrets.randbits(30)
    return f"{today:%Y%m%d}-{''.join(_SIGNS[bits >> 5 * at & 31] for at in range(6))}"
