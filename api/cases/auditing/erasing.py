"""Erasing: the personal data of a case are made unreadable for ever; what proves it stays.

Its key and those of its decisions are destroyed, and whatever would find its persons is
removed, in one transaction with the entry that says so. What is counted, when something
happened and who did it remain: they say nothing of the persons.
"""

from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlmodel import col

from api import record
from api.cases.store import ERASED, CaseStore, NoCaseError
from api.cases.table import (
    CaseEvent,
    CaseHead,
    CasePerson,
    Holding,
    Idempotency,
    Publicity,
    StoredReceipt,
    Task,
)
from api.record import Asker
from api.store import Store
from audit.store import SqlStore

NOBODY = b""
"""The token of what was somebody's."""


def is_case(store: Store, number: str) -> bool:
    """Return whether there is, or was, a case of this number."""
    return _status(store, number) is not None


def is_erased(store: Store, number: str) -> bool:
    """Return whether the personal data of a case were erased."""
    return _status(store, number) == ERASED


def erase_case(cases: CaseStore, number: str, asker: Asker) -> tuple[str, ...]:
    """Erase the personal data of a case; return the numbers of its decisions.

    `cases` is the store that this process works with: it keeps files and keys in memory.
    Backups made before keep the keys: they must expire. Raises `NoCaseError`.
    """
    store = cases.store

    def work(connection: Connection) -> tuple[str, ...]:
        ran = _events(connection, number)
        decisions = tuple(dict.fromkeys(one.decision for one in ran if one.decision))
        _take_away(connection, number, decisions)
        _mark(connection, store, number, asker)
        sealed = record.of_case_erasure(
            record.Erased(number, len(ran), decisions), asker, at=store.milliseconds()
        )
        store.keys.log.seal(SqlStore(connection), sealed.entry, sealed.bodies)
        return decisions

    decisions = store.database.write(work)
    cases.forget(number)
    store.database.scrub()
    return decisions


def _status(store: Store, number: str) -> str | None:
    query = select(col(CaseHead.status)).where(col(CaseHead.number) == number)
    with store.database.reading() as connection:
        return connection.execute(query).scalar_one_or_none()


def _events(connection: Connection, number: str) -> list[Any]:
    query = (
        select(col(CaseEvent.seq), col(CaseEvent.decision))
        .where(col(CaseEvent.number) == number)
        .order_by(col(CaseEvent.seq))
    )
    return list(connection.execute(query))


def _take_away(connection: Connection, number: str, decisions: tuple[str, ...]) -> None:
    numbers = [number, *decisions]
    log = SqlStore(connection)
    for one in numbers:
        log.erase(one)
    connection.execute(delete(Idempotency).where(col(Idempotency.about).in_(numbers)))
    for table in (CasePerson, Publicity):
        connection.execute(delete(table).where(col(table.number) == number))
    for held in (Holding, StoredReceipt):
        connection.execute(update(held).where(col(held.number) == number).values(token=NOBODY))


def _mark(connection: Connection, store: Store, number: str, asker: Asker) -> None:
    """Let the desks see that it is gone, and nobody wait for what cannot be done any more."""
    here = (col(CaseHead.number) == number, col(CaseHead.status) != ERASED)
    gone = {"status": ERASED, "version": 0, "due_on": None, "updated_at": store.now()}
    if connection.execute(update(CaseHead).where(*here).values(gone)).rowcount != 1:
        raise NoCaseError(number)
    connection.execute(
        update(Task)
        .where(col(Task.number) == number, col(Task.state) == "open")
        .values(state="done", outcome="case_ended", closed_at=store.now(), closed_by=asker.user)
    )
