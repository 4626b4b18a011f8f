"""The statutory clock: the days of 行政许可法 on real calendars."""

from datetime import date
from typing import Any

import pytest

from api.cases.clock import Clock, Course, Stop, clock
from knowledge.calendar import bundled_calendar
from knowledge.deadline import Deadline, Statutory

CHINA = bundled_calendar()
MONDAY = date(2026, 3, 2)


def time(**words: Any) -> Statutory:
    return Statutory(Deadline.model_validate({"basis": ("law 第一条",)} | words), general=False)


def at(today: date, **words: Any) -> Clock:
    words.setdefault("items", [("permit", time(working_days=20))])
    warn = words.pop("warn", 1)
    course = Course(**{"received": MONDAY} | words)
    return clock(course, calendar=CHINA, today=today, warn=warn)


def test_the_office_has_five_working_days_to_tell_everything() -> None:
    now = at(date(2026, 3, 9))

    assert now.state == "receiving"
    assert now.tell_by.day == date(2026, 3, 9)
    assert now.due is None


def test_silence_for_five_working_days_is_acceptance_on_the_day_of_receipt() -> None:
    now = at(date(2026, 3, 10))

    assert (now.state, now.start, now.deemed) == ("deemed_accepted", MONDAY, True)
    assert now.due is not None
    assert now.due.day == date(2026, 3, 30)


def test_a_late_acceptance_does_not_win_the_office_time() -> None:
    now = at(date(2026, 3, 20), accepted=date(2026, 3, 20))

    assert (now.start, now.deemed, now.state) == (MONDAY, True, "running")


def test_a_late_notice_does_not_stop_what_the_law_has_accepted() -> None:
    assert at(date(2026, 3, 20), told=date(2026, 3, 10)).start == MONDAY


def test_a_timely_notice_keeps_the_application_with_the_applicant() -> None:
    assert at(date(2026, 6, 1), told=date(2026, 3, 9)).state == "receiving"


def test_nor_does_what_comes_after_a_late_notice() -> None:
    words = {"told": date(2026, 3, 12), "completed": date(2026, 3, 16)}

    assert at(date(2026, 3, 20), **words).start == MONDAY


def test_after_everything_told_has_come_silence_is_acceptance_again() -> None:
    words = {"told": date(2026, 3, 4), "completed": date(2026, 3, 16)}

    assert at(date(2026, 3, 23), **words).state == "receiving"
    assert at(date(2026, 3, 24), **words).start == date(2026, 3, 16)


def test_the_card_turns_yellow_a_working_day_before_and_red_after_the_due_day() -> None:
    friday = date(2026, 3, 27)  # the due day is Monday 2026-03-30
    states = {
        day: at(day, accepted=MONDAY).state
        for day in (date(2026, 3, 26), friday, date(2026, 3, 30), date(2026, 3, 31))
    }

    assert list(states.values()) == ["running", "yellow", "yellow", "red"]
    assert at(date(2026, 4, 1), accepted=MONDAY).late == 2
    assert at(friday, accepted=MONDAY).left == 1
    assert at(date(2026, 3, 25), accepted=MONDAY, warn=3).state == "yellow"


def test_a_stop_moves_the_due_day_by_its_working_days() -> None:
    hearing = Stop(date(2026, 3, 9), date(2026, 3, 16), "听证")
    now = at(date(2026, 3, 20), accepted=MONDAY, stops=[hearing])

    assert now.due is not None
    assert now.due.day == date(2026, 4, 7)  # five working days later, over 清明


def test_while_a_stop_lasts_the_clock_stands() -> None:
    stops = [Stop(date(2026, 3, 9))]
    days = [date(2026, 3, 10), date(2026, 3, 20), date(2026, 5, 20)]

    assert [at(day, accepted=MONDAY, stops=stops).state for day in days] == ["stopped"] * 3
    assert len({at(day, accepted=MONDAY, stops=stops).left for day in days}) == 1


def test_a_stop_after_the_due_day_does_not_heal_lateness() -> None:
    now = at(date(2026, 4, 20), accepted=MONDAY, stops=[Stop(date(2026, 4, 10))])

    assert now.state == "red"


def test_a_bundle_goes_by_the_item_that_takes_longest() -> None:
    items = [("quick", time(at_once=True)), ("slow", time(days=60)), ("none", None)]
    now = at(MONDAY, accepted=MONDAY, items=items)

    assert now.item == "slow"
    assert now.due is not None
    assert now.due.day == date(2026, 5, 6)  # 60 days end on 05-01, a holiday until 05-05


def test_what_is_done_at_once_is_yellow_the_same_day_and_red_the_next() -> None:
    items = [("marriage", time(at_once=True))]

    assert at(MONDAY, accepted=MONDAY, items=items).state == "yellow"
    assert at(date(2026, 3, 3), accepted=MONDAY, items=items).state == "red"


def test_a_case_that_ended_is_done_and_remembers_how_late() -> None:
    now = at(date(2026, 9, 1), accepted=MONDAY, ended=date(2026, 3, 31))

    assert (now.state, now.late) == ("done", 1)


@pytest.mark.parametrize(
    ("accepted", "state"), [(None, "deemed_accepted"), (MONDAY, "running")]
)
def test_without_any_time_in_law_the_clock_runs_without_a_due_day(
    accepted: date | None, state: str
) -> None:
    now = at(date(2026, 9, 1), accepted=accepted, items=[("free", None)])

    assert (now.state, now.due) == (state, None)


def test_a_due_day_in_a_year_without_notices_says_so() -> None:
    now = at(date(2026, 12, 20), received=date(2026, 12, 14), accepted=date(2026, 12, 14))

    assert now.due is not None
    assert not now.due.announced
