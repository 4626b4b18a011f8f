"""The page of figures: numerator, denominator and definition of each, drawn and as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api.accounts.permission import Supervisor, Who
from api.accounts.recent import Recent
from api.cases.door import hall_of
from api.page import language, page
from api.supervision.alert import Alerts
from api.supervision.figure import BYS, DEFINITION, KINDS, By, Counted, Figure, Period, count
from api.supervision.pages import as_sheet, day_of, organs, word_of
from api.supervision.said import Said
from api.supervision.spreadsheet import sheet

DAYS: Final = 365
"""Days before today that are counted unless somebody says otherwise."""

FRESH: Final = 30.0
"""Seconds for which figures are shown again: those of a large year take more than one."""

HEIGHT: Final = 80
STEP: Final = 40
BARE: Final = 2
"""The least height of a value that can be seen, in the units of the drawing."""

router = APIRouter(prefix="/supervision", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Point:
    """A group in the drawing: where it stands, how high, and what it says."""

    x: int
    y: int
    height: int
    name: str
    said: str


def period_of(request: Request, who: Who) -> Period:
    """Return the period that the address asks for, of the own organ where there is one."""
    today = hall_of(request).desk.today
    until = day_of(request, "until") or today
    since = day_of(request, "since") or until - timedelta(days=DAYS)
    return Period(
        since=min(since, until),
        until=until,
        organ=who.organ or word_of(request, "organ"),
        office=word_of(request, "office"),
        item=word_of(request, "item"),
    )


def by_of(request: Request) -> By:
    """Return by what the figures are broken down."""
    asked = request.query_params.get("by", "")
    return next((one for one in BYS if one == asked), "month")


@router.get("/figures")
def figures(request: Request, who: Supervisor) -> Response:
    """Show the figures of a period."""
    lang, period, by = language(request), period_of(request, who), by_of(request)
    said, counted = Said.of(request, lang), counted_now(request, period, by)
    show = request.query_params.get("show", "saved")
    place = next((n for n, kind in enumerate(KINDS) if kind.key == show), 2)
    return page(
        request,
        "supervision_figures.html",
        lang,
        period=period,
        by=by,
        bys=BYS,
        kinds=KINDS,
        shown=KINDS[place],
        counted=counted,
        points=points(counted, place, by, said),
        table=[(said.group(by, key), row) for key, row in counted.groups.items()],
        most_saved=max(counted.savings.values(), default=1),
        organs=organs(request, who, said),
        offices=Alerts(hall_of(request).desk.cases).offices(who),
        items=_items(request, said),
        version=DEFINITION,
        query=query_of(period, by),
        said=said,
        day=date.fromisoformat,
    )


@router.get("/figures.csv")
def export(request: Request, who: Supervisor) -> Response:
    """Return the figures of a period as a sheet."""
    period, by = period_of(request, who), by_of(request)
    said, counted = Said.of(request, language(request)), counted_now(request, period, by)
    head = [
        said.voice.say(f"figures.column.{key}")
        for key in (
            "group", "promise", "figure", "value", "numerator", "denominator", "definition",
        )
    ]  # fmt: skip
    everything = [(said.voice.say("figures.in_all"), counted.figures)]
    groups = [(said.group(by, key), row) for key, row in counted.groups.items()]
    rows = [_row(name, one, said) for name, row in [*everything, *groups] for one in row]
    return as_sheet(sheet(head, rows), "figures.csv")


def counted_now(request: Request, period: Period, by: By) -> Counted:
    """Return the figures as they were counted within the last `FRESH` seconds."""
    database = hall_of(request).desk.office.store.database
    recent: Recent[Counted] = request.app.state.figures
    return recent.read((period, by), lambda: count(database, period, by))


def points(counted: Counted, place: int, by: By, said: Said) -> list[Point]:
    """Return the drawing of one figure by group."""
    values = [(key, row[place]) for key, row in counted.groups.items()]
    most = max((one.value or 0 for _, one in values), default=0)
    drawn = []
    for n, (key, one) in enumerate(values):
        height = max(BARE, round(HEIGHT * (one.value or 0) / most)) if one.value else 0
        name = said.group(by, key)
        drawn.append(
            Point(n * STEP, HEIGHT - height, height, name, f"{name}: {said.value(one)}")
        )
    return drawn


def query_of(period: Period, by: By) -> str:
    """Return the period as it stands in an address."""
    pairs: Sequence[tuple[str, Any]] = [
        (key, getattr(period, key)) for key in ("since", "until", "organ", "office", "item")
    ]
    return urlencode([(key, str(value)) for key, value in pairs if value] + [("by", by)])


def _items(request: Request, said: Said) -> dict[str, str]:
    desk = hall_of(request).desk
    known = desk.office.on(desk.today)[1].decider.pack.catalogue.items
    return dict(sorted(((key, said.item(key)) for key in known), key=lambda one: one[1]))


def _row(name: str, one: Figure, said: Said) -> list[object]:
    value = "" if one.value is None else f"{one.value:.4f}".rstrip("0").rstrip(".")
    key = one.kind.key
    return [
        name,
        one.kind.promise,
        said.voice.say(f"figures.of.{key}.name"),
        value,
        one.numerator,
        one.denominator,
        said.voice.say(f"figures.of.{key}.definition"),
    ]
