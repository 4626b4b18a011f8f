"""Citations: every place that a pack cites is looked up in the texts of the law."""

from pathlib import Path

import pytest

from api.citing import check_citations
from tests.product import Json, pack_of
from tests.small_pack import sound_pack

ARTICLES = ["第一条", "第二条", "第三条", "第四条", "第五条", "第六条"]


def library(folder: Path, articles: list[str], term: str = "租赁合同") -> Path:
    """Return a folder with the text of the one law that the small pack cites."""
    lines = [f"{article}　申请人应当提交{term}。" for article in articles]
    (folder / "law.md").write_text("\n".join(lines), encoding="utf-8")
    return folder


def cited(term: str = "合同") -> Json:
    """Return the small pack where each rule records the word of the law for its papers."""
    pack = sound_pack()
    for rule in pack["requirements"]:
        rule["terms"] = {paper: "合同" for accepted in rule["accepts"] for paper in accepted}
    pack["requirements"][0]["terms"]["lease"] = term
    return pack


def test_citations_that_the_texts_bear_out_are_counted(tmp_path: Path) -> None:
    report = check_citations(pack_of(cited()), [library(tmp_path, ARTICLES)])

    assert report.unresolved == ()
    assert report.found > 0


@pytest.mark.parametrize("missing", ARTICLES)
def test_an_article_that_is_not_in_the_text_is_unresolved(tmp_path: Path, missing: str) -> None:
    rest = [article for article in ARTICLES if article != missing]
    report = check_citations(pack_of(cited()), [library(tmp_path, rest)])

    assert any(f"the text has no {missing}" in line for line in report.unresolved)
    assert all(missing in line or "term" in line for line in report.unresolved)


def test_a_law_whose_text_no_folder_holds_is_unresolved(tmp_path: Path) -> None:
    assert check_citations(pack_of(cited()), [tmp_path]).unresolved


@pytest.mark.parametrize(("term", "unresolved"), [("租赁合同", 0), ("房屋买卖合同", 1)])
def test_the_word_recorded_for_a_paper_must_stand_in_the_cited_article(
    tmp_path: Path, term: str, unresolved: int
) -> None:
    report = check_citations(pack_of(cited(term)), [library(tmp_path, ARTICLES)])

    assert len(report.unresolved) == unresolved
    assert all("lease" in line for line in report.unresolved)


def test_an_article_that_only_begins_like_another_is_not_that_one(tmp_path: Path) -> None:
    texts = library(tmp_path, [*ARTICLES[1:], "第一条之一"])

    report = check_citations(pack_of(cited()), [texts])
    assert any("the text has no 第一条" in line for line in report.unresolved)


def test_a_paper_for_which_no_word_of_the_law_is_recorded_is_unresolved(
    tmp_path: Path,
) -> None:
    report = check_citations(pack_of(sound_pack()), [library(tmp_path, ARTICLES)])

    assert len(report.unresolved) == 4
    assert all("no term is recorded" in line for line in report.unresolved)


def test_the_place_of_a_deadline_is_looked_up_too(tmp_path: Path) -> None:
    pack = cited()
    pack["items"][0]["deadline"] = {"at_once": True, "basis": ["law 第九条"]}
    report = check_citations(pack_of(pack), [library(tmp_path, ARTICLES)])

    assert report.unresolved == ("item `setup`, deadline: law 第九条: the text has no 第九条",)
