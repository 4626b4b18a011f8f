"""Pictures of the desk, for the README and for eyes."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.xdist_group("web")


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Return where pictures go: the documentation only if that is asked for."""
    if os.environ.get("JIANZHENG_SCREENSHOTS") != "1":
        return tmp_path
    return Path(__file__).parents[2] / "docs" / "images"


def half_answered(page: Page, lang: str) -> None:
    """Show the opening of a company with some answers given and a lease looked up."""
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"/desk/list?item=b.company_setup&lang={lang}")
    page.locator("#later summary").click()
    page.locator("[value='ask|premises']").click()
    for answer in ("premises|rented", "company_form|limited", "licence_first|none"):
        given = page.locator(f"[data-answer][value='answer|{answer}']")
        given.click()
        expect(given).to_have_count(0)
    page.locator("[value^='note|lease_filing|'][value$='|found_match']").click()
    expect(page.locator("#paper-lease.removed")).to_be_visible()
    page.locator("#later summary").click()
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    page.mouse.move(0, 0)


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
    phone.mouse.move(0, 0)
    picture = album / "desk-phone.png"
    phone.screenshot(path=picture)

    assert picture.stat().st_size > 10_000
