"""Pictures of a case, for the README: a company with rented rooms, half answered."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.web.stories import Town, at_window

pytestmark = pytest.mark.xdist_group("web")

ANSWERS = {"company_form": "limited", "licence_first": "none", "premises": "rented"}

UNMARKED = r"""() => {
  const walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const left = [];
  while (walk.nextNode()) {
    const { data, parentElement } = walk.currentNode;
    const said = parentElement.closest("[lang|=zh], option");
    if (/\p{Script=Han}/u.test(data) && !said) left.push(data.trim());
  }
  return left;
}"""


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Return where pictures go: the documentation only if that is asked for."""
    if os.environ.get("JIANZHENG_SCREENSHOTS") != "1":
        return tmp_path
    return Path(__file__).parents[2] / "docs" / "images"


def test_a_case_has_its_picture_taken_in_two_languages(
    browser: Browser, town: Town, album: Path
) -> None:
    with at_window(browser, town, "company") as clerk:
        page = clerk.page
        page.set_viewport_size({"width": 1366, "height": 900})
        page.emulate_media(reduced_motion="reduce")
        clerk.sign_in()
        number = clerk.open("founder", "公司设立登记")
        for key, value in ANSWERS.items():
            page.goto(f"/cases/{number}?ask={key}")
            clerk.do(f"answer|{key}|{value}")
        clerk.awaited()
        clerk.join("founder", "partner")
        clerk.awaited()
        clerk.receive("charter")
        for lang in ("zh", "en"):
            page.goto(f"/cases/{number}?lang={lang}")
            expect(page.locator("#paper-lease.removed")).to_be_visible()
            clerk.look(f"case-{lang}")
            picture = album / f"case-{lang}.png"
            page.screenshot(path=picture)

            assert picture.stat().st_size > 20_000


def test_what_a_registry_showed_has_english_labels_and_chinese_that_says_so(
    browser: Browser, town: Town
) -> None:
    with at_window(browser, town, "company") as clerk:
        clerk.sign_in()
        number = clerk.open("rare", "公司设立登记")
        clerk.answer({"premises": "owned", "company_form": "limited"})
        clerk.awaited()
        clerk.page.goto(f"/cases/{number}?lang=en")
        register = clerk.page.locator(".registers li").filter(has_text="real estate register")
        shown = register.filter(has=clerk.page.locator(".shown")).first

        expect(shown.locator("dt").first).to_have_text("right holder")
        expect(shown.locator("dd").first.locator("[lang=zh]")).to_have_text("甄𠮷例")
        unmarked = clerk.page.evaluate(UNMARKED)
        assert unmarked == []
