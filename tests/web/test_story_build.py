"""A developer builds: four steps in two offices, and none asks for what another has."""

import re

import pytest
from playwright.sync_api import Browser, expect

from api.sandbox.cast import member
from tests.web.stories import Clerk, Town, at_window

pytestmark = pytest.mark.xdist_group("web")

CLEAN = {"credit": "clean"}


def test_four_steps_in_two_offices_inherit_what_the_earlier_ones_have(
    browser: Browser, town: Town
) -> None:
    with at_window(browser, town, "hall") as hall, at_window(browser, town, "land") as land:
        hall.sign_in()
        land.sign_in()
        hall.page.goto("/processes/build")
        hall.look("build-process")
        hall.press("从「企业投资项目备案」开始")
        named(hall)
        number = hall.begin()
        held = worked_through(hall)
        hall.page.goto(f"/cases/{number}")
        hall.page.get_by_role("link", name="全流程").click()
        project = hall.page.url.rpartition("/")[2]
        hall.look("build-project")

        taken_up(land, "建设用地规划许可证（出让）")
        held |= worked_through(land, held)
        land.page.goto(f"/projects/{project}")
        expect(land.page.locator("#step-filing")).to_contain_text("综合窗口")
        land.press("开办「建设工程规划许可证」")
        land.begin()
        handed_over(browser, town, land, held)

        hall.page.goto(f"/projects/{project}")
        expect(hall.page.locator("#step-engplan")).to_contain_text("准予")
        hall.press("开办「建设项目环境影响报告书（表）审批」")
        hall.begin()
        worked_through(hall, held)
        hall.page.goto(f"/projects/{project}")
        expect(hall.page.locator(".stage.through")).to_have_count(4)
        hall.look("build-four-steps")


def named(clerk: Clerk) -> None:
    """Enter the developer."""
    clerk.page.locator("input[name=kind][value=legal]").check()
    clerk.page.locator("#number").fill(member("developer").number)
    clerk.page.locator("#name").fill(member("developer").name)


def taken_up(clerk: Clerk, step: str) -> None:
    """Find the running project by the code of the developer, and open its next step."""
    clerk.page.goto("/cases/new")
    named(clerk)
    clerk.press("看看已有什么")
    expect(clerk.page.locator(".on-file")).to_contain_text("综合窗口")
    clerk.look("build-on-file")
    clerk.press(f"选「{step}」")
    clerk.begin()


def worked_through(clerk: Clerk, held: frozenset[str] | set[str] = frozenset()) -> set[str]:
    """Answer, take what is on the list, accept and grant; nothing held is asked for."""
    clerk.answer(CLEAN)
    clerk.awaited()
    taken = {*clerk.receive_all()}
    assert not taken & held
    clerk.do("accept")
    clerk.do("decide|granted")
    expect(clerk.page.locator(".case-marks .status")).to_have_text("准予")
    return taken


def handed_over(browser: Browser, town: Town, clerk: Clerk, held: set[str]) -> None:
    """Hand the case to another office in the middle; the list stays the same there."""
    clerk.answer(CLEAN)
    clerk.awaited()
    number, there = clerk.number, clerk.page.locator(".papers h3").all_inner_texts()
    clerk.page.get_by_role("link", name="移交").click()
    clerk.page.locator("#to").select_option(label="陆示例 · 规划窗口")
    clerk.page.locator("#why").fill("规划条件由规划窗口核对")
    clerk.look("build-hand-over")
    clerk.press("移交", exact=True)
    expect(clerk.page).to_have_url(re.compile("/queue"))
    with at_window(browser, town, "land2") as other:
        other.sign_in()
        row = other.page.get_by_role("row").filter(has_text=number)
        row.get_by_role("link").first.click()
        other.page.wait_for_url(f"**/cases/{number}")
        assert other.page.locator(".papers h3").all_inner_texts() == there
        worked_through(other, held)
