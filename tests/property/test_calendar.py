"""Counting working days: against a naive day-by-day count, and its laws."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from knowledge.calendar import bundled_calendar

CHINA = bundled_calendar()
DAYS = st.dates(date(2015, 1, 1), date(2029, 12, 31))


def naive(day: date, count: int) -> date:
    """Walk from the next day on; the day on which the count is full is the answer."""
    full = 0
    while full < count:
        day += timedelta(days=1)
        full += CHINA.works(day)
    return day


@given(day=DAYS, count=st.integers(1, 120))
def test_counting_agrees_with_a_walk_through_the_days(day: date, count: int) -> None:
    due = CHINA.after(day, working_days=count).day

    assert due == naive(day, count)
    assert CHINA.between(day, due) == count
    assert CHINA.works(due)


@given(day=DAYS, later=st.integers(0, 400), count=st.integers(0, 60), more=st.integers(0, 60))
def test_a_later_day_or_a_longer_count_never_ends_earlier(
    day: date, later: int, count: int, more: int
) -> None:
    due = CHINA.after(day, working_days=count)

    assert CHINA.after(day + timedelta(days=later), working_days=count).day >= due.day
    assert CHINA.after(day, working_days=count + more).day >= due.day


@given(day=DAYS, count=st.integers(0, 60))
def test_back_and_forth_is_where_it_began(day: date, count: int) -> None:
    start = CHINA.after(day, working_days=0).day

    assert CHINA.before(CHINA.after(start, working_days=count).day, working_days=count) == start
