"""A vehicle while the registries of the police are down: nothing waived, nothing forgotten."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.web.stories import Clerk, Town, at_window

pytestmark = pytest.mark.xdist_group("web")

POLICE = ("population", "vehicles", "drivers", "vehicle-inspections")
ANSWERS = dict.fromkeys(
    ("inspection_networked", "insurance_networked", "online_inspection", "tax_networked"),
    "false",
)


def opened_in_an_outage(clerk: Clerk, town: Town, person: str = "driver") -> str:
    """Open a case of a person while the police's registries are down; return its number."""
    clerk.sign_in()
    town.fault("down", *POLICE)
    number = clerk.open(person, "机动车检验合格标志核发")
    clerk.answer(ANSWERS)
    clerk.awaited()
    return number


def asked_until_it_answers(clerk: Clerk) -> None:
    """Ask again; the desk leaves a registry that failed often in peace for some seconds."""
    for _ in range(40):
        clerk.do("again")
        clerk.awaited()
        if not clerk.page.locator("button[value=again]").count():
            return
        clerk.page.wait_for_timeout(500)
    raise AssertionError(clerk.page.locator(".registers").inner_text())


def deferred(clerk: Clerk) -> None:
    """See which registry is down, why, and that the agency checks instead."""
    page = clerk.page
    down = page.locator(".registers .unavailable").filter(has_text="机动车检验信息")
    expect(down.first).to_contain_text("没有查通，由部门核验")
    expect(down.first).to_contain_text(re.compile("对方系统出错|连接被拒绝|暂停查询"))
    expect(page.locator("li.paper.agency").first).to_contain_text("由部门自己核验")


def test_the_list_settles_when_the_registry_is_back_and_is_asked_again(
    browser: Browser, town: Town
) -> None:
    with at_window(browser, town, "vehicle") as clerk:
        number = opened_in_an_outage(clerk, town)
        deferred(clerk)
        clerk.look("vehicle-down")
        page = clerk.page
        page.get_by_role("link", name="待办任务").click()
        expect(page.locator(".tasks")).to_contain_text(number)
        page.goto(f"/cases/{number}/tasks")
        open_tasks = page.locator(".tasks > li details").count()
        assert open_tasks
        clerk.look("vehicle-tasks")
        town.fault("none")
        page.goto(f"/cases/{number}")
        asked_until_it_answers(clerk)
        expect(page.locator("li.paper.agency")).to_have_count(0)
        expect(page.locator(".registers .unavailable")).to_have_count(0)
        clerk.look("vehicle-back")
        page.goto(f"/cases/{number}/tasks")
        expect(page.locator(".tasks > li details")).to_have_count(0)
        clerk.sign_out()


def test_the_agency_checks_by_itself_while_the_registry_stays_down(
    browser: Browser, town: Town
) -> None:
    with at_window(browser, town, "vehicle") as clerk:
        number = opened_in_an_outage(clerk, town, "founder")
        deferred(clerk)
        clerk.receive_all()
        clerk.do("accept")
        clerk.do("decide|granted")
        page = clerk.page
        expect(page.locator("#refused")).to_contain_text("部门核验没有完成")
        page.get_by_role("link", name="核验和补交").click()
        expect(page.locator(".tasks details").first).to_be_visible()
        while page.locator(".tasks details").count():
            page.locator(".tasks details summary").first.click()
            form = page.locator("form.closing").first
            form.get_by_role("radio").first.check()
            form.locator("textarea").fill("到户籍窗口内网核对，一致。")
            left = page.locator(".tasks details").count()
            form.locator("button").click()
            expect(page.locator(".tasks details")).to_have_count(left - 1)
        clerk.look("vehicle-checked")
        page.goto(f"/cases/{number}")
        clerk.do("decide|granted")
        expect(page.locator(".case-marks .status")).to_have_text("准予")


def test_the_list_stands_with_every_registry_down(browser: Browser, town: Town) -> None:
    with at_window(browser, town, "company") as clerk:
        clerk.sign_in()
        town.fault("down")
        clerk.open("lengthy", "建设工程规划许可证", "建筑工程施工许可证", "取水申请")
        clerk.answer({})
        clerk.awaited()
        page = clerk.page
        down = page.locator(".registers .unavailable")
        assert down.count() >= 5
        expect(page.locator(".registers .found_match")).to_have_count(0)
        clerk.look("all-down")


def test_what_the_outage_was_stands_in_front_of_supervision(
    browser: Browser, town: Town
) -> None:
    with at_window(browser, town, "vehicle") as clerk:
        opened_in_an_outage(clerk, town, "partner")
    with at_window(browser, town, "auditor") as auditor:
        auditor.sign_in()
        auditor.page.goto("/supervision")
        expect(auditor.page.locator("main")).to_contain_text("机动车检验信息查不到")
        auditor.look("vehicle-supervision")
