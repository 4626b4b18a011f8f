"""A record that is wrong, a paper promised in writing, and a paper too many."""

import re

import pytest
from playwright.sync_api import Browser, expect

from api.sandbox.cast import member
from tests.web.stories import Clerk, Town, at_window

pytestmark = pytest.mark.xdist_group("web")


def test_who_contests_a_record_hands_in_the_own_paper_and_the_register_is_asked_to_check(
    browser: Browser, town: Town
) -> None:
    with at_window(browser, town, "company") as clerk:
        clerk.sign_in()
        number = clerk.open("wronged", "公司设立登记")
        clerk.answer({"premises": "owned", "company_form": "limited"})
        clerk.awaited()
        page, title = clerk.page, clerk.paper("title_certificate")
        expect(title).to_have_class(re.compile("removed"))
        record = page.locator(".registers li").filter(has_text="不动产登记信息").first
        expect(record.locator(".shown")).to_contain_text("试不符")
        clerk.press("出一次性告知书")
        page.wait_for_url("**/notices/**")
        page.goto(f"/cases/{number}")
        contest(clerk, "title_certificate", "房子去年已经卖掉，登记的不是现在的情况")
        expect(title).to_have_class(re.compile("submit"))
        expect(title).to_contain_text("房子去年已经卖掉")
        clerk.look("contest-contested")
        clerk.press("出一次性告知书")
        page.wait_for_url("**/notices/**")
        expect(page.locator("main")).to_contain_text("不动产权证书")
        clerk.look("contest-second-notice")
        page.goto(f"/cases/{number}")
        clerk.receive("title_certificate")
        page.goto(f"/cases/{number}/tasks")
        expect(page.locator(".tasks")).to_contain_text("不动产")
        clerk.look("contest-task")
    with at_window(browser, town, "auditor") as auditor:
        auditor.sign_in()
        auditor.page.goto(f"/supervision?kind=second_notice&number={number}")
        expect(auditor.page.locator(".alerts li").first).to_be_visible()


def contest(clerk: Clerk, paper: str, statement: str) -> None:
    """Say that a record is wrong, and how."""
    row = clerk.paper(paper)
    row.locator("details.fields > summary").click()
    row.locator(f"[name='statement.{paper}']").fill(statement)
    clerk.do(f"contest|{paper}")


def test_a_commitment_is_signed_and_published_and_a_paper_too_many_is_seen_by_supervision(
    browser: Browser, town: Town
) -> None:
    with at_window(browser, town, "hall") as clerk:
        clerk.sign_in()
        number = clerk.open("dotted", "居住证申领")
        clerk.answer(
            {"residence_ground": "employment", "through_agent": "false", "credit": "clean"}
        )
        clerk.awaited()
        page = clerk.page
        expect(page.locator(".people")).to_contain_text(member("dotted").name)
        paper = page.locator("a.button.act").first
        name = paper.locator("xpath=ancestor::li").locator("h3").inner_text()
        paper.click()
        clerk.look("commitment")
        page.locator("#signature").fill("手写板签名 0001")
        clerk.press("申请人已签字，登记承诺")
        page.wait_for_url(f"**/cases/{number}")
        clerk.answer({"credit": "clean"})
        expect(page.locator("li.paper.commitment")).to_contain_text(name)
        beyond_the_list(clerk)
        clerk.press("出一次性告知书")
        page.wait_for_url("**/notices/**")
        page.goto(f"/cases/{number}")
        clerk.receive_all()
        clerk.look("commitment-received")
        clerk.do("accept")
        expect(page.locator(".case-marks .status")).to_have_text("已受理")
    published(browser, town)
    seen_by_supervision(browser, town, number)


def beyond_the_list(clerk: Clerk) -> None:
    """Take a paper that is not on the list: not without a reason."""
    page = clerk.page
    page.locator("#beyond > summary").click()
    page.locator("[name='beyond.paper']").select_option("marriage_certificate")
    clerk.do("beyond")
    expect(page.locator("#refused")).to_contain_text("不在清单上，不能收")
    if page.locator("#beyond").get_attribute("open") is None:
        page.locator("#beyond > summary").click()
    page.locator("[name='beyond.paper']").select_option("marriage_certificate")
    page.locator("[name='beyond.why']").fill("申请人坚持交，留作参考")
    clerk.do("beyond")
    expect(page.locator(".beyond")).to_be_visible()
    expect(page.locator(".list")).to_contain_text("理由：申请人坚持交，留作参考")


def published(browser: Browser, town: Town) -> None:
    """Read the commitment as everybody can: with a masked name."""
    with at_window(browser, town, "") as citizen:
        citizen.page.goto("/publicity")
        expect(citizen.page.locator("main")).to_contain_text("居住证")
        expect(citizen.page.locator("main")).not_to_contain_text(member("dotted").name)
        citizen.look("publicity")


def seen_by_supervision(browser: Browser, town: Town, number: str) -> None:
    """Find the alert of the paper too many."""
    with at_window(browser, town, "auditor") as auditor:
        auditor.sign_in()
        auditor.page.goto(f"/supervision?number={number}")
        expect(auditor.page.locator(".alerts")).to_contain_text("结婚证")
        auditor.look("supervision")
