"""Sealed cases: everything that the database and the log have of one case, to be doubted.

Read without any help of the desk: a row that somebody altered is shown as it is, beside what
the log says, and nothing here fails because of it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, cast

from sqlalchemy import Connection, func, select, text
from sqlmodel import SQLModel

from api.cases.event import Event, read_event
from api.cases.file import CaseFile, fold
from api.cases.store import ERASED, Happened
from api.cases.table import (
    Alert,
    CaseEvent,
    CaseHead,
    CasePerson,
    Notice,
    Publicity,
    StoredReceipt,
    Task,
)
from api.search import instant
from api.store import Store
from audit.commitment import SALT_LENGTH
from audit.entry import Entry
from audit.error import AuditError
from audit.log import LogError, Proof
from audit.note import VerifierKey
from audit.store import SqlStore, StoreError
from audit.table import ENTRY
from audit.vault import unlock

KINDS: Final = ("case_event", "alert", "case_erasure")
"""The kinds of entries that name a case in the clear."""

MISSING: Final = "missing"
"""The status of a case whose row is gone."""

Row = TypeVar("Row", bound=SQLModel)


@dataclass(frozen=True, slots=True)
class SealedEvent:
    """One event: its row, the entry that the row names, its proof, and what its box holds.

    `proof` is none until the entry has a place; `salted` is none where the key was destroyed,
    empty where the box does not open.
    """

    row: CaseEvent
    encoded: bytes | None
    proof: Proof | None
    box: bytes
    salted: bytes | None

    @property
    def entry(self) -> Entry | None:
        """The entry, if there is one that can be read."""
        return _parsed(self.encoded)

    @property
    def event(self) -> Event | None:
        """What happened, if it can be read."""
        try:
            return read_event((self.salted or b"")[SALT_LENGTH:])
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class SealedCase:
    """All rows of a case, and all entries of the log that name it; `key` opens its boxes."""

    head: CaseHead
    events: tuple[SealedEvent, ...]
    logged: tuple[Entry, ...]
    receipts: tuple[StoredReceipt, ...]
    notices: tuple[Notice, ...]
    persons: tuple[CasePerson, ...]
    tasks: tuple[Task, ...]
    alerts: tuple[Alert, ...]
    publicity: tuple[Publicity, ...]
    boxes: dict[str, bytes]
    key: bytes | None
    keys: tuple[VerifierKey, ...]

    @property
    def number(self) -> str:
        """The number of the case."""
        return self.head.number

    @property
    def erased(self) -> bool:
        """Whether its personal data were erased, as the log says."""
        return self.head.status == ERASED and bool(self.of_kind("case_erasure"))

    @property
    def decisions(self) -> tuple[str, ...]:
        """The numbers of the decisions that were sealed with its events, in their order."""
        return tuple(dict.fromkeys(one.row.decision for one in self.events if one.row.decision))

    @property
    def happened(self) -> list[Happened]:
        """The events that can be read."""
        return [
            Happened(
                one.row.seq, instant(one.row.at), event,
                one.row.user, one.row.office, one.row.decision,
            )
            for one in self.events
            if (event := one.event) is not None
        ]  # fmt: skip

    @property
    def file(self) -> CaseFile | None:
        """The case as its events make it, if they can be read and make one."""
        return file_of(self.happened)

    def of_kind(self, kind: str) -> list[Entry]:
        """Return the entries of a kind."""
        return [one for one in self.logged if one.kind == kind]

    def opened(self, part: str, digest: str) -> bytes | None:
        """Return what a box of the case holds, without its salt, if it opens."""
        plain = _opened(self.key, self.number, part, self.boxes.get(digest, b""))
        return plain[SALT_LENGTH:] if plain else None


def file_of(happened: list[Happened]) -> CaseFile | None:
    """Return the file that events make, or none if they make no case."""
    try:
        return fold(one.event for one in happened)
    except ValueError:
        return None


def sealed_case(store: Store, number: str) -> SealedCase | None:
    """Return everything of a case, or none if there is no such case."""
    with store.database.reading() as connection:
        log = SqlStore(connection)
        key = _unwrapped(store, number, log.case_key(number))
        heads = _rows(connection, CaseHead, "number", number)
        rows = _rows(connection, CaseEvent, "number", number, "seq")
        receipts = _rows(connection, StoredReceipt, "number", number, "asked_at", "id")
        notices = _rows(connection, Notice, "case", number, "seq", "number")
        first = _first_number(connection, [bytes(one.leaf) for one in rows])
        logged = _logged(connection, f'"number":"{number}"', first)
        if not (heads or rows or logged):
            return None
        digests = {one.box for one in receipts} | {one.box for one in notices}
        return SealedCase(
            head=heads[0] if heads else _lost(number),
            events=tuple(_event(store, connection, one, key) for one in rows),
            logged=tuple(logged),
            receipts=tuple(receipts),
            notices=tuple(notices),
            persons=tuple(_rows(connection, CasePerson, "number", number)),
            tasks=tuple(_rows(connection, Task, "number", number, "opened_at", "id")),
            alerts=tuple(_rows(connection, Alert, "number", number, "at", "id")),
            publicity=tuple(_rows(connection, Publicity, "number", number, "day", "id")),
            boxes={digest: _kept(log, digest) for digest in digests},
            key=key,
            keys=tuple(store.keys.log.keys(log)),
        )


def _lost(number: str) -> CaseHead:
    """Return what stands for the row of a case that the log knows and nobody else."""
    never = datetime.fromtimestamp(0, UTC)
    return CaseHead(
        number=number, opened_at=never, updated_at=never, version=0, status=MISSING,
        organ="", office="", handler="", channel="", items="[]",
    )  # fmt: skip


def _rows(
    connection: Connection, model: type[Row], column: str, value: str, *order: str
) -> list[Row]:
    table: Any = model.__table__  # type: ignore[attr-defined] # SQLModel hides its table
    query = select(table).where(table.c[column] == value)
    found = connection.execute(query.order_by(*(table.c[one] for one in order)))
    return [cast("Row", model.model_construct(**row._asdict())) for row in found]


def _event(
    store: Store, connection: Connection, row: CaseEvent, key: bytes | None
) -> SealedEvent:
    log, leaf = SqlStore(connection), bytes(row.leaf)
    try:
        proof = store.keys.log.prove(log, leaf)
    except (LogError, StoreError):
        proof = None
    query = select(ENTRY.c.encoded).where(ENTRY.c.leaf == leaf)
    encoded = connection.execute(query).scalar_one_or_none()
    box = _kept(log, row.box)
    return SealedEvent(
        row=row,
        encoded=None if encoded is None else bytes(encoded),
        proof=proof,
        box=box,
        salted=None if key is None else _opened(key, row.number, "event", box),
    )


def _first_number(connection: Connection, leaves: list[bytes]) -> int:
    """Return the number of the earliest of some entries: nothing of the case is older."""
    query = select(func.min(ENTRY.c.number)).where(ENTRY.c.leaf.in_(leaves))
    return connection.execute(query).scalar_one() or 0


def _logged(connection: Connection, needle: str, first: int) -> list[Entry]:
    """Return the entries that hold a text, in their order, from a number on."""
    within = (
        text("position(:needle in encoded) > 0")
        if connection.dialect.name == "postgresql"
        else text("instr(encoded, :needle) > 0")
    )
    query = (
        select(ENTRY.c.encoded)
        .where(ENTRY.c.kind.in_(KINDS), ENTRY.c.number >= first, within)
        .order_by(ENTRY.c.number)
    )
    found = connection.execute(query, {"needle": needle.encode()}).scalars()
    return [entry for one in found if (entry := _parsed(bytes(one))) is not None]


def _parsed(encoded: bytes | None) -> Entry | None:
    try:
        return None if encoded is None else Entry.parse(encoded)
    except AuditError:
        return None


def _kept(log: SqlStore, digest: str) -> bytes:
    try:
        return log.body(digest)
    except StoreError:
        return b""


def _unwrapped(store: Store, number: str, wrapped: bytes | None) -> bytes | None:
    """Return the key of a case, none if it was destroyed, empty if it is not the true one."""
    try:
        return None if wrapped is None else store.keys.vault.unwrap(number, wrapped)
    except AuditError:
        return b""


def _opened(key: bytes | None, number: str, part: str, box: bytes) -> bytes:
    try:
        return unlock(key or b"", box, case=number, part=part)
    except (AuditError, ValueError):
        return b""
