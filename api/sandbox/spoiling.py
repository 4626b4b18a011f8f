"""Spoiling: rows made wrong on purpose, as by a fault in a register's data."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from api.sandbox.fault import Fault
from api.sandbox.registry import Registry, Row

_OTHERWISE: Final = "（另一条记录）"
_ANOTHER_DAY: Final = "2001-01-01"


def spoil(
    registry: Registry, fault: Fault, rows: list[Row], codes: Sequence[str], day: date
) -> list[Row]:
    """Return the rows that a registry gives with a fault instead of its true ones."""
    match fault:
        case Fault.EMPTY:
            return []
        case Fault.WRONG_PERSON:
            return [*_of_another(registry, rows, codes, day)]
        case Fault.CONFLICTING:
            return [one for row in rows for one in (row, _contradiction(registry, row))]
        case _:
            return rows


def _of_another(
    registry: Registry, rows: list[Row], codes: Sequence[str], day: date
) -> Iterator[Row]:
    """Yield what is known of somebody else, though the question named one person."""
    field = registry.interface.echoed["number"]
    asked = {row[field] for row in rows}
    for code in codes:
        for one in registry.some(code):
            if one.number not in asked:
                yield from registry.rows(one.number, [code], day)
                break


def _contradiction(registry: Registry, row: Row) -> Row:
    """Return a second row about the same person, code and licence that says otherwise."""
    interface = registry.interface
    other: Row = dict(row)
    for told in interface.facts.values():
        other[told.field] = _another(row[told.field], [*(told.values or {})])
    for field in (
        (interface.licence.since, interface.licence.until) if interface.licence else ()
    ):
        if field:
            other[field] = _ANOTHER_DAY
    if interface.status:
        other[interface.status.field] = _OTHERWISE
    return other


def _another(value: Any, values: Sequence[str]) -> Any:
    """Return a value of the same kind that differs."""
    if values:
        return next((one for one in values if one != value), _OTHERWISE)
    match value:
        case bool():
            return not value
        case int():
            return value + 1
    return _ANOTHER_DAY
