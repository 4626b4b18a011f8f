"""Queries: statements that read, written once for each database, and asked as they stand.

A case is worked in some milliseconds: to build a statement, to begin a transaction for it and
to learn of its result what is known already takes longer than the database takes to answer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Connection, Dialect, Select

from audit.insertion import asking

Values = Mapping[str, Any]
Row = tuple[Any, ...]
_Made = Callable[[Any], Any] | None
"""What makes a value into one that the other side takes, if anything must."""


@dataclass(frozen=True, slots=True)
class _Written:
    """A query as a driver takes it: its text, the marks in their order, what makes values."""

    text: str
    marks: Sequence[tuple[str, _Made, Any]]
    named: frozenset[str]
    positional: bool
    columns: Sequence[tuple[int, Callable[[Any], Any]]]

    def values(self, given: Values) -> Any:
        if given.keys() != self.named:  # else the database would compare with nothing
            wanted, sent = sorted(self.named), sorted(given)
            raise TypeError(f"a query takes {wanted}, and was given {sent}")
        found = {
            name: made(given.get(name, fixed)) if made else given.get(name, fixed)
            for name, made, fixed in self.marks
        }
        return tuple(found[name] for name, _, _ in self.marks) if self.positional else found

    def row(self, found: Sequence[Any]) -> Row:
        row = list(found)
        for at, made in self.columns:
            row[at] = made(row[at])
        return tuple(row)


class Query:
    """A statement that finds rows; `bindparam(name, None)` stands for a value named later."""

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self._statement = statement
        self._written: dict[str, _Written] = {}

    def __call__(self, connection: Connection, **values: Any) -> list[Row]:
        """Return what is found in the transaction of a connection, column by column."""
        return self.asked(connection.connection, connection.dialect, values)

    def asked(self, driver: Any, dialect: Dialect, values: Values) -> list[Row]:
        """Return what a connection of the driver finds; errors are SQLAlchemy's."""
        written = self._written.get(dialect.name)
        if written is None:
            written = self._written[dialect.name] = self._write(dialect)
        with asking(dialect, written.text):
            cursor = driver.cursor()
            try:
                cursor.execute(written.text, written.values(values))
                found = cursor.fetchall()
            finally:
                cursor.close()
        return [written.row(row) for row in found]

    def _write(self, dialect: Dialect) -> _Written:
        made: Any = self._statement.compile(
            dialect=dialect, compile_kwargs={"render_postcompile": True}
        )
        positional = made.positiontup is not None
        fixed = made.params
        marks = [
            (name, _bound(made.binds.get(name), dialect), fixed[name])
            for name in (made.positiontup if positional else fixed)
        ]
        types = [one.type.dialect_impl(dialect) for one in self._statement.selected_columns]
        columns = [
            (at, processor)
            for at, each in enumerate(types)
            if (processor := each.result_processor(dialect, None)) is not None
        ]
        named = frozenset(name for name, _, value in marks if value is None)
        return _Written(str(made), marks, named, positional, columns)


def _bound(one: BindParameter[Any] | None, dialect: Dialect) -> _Made:
    """Return what makes a value for the driver; the parts of a fixed list are made already."""
    return one.type.dialect_impl(dialect).bind_processor(dialect) if one is not None else None
