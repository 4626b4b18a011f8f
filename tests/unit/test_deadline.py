"""Deadlines of items: what the law says, in working days or in days, and where."""

from datetime import date
from typing import Any

import pytest

from api.bundled import load_pack
from knowledge.calendar import bundled_calendar
from knowledge.deadline import Deadline, statutory
from knowledge.fault import FaultsError
from tests.product import Json, pack_of
from tests.small_pack import sound_pack

BASIS = ["law 第一条"]
CHINA = bundled_calendar()


def with_deadline(deadline: Json) -> Json:
    """Return the small pack whose first item has this deadline."""
    pack = sound_pack()
    pack["items"][0]["deadline"] = deadline
    return pack


def deadline(**words: Any) -> Deadline:
    return Deadline.model_validate({"basis": tuple(BASIS)} | words)


def test_working_days_skip_the_holiday_and_days_do_not() -> None:
    accepted = date(2026, 9, 28)

    assert deadline(working_days=3).due(accepted, CHINA).day == date(2026, 10, 8)
    assert deadline(days=12).due(accepted, CHINA).day == date(2026, 10, 10)


def test_days_that_end_on_a_holiday_end_on_the_next_working_day() -> None:
    assert deadline(days=5).due(date(2026, 9, 28), CHINA).day == date(2026, 10, 8)


def test_at_once_is_the_day_of_acceptance() -> None:
    accepted = date(2026, 3, 2)

    assert deadline(at_once=True).due(accepted, CHINA).day == accepted
    assert deadline(at_once=True, working_days=3).due(accepted, CHINA).day == date(2026, 3, 5)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"basis": BASIS}, "says no time"),
        ({"working_days": 3, "days": 5, "basis": BASIS}, "keep the one"),
        ({"working_days": 0, "basis": BASIS}, "must be greater"),
        ({"working_days": 3}, "is missing"),
        ({"at_once": True, "basis": ["nowhere 第一条"]}, "`nowhere` is not declared"),
    ],
)
def test_a_deadline_that_says_nothing_or_two_things_is_refused(entry: Json, words: str) -> None:
    with pytest.raises(FaultsError, match=words):
        pack_of(with_deadline(entry))


def test_a_pack_without_deadlines_has_the_digest_that_it_always_had() -> None:
    plain = pack_of(sound_pack()).catalogue.digest
    dated = pack_of(with_deadline({"at_once": True, "basis": BASIS})).catalogue.digest

    assert plain == "sha256:beda44882e58a703c3940c5b73efe74fabb9ab22370783beba3efc3bd42d3802"
    assert dated != plain


def test_items_of_the_bundled_pack_have_their_own_time_or_the_general_one() -> None:
    known = load_pack(None).catalogue
    own = statutory(known.items["r.generic"].deadline, known.laws)
    general = statutory(known.items["k.entertain"].deadline, known.laws)

    assert own is not None
    assert (own.deadline.working_days, own.general) == (30, False)
    assert general is not None
    assert (general.deadline.working_days, general.general) == (20, True)
    assert str(general.deadline.basis[0]) == "licensing-2004 第四十二条第一款"


def test_without_the_licensing_law_an_item_without_a_time_has_none() -> None:
    known = pack_of(sound_pack()).catalogue

    assert statutory(known.items["change"].deadline, known.laws) is None
