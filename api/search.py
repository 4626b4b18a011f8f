"""Searches: kept decisions found by day, item, organ, ground, office, number or applicant.

Nothing personal is searched or shown here: an applicant is found by the blind index alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, func
from sqlalchemy import select as choose
from sqlmodel import col

from api.store import Store
from api.table import DecisionGround, DecisionItem, StoredDecision
from audit.table import CASE_KEY

CHINA: Final = timezone(timedelta(hours=8))
"""One time for the whole country (北京时间)."""

PAGE: Final = 50
"""Decisions on a page."""

MOST_PAGES: Final = 1_000_000

_ROW = StoredDecision
_COLUMNS = tuple(
    col(one)
    for one in (
        _ROW.number, _ROW.recorded_at, _ROW.as_of, _ROW.release, _ROW.matchers,
        _ROW.user, _ROW.office,
    )
)  # fmt: skip


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


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found, the newest first; pages count from 1."""

    lines: tuple[Line, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


def find(store: Store, search: Search, page: int = 1) -> Found:
    """Return a page of the decisions that a search finds."""
    persons = store.numbers_of(search.person) if search.person else None
    wanted = list(_conditions(search, persons))
    with store.database.reading() as connection:
        total = connection.execute(
            choose(func.count()).select_from(_ROW).where(*wanted)
        ).scalar_one()
        rows = connection.execute(
            choose(*_COLUMNS)
            .where(*wanted)
            .order_by(col(_ROW.recorded_at).desc(), col(_ROW.number))
            .limit(PAGE)
            .offset((page - 1) * PAGE)
        ).all()
        return Found(tuple(_lines(connection, rows)), total, page)


def find_one(store: Store, number: str) -> Line | None:
    """Return the line of one decision, erased or not."""
    return next(iter(find(store, Search(number=number)).lines), None)


def offices(store: Store) -> list[str]:
    """Return the offices that have asked."""
    query = choose(col(_ROW.office)).distinct().order_by(col(_ROW.office))
    with store.database.reading() as connection:
        return [one for one in connection.execute(query).scalars() if one]


def instant(at: datetime) -> datetime:
    """Return a kept time with its zone: SQLite gives it back without."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _conditions(search: Search, persons: Iterable[str] | None) -> Iterable[ColumnElement[bool]]:
    number = col(_ROW.number)
    if search.since:
        yield col(_ROW.as_of) >= search.since
    if search.until:
        yield col(_ROW.as_of) <= search.until
    if search.office:
        yield col(_ROW.office) == search.office
    if search.number:
        yield number == search.number
    if persons is not None:
        yield number.in_(list(persons))
    item = col(DecisionItem.item) == search.item
    organ = col(DecisionItem.organ) == search.organ
    asked = [item] * bool(search.item) + [organ] * bool(search.organ)
    if asked:
        yield number.in_(choose(col(DecisionItem.number)).where(*asked))
    if search.ground:
        ground = col(DecisionGround.ground) == search.ground
        yield number.in_(choose(col(DecisionGround.number)).where(ground))


def _lines(connection: Connection, rows: Sequence[Any]) -> Iterable[Line]:
    numbers = [row.number for row in rows]
    asked = _by_number(connection, DecisionItem, numbers)
    grounds = _by_number(connection, DecisionGround, numbers)
    query = choose(CASE_KEY.c.case).where(CASE_KEY.c.case.in_(numbers))
    readable = set(connection.execute(query).scalars())
    for row in rows:
        yield Line(
            number=row.number,
            recorded_at=instant(row.recorded_at),
            as_of=row.as_of,
            release=row.release,
            matchers=row.matchers,
            user=row.user,
            office=row.office,
            items=tuple(one.item for one in asked[row.number]),
            organs=tuple(dict.fromkeys(one.organ for one in asked[row.number])),
            grounds=tuple(one.ground for one in grounds[row.number]),
            erased=row.number not in readable,
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
