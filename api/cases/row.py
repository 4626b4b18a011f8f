"""Rows: read, added and rewritten by statements that are written once for each database.

A case is worked in some milliseconds; to build a statement anew takes a tenth of one each time.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Dialect, Table, bindparam, select
from sqlmodel import SQLModel

from api.database import Database
from audit.insertion import Insertion, run
from audit.query import Query, Row

Model = TypeVar("Model", bound=SQLModel)
_Written = tuple[str, list[Callable[[Any], Any] | None]]
"""A statement, and for each of its marks what makes a value that the database takes."""


class Rows(Generic[Model]):
    """The rows of one table; those that are read are plain values, watched by nothing."""

    def __init__(self, model: type[Model]) -> None:
        self._model = model
        self._table: Table = model.__table__  # type: ignore[attr-defined] # SQLModel hides it
        self.add = Insertion(self._table)
        self._by: dict[str, Query] = {}
        self._names = [column.name for column in self._table.columns]
        self._updates: dict[tuple[str, ...], _Written] = {}

    def first(self, connection: Connection, **key: Any) -> Model | None:
        """Return a row by the value of one column, if there is any."""
        return self._first(self._finds(key)(connection, **key))

    def find(self, database: Database, **key: Any) -> Model | None:
        """Return a row that is committed, by the value of one column, if there is any."""
        return self._first(database.read(self._finds(key), **key))

    def of(self, row: Row) -> Model:
        """Return a row that a query of all columns of this table found."""
        made: Any = self._model.model_construct(**dict(zip(self._names, row, strict=True)))
        found: Model = made
        return found

    def _finds(self, key: Mapping[str, Any]) -> Query:
        (name,) = key
        if name not in self._by:
            column = self._table.columns[name]
            self._by[name] = Query(select(self._table).where(column == bindparam(name, None)))
        return self._by[name]

    def _first(self, rows: list[Row]) -> Model | None:
        return self.of(rows[0]) if rows else None

    def rewrite(
        self,
        connection: Connection,
        values: Mapping[str, Any],
        where: Mapping[str, Any],
        first: Collection[str] = (),
        more: Collection[str] = (),
    ) -> int:
        """Put values into the rows that have others; return how many rows there were.

        What is `first` stays if there is a value already; `more` is added to what there is.
        """
        key = (connection.dialect.name, *values, "", *where, "", *first, "", *more)
        if key not in self._updates:
            mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
            puts = dict.fromkeys(first, f"coalesce({{}}, {mark})")
            puts |= dict.fromkeys(more, f"{{}} + {mark}")
            put = {one: puts.get(one, mark) for one in values}
            self._updates[key] = self._update(connection.dialect, put, where)
        statement, making = self._updates[key]
        marks = (*values.values(), *where.values())
        made = tuple(
            make(value) if make else value for make, value in zip(making, marks, strict=True)
        )
        return run(connection, statement, [made])

    def _update(
        self, dialect: Dialect, put: Mapping[str, str], where: Collection[str]
    ) -> _Written:
        quote = dialect.identifier_preparer.quote
        mark = "?" if dialect.paramstyle == "qmark" else "%s"
        new = ", ".join(
            f"{quote(one)} = {text.format(quote(one))}" for one, text in put.items()
        )
        here = " AND ".join(f"{quote(one)} = {mark}" for one in where)
        columns = [self._table.columns[one] for one in (*put, *where)]
        return (
            f"UPDATE {quote(self._table.name)} SET {new} WHERE {here}",  # noqa: S608 (our names)
            [one.type.dialect_impl(dialect).bind_processor(dialect) for one in columns],
        )
