"""Supervision over REST: figures, alerts and tasks to read; `ending_rest` ends them."""

from datetime import date, datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from api.accounts.permission import Supervisor, Worker
from api.cases.door import hall_of
from api.cases.table import Alert, Task
from api.speech import speech
from api.supervision.alert import Alerts
from api.supervision.alert import Wanted as WantedAlerts
from api.supervision.figure import DEFINITION, By, Figure, Period
from api.supervision.figure_pages import counted_now
from api.supervision.public import PLAIN
from api.supervision.task_pages import Wanted as WantedTasks
from api.supervision.task_pages import find

MOST: Final = 1000

router = APIRouter(prefix="/api/v1", tags=["supervision"])

Word = Annotated[str, Query(max_length=100, pattern=PLAIN)]


class FigureShown(BaseModel):
    """A figure; `promise` is its number among the circular's measurable promises."""

    key: str
    promise: str
    unit: Literal["share", "seconds", "mean", "count"]
    numerator: int
    denominator: int
    value: float | None
    definition: str


class RegisterShown(BaseModel):
    """What a register answered to look-ups of the counted cases."""

    source: str
    verdicts: dict[str, int]
    milliseconds: int


class FiguresShown(BaseModel):
    """The figures of cases opened in a period, both days included."""

    since: date
    until: date
    by: By
    definition_version: int
    cases: int
    figures: list[FigureShown]
    groups: dict[str, list[FigureShown]]
    papers_saved_by_ground: dict[str, int]
    registers: list[RegisterShown]


class AlertShown(BaseModel):
    """An alert; `words` is a JSON object of what its kind names."""

    id: str
    kind: str
    number: str
    organ: str
    office: str
    user: str
    at: datetime
    words: str
    state: str
    closed_at: datetime | None
    closed_by: str
    closed_why: str


class AlertsShown(BaseModel):
    """The newest alerts, at most a thousand."""

    alerts: list[AlertShown]


class TaskShown(BaseModel):
    """A task."""

    id: str
    kind: str
    number: str
    paper: str
    organ: str
    office: str
    opened_at: datetime
    due_on: date | None
    state: str
    outcome: str
    closed_at: datetime | None
    closed_by: str


class TasksShown(BaseModel):
    """A page of open tasks, those that are due first."""

    tasks: list[TaskShown]
    total: int
    page: int
    pages: int


class FiguresWanted(BaseModel):
    """Which figures: of cases opened from `since` to `until`, broken down `by` something."""

    since: date
    until: date
    by: By = "month"
    organ: Annotated[str, Field(max_length=100, pattern=PLAIN)] = ""
    office: Annotated[str, Field(max_length=100, pattern=PLAIN)] = ""
    item: Annotated[str, Field(max_length=100, pattern=PLAIN)] = ""


class AlertsWanted(BaseModel):
    """Which alerts; what is left out does not matter."""

    kind: Annotated[str, Field(max_length=100, pattern=PLAIN)] = ""
    state: Literal["open", "closed"] = "open"
    since: date | None = None
    until: date | None = None


@router.get("/figures")
def figures(
    request: Request, who: Supervisor, wanted: Annotated[FiguresWanted, Query()]
) -> FiguresShown:
    """Return the figures of a period; of the own organ where the account has one."""
    organ = who.organ or wanted.organ
    period = Period(wanted.since, wanted.until, organ, wanted.office, wanted.item)
    counted = counted_now(request, period, wanted.by)
    return FiguresShown(
        since=wanted.since,
        until=wanted.until,
        by=wanted.by,
        definition_version=DEFINITION,
        cases=counted.cases,
        figures=[_figure(one) for one in counted.figures],
        groups={key: [_figure(one) for one in row] for key, row in counted.groups.items()},
        papers_saved_by_ground=dict(counted.savings),
        registers=[
            RegisterShown(
                source=one.source,
                verdicts=dict(one.verdicts),
                milliseconds=one.milliseconds,
            )
            for one in counted.registers
        ],
    )


@router.get("/alerts")
def alerts(
    request: Request, who: Supervisor, wanted: Annotated[AlertsWanted, Query()]
) -> AlertsShown:
    """Return alerts of the own organ, or of all, the newest first."""
    looked_for = WantedAlerts(**wanted.model_dump())
    found = Alerts(hall_of(request).desk.cases).all(looked_for, who, MOST)
    return AlertsShown(alerts=[alert_shown(one) for one in found])


@router.get("/tasks")
def tasks(
    request: Request,
    who: Worker,
    kind: Word = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> TasksShown:
    """Return the open tasks of the own organ or office."""
    desk = hall_of(request).desk
    found = find(desk.cases, WantedTasks(kind), who, desk.today, page)
    return TasksShown(
        tasks=[_task(one) for one in found.tasks],
        total=found.total,
        page=found.page,
        pages=found.pages,
    )


def _figure(one: Figure) -> FigureShown:
    return FigureShown(
        key=one.kind.key,
        promise=one.kind.promise,
        unit=one.kind.unit,
        numerator=one.numerator,
        denominator=one.denominator,
        value=one.value,
        definition=speech("en").say(f"figures.of.{one.kind.key}.definition"),
    )


def alert_shown(one: Alert) -> AlertShown:
    """Return an alert as it is shown."""
    return AlertShown(**{key: getattr(one, key) for key in AlertShown.model_fields})


def _task(one: Task) -> TaskShown:
    return TaskShown(**{key: getattr(one, key) for key in TaskShown.model_fields})
