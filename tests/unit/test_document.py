"""Official papers: what they say, on the page and in the PDF, whatever the words are."""

import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import typst
from pypdf import PdfReader

from api.cases.clock import Course, clock
from api.cases.papers import pdf as document_pdf
from api.cases.papers.document import (
    Issue,
    Papers,
    Sheet,
    acceptance_sheet,
    list_sheet,
    notice_sheet,
    qr_code,
)
from api.cases.papers.pdf import CannotPrintError, pdf
from api.naming import Cited
from api.page import rendered
from api.paper_row import Row
from api.speech import LANGS, Lang, speech
from api.wording import Word
from knowledge.calendar import bundled_calendar
from knowledge.deadline import Deadline, Statutory

DAY = date(2026, 11, 27)
LONG = (
    "建设工程规划许可证核发及施工许可证核发并联办理暨区域评估成果应用试点事项"
    "（含临时建设、改建、扩建、装饰装修及室外附属工程）办理"
)
HOSTILE = r"#panic() *粗* $x$ \ @label <a> _下_ `原` = 题 // 注 #[块] ~ \u{41} </script>"


def row(name: str, word: Word = "submit", why: str = "须提交，用来证明身份。") -> Row:
    basis = (Cited("《某条例》（国务院令第1号）第一条", "《某条例》第一条"),)
    return Row(name, name, word, why, basis, ())


def rows(count: int) -> list[Row]:
    return [row(f"第{place}种材料") for place in range(1, count + 1)]


def issue(lang: Lang = "zh", **words: Any) -> Issue:
    usual: dict[str, Any] = {
        "number": "GZ-2026-000123",
        "code": "K7QF-93TD",
        "day": DAY,
        "case": "BJ-7",
        "applicant": "甄*例",
        "items": "公司设立登记",
        "organ": "示例市场监督管理局",
        "address": "https://office.example/verify",
        "handler": "李示范",
        "phone": "0769-0000",
        "hours": "周一至周五 9:00–17:00",
    }
    return Issue(speech(lang), **(usual | words))


def notice(papers: Papers, lang: Lang = "zh", **words: Any) -> Sheet:
    told = {"tell_by": date(2026, 12, 4)} | words.pop("told", {})
    return notice_sheet(issue(lang, **words), papers, **told)


def read(paper: bytes) -> str:
    """Return the text of a PDF without white space, page after page."""
    pages = PdfReader(io.BytesIO(paper)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def squeezed(text: str) -> str:
    return "".join(text.split())


def sentences(sheet: Sheet) -> Iterator[str]:
    """Yield everything that a sheet says."""
    yield from (sheet.title, sheet.issuer, sheet.number, sheet.code, sheet.lead, sheet.check)
    yield from (sheet.contest, sheet.deadline, *sheet.signs)
    for label, value in (*sheet.marks, *sheet.contact):
        yield from (label, value)
    for part in sheet.sections:
        yield from (part.title, *part.sentences, *part.basis)
        for line in part.lines:
            yield from (line.name, line.word, line.why, line.note, *line.basis)


FULL = Papers(rows(3), agency=[row("社保记录", "agency")], spared=[row("身份证", "removed")])


@pytest.mark.parametrize("lang", LANGS)
def test_the_pdf_says_everything_that_the_sheet_says(lang: Lang) -> None:
    sheet = notice(FULL, lang, told={"seq": 2, "added": {"第2种材料"}})
    text = read(pdf(sheet)).replace(footer(sheet, 1, 2), "")

    for sentence in sentences(sheet):
        assert squeezed(sentence) in text, sentence


def footer(sheet: Sheet, page: int, pages: int) -> str:
    """Return the line that stands between two pages, and may cut a sentence."""
    say = speech(sheet.lang).say
    parts = (sheet.title, say("papers.number"), sheet.number, say("papers.code"), sheet.code)
    return squeezed("".join((*parts, say("papers.page", page=page, pages=pages))))


def test_the_page_says_everything_that_the_sheet_says() -> None:
    sheet = notice(FULL)
    html = rendered("document.html", "zh", sheet=sheet, qr=qr_code(sheet.target), **CHROME)

    for sentence in sentences(sheet):
        assert sentence in html, sentence
    assert html.count('class="box"') == 3


CHROME: dict[str, Any] = {"langs": (), "path": "/x", "back": "", "pdf": ""}


def test_text_is_never_markup_in_the_pdf() -> None:
    papers = Papers([row(HOSTILE, why=HOSTILE)])
    sheet = notice(papers, applicant=HOSTILE, items=HOSTILE, organ=HOSTILE)

    assert read(pdf(sheet)).count(squeezed(HOSTILE)) >= 4


def test_text_is_never_markup_on_the_page() -> None:
    sheet = notice(Papers([row(HOSTILE)]), applicant=HOSTILE)
    html = rendered("document.html", "zh", sheet=sheet, qr=qr_code(sheet.target), **CHROME)

    assert "<a>" not in html
    assert html.count("</script>") == 1  # our own


def test_the_same_sheet_is_the_same_bytes() -> None:
    assert pdf(notice(FULL)) == pdf(notice(FULL))
    assert pdf(notice(FULL)) != pdf(notice(FULL, number="GZ-2026-000124"))
    assert notice(FULL).digest == notice(FULL).digest
    assert notice(FULL).digest != notice(FULL, "en").digest


def test_the_pdf_is_tagged_titled_and_carries_its_fonts() -> None:
    paper = PdfReader(io.BytesIO(pdf(notice(FULL))))
    root: Any = paper.root_object
    fonts: Any = [
        font.get_object()
        for page in paper.pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index] # a PDF has them
    ]

    assert paper.metadata is not None
    assert paper.metadata.title == "一次性告知书 GZ-2026-000123"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "zh-CN"
    assert fonts
    for font in fonts:
        assert "+" in font["/BaseFont"]  # a subset
        below = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert {"/FontFile2", "/FontFile3"} & below.keys()


@pytest.mark.parametrize(("count", "least"), [(0, 1), (3, 1), (40, 4)])
def test_short_and_long_lists_print(count: int, least: int) -> None:
    paper = pdf(notice(Papers(rows(count))))
    pages = PdfReader(io.BytesIO(paper)).pages
    text = read(paper)

    assert len(pages) >= least
    assert f"第{len(pages)}页，共{len(pages)}页" in text
    assert ("不用再提交任何材料" in text) == (count == 0)
    assert f"第{count}种材料" in text or count == 0


def test_long_service_names_dots_and_rare_characters_print() -> None:
    sheet = notice(Papers([row("𠮷田·买买提的证明")]), items=LONG, applicant="阿**拉·买*提")
    text = read(pdf(sheet))

    assert len(LONG) > 60
    assert squeezed(LONG) in text
    assert "𠮷田·买买提" in text
    assert "阿**拉·买*提" in text


def test_a_sign_that_no_font_has_is_refused_with_the_cure() -> None:
    with pytest.raises(CannotPrintError, match="apt-get install fonts-hanazono"):
        pdf(notice(FULL, applicant="甄\U0010fffd"))


def test_a_machine_without_chinese_fonts_says_which_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bare = typst.Fonts(include_system_fonts=False)
    monkeypatch.setattr(document_pdf, "_fonts", lambda: bare)

    with pytest.raises(CannotPrintError, match="apt-get install fonts-noto-cjk"):
        pdf(notice(FULL))


def test_a_further_notice_marks_what_is_new() -> None:
    sheet = notice(FULL, told={"seq": 2, "added": {"第2种材料"}})
    lines = [line for part in sheet.sections for line in part.lines]

    assert sheet.title == "补充告知书（第 2 次）"
    assert [line.name for line in lines if line.note] == ["第2种材料"]
    assert "本次新增 1 份" in "".join(sheet.sections[0].sentences)


def test_a_notice_without_struck_papers_has_no_empty_section() -> None:
    assert len(notice(Papers(rows(1))).sections) == 1


def test_the_code_leads_to_the_page_of_checking() -> None:
    sheet = notice(FULL, number="GZ 1&2")

    assert sheet.target == "https://office.example/verify?number=GZ+1%262&code=K7QF-93TD"
    assert qr_code(sheet.target).startswith("<svg")
    assert "style" not in qr_code(sheet.target)


def accepted(**time: Any) -> Sheet:
    deadline = Deadline.model_validate({"basis": ("a b",)} | time.pop("deadline"))
    course = Course(
        received=time.get("received", DAY),
        accepted=time.get("accepted", DAY),
        items=[("one", Statutory(deadline, general=time.get("general", False)))],
    )
    now = clock(course, calendar=bundled_calendar(), today=time.get("today", DAY))
    return acceptance_sheet(issue(), now, received=[("章程", "原件")])


def said(sheet: Sheet) -> str:
    return " ".join(sentences(sheet))


def test_an_acceptance_says_by_when_and_why_then() -> None:
    assert "2026年12月2日（周三）以前办结（3 个工作日）" in said(
        accepted(deadline={"at_once": True, "working_days": 3})
    )
    assert "当场办理。" in said(accepted(deadline={"at_once": True}))
    assert "（7 日）" in said(accepted(deadline={"days": 7}))
    assert "一般期限" in said(accepted(deadline={"working_days": 20}, general=True))
    assert "还没有公布" in said(accepted(deadline={"working_days": 40}))


def test_an_acceptance_by_silence_says_so() -> None:
    sheet = accepted(deadline={"days": 7}, accepted=None, today=date(2026, 12, 10))

    assert "自收到申请材料之日（2026年11月27日（周五））起即为受理" in sheet.lead


def test_what_is_not_accepted_has_no_acceptance() -> None:
    with pytest.raises(ValueError, match="accept it first"):
        accepted(deadline={"days": 7}, accepted=None)


def test_a_list_says_how_many_the_law_had() -> None:
    sheet = list_sheet(issue("en", items="Marriage"), FULL, statutory=11)

    assert sheet.lead == "For “Marriage”, the law lists 11 papers; you have to hand in 3."
    assert len(sheet.sections) == 3
