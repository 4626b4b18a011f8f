"""Commitments: what is told before anybody signs, and how much of a name is published."""

from datetime import date
from functools import cache
from typing import Any

import pytest

from api.bundled import load_pack
from api.cases.papers.commitment import Checking, Commitment, check_by, commitment, demanded
from api.masking import mask_name
from api.naming import Naming
from api.speech import LANGS, Lang, speech, texts
from evaluator.decide import Decider
from knowledge.calendar import bundled_calendar


@cache
def decider() -> Decider:
    return Decider(load_pack(None))


def told(
    lang: Lang = "zh", day: str = "2026-03-02", name: str = "hardship_certificate"
) -> Commitment:
    raw: dict[str, Any] = {
        "as_of": day,
        "items": ("s.legal_aid",),
        "applicant": {"kind": "natural", "id": "applicant"},
        "facts": {"commitment_pilot": True} if day < "2020" else {},
    }
    names = Naming(decider().pack, speech(lang))
    return commitment(names, name, demanded(decider(), decider().read(raw), name))


def test_duty_content_liability_and_choice_are_told_before_signing() -> None:
    text = told()

    assert "经济困难" in text.duty
    assert text.content
    assert "撤销" in "".join(text.liability)
    assert "自己选择" in text.choice
    assert "60 个工作日" in text.checking
    assert any(
        "行政许可" not in one.full and "优化营商环境条例" in one.full for one in text.allowed_by
    )
    assert any("法律援助条例" in one.full for one in text.demanded_by)


@pytest.mark.parametrize("lang", LANGS)
def test_every_sentence_is_filled(lang: Lang) -> None:
    text = told(lang)
    sentences = [text.duty, text.manner, text.publicity, text.checking, *text.promises]

    assert all(sentence and "{" not in sentence for sentence in sentences)
    assert len(text.liability) == sum("commitment.liability." in key for key in texts(lang))
    assert len(text.promises) == sum("commitment.promises." in key for key in texts(lang))


def test_the_law_that_allows_it_is_that_of_the_day() -> None:
    today, before = told(), told(day="2018-03-01")

    assert any("广东省优化营商环境条例" in one.full for one in today.allowed_by)
    assert all("优化营商环境条例" not in one.full for one in before.allowed_by)
    assert today.digest != before.digest


def test_the_same_case_gives_the_same_text() -> None:
    assert told().digest == told().digest
    assert told("en").digest != told("zh").digest


def test_a_paper_that_no_law_lets_be_replaced_is_refused() -> None:
    with pytest.raises(ValueError, match="no law lets a commitment replace `id_card`"):
        told(name="id_card")


def test_a_promise_is_checked_within_working_days_of_the_decision() -> None:
    decided = date(2026, 9, 30)

    assert check_by(decided, bundled_calendar(), Checking(1, "own")).day == date(2026, 10, 8)
    assert check_by(decided, bundled_calendar()).day == date(2026, 12, 29)


@pytest.mark.parametrize(
    ("name", "kind", "shown"),
    [
        ("甄示例", "natural", "甄*例"),
        ("甄例", "natural", "甄*"),
        ("欧阳示例", "natural", "欧**例"),
        ("阿卜杜拉·买买提", "natural", "阿**拉·买*提"),
        ("𠮷田", "natural", "𠮷*"),
        ("沙盒科技有限公司", "legal", "沙盒科技有限公司"),
    ],
)
def test_a_published_name_hides_the_person_and_shows_the_company(
    name: str, kind: str, shown: str
) -> None:
    assert mask_name(name, kind) == shown
