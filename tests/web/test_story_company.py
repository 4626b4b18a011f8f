"""A company with rented rooms, from the queue to its licence: by mouse, by keys, plainly."""

import re

import pytest
from playwright.sync_api import Browser, expect

from api.sandbox.cast import member
from tests.web.stories import Clerk, Town, at_window

pytestmark = pytest.mark.xdist_group("web")

COMPANY = {
    "company_form": "limited",
    "licence_first": "none",
    "overseas_founders": "none",
    "company_founders": "natural",
    "institution_founders": "false",
    "overseas_officers": "none",
    "premises": "rented",
}
SERVICE = "公司设立登记"


def test_a_company_with_rented_rooms_goes_from_its_number_to_its_licence(
    browser: Browser, town: Town
) -> None:
    with at_window(browser, town, "company") as clerk:
        clerk.sign_in()
        with town.holding("lease_filing") as go:
            number = clerk.open("founder", SERVICE)
            asked = clerk.answer(COMPANY)
            assert asked[0] == "company_form"
            the_list_shrinks_under_a_still_hand(clerk, go.set)
        founders_join(clerk)
        clerk.look("company-listed")
        notice, code = told_once(clerk)
        clerk.page.goto(f"/cases/{number}")
        refused_with_all_reasons(clerk)
        taken = clerk.receive_all()
        assert {"appointment_document", "charter", "company_setup_form"} == {*taken}
        clerk.look("company-received")
        accepted_and_granted(clerk, number)
        on_file(clerk, "营业执照", number)
        clerk.sign_out()
    the_notice_is_verified(browser, town, notice, code)


def the_list_shrinks_under_a_still_hand(clerk: Clerk, go: object) -> None:
    """Wait for the last registry with the mouse on a paper and half a name typed."""
    page = clerk.page
    expect(page.locator(".registers .asking")).to_contain_text("房屋租赁登记备案信息")
    expect(clerk.paper("lease")).to_contain_text(
        "房屋租赁登记备案信息查不到或者一直不通，才需要交"
    )
    clerk.look("company-asking")
    page.locator("#join-name").fill("半个名")
    page.evaluate("window.sameDocument = true; window.scrollTo(0, 300)")
    hand = page.locator("li.paper.submit h3").last
    hand.hover()
    before = hand.bounding_box()
    assert callable(go)
    go()
    expect(page.locator("#paper-lease.removed")).to_be_visible()
    after = page.locator("li.paper:hover h3").bounding_box()

    assert before
    assert after
    assert abs(before["y"] - after["y"]) < 2
    assert page.evaluate("window.sameDocument")
    assert page.locator("#join-name").input_value() == "半个名"
    page.locator("#join-name").fill("")


def founders_join(clerk: Clerk) -> None:
    """Let both founders and the manager join; the registry answers for each."""
    page = clerk.page
    expect(page.locator(".needed")).to_contain_text("自然人股东（发起人）")
    page.locator("#join-role").select_option("founder")
    page.locator("#join-who").select_option("applicant")
    clerk.do("join")
    clerk.join("founder", "partner")
    page.locator("#join-role").select_option("officer")
    page.locator("#join-who").select_option(label="沙小盒 · 自然人股东（发起人）")
    clerk.do("join")
    clerk.awaited()
    expect(clerk.paper("founder:id_card")).to_have_class(re.compile("removed"))
    expect(page.locator(".count")).to_contain_text("法定 6 份 → 需交 3 份")


def told_once(clerk: Clerk) -> tuple[str, str]:
    """Give the one-time notice, look at it as page and as PDF; return number and code."""
    page = clerk.page
    clerk.press("出一次性告知书")
    page.wait_for_url("**/notices/**")
    notice = page.url.rpartition("/")[2].partition("?")[0]
    expect(page.locator("main")).to_contain_text("公司设立登记申请书")
    expect(page.locator("main")).to_contain_text("人口基础库已核对一致")
    clerk.look("company-notice")
    code = page.locator("dd").nth(1).inner_text()
    pdf = page.request.get(
        page.get_by_role("link", name="下载 PDF").get_attribute("href") or ""
    )
    assert pdf.body().startswith(b"%PDF-")
    return notice, code


def refused_with_all_reasons(clerk: Clerk) -> None:
    """Accept too early, and be told everything that is missing."""
    clerk.do("accept")
    refused = clerk.page.locator("#refused")
    expect(refused).to_contain_text("还有 3 份材料没有收：任职文件、章程、公司设立登记申请书")
    expect(refused).to_be_focused()
    clerk.look("company-refused")


def accepted_and_granted(clerk: Clerk, number: str) -> None:
    """Accept, look at the notice of acceptance, and grant."""
    page = clerk.page
    page.locator(".tally button[value=accept]").click()
    expect(page.locator(".case-marks .status")).to_have_text("已受理")
    page.get_by_role("link", name="受理通知书").click()
    expect(page.locator("h1")).to_have_text("受理通知书")
    clerk.look("company-acceptance")
    page.goto(f"/cases/{number}")
    clerk.do("decide|granted")
    expect(page.locator(".case-marks .status")).to_have_text("准予")
    clerk.look("company-granted")
    page.goto(f"/cases/{number}/story")
    expect(page.locator(".story")).to_contain_text("康示例 企业登记窗口")
    clerk.look("company-story")


def on_file(clerk: Clerk, licence: str, number: str) -> None:
    """Find the licence in the view of the person."""
    clerk.page.goto("/queue")
    clerk.page.locator("#q").fill(member("founder").number)
    clerk.press("查找")
    row = clerk.page.get_by_role("row").filter(has_text=licence)
    expect(row).to_contain_text(number)
    clerk.look("company-person")


def the_notice_is_verified(browser: Browser, town: Town, notice: str, code: str) -> None:
    """Check the notice as a citizen does, without signing in."""
    with at_window(browser, town, "") as citizen:
        citizen.page.goto("/verify")
        citizen.page.locator("#number").fill(notice)
        citizen.page.locator("#code").fill(code)
        citizen.page.locator("main button").click()
        expect(citizen.page.locator("main")).to_contain_text(SERVICE)
        citizen.look("verify")


def test_the_same_day_is_worked_with_keys_alone(browser: Browser, town: Town) -> None:
    one = member("partner")
    with at_window(browser, town, "company") as clerk:
        page = clerk.page
        page.goto("/login")
        clerk.keys("c")
        page.locator("#login").fill("")
        page.keyboard.type("company")
        clerk.keys("Tab")
        page.keyboard.type("quite-a-long-word")
        clerk.keys("Enter")
        page.wait_for_url("**/queue")
        clerk.keys("c")
        page.wait_for_url("**/cases/new")
        clerk.key_to("#number")
        page.keyboard.type(one.number)
        clerk.key_to("#name")
        page.keyboard.type(one.name)
        clerk.key_to("#q")
        page.keyboard.type(SERVICE)
        clerk.key_to("input[name=item]:visible")
        clerk.keys("Space")
        clerk.key_to("button.primary")
        clerk.keys("Enter")
        page.wait_for_url("**/cases/2*")
        by_keys(clerk)


def by_keys(clerk: Clerk) -> None:
    """Answer by digits, join, receive, accept and grant, all by keys."""
    page = clerk.page
    for _ in COMPANY:
        key = clerk.question()
        value = f"answer|{key}|{COMPANY[key]}"
        at = page.locator("[data-answer]").evaluate_all(
            "(all, value) => all.findIndex((one) => one.value === value) + 1", value
        )
        clerk.keys(str(at))
        expect(page.locator("#question")).not_to_have_attribute("data-key", key)
    clerk.awaited()
    for role in ("founder", "officer"):
        if page.locator("#join").get_attribute("open") is None:
            clerk.key_to("#join > summary", back=True)
            clerk.keys("Enter")
        clerk.key_to("#join-role", back=role == "founder")
        page.locator("#join-role").select_option(role)
        clerk.key_to("#join-who")
        clerk.keys("ArrowDown")
        clerk.key_to("button[value=join]")
        clerk.keys("Enter")
        expect(page.locator(".people li")).to_have_count(2 if role == "founder" else 3)
    clerk.awaited()
    while page.locator("[data-receive]").count():
        left = page.locator("[data-receive]").count()
        clerk.key_to("[data-receive]")
        clerk.keys("Enter")
        expect(page.locator("[data-receive]")).to_have_count(left - 2)
    clerk.key_to(".tally button[value=accept]", back=True)
    clerk.keys("Enter")
    expect(page.locator(".case-marks .status")).to_have_text("已受理")
    clerk.key_to("button[value='decide|granted']")
    clerk.keys("Enter")
    expect(page.locator(".case-marks .status")).to_have_text("准予")


def test_the_same_day_is_worked_without_scripts(browser: Browser, town: Town) -> None:
    with at_window(browser, town, "company", scripts=False) as clerk:
        clerk.sign_in()
        number = clerk.open("rare", SERVICE)
        clerk.answer(COMPANY)
        page = clerk.page
        for role in ("founder", "officer"):
            if page.locator("#join").get_attribute("open") is None:
                page.locator("#join > summary").click()
            page.locator("#join-role").select_option(role)
            page.locator("#join-who").select_option("applicant")
            clerk.do("join")
        clerk.awaited()
        expect(page.locator(".people")).to_contain_text("甄𠮷例")
        notice, code = told_once(clerk)
        page.goto(f"/cases/{number}")
        clerk.do("accept")
        expect(page.locator("#refused")).to_contain_text("份材料没有收")
        clerk.receive_all()
        accepted_and_granted(clerk, number)
        clerk.sign_out()
    assert notice
    assert code
