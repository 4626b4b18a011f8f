"""Searches of cases for auditors: by number, day, item, organ, office, handler, status, person.

Nothing personal is searched or shown here: a person is found by the blind index alone.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlmodel import col

from api.cases.file import STATUSES
from api.cases.store import ERASED
from api.cases.table import CaseEvent, CaseHead, CasePerson
from api.found import MOST_COUNTED, PAGE, Found
from api.search import instant
from api.store import IDENTITY, Store
from knowledge.day import CHINA

STANDINGS: Final = (*STATUSES, ERASED)
"""What a case can be searched by: where it stands."""

_FIRST, _LAST = date(1949, 10, 1), date(2999, 12, 31)
"""No case is older, and none will be younger."""

NUMBER: Final = r"^[0-9]{8}-[0-9A-HJKMNP-TV-Z]{6}$"


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for; what is empty does not matter. Days are those of the opening.

    `since` is the first day, `until` the last. `person` is an identity number or credit code:
    it is never put into an address, a page or the record.
    """

    since: date | None = None
    until: date | None = None
    item: str = ""
    organ: str = ""
    office: str = ""
    handler: str = ""
    status: str = ""
    number: str = ""
    person: str = field(default="", repr=False)

    @property
    def stated(self) -> list[tuple[str, str]]:
        """What is looked for, by key, as it may stand in an address: never the person."""
        keys = ("since", "until", "item", "organ", "office", "handler", "status", "number")
        return [(key, str(value)) for key in keys if (value := getattr(self, key))]


@dataclass(frozen=True, slots=True)
class Line:
    """One case among those found; `submit` of `statutory` papers are to be handed in."""

    number: str
    opened_at: datetime
    status: str
    items: tuple[str, ...]
    organ: str
    office: str
    handler: str
    statutory: int
    submit: int
    events: int


def find(store: Store, search: Search, page: int = 1) -> Found[Line]:
    """Return a page of the cases that a search finds."""
    table: Any = CaseHead.__table__  # type: ignore[attr-defined] # SQLModel hides its table
    wanted = list(_conditions(store, search))
    few = select(table.c.number).where(*wanted).limit(MOST_COUNTED + 1)
    here = (
        select(table)
        .where(*wanted)
        .order_by(table.c.opened_at.desc(), table.c.number.desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    with store.database.reading() as connection:
        counting = select(func.count()).select_from(few.subquery())
        total = connection.execute(counting).scalar_one()
        lines = tuple(_line(row) for row in connection.execute(here))
    return Found(lines, min(total, MOST_COUNTED), page, more=total > MOST_COUNTED)


def case_of(store: Store, decision: str) -> str:
    """Return the number of the case that a decision was sealed in, empty if in none."""
    query = select(col(CaseEvent.number)).where(
        col(CaseEvent.decision) == decision, col(CaseEvent.decision) != ""
    )
    with store.database.reading() as connection:
        return connection.execute(query).scalar() or ""


def _conditions(store: Store, search: Search) -> Iterator[ColumnElement[bool]]:
    opened = col(CaseHead.opened_at)
    if search.since:
        yield opened >= _midnight(search.since)
    if search.until:
        yield opened < _midnight(search.until) + timedelta(days=1)
    if search.item:
        yield col(CaseHead.items).contains(f'"{search.item}"', autoescape=True)
    for key in ("organ", "office", "handler", "status", "number"):
        if value := getattr(search, key):
            yield col(getattr(CaseHead, key)) == value
    if search.person:
        token = store.keys.vault.blind(IDENTITY, search.person)
        numbers = select(col(CasePerson.number)).where(col(CasePerson.token) == token)
        yield col(CaseHead.number).in_(numbers)


def _midnight(day: date) -> datetime:
    day = min(max(day, _FIRST), _LAST)
    return datetime.combine(day, time(), CHINA).astimezone(UTC)


def _line(row: Any) -> Line:
    return Line(
        number=row.number,
        opened_at=instant(row.opened_at),
        status=row.status,
        items=_items(row.items),
        organ=row.organ,
        office=row.office,
        handler=row.handler,
        statutory=row.statutory,
        submit=row.submit,
        events=row.version,
    )


def _items(text: str) -> tuple[str, ...]:
    """Return the items of a row, none where somebody wrote what cannot be read."""
    try:
        return tuple(str(one) for one in json.loads(text))
    except (ValueError, TypeError):
        return ()
