"""Figures: each is what its definition says, counted from cases that really happened."""

from collections.abc import Iterator
from datetime import date

import pytest

from api.cases import event as happened
from api.cases.event import Accepted, Decided, Notified, Received
from api.supervision.checking import Checking
from api.supervision.figure import Counted, Figure, Period, count
from evaluator.case import Credit, Receipt
from tests.supervising import CHIEF, CLERK, OTHER, PERSON, Supervised, supervised

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervised]:
    """Open an office on a Monday."""
    with supervised(tmp_path_factory.mktemp("office")) as found:
        yield found


def counted(here: Supervised, period: Period = YEAR) -> Counted:
    return count(here.office.store.database, period)


def figure(here: Supervised, key: str, period: Period = YEAR) -> tuple[int, int]:
    (found,) = (one for one in counted(here, period).figures if one.kind.key == key)
    return found.numerator, found.denominator


def test_a_day_of_the_desk_is_counted(here: Supervised) -> None:
    online = here.open("s.capacity", channel="online")
    window = here.open("s.capacity", OTHER)
    here.later(minutes=10)
    for paper in window.decision["submit"]:
        here.act(window.number, Received(paper=paper, how="original"))
    for paper in window.decision["reference"]:
        here.act(window.number, Received(paper=paper, how="number", number="X"))
    here.act(window.number, Accepted(day=here.desk.today))
    here.act(window.number, Decided(result="granted", day=here.desk.today))

    want = len(online.decision["submit"])
    assert figure(here, "submit") == (2 * want, 2)
    assert figure(here, "online") == (1, 2)
    assert figure(here, "zero_visit") == (1, 2)
    assert figure(here, "zero_paper") == (0, 2)
    assert figure(here, "in_time") == (1, 1)
    assert figure(here, "time_to_acceptance") == (600, 1)
    assert figure(here, "time_to_list") == (0, 2)
    assert counted(here).savings == {"own_issued": 2}


def test_look_ups_count_whether_they_hit_or_not_but_no_checks_of_an_agency(
    here: Supervised,
) -> None:
    number = here.open("s.legal_aid").number
    here.down(number, population=("id_card", "identity"))
    hit = Receipt(
        source="low_income", verdict="found_match", on=here.desk.today, subject=PERSON,
        claims=("hardship",),
    )  # fmt: skip
    look = happened.LookedUp(
        source="low_income", subject=PERSON, receipts=(hit,), milliseconds=1500
    )
    here.act(number, look)
    Checking(here.desk).end(here.task(number, "agency_check").id, "confirmed", "核对", CHIEF)

    assert figure(here, "hits") == (1, 2)
    assert figure(here, "look_up_time") == (2, 2)


def test_commitments_are_counted_as_made_published_verified_and_false(here: Supervised) -> None:
    clean = Credit(severe=False, false_commitment=False)
    numbers = []
    for person in (PERSON, OTHER):
        number = here.open("s.unemp_register", person).number
        here.act(number, happened.Answered(facts={"had_employer": True}))
        here.act(number, happened.CreditStated(credit=clean))
        here.act(number, happened.Committed(paper="termination_proof", signature="手写"))
        numbers.append(number)
    first = here.task(numbers[0], "verification").id
    Checking(here.desk).end(first, "false", "不属实", CLERK)
    here.later(days=200)
    Checking(here.desk).end(here.task(numbers[1], "verification").id, "true", "属实", CLERK)

    assert figure(here, "made") == (2, 2)
    assert figure(here, "published") == (2, 2)
    assert figure(here, "verified") == (1, 2)
    assert figure(here, "false") == (1, 2)


def test_what_was_asked_too_much_is_counted_and_put_right(here: Supervised) -> None:
    number = here.open("s.capacity").number
    here.act(number, Received(paper="id_card", how="copy", beyond="存档"))
    here.act(number, Notified(notice="N1", papers=("medical_record",)))
    here.act(number, Notified(notice="N2", papers=("medical_record", "id_card")))

    assert figure(here, "beyond_list") == (1, 1)
    assert figure(here, "second_notice") == (1, 2)
    assert figure(here, "rectified") == (0, 2)


def test_a_period_an_office_and_an_item_narrow_what_is_counted(here: Supervised) -> None:
    here.open("s.capacity")
    here.later(days=40)
    here.open("s.legal_aid")
    november = Period(date(2026, 11, 1), date(2026, 11, 30))

    assert counted(here, november).cases == 1
    assert counted(here, Period(YEAR.since, YEAR.until, item="s.capacity")).cases == 1
    assert counted(here, Period(YEAR.since, date(2027, 1, 31), office="别处")).cases == 0
    assert set(counted(here, Period(YEAR.since, date(2027, 1, 31))).groups) == {
        "2026-11", "2027-01",
    }  # fmt: skip


def test_nothing_to_count_is_no_zero(here: Supervised) -> None:
    figures = counted(here).figures

    assert all(isinstance(one, Figure) for one in figures)
    assert {one.value for one in figures if one.kind.unit != "count"} == {None}
