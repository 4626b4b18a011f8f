"""The statutory clock of a case: by when the law wants each thing done, and how late it is.

Pure: the day is an argument. Sources: 行政许可法 arts. 32(1)(4) and (5) (everything at once, or
accepted), 42 (the decision), 45 (what does not count), 82 (working days); circular 三(十九).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from knowledge.calendar import Counted, WorkCalendar
from knowledge.day import holds
from knowledge.deadline import Statutory

TELL_WITHIN: Final = 5
"""Working days to tell the applicant everything that is missing (行政许可法 art. 32(1)(4))."""
WARN: Final = 1
"""Working days before the due day on which the card turns yellow, unless configured."""

State = Literal[
    "receiving", "deemed_accepted", "running", "yellow", "red", "stopped", "done"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stop:
    """A time that does not count (听证、检验、专家评审): half-open, endless while it lasts."""

    since: date
    until: date | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """What happened so far: the days on which the office or the applicant acted.

    `told`: the first notice of everything missing. `completed`: everything that it named is in.
    `items`: what is applied for, each with the deadline of the law, None where there is none.
    """

    received: date
    items: Sequence[tuple[str, Statutory | None]]
    told: date | None = None
    completed: date | None = None
    accepted: date | None = None
    ended: date | None = None
    stops: Sequence[Stop] = ()


@dataclass(frozen=True, slots=True)
class Clock:
    """Where the clock stands on a day.

    `start` is the day of acceptance in law, `deemed` whether nobody declared it in time. `due`
    is the last day in time, of the item that takes longest; while stopped, the earliest it can
    be. `left` working days remain, `late` working days are over.
    """

    state: State
    received: date
    tell_by: Counted
    start: date | None = None
    deemed: bool = False
    due: Counted | None = None
    item: str = ""
    statutory: Statutory | None = None
    yellow_from: date | None = None
    left: int = 0
    late: int = 0


def clock(
    course: Course,
    *,
    calendar: WorkCalendar,
    today: date,
    warn: int = WARN,
    tell_within: int = TELL_WITHIN,
) -> Clock:
    """Return the clock of a case at the end of a day; what happens later is not yet known."""
    since, tell_by, told = _waiting(course, calendar, tell_within)
    spoke = [day for day in (told, course.accepted, course.ended) if day is not None]
    deemed = today > tell_by.day and not any(day <= tell_by.day for day in spoke)
    start = since if deemed else course.accepted
    now = min(today, course.ended) if course.ended else today
    if start is None:
        state: State = "done" if course.ended else "receiving"
        return Clock(state, course.received, tell_by)
    found = _due(course, calendar, start, now)
    if found is None:
        state = "done" if course.ended else _running(course, deemed, now)
        return Clock(state, course.received, tell_by, start, deemed)
    item, statutory, due = found
    yellow = max(start, calendar.before(due.day, working_days=warn))
    state = "done" if course.ended else _state(course, due.day, yellow, now, deemed=deemed)
    return Clock(
        state, course.received, tell_by, start, deemed, due, item, statutory, yellow,
        left=_left(course, calendar, now, due.day), late=calendar.between(due.day, now),
    )  # fmt: skip


def _waiting(
    course: Course, calendar: WorkCalendar, tell_within: int
) -> tuple[date, Counted, date | None]:
    """Return since when the office has to speak, by when, and when it told what is missing."""
    tell_by = calendar.after(course.received, working_days=tell_within)
    told = course.told
    if told is None or told > tell_by.day or course.completed is None:
        return course.received, tell_by, told
    # what was told in time has come: the office has to speak again
    again = calendar.after(course.completed, working_days=tell_within)
    return course.completed, again, None


def _due(
    course: Course, calendar: WorkCalendar, start: date, now: date
) -> tuple[str, Statutory, Counted] | None:
    """Return the item whose decision may come last, with its deadline and due day."""
    stopped = _days(course.stops, now)
    dues = [
        (item, statutory, statutory.deadline.due(start, calendar, stopped))
        for item, statutory in course.items
        if statutory is not None
    ]
    return max(dues, key=lambda one: one[2].day, default=None)


def _days(stops: Iterable[Stop], now: date) -> frozenset[date]:
    """Return the days that do not count; a stop that lasts is known up to today only."""
    ends = [(one.since, one.until or now + timedelta(days=1)) for one in stops]
    return frozenset(
        since + timedelta(days=past)
        for since, until in ends
        for past in range((until - since).days)
    )


def _state(course: Course, due: date, yellow: date, now: date, *, deemed: bool) -> State:
    if now > due:
        return "red"
    state = _running(course, deemed, now)
    return "yellow" if state != "stopped" and now >= yellow else state


def _running(course: Course, deemed: bool, now: date) -> State:  # noqa: FBT001 (private)
    if any(holds(one.since, one.until, now) for one in course.stops):
        return "stopped"
    return "deemed_accepted" if deemed and course.accepted is None else "running"


def _left(course: Course, calendar: WorkCalendar, now: date, due: date) -> int:
    stopped = _days(course.stops, now)
    days = (now + timedelta(days=past) for past in range(1, (due - now).days + 1))
    return sum(calendar.works(day) and day not in stopped for day in days)
