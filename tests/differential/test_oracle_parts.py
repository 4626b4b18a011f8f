"""The parts of the oracle: conditions, check characters, levels, the least list."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from tests.oracle.conditions import (
    APPLICANT_KIND,
    Datum,
    Tree,
    Word,
    datum,
    parse,
    unknown_part,
    value,
)
from tests.oracle.cover import Alternative, least_list, preference
from tests.oracle.faults import credit_code_is_sound, identity_number_is_sound
from tests.oracle.law import outranks

WORDS = [
    Word("premises", "choice", "场所", {"owned": "自有", "rented": "租赁", "x": "owned"}),
    Word("area", "decimal", "场所面积", {}),
    Word("staff", "integer", "人数", {}),
    Word("built", "date", "竣工日期", {}),
    Word("foreign", "boolean", "是否外资", {}),
    Word("resident", "boolean", "非居民", {}),
    Word("remark", "text", "备注", {}),
    APPLICANT_KIND,
]


def read(text: str) -> Tree:
    return parse(text, WORDS)


def known(**stated: str | int | bool) -> dict[str, Datum]:
    words = {word.key: word for word in WORDS}
    return {
        key: datum(words[key], one) if isinstance(one, str) else one
        for key, one in stated.items()
    }


# --- conditions -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ('premises == "rented" and not foreign', "场所 = “租赁” 且 非 是否外资"),
        ("not resident or foreign == false", "非非居民或是否外资＝否"),
        ("area >= 12.50 and area < 100", "场所面积≥12.50且场所面积＜100"),
        ('premises in ["owned", "rented"]', '场所属于["自有"，"租赁"]'),
        (
            "(staff != -3 or true) and built > 2024-02-29",
            "（人数≠-3或是）且竣工日期＞2024-02-29",
        ),
        ('applicant_kind == "legal"', '申请人类型 = "法人"'),
        (r'remark == "a \"b\" \\ c"', r"备注 = “a \"b\" \\ c”"),
    ],
)
def test_both_spellings_say_the_same(english: str, chinese: str) -> None:
    assert read(english) == read(chinese)


def test_or_binds_loosest_and_not_tightest() -> None:
    assert read("foreign or resident and not staff > 3 or foreign") == read(
        "(foreign or (resident and (not (staff > 3)))) or foreign"
    )


def test_a_choice_key_wins_over_an_equal_name() -> None:
    assert read('premises == "owned"') == read('premises == "自有"')


@pytest.mark.parametrize(
    ("text", "stated", "wanted", "left"),
    [
        ("foreign and staff > 3", {"foreign": False}, False, set()),
        ("foreign and staff > 3", {"foreign": True}, None, {"staff"}),
        ("foreign or staff > 3", {"foreign": True}, True, set()),
        ("foreign or staff > 3", {"staff": 3}, None, {"foreign"}),
        ("not (foreign or staff > 3)", {"foreign": True}, False, set()),
        ("not foreign", {}, None, {"foreign"}),
        ("foreign or not foreign", {}, None, {"foreign"}),
        ('premises in ["rented"]', {"premises": "rented"}, True, set()),
        ("area == 50", {"area": "50.00"}, True, set()),
        ("built <= 2024-02-29", {"built": "2024-03-01"}, False, set()),
    ],
)
def test_what_is_not_stated_stays_unknown(
    text: str, stated: dict[str, str | int | bool], wanted: object, left: set[str]
) -> None:
    facts = known(**stated)

    assert value(read(text), facts) is wanted
    assert unknown_part(read(text), facts) == left


# --- numbers and levels -----------------------------------------------------------------


@given(st.text("0123456789", min_size=17, max_size=17))
def test_identity_numbers_have_one_check_character(digits: str) -> None:
    sound = [last for last in "0123456789Xx" if identity_number_is_sound(digits + last)]

    assert sound == [ric.calc_check_digit(digits + "0")]


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17))
def test_credit_codes_have_one_check_character(characters: str) -> None:
    last = uscc.calc_check_digit(characters)

    assert credit_code_is_sound(characters + last)
    assert not credit_code_is_sound(characters + ("A" if last != "A" else "B"))


def test_levels_outrank_as_the_legislation_law_says() -> None:
    assert outranks("law", "administrative_regulation")
    assert outranks("state_council_decision", "departmental_rule")
    assert outranks("sez_regulation", "provincial_government_rule")
    assert outranks("city_regulation", "city_government_rule")
    assert outranks("departmental_rule", "normative_document")
    assert not outranks("local_regulation", "departmental_rule")
    assert not outranks("departmental_rule", "local_regulation")
    assert not outranks("administrative_regulation", "state_council_decision")
    assert not outranks("law", "law")


# --- the least list ---------------------------------------------------------------------

PAPERS = ["a", "b", "buyer:a", "c", "d", "e"]
ALTERNATIVES = st.frozensets(st.sampled_from(PAPERS), min_size=1, max_size=3)
DEMANDS = st.lists(st.lists(ALTERNATIVES, min_size=1, max_size=3), max_size=4)


@given(DEMANDS, st.lists(st.integers(1, 3), min_size=len(PAPERS), max_size=len(PAPERS)))
def test_the_list_is_the_best_union_of_one_alternative_of_each_rule(
    demands: list[list[Alternative]], burdens: list[int]
) -> None:
    burden = dict(zip(PAPERS, burdens, strict=True))
    unions = [frozenset[str]().union(*chosen) for chosen in product(*demands)]

    assert least_list(demands, burden) == min(unions, key=lambda one: preference(one, burden))
