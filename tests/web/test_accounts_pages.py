"""Signing in and out, one's own account and the administrator's, as people meet them."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.reception import PASSWORD, Staffed, open_staffed, served
from tests.web.conftest import opened, signed_in

pytestmark = pytest.mark.xdist_group("web")

PICTURES = Path(__file__).parents[2] / "docs" / "images"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staffed]:
    with served(open_staffed(tmp_path_factory.mktemp("people"))) as office:
        yield office


@pytest.fixture
def guest(browser: Browser, office: Staffed) -> Iterator[Page]:
    """Open a page of the office where nobody has signed in."""
    yield from opened(browser, office.address, width=1440, height=900)


@pytest.fixture
def phone_guest(browser: Browser, office: Staffed) -> Iterator[Page]:
    """Open the same on a phone that runs no scripts."""
    yield from opened(browser, office.address, width=390, height=844, scripts=False)


def photograph(page: Page, name: str) -> None:
    """Keep a picture where pictures are wanted."""
    if os.environ.get("JIANZHENG_SCREENSHOTS"):
        page.screenshot(path=PICTURES / f"accounts-{name}.png", full_page=True)


def fits(page: Page) -> bool:
    """Return whether nothing stands out to the side."""
    wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    return bool(page.evaluate(wide))


def test_a_clerk_signs_in_by_keyboard_works_and_signs_out(guest: Page) -> None:
    guest.goto("/desk/list?item=f.divorce")
    expect(guest.get_by_role("heading", name="登录")).to_be_visible()
    photograph(guest, "login")
    guest.keyboard.type("clerk")
    guest.keyboard.press("Tab")
    guest.keyboard.type(PASSWORD)
    guest.keyboard.press("Enter")
    guest.wait_for_url("**/desk/list?item=f.divorce")

    head = guest.locator("header")
    expect(head).to_contain_text("clerk 示例")
    expect(head).to_contain_text("窗口人员")
    expect(head).to_contain_text("企业登记窗口")
    expect(head.get_by_role("link", name="账号管理")).to_have_count(0)
    guest.locator("form#desk .ask button.answer, form#desk .ask button").first.click()
    expect(guest.locator("#desk")).not_to_have_attribute("aria-busy", "true")
    expect(guest.get_by_role("heading", name="登录")).to_have_count(0)
    guest.get_by_role("button", name="退出").click()
    guest.wait_for_url("**/login")
    guest.goto("/desk")
    expect(guest).to_have_url(re.compile("/login"))


def test_on_a_phone_without_scripts_all_of_it_works(phone_guest: Page, office: Staffed) -> None:
    phone_guest.goto("/login")
    assert phone_guest.locator(":focus").get_attribute("name") in (None, "login")
    phone_guest.get_by_label("账号").fill("admin")
    phone_guest.get_by_label("密码").fill(PASSWORD)
    phone_guest.get_by_role("button", name="登录").click()
    phone_guest.wait_for_url("**/accounts")
    photograph(phone_guest, "phone")

    phone_guest.get_by_label("账号", exact=True).fill("sun")
    phone_guest.get_by_label("姓名").fill("孙示例")
    phone_guest.get_by_label("部门").select_option("dg-civil")
    phone_guest.get_by_role("button", name="新建账号").click()
    expect(phone_guest.get_by_role("status").filter(has_text="只显示这一次")).to_be_visible()
    assert office.reception.book.active("sun").organ == "dg-civil"
    phone_guest.locator("li", has_text="sun").get_by_text("停用", exact=True).click()
    phone_guest.get_by_role("button", name="确定停用 sun").click()
    expect(phone_guest.locator("li", has_text="sun")).to_contain_text("已停用")
    photograph(phone_guest, "phone-closed")


@pytest.mark.parametrize("place", ["/login", "/account", "/accounts"])
@pytest.mark.parametrize("width", [390, 320, 720, 1440])
def test_nothing_stands_out_to_the_side(
    browser: Browser, office: Staffed, place: str, width: int
) -> None:
    for page in opened(browser, office.address, width=width, height=844):
        if place != "/login":
            signed_in(page, office, "admin")
        page.goto(place)

        assert fits(page)
        page.goto(f"{place}?lang=en")
        assert fits(page)


def test_ones_own_account_shows_a_token_once(guest: Page, office: Staffed) -> None:
    signed_in(guest, office, "auditor")
    guest.goto("/account")
    guest.get_by_label("用途").fill("统计")
    guest.get_by_role("button", name="新建令牌").click()
    token = guest.locator(".once code").inner_text()
    photograph(guest, "own")

    assert office.reception.who(token, program=True).login == "auditor"
    guest.goto("/account")
    assert token not in guest.content()
    guest.get_by_role("button", name="作废").click()
    expect(guest.get_by_text("没有令牌。")).to_be_visible()


def test_the_administrator_sees_everybody(guest: Page, office: Staffed) -> None:
    signed_in(guest, office, "admin")
    guest.goto("/accounts?lang=en")

    for login in ("admin", "auditor", "clerk", "legal"):
        expect(guest.locator(".people code", has_text=login).first).to_be_visible()
    photograph(guest, "admin")
    guest.emulate_media(media="print")
    expect(guest.locator("header")).to_be_hidden()


def test_each_role_sees_the_links_to_its_work(guest: Page, office: Staffed) -> None:
    for login, seen in (("auditor", "监督核查"), ("admin", "账号管理")):
        signed_in(guest, office, login)
        guest.goto("/")
        links = guest.locator("nav.places a")
        expect(links.get_by_text(seen)).to_have_attribute("aria-current", "page")
        expect(links.get_by_text("咨询窗口")).to_have_count(0)
