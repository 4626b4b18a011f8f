"""Openings: numbers, earlier answers, and what is confirmed."""

from datetime import date

import pytest

from api.bundled import load_pack
from api.cases import event as happened
from api.cases.event import Event, Named, NamedParty
from api.cases.file import CaseFile, fold
from api.cases.opening import Draft, cloned, number_fault, offer, opened, read_draft, written
from evaluator.decide import Decider

DAY = date(2026, 11, 27)
WEI = "11010519491231002X"
DECIDER = Decider(load_pack(None))


def file_of(*events: Event) -> CaseFile:
    first = happened.Opened(
        applicant=Named(kind="natural", id=WEI, name="魏示例"), items=("b.company_setup",)
    )
    return fold((first, *events))


@pytest.mark.parametrize(
    ("kind", "number", "fault"),
    [
        ("natural", WEI, ""),
        ("natural", "110105194912310021", "check_natural"),
        ("natural", WEI[:17], "length_natural"),
        ("natural", "E12345678", ""),
        ("natural", "", "no_number_natural"),
        ("legal", "91990000MA000Y6G9F", ""),
        ("legal", "91990000MA000Y6G9E", "check_legal"),
        ("legal", "91990000MA000Y6G9", "length_legal"),
        ("legal", "", "no_number_legal"),
    ],
)
def test_a_number_is_checked_as_documents_have_it(kind: str, number: str, fault: str) -> None:
    assert number_fault(kind, number) == fault  # type: ignore[arg-type] # one of both


def test_a_number_is_written_as_documents_print_it() -> None:
    assert written(" １１010519 49123１002x\n") == WEI


def test_a_step_and_items_do_not_go_together() -> None:
    draft = read_draft([("step", "build/permit"), ("item", "b.company_setup")])

    assert draft.step == ("build", "permit")
    assert draft.items == ()


def test_what_the_services_ask_is_offered_from_the_newest_case_and_used_if_ticked() -> None:
    newer = file_of(happened.Answered(facts={"company_form": "limited", "no_such_fact": 1}))
    older = file_of(happened.Answered(facts={"company_form": "joint", "premises": "rented"}))
    earlier = {"n": (DAY, newer), "o": (DAY, older)}
    draft = Draft(number=WEI, items=("b.company_setup",), facts=(("o", "premises"),))
    offered = offer(DECIDER, draft, earlier, DAY)
    event = opened(draft, offered)

    assert {(one.number, one.key) for one in offered.suggestions} == {
        ("n", "company_form"),
        ("o", "premises"),
    }
    assert event.facts == {"premises": "rented"}
    assert offered.sources


def test_an_answer_that_its_question_no_longer_takes_is_not_offered() -> None:
    stale = file_of(happened.Answered(facts={"company_form": "of another time"}))
    draft = Draft(items=("b.company_setup",))

    assert offer(DECIDER, draft, {"n": (DAY, stale)}, DAY).suggestions == ()


def test_the_same_once_more_has_the_same_items_and_offers_its_persons() -> None:
    partner = NamedParty(role="founder", kind="natural", id="110105194912310038", name="林示例")
    earlier = {"n": (DAY, file_of(happened.Joined(party=partner)))}
    draft = Draft(number=WEI, name="魏示例")
    again = Draft(**{**draft.__dict__, **cloned(draft, "n", earlier, DECIDER)})
    ticked = Draft(**{**again.__dict__, "parties": (("n", "0"),)})

    assert again.items == ("b.company_setup",)
    assert again.cloned_from == "n"
    assert opened(again, offer(DECIDER, again, earlier, DAY)).parties == ()
    assert opened(ticked, offer(DECIDER, ticked, earlier, DAY)).parties == (partner,)


def test_a_case_that_may_not_be_read_cannot_be_copied() -> None:
    assert cloned(Draft(), "not mine", {}, DECIDER) == {}


def test_what_the_case_depends_on_is_what_makes_a_page_another_one() -> None:
    draft = Draft(number=WEI, items=("b.company_setup",), query="公司")

    assert draft.canonical == Draft(number=WEI, items=("b.company_setup",)).canonical
    assert draft.canonical != Draft(number=WEI, items=("b.company_setup", "x")).canonical
