"""Marriage on both sides of 10 May 2025: each couple gets the list of its day."""

from datetime import date

import pytest
from playwright.sync_api import Browser, expect

from tests.web.stories import Clerk, Town, at_window

pytestmark = pytest.mark.xdist_group("web")

BEFORE, AFTER = date(2025, 5, 9), date(2025, 5, 12)
OLD, NEW = "结婚登记（内地居民，2025年5月10日前）", "结婚登记（内地居民）"

NEW_PAPERS = {"id_card", "marriage_statement", "spouse-id_card", "spouse-marriage_statement"}


def papers(clerk: Clerk) -> set[str]:
    """Return what is to be handed in."""
    ids = clerk.page.locator("li.paper.submit").evaluate_all("all => all.map((one) => one.id)")
    return {str(one).removeprefix("paper-") for one in ids}


def test_each_couple_gets_the_list_of_its_day(browser: Browser, town: Town) -> None:
    with at_window(browser, town, "marriage") as clerk:
        page = clerk.page
        clerk.sign_in()
        town.on(BEFORE)
        number = clerk.open("groom", OLD)
        clerk.join("spouse", "bride")
        assert {"household_register", "spouse-household_register"} <= papers(clerk)
        clerk.look("marriage-before")
        clerk.receive_all()
        clerk.do("accept")
        expect(page.locator(".case-marks .status")).to_have_text("已受理")

        town.on(AFTER)
        page.goto(f"/cases/{number}")
        expect(page.locator(".case-marks")).to_contain_text("2025年5月9日")
        # What the new law no longer asks for is not asked of whoever came before it either.
        assert papers(clerk) == NEW_PAPERS
        expect(clerk.paper("household_register")).to_contain_text("已收原件")
        clerk.look("marriage-across")
        clerk.do("decide|granted")
        expect(page.locator(".case-marks .status")).to_have_text("准予")

        clerk.open("rare", NEW)
        clerk.join("spouse", "dotted")
        assert papers(clerk) == NEW_PAPERS
        clerk.look("marriage-after")


def test_the_old_item_cannot_be_opened_any_more_and_the_page_says_why(
    browser: Browser, town: Town
) -> None:
    with at_window(browser, town, "marriage") as clerk:
        clerk.sign_in()
        clerk.page.goto(f"/cases/new?q={NEW}")
        expect(clerk.page.get_by_role("checkbox", name=NEW, exact=True)).to_be_visible()
        clerk.page.goto("/desk/list?item=f.marriage_2003")
        clerk.look("marriage-advice")
