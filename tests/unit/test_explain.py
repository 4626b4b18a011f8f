"""`jianzheng explain`: a decision for a person, on the command line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app

CASE = {
    "as_of": "2026-11-23",
    "items": ["b.company_setup"],
    "applicant": {"kind": "natural", "id": "applicant"},
    "facts": {"company_form": "limited", "premises": "rented"},
    "receipts": [
        {
            "source": "lease_filing",
            "verdict": "found_match",
            "materials": ["lease"],
            "on": "2026-11-20",
            "subject": "applicant",
        }
    ],
}


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(CASE), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        (
            "zh",
            [
                "公司设立登记：材料清单",
                "  免 租赁合同",
                "      免交的依据：《政务数据共享条例》（国务院令第809号）第十九条第一款",
                "      证据：回执 1：房屋租赁登记备案信息，2026年11月20日（周五），核对一致",
                "      什么会改变它：如果房屋租赁登记备案信息查不到，这份材料就要交。",
                "待答的问题，最有用的在前",
            ],
        ),
        (
            "en",
            [
                "Company registration: papers to hand in",
                "  ✓ lease",
                "      asked by: contract for rented premises",
                "      evidence: receipt 1: lease filings, Fri 20 November 2026, confirmed",
                "Open questions, the most useful first",
            ],
        ),
    ],
)
def test_a_decision_is_told_in_either_language(case: Path, lang: str, lines: list[str]) -> None:
    done = CliRunner().invoke(app, ["explain", str(case), "--lang", lang])

    assert done.exit_code == 0, done.output
    assert [line for line in done.stdout.splitlines() if line in lines] == lines


def test_a_bad_case_or_language_is_refused_with_the_cure(case: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(CASE | {"items": ["nothing"]}), encoding="utf-8")

    for arguments, words in (
        ([str(bad)], "there is no item `nothing`; correct its spelling"),
        ([str(case), "--lang", "fr"], "there is no language `fr`; write zh or en"),
        ([str(tmp_path / "none.json")], "cannot be read"),
    ):
        done = CliRunner().invoke(app, ["explain", *arguments])
        assert done.exit_code == 2
        assert words in done.stderr
