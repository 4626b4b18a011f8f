"""Putting: how what follows from an event comes into the database, once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import singledispatch
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, update
from sqlmodel import SQLModel, col

from api import record
from api.cases.consequence import Close, Row, Verified, Void
from api.cases.store import Work
from api.cases.table import Alert, CreditNote, Holding, Publicity, Task
from audit.insertion import Insertion

Table = TypeVar("Table", bound=SQLModel)
_ADD: Final[Mapping[type[SQLModel], Insertion]] = {
    table: Insertion(getattr(table, "__table__"), once=True)  # noqa: B009 (SQLModel hides its table)
    for table in (Alert, CreditNote, Holding, Publicity, Task)
}
Seal = Callable[[Connection, record.Record], object]
"""Seals something in a transaction."""


def following(rows: Iterable[Row], seal: Seal) -> Iterator[Work]:
    """Yield the works that put rows beside the events; alerts are sealed with them."""
    for row in rows:
        yield alerting(row, seal) if isinstance(row, Alert) else putting(row)


def alerting(row: Alert, seal: Seal) -> Work:
    """Return the work that puts an alert and seals it; one that is there is not put again."""

    def work(connection: Connection) -> None:
        if _new(connection, Alert, row):
            seal(connection, record.of_alert(row))

    return work


@singledispatch
def putting(row: Any) -> Work:
    """Return the work that puts a row beside the events."""
    raise TypeError(f"{type(row).__name__} follows from nothing")


@putting.register
def _(row: Task) -> Work:
    # A task that was closed and is needed again is opened again.
    def work(connection: Connection) -> None:
        if not _new(connection, Task, row):
            connection.execute(
                update(Task)
                .where(col(Task.id) == row.id)
                .values(
                    state="open", outcome="", due_on=row.due_on, closed_at=None, closed_by=""
                )
            )

    return work


@putting.register
def _(row: Holding) -> Work:
    return lambda connection: _once(connection, Holding, row)


@putting.register
def _(row: Publicity) -> Work:
    return lambda connection: _once(connection, Publicity, row)


@putting.register
def _(row: CreditNote) -> Work:
    return lambda connection: _once(connection, CreditNote, row)


@putting.register
def _(row: Close) -> Work:
    def work(connection: Connection) -> None:
        connection.execute(
            update(Task)
            .where(col(Task.id) == row.id, col(Task.state) == "open")
            .values(state="done", outcome=row.outcome, closed_at=row.at, closed_by=row.by)
        )

    return work


@putting.register
def _(row: Void) -> Work:
    def work(connection: Connection) -> None:
        connection.execute(
            update(Holding)
            .where(
                col(Holding.number) == row.number,
                col(Holding.material) == row.material,
                col(Holding.token).in_(row.tokens),
            )
            .values(void=True)
        )

    return work


@putting.register
def _(row: Verified) -> Work:
    change = update(Publicity).where(col(Publicity.id) == row.id).values(outcome=row.outcome)

    def work(connection: Connection) -> None:
        connection.execute(change)

    return work


def _once(connection: Connection, table: type[SQLModel], row: Any) -> None:
    _new(connection, table, row)


def _new(connection: Connection, table: type[SQLModel], row: Any) -> bool:
    """Add a row, unless one with its id is there; return whether it was added."""
    return _ADD[table](connection, vars(row)) == 1
