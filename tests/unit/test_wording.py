"""Sentences about papers: every fate, ground and change can be said in both languages."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from api.bundled import load_pack
from api.naming import Naming, number, place_in_english
from api.paper_row import PaperList, paper_list
from api.speech import LANGS, Lang, speech, texts
from api.telling import tell
from api.wording import Wording
from evaluator.change import Change
from evaluator.decide import Decider
from evaluator.example import read_examples
from evaluator.explanation import Story
from rules.ground import Ground

DAY = "2026-11-23"


@cache
def decider() -> Decider:
    return Decider(load_pack(None))


def company(**more: Any) -> dict[str, Any]:
    facts = {
        "company_form": "limited",
        "company_founders": "natural",
        "institution_founders": False,
        "overseas_founders": "none",
        "overseas_officers": "none",
        "licence_first": "none",
        "premises": "rented",
    }
    applicant = {"kind": "natural", "id": "applicant"}
    case = {"as_of": DAY, "items": ("b.company_setup",), "applicant": applicant}
    return case | {"facts": facts} | more


def papers(raw: dict[str, Any], lang: Lang = "zh") -> PaperList:
    case = decider().read(raw)
    wording = Wording(decider().pack, case, speech(lang))
    return paper_list(decider(), case, decider().decide(case), wording, flips=None)


def lease(raw: dict[str, Any], lang: Lang = "zh") -> Any:
    return next(row for row in papers(raw, lang).rows if row.paper == "lease")


def receipt(verdict: str) -> dict[str, Any]:
    return {
        "source": "lease_filing",
        "verdict": verdict,
        "materials": ("lease",),
        "on": "2026-11-20",
        "subject": "applicant",
    }


def test_a_paper_that_stays_says_what_it_proves_and_on_which_law_it_rests() -> None:
    row = lease(company())

    assert row.why == "须提交，用来证明场所使用权。"
    assert [one.short for one in row.basis] == [
        "《市场主体登记管理条例》第十六条第一款第三项",
        "《市场主体登记管理条例实施细则》第二十五条第三项",
    ]
    assert row.basis[0].full.startswith(
        "《中华人民共和国市场主体登记管理条例》（国务院令第746号）"
    )


def test_a_paper_that_is_gone_says_which_register_confirmed_it_and_when() -> None:
    row = lease(company(receipts=(receipt("found_match"),)))

    assert row.word == "removed"
    assert row.why == "不用带：房屋租赁登记备案信息已核对一致，2026年11月20日（周五）。"
    assert row.details[0].evidence == (
        "回执 1：房屋租赁登记备案信息，2026年11月20日（周五），核对一致",
    )
    assert row.change == "如果房屋租赁登记备案信息查不到，这份材料就要交。"


@pytest.mark.parametrize(
    ("verdict", "why"),
    [
        ("found_conflict", "房屋租赁登记备案信息查到的信息不一致，以您提交的材料为准。"),
        ("not_found", "房屋租赁登记备案信息没有查到，所以仍须提交。"),
    ],
)
def test_a_paper_that_a_register_does_not_confirm_says_so(verdict: str, why: str) -> None:
    assert lease(company(receipts=(receipt(verdict),))).why == why


def test_a_paper_that_the_applicant_contests_or_cannot_get_says_so() -> None:
    confirmed = (receipt("found_match"),)

    contested = lease(company(receipts=confirmed, contested=("lease",)))
    assert contested.why == "您对登记信息有异议，以您提交的材料为准。"
    lacking = lease(company(lacks=("lease",)))
    assert lacking.word == "unmeetable"
    assert "而您说取不到" in lacking.why


def test_a_paper_that_depends_on_an_answer_names_the_question() -> None:
    facts = {key: value for key, value in company()["facts"].items() if key != "premises"}

    assert lease(company(facts=facts)).why == "要不要交，看「场所来源」怎么回答。"
    english = lease(company(facts=facts), "en")
    assert english.why == "Whether it is needed depends on: source of the premises."


def test_a_paper_of_another_kind_of_case_says_when_it_would_be_asked_for() -> None:
    others = {row.paper: row.why for row in papers(company()).others}

    assert others["title_certificate"] == "只在场所来源为「自有」时才要交。"


def test_the_number_of_papers_by_law_and_to_hand_in_are_counted() -> None:
    found = papers(company(receipts=(receipt("found_match"),)))

    assert (found.statutory, found.hand_in, found.pending) == (6, 5, 0)


def test_where_nothing_flips_a_paper_the_word_is_none() -> None:
    told = {row.paper: row.change for row in papers(company()).rows}

    assert told["charter"].startswith("无：")
    english = {row.paper: row.change for row in papers(company(), "en").rows}
    assert english["charter"].startswith("none:")


@pytest.mark.parametrize("lang", LANGS)
def test_every_ground_has_a_name_and_a_sentence(lang: Lang) -> None:
    for ground in Ground:
        assert texts(lang)[f"ground.{ground}"]
        assert texts(lang)[f"why.{ground}"]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    "change",
    [
        Change("fact", "premises", "owned"),
        Change("credit", "credit", "clean"),
        Change("credit", "credit", "severe"),
        *(Change("receipt", "population", word) for word in ("found_match", "not_found")),
        *(
            Change(kind, "lease", word)
            for kind in ("licence", "history", "collected")
            for word in ("present", "absent")
        ),
        *(
            Change(kind, "lease", word)
            for kind in ("commitment", "promised_later")
            for word in ("chosen", "not chosen")
        ),
        Change("contested", "lease", "chosen"),
    ],
    ids=str,
)
def test_every_change_can_be_said(lang: Lang, change: Change) -> None:
    case = decider().read(company())
    wording = Wording(decider().pack, case, speech(lang))

    for fate in ("submit", "removed"):
        said = wording.change(Story("lease", "lease", "applicant", fate, (), change))
        assert re.search(r"[。.]$", said)


@pytest.mark.parametrize("lang", LANGS)
def test_every_paper_of_every_example_of_the_pack_can_be_explained(lang: Lang) -> None:
    told = 0
    for _, example in read_examples(decider().pack):
        for row in _rows(example.case, lang):
            told += 1
            assert row.name
            assert re.search(r"[。.]$", row.why), row
            assert row.basis or row.word == "alternative", row
    assert told > 1000


def _rows(raw: Any, lang: Lang) -> Iterator[Any]:
    case = decider().read(raw)
    wording = Wording(decider().pack, case, speech(lang))
    found = paper_list(decider(), case, decider().decide(case), wording)
    yield from (*found.rows, *found.others)


def test_the_explanation_tells_list_reasons_flips_and_questions() -> None:
    facts = {key: value for key, value in company()["facts"].items() if key != "premises"}
    case = decider().read(company(facts=facts))

    lines = "\n".join(tell(decider(), case, decider().decide(case), "zh"))
    assert "法定 5 份 → 需交 5 份（另有 3 份待定）" in lines
    assert "什么会改变它：如果「场所来源」改为「租赁」，这份材料就要交。" in lines
    assert "1. 场所是自有、租赁还是无偿借用？" in lines
    assert "为什么问：3 项规定要看它" in lines


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("第十六条第一款第三项", "art. 16(1)(3)"),
        ("第一百零二条", "art. 102"),
        ("第十五条之一", "art. 15-1"),
        ("第44条第2款", "art. 44(2)"),
        ("三(四)", "三(四)"),
    ],
)
def test_a_place_in_a_law_is_named_as_english_lawyers_do(place: str, said: str) -> None:
    assert place_in_english(place) == said


@pytest.mark.parametrize(
    ("numeral", "value"), [("十", 10), ("二十", 20), ("一百一十六", 116), ("〇", 0), ("7", 7)]
)
def test_a_chinese_numeral_has_its_value(numeral: str, value: int) -> None:
    assert number(numeral) == value


def test_a_circular_is_called_by_its_number() -> None:
    names = Naming(decider().pack, speech("zh"))

    assert names.cited(["dg-2016-59 三(四)"])[0].short == "东府办〔2016〕59号 三(四)"
