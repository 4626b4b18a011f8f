"""The intake desk, as clerks and citizens use it."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.xdist_group("web")

ANSWERS = {
    "要开办的是有限责任公司": "有限责任公司",
    "经营范围里有没有": "没有前置许可项目",
    "境内股东（发起人）是": "都是自然人",
    "事业单位、社会团体": "否",
    "外国股东，或者香港": "没有境外股东",
    "持居民身份证": "都持居民身份证",
    "场所是自有、租赁": "租赁",
}
"""A limited company of natural persons in rented premises, by the start of each question."""


def answer_all(page: Page) -> list[int]:
    """Answer until nothing is asked; return how many papers were open before each answer."""
    pending = []
    while page.locator("[data-answer]").count():
        pending.append(page.locator(".paper.open").count())
        asked = page.locator("#question").inner_text()
        answer = next(said for start, said in ANSWERS.items() if start in asked)
        page.get_by_role("button", name=answer, exact=False).first.click()
        expect(page.locator("#question")).not_to_have_text(asked)
    return pending


def count(page: Page) -> Locator:
    """Return the line that counts."""
    return page.locator(".count")


def open_a_company(page: Page) -> None:
    """Find the service, choose it, and answer what is asked."""
    page.goto("/desk")
    page.get_by_role("link", name="公司设立登记", exact=True).first.click()
    expect(count(page)).to_contain_text("还有 16 份待定")
    pending = answer_all(page)
    assert pending == sorted(pending, reverse=True)
    expect(page.locator("#question")).to_have_text("没有要问的了")
    expect(count(page)).to_contain_text(re.compile(r"法定 6 份.*需交 6 份", re.DOTALL))


def keep(page: Page) -> None:
    """Keep the list; the page of the kept list opens."""
    page.get_by_role("button", name="定下并留存").click()
    page.wait_for_url("**/desk/decisions/*")


def look_up_the_lease(page: Page) -> None:
    """Note that the register of leases confirms the lease."""
    register = page.locator(".registers li").filter(has_text="房屋租赁登记备案信息")
    register.get_by_role("button", name="一致", exact=True).click()
    expect(count(page)).to_contain_text("需交 5 份")


def check_the_kept_list(page: Page) -> None:
    sheet = page.locator(".sheet")
    expect(sheet.get_by_role("heading", level=1)).to_have_text("公司设立登记：材料清单")
    expect(sheet.locator(".ticks").first.locator("li")).to_have_count(5)
    spared = sheet.locator(".spared li")
    expect(spared).to_have_count(1)
    expect(spared).to_contain_text("租赁合同")
    expect(spared).to_contain_text("房屋租赁登记备案信息已核对一致")
    expect(spared.locator("cite")).to_contain_text("《政务数据共享条例》第十九条第一款")
    expect(sheet).to_contain_text("如果您不同意")
    digest = sheet.locator(".digest").inner_text().partition("sha256:")[2].upper()
    code = sheet.locator(".marks div").filter(has_text="校验码").locator("dd").inner_text()
    assert code.replace(" ", "") == digest[:8]


def test_a_company_is_set_up_the_list_shrinks_and_is_kept_to_be_printed(page: Page) -> None:
    open_a_company(page)
    look_up_the_lease(page)
    struck = page.locator(".rows.struck").first.locator(".paper")

    expect(struck.filter(has_text="租赁合同")).to_contain_text("不用带：房屋租赁登记备案信息")
    keep(page)
    check_the_kept_list(page)
    page.reload()
    check_the_kept_list(page)


def test_the_same_works_without_scripts(plain: Page) -> None:
    open_a_company(plain)
    look_up_the_lease(plain)
    keep(plain)

    check_the_kept_list(plain)


def test_a_page_that_is_loaded_again_keeps_the_answers(page: Page) -> None:
    page.goto("/desk/list?item=b.company_setup")
    page.get_by_role("button", name="有限责任公司").click()
    expect(page.locator(".answered")).to_contain_text("有限责任公司")
    page.reload()
    expect(page.locator(".answered")).to_contain_text("有限责任公司")
    page.goto("/desk")
    page.goto("/desk/list?item=b.company_setup")

    expect(count(page)).to_contain_text("还有 16 份待定")
    expect(page.locator(".answered")).to_have_count(0)


def test_back_from_the_kept_list_leads_to_the_answers(page: Page, plain: Page) -> None:
    for one in (page, plain):
        one.goto("/desk/list?item=b.company_setup")
        one.get_by_role("button", name="有限责任公司").click()
        expect(one.locator(".answered")).to_contain_text("有限责任公司")
        keep(one)
        one.go_back()
        expect(one.locator(".answered")).to_contain_text("有限责任公司")


def test_a_service_is_found_without_scripts(plain: Page) -> None:
    plain.goto("/desk")
    plain.get_by_label("查找事项").fill("结婚登记")
    plain.get_by_role("button", name="查找", exact=True).click()

    expect(plain.get_by_role("link", name="结婚登记（内地居民）").first).to_be_visible()
    expect(plain.get_by_role("link", name="公司设立登记", exact=True)).to_have_count(0)


def test_everything_is_reached_by_keys_alone(page: Page) -> None:
    page.add_init_script("window.print = () => { document.title = 'printed' }")
    page.goto("/desk")
    page.keyboard.press("/")
    page.keyboard.type("公司设立")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/list?item=b.company_setup")
    first = page.locator("#question").inner_text()
    page.keyboard.press("n")
    expect(page.locator("#question")).not_to_have_text(first)
    second = page.locator("#question").inner_text()
    page.keyboard.press("1")
    expect(page.locator("#question")).not_to_have_text(second)
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("p")

    expect(page).to_have_title("printed")
    page.get_by_role("button", name="定下并留存").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/decisions/*")


def test_the_first_stop_of_the_keyboard_skips_to_the_main_part(page: Page) -> None:
    page.goto("/desk")
    page.keyboard.press("Tab")

    expect(page.get_by_role("link", name="跳到主要内容")).to_be_focused()


def test_what_changes_is_said_to_those_who_do_not_see_it(page: Page) -> None:
    page.goto("/desk/list?item=b.company_setup")
    page.locator("[data-answer]").first.click()

    expect(page.get_by_role("status")).to_have_text("法定 3 份，需交 3 份，待定 13 份。")


def test_the_language_is_switched_and_the_answers_stay(page: Page) -> None:
    page.goto("/desk/list?item=b.company_setup")
    page.get_by_role("button", name="有限责任公司").click()
    expect(page.locator(".answered")).to_contain_text("有限责任公司")
    page.get_by_role("button", name="English").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".answered")).to_contain_text("form of the company")
    expect(page.locator(".answered")).to_contain_text("limited")
    expect(page.locator(".rows").first).to_contain_text("articles of association")
    expect(page.locator(".rows").first).to_contain_text("art. 16(1)(4)")
    page.goto("/desk")
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose services")


def test_on_a_phone_the_count_stays_on_top(phone: Page) -> None:
    phone.goto("/desk/list?item=b.company_setup")
    phone.evaluate("window.scrollTo(0, 2000)")

    box = phone.locator(".tally").bounding_box()
    assert phone.evaluate("window.scrollY") > 1500
    assert box is not None
    assert abs(box["y"]) <= 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_width_makes_anyone_scroll_sideways(page: Page, lang: str) -> None:
    """640 is a screen of 1280 at a zoom of 200 %, 320 one at 400 %."""
    for place in ("/desk?", "/desk/list?item=b.company_setup&item=f.adopt_give&"):
        page.goto(f"{place}lang={lang}")
        for width in (1440, 1024, 768, 640, 390, 320):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, place


def test_an_answer_is_taken_back_and_given_anew(page: Page) -> None:
    page.goto("/desk/list?item=b.company_setup")
    page.get_by_role("button", name="有限责任公司").click()
    page.locator(".answered").get_by_role("button", name="改").click()
    expect(page.locator("#question")).to_contain_text("要开办的是有限责任公司")
    page.get_by_role("button", name="募集设立").click()

    expect(page.locator(".answered")).to_contain_text("募集设立的股份有限公司")
    expect(page.locator("#paper-capital_verification")).to_contain_text("需提交")
    page.locator(".answered").get_by_role("button", name="撤回").click()
    expect(page.locator(".answered")).to_have_count(0)


def test_what_would_change_a_paper_is_found_when_somebody_wants_to_know(page: Page) -> None:
    page.goto("/desk/list?item=b.company_setup")
    page.locator("#more-lease summary").click()

    expect(page.locator("#more-lease")).to_contain_text(
        "如果「场所来源」改为「租赁」，这份材料就要交。"
    )


def test_a_wrong_number_is_shown_beside_its_field_with_the_cure(page: Page) -> None:
    page.goto("/desk/list?item=b.company_setup")
    page.get_by_label("身份证号码").fill("110105194912310021")
    page.get_by_role("button", name="更新清单").click()

    expect(page.locator(".whose .fault")).to_contain_text("请对照证件重新输入")
    expect(page.locator(".registers li").filter(has_text="查申请人").first).to_be_visible()
    expect(page.locator(".rows .paper").first).to_be_visible()
    assert "1949" not in page.url


def test_a_number_that_is_no_number_is_asked_for_again(page: Page) -> None:
    page.goto("/desk/list?item=b.company_setup")
    page.get_by_text("还会问").click()
    line = page.locator("#later li").filter(has_text="自批准之日起天数")
    line.get_by_role("button").click()
    page.locator("#typed").fill("九十")
    page.keyboard.press("Enter")

    expect(page.locator(".question .fault")).to_have_text("请填整数，例如 12。")
    page.locator("#typed").fill("95")
    page.keyboard.press("Enter")
    expect(page.locator(".answered")).to_contain_text("95 天")


def test_persons_in_roles_are_named_and_looked_up(page: Page) -> None:
    page.goto("/desk/list?item=f.divorce")
    page.get_by_role("button", name="加一位离婚的另一方").click()
    page.locator("input[name='person.0.number']").fill("11010519491231002X")
    page.get_by_role("button", name="更新清单").click()
    register = page.locator(".registers li").filter(has_text="离婚的另一方（第 1 位）")

    expect(register.first).to_be_visible()
    page.get_by_role("button", name="去掉").click()
    expect(register).to_have_count(0)


def test_a_paper_on_offer_is_promised_and_the_promise_taken_back(page: Page) -> None:
    page.goto("/desk/list?item=p.residence_permit")
    offer = page.get_by_role("button", name="先受理，以后补交").first
    offer.click()

    back = page.get_by_role("button", name="现在就交").first
    expect(back).to_have_attribute("aria-pressed", "true")
    back.click()
    expect(offer).to_be_visible()


def test_what_an_earlier_step_collected_is_not_asked_for_again(page: Page) -> None:
    page.goto("/desk/list?step=open_netcafe/prepare")
    charter = page.locator("#paper-charter")
    expect(charter).to_contain_text("需提交")
    charter.locator("summary").click()
    charter.get_by_role("button", name="「公司设立登记」环节已收").click()

    expect(charter).to_contain_text("不用带：「公司设立登记」环节已经收过")
    expect(page.locator(".rows.struck").first).to_contain_text("章程")


def test_several_services_are_chosen_and_one_is_taken_away(page: Page) -> None:
    page.goto("/desk")
    page.get_by_label("选择「公司设立登记」").check()
    page.get_by_label("选择「居住证申领」").check()
    page.get_by_role("button", name="看清单").click()
    expect(page.locator(".items li")).to_have_count(2)
    page.locator(".items li").first.get_by_role("button", name="去掉").click()
    expect(page.locator(".items li")).to_have_count(1)
    page.get_by_role("button", name="增减事项").click()

    expect(page.get_by_role("checkbox", checked=True)).to_have_count(1)


def test_every_field_and_button_has_a_name(page: Page) -> None:
    nameless = """() => [...document.querySelectorAll('select, button, input')]
        .filter(one => one.type !== 'hidden')
        .filter(one => !one.labels?.length && !one.getAttribute('aria-label')
            && !one.getAttribute('aria-labelledby') && !one.textContent.trim())
        .map(one => one.outerHTML)"""
    for place in ("/desk", "/desk/list?item=f.divorce"):
        page.goto(place)
        assert page.evaluate(nameless) == []
