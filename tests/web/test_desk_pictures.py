"""Pictures of the desk, for the README and for eyes."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.xdist_group("web")

ANSWERS = ["limited", "none", "natural", "false", "none", "none"]
"""What company, which approvals, whose shares: all but the last question."""


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Return where pictures go: the documentation only if that is asked for."""
    if os.environ.get("JIANZHENG_SCREENSHOTS") != "1":
        return tmp_path
    return Path(__file__).parents[2] / "docs" / "images"


def half_answered(page: Page, lang: str) -> None:
    """Show the opening of a company with some answers given and a lease looked up."""
    page.goto(f"/desk/list?item=b.company_setup&lang={lang}")
    for answer in ("company_form|limited", "licence_first|none"):
        page.locator(f"[data-answer][value='answer|{answer}']").click()
        expect(page.locator(".answered")).to_be_visible()
        expect(page.locator(f"[data-answer][value='answer|{answer}']")).to_have_count(0)
    confirmed = page.locator("[value^='note|lease_filing|'][value$='|found_match']")
    confirmed.click()
    expect(page.locator(".registers .found_match")).to_be_visible()
    for _ in range(6):
        if page.locator("[data-answer][value='answer|premises|rented']").count():
            break
        asked = page.locator("#question").inner_text()
        page.locator("[data-answer]").first.click()
        expect(page.locator("#question")).not_to_have_text(asked)
    page.locator("[data-answer][value='answer|premises|rented']").click()
    expect(page.locator("#paper-lease")).to_have_class("paper removed")
    page.evaluate("window.scrollTo(0, 0)")


def test_the_desk_has_its_picture_taken_in_two_languages(page: Page, album: Path) -> None:
    for lang in ("zh", "en"):
        half_answered(page, lang)
        picture = album / f"desk-{lang}.png"
        page.screenshot(path=picture)
        assert picture.stat().st_size > 20_000


def test_the_desk_has_its_picture_taken_on_a_phone(phone: Page, album: Path) -> None:
    phone.goto("/desk/list?item=b.company_setup")
    phone.locator("[data-answer]").first.click()
    expect(phone.locator(".answered")).to_be_visible()
    phone.evaluate("document.activeElement.blur()")
    picture = album / "desk-phone.png"
    phone.screenshot(path=picture)

    assert picture.stat().st_size > 10_000
