"""Cases: what no case may say is refused, all of it at once, with the cure."""

import pytest

from api.answer import read_text
from evaluator.case import Case
from evaluator.decide import Decider
from knowledge.fault import FaultsError
from tests.bad_cases import HUGE, UNREADABLE, UNSOUND, facts, text, with_
from tests.product import case_of, decide, pack_of
from tests.small_pack import LEGAL, sound_case, sound_pack

DECIDER = Decider(pack_of(sound_pack()))
BAD = UNREADABLE | UNSOUND


def refusal(written: bytes) -> FaultsError:
    """Return the refusal of a text, which must be one."""
    refused = read_text(DECIDER, written)
    assert isinstance(refused, FaultsError)
    return refused


@pytest.mark.parametrize("name", BAD)
def test_a_bad_case_is_refused_with_what_is_wrong_and_the_cure(name: str) -> None:
    written, word = BAD[name]

    faults = refusal(written).faults
    assert any(word in str(fault) for fault in faults)
    assert all(fault.what and fault.cure for fault in faults)


@pytest.mark.parametrize("name", BAD)
def test_a_refusal_speaks_the_language_of_the_office(name: str) -> None:
    said = str(refusal(BAD[name][0]))

    for word in ("Traceback", "pydantic", "NoneType", "<class", "Input should", "ValueError"):
        assert word not in said


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_case_is_refused_in_few_words(name: str) -> None:
    assert len(str(refusal(HUGE[name]()))) < 5000


def test_all_faults_of_a_case_are_reported_at_once() -> None:
    case = sound_case() | {
        "items": ["setup", "nonsense"],
        "facts": {"colour": "red", "staff": "many", "area": "1.234"},
        "lacks": ["lease", "nothing"],
    }
    case["receipts"][0] |= {"source": "nobody", "claims": ["no"]}
    case["licences"][0]["material"] = "no"

    assert [fault.where for fault in refusal(text(case)).faults] == [
        "facts.area", "facts.colour", "facts.staff", "items[1]", "lacks[1]",
        "licences[0].material", "receipts[0].claims[0]", "receipts[0].source",
    ]  # fmt: skip


def test_all_keys_that_are_missing_or_unknown_are_reported_at_once() -> None:
    faults = refusal(text({"colour": "red", "items": ["setup"], "facts": []})).faults

    assert [fault.where for fault in faults] == ["applicant", "as_of", "colour", "facts"]


def test_the_refusal_of_an_item_without_rules_on_the_day_names_its_periods() -> None:
    said = str(refusal(with_(items=["change"], law_day="2019-12-31")))

    assert "item `change` has no material list on 2019-12-31" in said
    assert "2020-01-01 onwards" in said


def test_the_law_day_is_today_unless_it_is_stated() -> None:
    case = sound_case()
    del case["law_day"]

    decision = decide(DECIDER, case)
    assert decision["law_day"] == decision["as_of"] == "2026-11-23"


def test_credit_that_is_left_out_is_not_the_same_as_clean() -> None:
    case = sound_case()
    del case["credit"]

    assert case_of(DECIDER, case).form.credit is None


def test_a_decimal_is_the_same_number_however_many_zeros_are_written() -> None:
    cases = [read_text(DECIDER, facts(area=area)) for area in ("35", "35.0", "35.00")]

    assert len({str(case.facts) for case in cases if isinstance(case, Case)}) == 1


def test_a_record_whose_period_has_no_day_is_no_fault_and_never_counts() -> None:
    case = sound_case() | {"commitments": [], "promised_later": []}
    case["history"][0]["until"] = case["history"][0]["on"]

    assert decide(DECIDER, case)["submit"] == ["lease", "spouse:id_card"]


def test_a_check_character_in_its_place_is_accepted() -> None:
    case = sound_case() | {"applicant": {"kind": "legal", "id": LEGAL}}

    assert isinstance(read_text(DECIDER, text(case)), Case)


def test_an_identifier_of_another_length_is_not_checked() -> None:
    case = sound_case() | {"applicant": {"kind": "natural", "id": "护照 E12345678"}}

    assert isinstance(read_text(DECIDER, text(case)), Case)
