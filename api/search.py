"""Searches: kept decisions found by day, item, organ, ground, office, number or applicant.

Nothing personal is searched or shown here: an applicant is found by the blind index alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, exists, func
from sqlalchemy import select as choose
from sqlmodel import col

from api.found import MOST_COUNTED, PAGE, Found
from api.store import Store
from api.table import DecisionGround, DecisionItem, StoredDecision
from audit.table import CASE_KEY

MOST_PAGES: Final = 1_000_000

_ROW = StoredDecision


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for; what is empty does not matter. Days are those of `as_of`.

    `since` is the first day, `until` the last, as people mean a range. `person` is an identity
    number or credit code: it is never put into an address, a page or the record.
    """

    since: date | None = None
    until: date | None = None
    item: str = ""
    organ: str = ""
    ground: str = ""
    office: str = ""
    number: str = ""
    person: str = field(default="", repr=False)

    @property
    def stated(self) -> list[tuple[str, str]]:
        """What is looked for, by key, as it may stand in an address: never the person."""
        keys = ("since", "until", "item", "organ", "ground", "office", "number")
        return [(key, str(value)) for key in keys if (value := getattr(self, key))]


@dataclass(frozen=True, slots=True)
class Line:
    """One decision among those found. `erased`: only its proof remains."""

    number: str
    recorded_at: datetime
    as_of: date
    release: int
    matchers: str
    user: str
    office: str
    items: tuple[str, ...]
    organs: tuple[str, ...]
    grounds: tuple[str, ...]
    erased: bool


def find(store: Store, search: Search, page: int = 1) -> Found[Line]:
    """Return a page of the decisions that a search finds."""
    persons = store.numbers_of(search.person) if search.person else None
    keys, order = _keys(search, persons)
    counted = choose(func.count()).select_from(keys.limit(MOST_COUNTED + 1).subquery())
    here = keys.order_by(*order).limit(PAGE).offset((page - 1) * PAGE)
    with store.database.reading() as connection:
        total = connection.execute(counted).scalar_one()
        numbers = [row.number for row in connection.execute(here)]
        lines = tuple(_lines(connection, numbers))
        return Found(lines, min(total, MOST_COUNTED), page, more=total > MOST_COUNTED)


def find_one(store: Store, number: str) -> Line | None:
    """Return the line of one decision, erased or not."""
    return next(iter(find(store, Search(number=number)).lines), None)


def offices(store: Store) -> list[str]:
    """Return the offices that have asked."""
    office, found = col(_ROW.office), [""]
    with store.database.reading() as connection:
        # Each step is one look into the index; `distinct` would read a row of each decision.
        while after := connection.execute(
            choose(func.min(office)).where(office > found[-1])
        ).scalar_one():
            found.append(after)
    return found[1:]


def instant(at: datetime) -> datetime:
    """Return a kept time with its zone: SQLite gives it back without."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _keys(
    search: Search, persons: Iterable[str] | None
) -> tuple[Select[Any], list[ColumnElement[Any]]]:
    """Return the numbers that are found, and their order, the newest first.

    They are read from the table whose index narrows most, in that index's own order: a page
    costs the same however many there are.
    """
    few = search.number or persons is not None
    lead: Any = _ROW
    if not few and (search.item or search.organ):
        lead = DecisionItem
    elif not few and search.ground:
        lead = DecisionGround
    key = (lead.as_of, lead.recorded_at, lead.number)
    keys = choose(*key).where(*_conditions(lead, search, persons))
    if lead is DecisionItem and not search.item:
        keys = keys.distinct()  # two items of one organ
    return keys, [col(each).desc() for each in key]


def _conditions(
    lead: Any, search: Search, persons: Iterable[str] | None
) -> Iterable[ColumnElement[bool]]:
    if search.since:
        yield lead.as_of >= search.since
    if search.until:
        yield lead.as_of <= search.until
    if search.number:
        yield lead.number == search.number
    if persons is not None:
        yield lead.number.in_(list(persons))
    wanted: list[tuple[Any, list[ColumnElement[bool]]]] = [
        (_ROW, _equal(_ROW, search, "office")),
        (DecisionItem, _equal(DecisionItem, search, "item", "organ")),
        (DecisionGround, _equal(DecisionGround, search, "ground")),
    ]
    for table, equal in wanted:
        if table is lead:
            yield from equal
        elif equal:
            yield exists().where(table.number == lead.number, *equal)


def _equal(table: Any, search: Search, *names: str) -> list[ColumnElement[bool]]:
    return [getattr(table, name) == value for name in names if (value := getattr(search, name))]


def _lines(connection: Connection, numbers: list[str]) -> Iterable[Line]:
    asked = _by_number(connection, DecisionItem, numbers)
    grounds = _by_number(connection, DecisionGround, numbers)
    query = choose(CASE_KEY.c.case).where(CASE_KEY.c.case.in_(numbers))
    readable = set(connection.execute(query).scalars())
    rows = _by_number(connection, _ROW, numbers)
    for number in numbers:
        (row,) = rows[number]
        yield Line(
            number=number,
            recorded_at=instant(row.recorded_at),
            as_of=row.as_of,
            release=row.release,
            matchers=row.matchers,
            user=row.user,
            office=row.office,
            items=tuple(one.item for one in asked[number]),
            organs=tuple(dict.fromkeys(one.organ for one in asked[number])),
            grounds=tuple(one.ground for one in grounds[number]),
            erased=number not in readable,
        )


def _by_number(
    connection: Connection, table: type[Any], numbers: list[str]
) -> Mapping[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    columns = table.__table__.c
    query = choose(*columns).where(columns.number.in_(numbers)).order_by(*columns)
    for row in connection.execute(query):
        found[row.number].append(row)
    return found
