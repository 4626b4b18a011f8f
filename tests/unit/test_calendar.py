"""Working days: the bundled calendar against an independent one, and counting by hand."""

from datetime import date, timedelta

import chinese_calendar  # type: ignore[import-untyped]  # it has no types
import pytest

from knowledge.calendar import WorkCalendar, bundled_calendar, read_calendar
from knowledge.fault import FaultsError

FIRST, LAST = date(2016, 1, 1), date(2026, 12, 31)
SMALL = "{id: x, name: 历, years: [{year: 2026, notices: [甲], %s}]}"


@pytest.fixture(scope="module")
def china() -> WorkCalendar:
    return bundled_calendar()


def test_every_day_of_eleven_years_agrees_with_an_independent_calendar(
    china: WorkCalendar,
) -> None:
    days = [FIRST + timedelta(days=past) for past in range((LAST - FIRST).days + 1)]

    assert len(days) == 4018
    assert [day for day in days if china.works(day) != chinese_calendar.is_workday(day)] == []


def test_each_year_names_its_notice(china: WorkCalendar) -> None:
    years = {one.year: one.notices for one in china.announced.years}

    assert sorted(years) == list(range(2016, 2027))
    for year, notices in years.items():
        assert any(f"国办发明电〔{year - 1}〕" in notice for notice in notices)


def test_the_day_of_receipt_is_not_counted(china: WorkCalendar) -> None:
    # 2025-04-30 is a Wednesday; the holiday lasts to Monday 2025-05-05
    due = china.after(date(2025, 4, 30), working_days=5)

    assert due.day == date(2025, 5, 12)
    assert due.announced
    assert china.between(date(2025, 4, 30), due.day) == 5
    assert china.before(due.day, working_days=5) == date(2025, 4, 30)


def test_a_worked_sunday_counts(china: WorkCalendar) -> None:
    assert china.works(date(2025, 9, 28))
    assert china.after(date(2025, 9, 26), working_days=1).day == date(2025, 9, 28)


def test_no_working_days_is_the_day_itself_or_the_next_that_works(china: WorkCalendar) -> None:
    assert china.after(date(2026, 3, 2), working_days=0).day == date(2026, 3, 2)
    assert china.after(date(2026, 10, 1), working_days=0).day == date(2026, 10, 8)


def test_beyond_the_notices_weekdays_work_and_the_day_says_so(china: WorkCalendar) -> None:
    due = china.after(date(2026, 12, 30), working_days=2)

    assert due.day == date(2027, 1, 1)
    assert not due.announced
    assert not china.works(date(2027, 1, 2))


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("off: [{name: 节, from: 2025-12-31, to: 2026-01-01}]", "not in 2026"),
        ("off: [{name: 节, from: 2026-01-03, to: 2026-01-01}]", "before it begins"),
        ("work: [2026-01-05]", "no weekend day"),
        ("off: [{name: 节, from: 2026-01-03, to: 2026-01-03}], work: [2026-01-03]", "weekend"),
        ("holidays: []", "not a key"),
        ("off: [{name: 节, from: 2026-02-30, to: 2026-02-30}]", "not in the calendar"),
        ("year: 2026", "twice"),
    ],
)
def test_a_calendar_with_a_fault_is_refused_with_its_place(keys: str, words: str) -> None:
    with pytest.raises(FaultsError) as refusal:
        read_calendar(SMALL % keys, "own.yaml")

    assert "own.yaml:1" in str(refusal.value)
    assert words in str(refusal.value)


def test_a_calendar_without_a_year_between_is_refused() -> None:
    text = (
        "{id: x, name: 历, years: [{year: 2024, notices: [甲]}, {year: 2026, notices: [乙]}]}"
    )

    with pytest.raises(FaultsError, match="out of order"):
        read_calendar(text)


def test_counting_backwards_is_refused(china: WorkCalendar) -> None:
    with pytest.raises(ValueError, match="forwards"):
        china.after(FIRST, working_days=-1)
