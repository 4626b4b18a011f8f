"""Insertions: rows added to a table by a statement that is written once for each database."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.exc import DBAPIError

_Column = tuple[str, Callable[[Any], Any] | None]
"""A name, and what makes a value into one that the database takes, if anything must."""


class asking:  # noqa: N801 (it reads as a word of the sentence that it begins)
    """A block in which a driver is asked directly: its errors are raised as SQLAlchemy's."""

    def __init__(self, dialect: Dialect, statement: str) -> None:
        self._dialect, self._statement = dialect, statement

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Raise an error of the driver as SQLAlchemy does, without any value of a row."""
        if error is None:
            return
        driver: Any = self._dialect.loaded_dbapi
        if isinstance(error, driver.Error):
            raise DBAPIError.instance(
                self._statement,
                None,
                error,
                driver.Error,
                hide_parameters=True,
                dialect=self._dialect,
            ) from error


def run(connection: Connection, statement: str, values: Sequence[Sequence[Any]]) -> int:
    """Run a statement of ours once for each tuple of values; return how many rows it met.

    It goes to the driver as it stands, in the transaction of the connection: what SQLAlchemy
    would learn of it costs more than the statement. Errors are SQLAlchemy's all the same.
    """
    with asking(connection.dialect, statement):
        cursor = connection.connection.cursor()
        try:
            if len(values) == 1:
                cursor.execute(statement, values[0])
            else:
                cursor.executemany(statement, values)
            return int(cursor.rowcount)
        finally:
            cursor.close()


class Insertion:
    """Adds rows to a table, twice as fast as a statement that is built each time."""

    def __init__(self, table: Table, *, once: bool = False) -> None:
        """`once`: a row whose key is there already is skipped."""
        self._table, self._once = table, once
        self._written: dict[str, tuple[str, list[_Column]]] = {}

    def __call__(self, connection: Connection, *rows: Mapping[str, Any]) -> int:
        """Add rows, at least one, each with a value for every column but the numbered one.

        What else a row holds is left aside. Returns how many were added.
        """
        dialect = connection.dialect
        if dialect.name not in self._written:
            self._written[dialect.name] = self._write(dialect)
        statement, columns = self._written[dialect.name]
        values = [
            tuple(made(row[name]) if made else row[name] for name, made in columns)
            for row in rows
        ]
        return run(connection, statement, values)

    def _write(self, dialect: Dialect) -> tuple[str, list[_Column]]:
        quote = dialect.identifier_preparer.quote
        numbered = self._table.autoincrement_column
        columns = [each for each in self._table.columns if each is not numbered]
        names = ", ".join(quote(each.name) for each in columns)
        marks = ", ".join("?" if dialect.paramstyle == "qmark" else "%s" for _ in columns)
        skip = " ON CONFLICT DO NOTHING" if self._once else ""
        into = f"{quote(self._table.name)} ({names})"
        types = [each.type.dialect_impl(dialect) for each in columns]
        made = [each.bind_processor(dialect) for each in types]
        return (
            f"INSERT INTO {into} VALUES ({marks}){skip}",  # noqa: S608 (names of ours)
            [(each.name, one) for each, one in zip(columns, made, strict=True)],
        )
