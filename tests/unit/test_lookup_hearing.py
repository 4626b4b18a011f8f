"""Hearings: what rows say, verdict by verdict, and what they never say."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from knowledge.fact import Fact
from knowledge.lookup.failure import UnavailableError
from knowledge.lookup.hearing import hear
from knowledge.lookup.order import Finding, Heard, Order
from tests.registering import Json, order_of, row_of, source_of

TODAY = date(2026, 11, 28)
NOW = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)
"""One in the morning of that day, in China."""

LICENCE = {
    "number": "zzbh", "since": "fzrq", "until": "yxqz", "spoilt": {"吊销": "revoked"},
}  # fmt: skip


def row(code: str = "kp", **other: Any) -> Json:
    return row_of(code, **({"sjrq": "2026-11-20"} | other))


def heard(rows: list[Json], order: Order | None = None) -> Heard:
    order = order or order_of()
    assert order.source.lookup is not None
    return hear(rows, order, order.source.lookup, NOW)


def of_card(heard_: Heard) -> tuple[str, str, date]:
    """Return what is found of the card."""
    (finding,) = (one for one in heard_.findings if "card" in one.materials)
    return finding.verdict, finding.reason, finding.on


def refusal(rows: list[Json], order: Order | None = None) -> str:
    with pytest.raises(UnavailableError) as caught:
        heard(rows, order)
    return caught.value.reason


def licence_order() -> Order:
    return order_of(source_of(licence=LICENCE), materials=("card",), claims=())


def licence_row(**other: Any) -> Json:
    fields = {"zzbh": "44-1", "fzrq": "20200101", "yxqz": "2030-12-31"}
    return row(**(fields | other))


def test_a_good_row_is_a_match_dated_by_its_data() -> None:
    assert of_card(heard([row()])) == ("found_match", "", date(2026, 11, 20))


def test_several_good_rows_are_dated_by_the_oldest() -> None:
    rows = [row(), row(sjrq="20261101"), row(sjrq="2026-11-25 08:00:00")]

    assert of_card(heard(rows)) == ("found_match", "", date(2026, 11, 1))


def test_no_row_is_not_found_dated_by_the_day_of_the_answer_in_china() -> None:
    assert of_card(heard([])) == ("not_found", "", TODAY)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([row(xm="甄另人")], "other_person"),
        ([row(zjhm="110105194912310038")], "other_person"),
        ([row(), row(xm="甄另人")], "other_person"),
        ([row(zt="注销")], "not_in_force"),
        ([row(), row(zt="注销")], "contradictory"),
        ([row(), row(mj="13.00")], "contradictory"),
        ([row(), row(lb="乙类")], "contradictory"),
    ],
)
def test_what_does_not_fit_is_a_conflict_of_this_day(rows: list[Json], reason: str) -> None:
    said = heard(rows)

    assert of_card(said) == ("found_conflict", reason, TODAY)
    assert said.facts == {}
    assert said.licences == ()


def test_what_is_said_alike_goes_into_one_receipt() -> None:
    rows = [row("kp"), row("sf")]

    assert heard(rows).findings == (
        Finding("found_match", "", ("card",), ("identity",), date(2026, 11, 20)),
        Finding("not_found", "", ("permit",), (), TODAY),
    )


def test_only_what_was_ordered_is_told() -> None:
    order = order_of(materials=("card",), claims=())

    assert [one.materials for one in heard([row()], order).findings] == [("card",)]
    assert refusal([row("kp"), row("sf")], order) == "schema"


@pytest.mark.parametrize("field", ["lx", "zjhm", "xm", "zt", "sjrq"])
@pytest.mark.parametrize("value", [None, "left out"])
def test_a_row_without_a_described_field_is_no_answer(field: str, value: str | None) -> None:
    spoilt = row() | {field: value}
    if value is not None:
        del spoilt[field]

    assert refusal([spoilt]) == "schema"


@pytest.mark.parametrize("day", ["", "yesterday", "2026-02-30", "28/11/2026", "2026-1-1"])
def test_a_day_that_nobody_can_read_is_no_answer(day: str) -> None:
    assert refusal([row(sjrq=day)]) == "schema"


def test_data_from_tomorrow_are_no_answer() -> None:
    assert refusal([row(sjrq="2026-11-29")]) == "clock"


def test_a_clerk_sees_what_is_described_and_never_another_person() -> None:
    said = heard([row(), row("sf"), row("permit", xm="甄另人", zt="冻结")])

    assert said.shown == (("姓名", "甄示例"), ("状态", "正常"))


def test_a_conflict_of_the_person_is_shown_so_that_it_can_be_contested() -> None:
    assert heard([row(zt="注销")]).shown == (("姓名", "甄示例"), ("状态", "注销"))


def test_facts_come_in_the_words_of_a_case() -> None:
    assert heard([row()]).facts == {"kind": "a", "area": "12.50"}


@pytest.mark.parametrize(
    ("other", "left"),
    [
        ({"lb": "丙类"}, {"area": "12.50"}),
        ({"lb": None}, {"area": "12.50"}),
        ({"mj": "about 12"}, {"kind": "a"}),
        ({"mj": "12.505"}, {"kind": "a"}),
        ({"mj": 12}, {"kind": "a", "area": "12"}),
    ],
)
def test_a_value_that_does_not_fit_leaves_the_question_open(
    other: Json, left: dict[str, str]
) -> None:
    assert heard([row(**other)]).facts == left


def test_facts_that_nobody_asked_for_are_left_where_they_are() -> None:
    assert heard([row()], order_of(facts=())).facts == {}


def test_rows_about_two_things_that_differ_in_a_fact_leave_it_open() -> None:
    assert heard([row("kp"), row("sf", mj="9.00")]).facts == {"kind": "a"}


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("date", "20240131", "2024-01-31"),
        ("date", "2024-01-31 10:00:00", "2024-01-31"),
        ("integer", "12", 12),
        ("integer", 12, 12),
        ("text", "甲", "甲"),
        ("boolean", True, True),
    ],
)
def test_numbers_and_days_are_read_as_registers_write_them(
    kind: str, cell: str | int, value: str | int
) -> None:
    fact = Fact.model_validate({"key": "told", "type": kind, "name": "所述"})
    source = source_of(facts={"told": {"field": "ss"}})
    said = heard([row(ss=cell)], order_of(source, facts=(fact,)))

    assert said.facts == {"told": value}


def test_a_licence_is_on_record_until_the_day_after_its_last() -> None:
    assert heard([licence_row()], licence_order()).licences == (
        {
            "material": "card",
            "holder": "11010519491231002X",
            "trust": "A",
            "status": "valid",
            "number": "44-1",
            "since": "2020-01-01",
            "until": "2031-01-01",
        },
    )


@pytest.mark.parametrize("endless", ["长期", "", "9999-12-31"])
def test_a_licence_may_be_without_end(endless: str) -> None:
    (licence,) = heard([licence_row(yxqz=endless)], licence_order()).licences

    assert "until" not in licence


def test_a_licence_is_valid_on_its_last_day_and_over_on_the_next() -> None:
    last = heard([licence_row(yxqz="2026-11-28")], licence_order())
    over = heard([licence_row(yxqz="2026-11-27")], licence_order())

    assert of_card(last)[0] == "found_match"
    assert of_card(over)[:2] == ("found_conflict", "not_in_force")


def test_a_licence_that_begins_later_is_not_in_force() -> None:
    early = heard([licence_row(fzrq="2026-11-29")], licence_order())

    assert of_card(early)[:2] == ("found_conflict", "not_in_force")


def test_a_spoilt_licence_is_on_record_as_spoilt() -> None:
    said = heard([licence_row(zt="吊销")], licence_order())

    assert of_card(said)[:2] == ("found_conflict", "not_in_force")
    assert [one["status"] for one in said.licences] == ["revoked"]


def test_two_licences_may_differ_and_one_licence_may_not() -> None:
    two = [licence_row(), licence_row(zzbh="44-2", yxqz="2027-12-31", mj="9.00")]
    one = [licence_row(), licence_row(yxqz="2027-12-31")]

    said = heard(two, licence_order())

    assert of_card(said)[0] == "found_match"
    assert len(said.licences) == 2
    assert said.facts == {"kind": "a"}, "two areas: nobody knows which is meant"
    assert of_card(heard(one, licence_order()))[:2] == ("found_conflict", "contradictory")
    assert heard(one, licence_order()).licences == ()


def test_where_only_the_number_is_known_only_the_number_is_compared() -> None:
    nameless = order_of(name="")

    assert of_card(heard([row(xm="甄另人")], nameless))[0] == "found_match"
    assert of_card(heard([row(zjhm="1")], nameless))[:2] == ("found_conflict", "other_person")


def test_the_number_is_compared_even_where_nobody_described_an_echo() -> None:
    bare = order_of(source_of(echo={}))

    assert of_card(heard([row(zjhm="1")], bare))[:2] == ("found_conflict", "other_person")


def test_a_register_without_a_day_is_dated_by_its_answer() -> None:
    assert of_card(heard([row()], order_of(source_of(day=None)))) == ("found_match", "", TODAY)
