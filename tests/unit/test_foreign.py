"""Chinese on English pages: marked as Chinese, and nothing else changed."""

import re
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from api.foreign import marked

MARK: Final = '<span lang="zh">'

pieces = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            '<b title="甄">',
            "</b>",
            "甄示例",
            "𠮷",
            "·",
            "(",
            "number 3",
            " &lt;",
            "《",
            "\n",
        ]
    ),
    max_size=12,
).map("".join)


def test_a_name_within_english_is_marked() -> None:
    page = "<p>Applicant 沙尔示例·拟虚提, lease</p>"

    assert marked(page) == f"<p>Applicant {MARK}沙尔示例·拟虚提</span>, lease</p>"


def test_an_address_with_digits_is_one_run() -> None:
    assert marked("<dd>示例市沙盒大道1号101室</dd>") == (
        f"<dd>{MARK}示例市沙盒大道1号101室</span></dd>"
    )


def test_what_holds_only_text_is_left_alone() -> None:
    page = "<title>甄示例</title><option>甄示例</option><textarea>甄示例</textarea>"

    assert marked(page) == page


def test_attributes_are_left_alone() -> None:
    page = '<a title="甄示例" href="/">back</a>'

    assert marked(page) == page


@given(pieces)
def test_without_the_marks_the_page_is_what_it_was(page: str) -> None:
    found = marked(page)

    assert found.replace(MARK, "").replace("</span>", "") == page
    assert len(re.findall(MARK, found)) == found.count("</span>")
