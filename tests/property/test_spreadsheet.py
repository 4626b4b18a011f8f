"""Sheets: no cell of an export can act as a formula, whatever somebody typed."""

import csv
import io
import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from api.supervision.spreadsheet import cell, sheet

STARTERS = "=+-@|%"
AWKWARD = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            list("=+-@|%＝＋－＠−﹢﹣﹦\t\r\n \u00a0\u200b\ufeff\u2028\u3000\"',;x1")
        ),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=12,
)


def seen_first(text: str) -> str:
    """Return the first sign that anybody sees, in the narrow form of it."""
    for one in text:
        if unicodedata.category(one) not in ("Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Cn", "Co"):
            return unicodedata.normalize("NFKC", one)[:1]
    return ""


@given(AWKWARD)
@example("=1+1")
@example("\t=1+1")
@example("\r\n=cmd|' /C calc'!A0")
@example("\u00a0＝1＋1")
@example("＠SUM(A1)")
@example("−2+3")
def test_no_cell_begins_as_a_formula(typed: str) -> None:
    shown = cell(typed)

    assert seen_first(shown) not in set(STARTERS) | {"−"}


@given(AWKWARD)
def test_a_cell_is_one_line_so_nothing_begins_inside(typed: str) -> None:
    assert cell(typed).splitlines() in ([], [cell(typed)])


@given(st.lists(st.lists(AWKWARD, min_size=2, max_size=3), max_size=4))
def test_a_sheet_has_a_row_for_each_row_and_a_cell_for_each_cell(rows: list[list[str]]) -> None:
    content = sheet(["a", "b"], rows).decode("utf-8-sig")

    read = list(csv.reader(io.StringIO(content, newline="")))
    assert read == [["a", "b"], *([cell(one) for one in row] for row in rows)]


@given(st.text(alphabet="abc中文 12·（）", max_size=20))
def test_what_is_harmless_stays_as_it_was(typed: str) -> None:
    assert cell(typed) == typed
