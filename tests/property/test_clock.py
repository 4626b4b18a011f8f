"""The statutory clock: against a naive day-by-day count; time only moves on."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from api.cases.clock import Clock, Course, Stop, clock
from knowledge.calendar import bundled_calendar
from knowledge.deadline import Deadline, Statutory

CHINA = bundled_calendar()
ONE = timedelta(days=1)
DAYS = st.dates(date(2016, 1, 1), date(2026, 9, 30))
PAST = st.integers(0, 120)
DEADLINES = st.one_of(
    st.builds(lambda n: {"working_days": n}, st.integers(1, 40)),
    st.builds(lambda n: {"days": n}, st.integers(1, 60)),
    st.just({"at_once": True}),
)
STOPS = st.lists(
    st.tuples(st.integers(0, 40), st.one_of(st.none(), st.integers(1, 20))), max_size=3
)


def course(
    start: date, times: list[dict[str, int]], stops: list[tuple[int, int | None]]
) -> Course:
    items = [
        (
            str(place),
            Statutory(Deadline.model_validate({"basis": ("a b",)} | one), general=False),
        )
        for place, one in enumerate(times)
    ]
    spans = [
        Stop(start + after * ONE, None if long is None else start + (after + long) * ONE)
        for after, long in stops
    ]
    return Course(received=start, accepted=start, items=items, stops=spans)


def at(case: Course, today: date) -> Clock:
    return clock(case, calendar=CHINA, today=today)


def naive(case: Course, today: date) -> date:
    """Tick off the days of each item on a list of days, and take the last item."""
    ends = []
    stopped = {
        day
        for stop in case.stops
        for day in (stop.since + n * ONE for n in range(400))
        if (stop.until is None and day <= today)
        or (stop.until is not None and day < stop.until)
    }
    for _, one in case.items:
        assert one is not None
        line = [case.received + n * ONE for n in range(1, 700)]
        free = [day for day in line if day not in stopped]
        work = [day for day in free if CHINA.works(day)]
        first = case.received
        here = [first] if first not in stopped and CHINA.works(first) else []
        if one.deadline.working_days:
            ends.append(work[one.deadline.working_days - 1])
        elif one.deadline.days:
            ends.append(min(day for day in work if day >= free[one.deadline.days - 1]))
        else:
            ends.append((here + work)[0])
    return max(ends)


@given(start=DAYS, times=st.lists(DEADLINES, min_size=1, max_size=3), stops=STOPS, past=PAST)
def test_the_due_day_agrees_with_a_naive_count(
    start: date, times: list[dict[str, int]], stops: list[tuple[int, int | None]], past: int
) -> None:
    case, today = course(start, times, stops), start + past * ONE
    now = at(case, today)

    assert now.due is not None
    assert now.due.day == naive(case, today)
    assert (now.state == "red") == (today > now.due.day)
    assert now.left == 0 or now.late == 0


@given(start=DAYS, times=st.lists(DEADLINES, min_size=1, max_size=3), stops=STOPS, past=PAST)
def test_a_stop_only_lengthens(
    start: date, times: list[dict[str, int]], stops: list[tuple[int, int | None]], past: int
) -> None:
    today = start + past * ONE
    free, held = at(course(start, times, []), today), at(course(start, times, stops), today)

    assert free.due is not None
    assert held.due is not None
    assert held.due.day >= free.due.day


@given(
    start=DAYS,
    times=st.lists(DEADLINES, min_size=1, max_size=3),
    stops=STOPS,
    past=PAST,
    more=st.integers(0, 30),
)
def test_time_never_runs_backwards(
    start: date,
    times: list[dict[str, int]],
    stops: list[tuple[int, int | None]],
    past: int,
    more: int,
) -> None:
    case, today = course(start, times, stops), start + past * ONE
    sooner, later = at(case, today), at(case, today + more * ONE)

    assert sooner.due is not None
    assert later.due is not None
    assert later.due.day >= sooner.due.day
    assert later.late >= sooner.late
    if sooner.state == "red":
        assert later.state == "red"


def full_days_before(start: date, day: date) -> int:
    """Return how many working days after `start` are wholly over when `day` begins."""
    return CHINA.between(start, day - ONE)


@given(start=DAYS, past=PAST, told=st.one_of(st.none(), st.integers(0, 30)))
def test_silence_is_acceptance_exactly_after_five_working_days(
    start: date, past: int, told: int | None
) -> None:
    spoke = None if told is None else start + told * ONE
    today = start + past * ONE
    items = [
        (
            "one",
            Statutory(Deadline.model_validate({"days": 9, "basis": ("a b",)}), general=False),
        )
    ]
    now = clock(Course(received=start, items=items, told=spoke), calendar=CHINA, today=today)

    silent = spoke is None or full_days_before(start, spoke) >= 5
    assert now.deemed == (silent and full_days_before(start, today) >= 5)
