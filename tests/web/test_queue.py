"""The pages around a case: the queue, the opening of a case, hand-over, persons, projects."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlmodel import col

from api.accounts.book import AccountBook, Draft
from api.accounts.permission import Role, Who
from api.cases import event as happened
from api.cases.event import Event, Named, NamedParty
from api.cases.table import CasePerson
from api.cases.working import Act, Desk, Worked
from tests.reception import BY, PASSWORD, Staffed, open_staffed, served
from tests.web.conftest import opened

pytestmark = pytest.mark.xdist_group("web")

WEI, WEI_NUMBER = "魏示例", "11010519491231002X"
LIN, LIN_NUMBER = "林示例", "110105194912310038"
BUILDER, BUILDER_CODE = "沙盒置业有限公司", "91990000MA000Y6G9F"
COMPANY = Who("company", "康示例", Role.CLERK, "dg-amr", "企业登记窗口")
LAND = Who("land", "梁示例", Role.CLERK, "dg-nr", "自然资源窗口")
FILING = Who("filing", "费示例", Role.CLERK, "dg-drb", "项目备案窗口")
ANSWERS = {
    "company_form": "limited",
    "company_founders": "natural",
    "institution_founders": False,
    "premises": "rented",
}

SignIn = Callable[..., Page]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staffed]:
    """Serve a new office with clerks of three organs."""
    store = open_staffed(tmp_path_factory.mktemp("queue"), ())
    book = AccountBook(store)
    for one in (COMPANY, LAND, FILING):
        draft = Draft(one.login, one.name, Role.CLERK, one.organ, one.office)
        book.new(draft, PASSWORD, BY)
    with served(store) as office:
        yield office


@pytest.fixture
def desk(office: Staffed) -> Desk:
    """Return the desk of the office, to have cases there before."""
    found: Desk = office.app.state.hall.desk
    return found


@pytest.fixture
def sign_in(browser: Browser, office: Staffed) -> Iterator[SignIn]:
    """Open pages for clerks who have signed in."""
    begun = []

    def enter(login: str, *, width: int = 1440, scripts: bool = True) -> Page:
        pages = opened(browser, office.address, width=width, height=900, scripts=scripts)
        page = next(pages)
        begun.append(pages)
        secret, _ = office.session(login)
        page.context.add_cookies([{"name": "session", "value": secret, "url": office.address}])
        return page

    yield enter
    for pages in begun:
        next(pages, None)


def a_case(desk: Desk, who: Who, number: str, *events: Event, **opening: object) -> Worked:
    """Open a case for a person, and let events happen in it."""
    names = {WEI_NUMBER: WEI, LIN_NUMBER: LIN, BUILDER_CODE: BUILDER}
    kind = "legal" if number == BUILDER_CODE else "natural"
    applicant = Named(kind=kind, id=number, name=names[number])  # type: ignore[arg-type] # as above
    opening = opening or {"items": ("b.company_setup",)}
    event = happened.Opened.model_validate({"applicant": applicant.model_dump(), **opening})
    worked = desk.open(event, who)
    return desk.act(worked.number, who, Act(events)) if events else worked


def pick(page: Page, service: str) -> None:
    """Find a service and choose it; the page is asked again."""
    page.locator("#q").fill(service)
    page.get_by_role("button", name="找", exact=True).click()
    page.get_by_role("checkbox", name=service, exact=True).check()


def enter_person(page: Page, number: str, name: str) -> None:
    page.locator("#number").fill(number)
    page.locator("#name").fill(name)


def open_it(page: Page) -> str:
    """Open the case, and return its number."""
    page.get_by_role("button", name="开办，并开始查询").click()
    page.wait_for_url(re.compile(r"/cases/\d{8}-[0-9A-Z]{6}$"))
    return page.url.rpartition("/")[2]


def test_a_clerk_begins_at_the_queue_and_an_empty_one_says_how_cases_get_there(
    sign_in: SignIn,
) -> None:
    page = sign_in("filing")
    page.goto("/")

    expect(page).to_have_url(re.compile("/queue$"))
    expect(page.locator(".empty")).to_contain_text("您现在没有待办")


def test_a_case_is_opened_by_number_and_service_and_stands_in_the_queue(
    sign_in: SignIn,
) -> None:
    page = sign_in("company")
    page.goto("/queue")
    page.keyboard.press("c")
    page.wait_for_url("**/cases/new")
    enter_person(page, " 110105 19491231 002x ", WEI)
    pick(page, "公司设立登记")
    expect(page.locator(".chosen")).to_contain_text("公司设立登记")
    expect(page.locator(".tell")).to_contain_text("可能查询：")
    number = open_it(page)
    page.goto("/queue")
    row = page.locator(".cases tbody tr").filter(has_text=number)

    expect(row).to_contain_text(WEI)
    expect(row).to_contain_text("收件")
    expect(row).to_contain_text("康示例")
    page.keyboard.press("j")
    expect(page.locator("tr.chosen-row a.services")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/2*")


def test_a_wrong_check_character_is_told_with_its_cure_and_nothing_is_opened(
    sign_in: SignIn, desk: Desk
) -> None:
    page = sign_in("company")
    page.goto("/cases/new?item=b.company_setup")
    enter_person(page, "110105194912310021", WEI)
    page.get_by_role("button", name="开办，并开始查询").click()
    said = page.locator("#number-fault")

    expect(said).to_contain_text("校验码不对")
    expect(said).to_contain_text("请对照证件逐位核对")
    expect(page.locator("#number")).to_have_value("110105194912310021")
    expect(page.locator("#number")).to_have_attribute("aria-invalid", "true")
    token = desk.cases.token("110105194912310021")
    query = select(CasePerson).where(col(CasePerson.token) == token)
    assert desk.cases.rows(query, CasePerson) == []


def test_the_same_page_sent_twice_opens_one_case(office: Staffed, desk: Desk) -> None:
    form = {
        "token": "t" * 24,
        "kind": "natural",
        "number": LIN_NUMBER,
        "name": LIN,
        "item": "b.company_setup",
    }
    with office.client("company") as client:
        there = [client.post("/cases", data=form).headers["location"] for _ in range(2)]

    assert there[0] == there[1]
    desk.see(there[0].rpartition("/")[2], COMPANY)


def test_the_same_once_more_takes_over_what_the_applicant_confirms(
    sign_in: SignIn, desk: Desk
) -> None:
    partner = NamedParty(role="founder", kind="natural", id=LIN_NUMBER, name=LIN)
    earlier = a_case(
        desk,
        COMPANY,
        WEI_NUMBER,
        happened.Answered(facts=ANSWERS),
        happened.Joined(party=partner),
    )
    page = sign_in("company")
    page.goto("/cases/new")
    page.locator("#number").fill(WEI_NUMBER)
    page.locator("#number ~ button").click()
    expect(page.locator("#name")).to_have_value(WEI)
    page.get_by_role("button", name=f"照 {earlier.number} 再办一件").click()
    expect(page.locator(".ticking input:checked")).to_have_count(0)
    page.get_by_role("button", name="申请人确认全部不变").click()
    expect(page.locator(".ticking input:not(:checked)")).to_have_count(0)
    file = desk.see(open_it(page), COMPANY).file

    assert dict(file.facts) == ANSWERS
    assert set(file.origins.values()) == {"history"}
    assert [one.id for one in file.parties] == [LIN_NUMBER]
    assert file.opened.cloned_from == earlier.number


def test_an_earlier_answer_is_used_only_where_it_is_ticked(sign_in: SignIn, desk: Desk) -> None:
    a_case(desk, COMPANY, LIN_NUMBER, happened.Answered(facts=ANSWERS))
    page = sign_in("company")
    page.goto("/cases/new?item=b.company_setup")
    page.locator("#number").fill(LIN_NUMBER)
    page.locator("#number ~ button").click()
    page.locator(".ticking li").filter(has_text="有限责任公司").locator("input").check()
    file = desk.see(open_it(page), COMPANY).file

    assert dict(file.facts) == {"company_form": "limited"}


def test_the_search_finds_a_case_and_a_person_and_no_number_comes_into_an_address(
    sign_in: SignIn, desk: Desk
) -> None:
    number = a_case(desk, COMPANY, WEI_NUMBER).number
    page = sign_in("company")
    visited: list[str] = []
    page.on("request", lambda request: visited.append(request.url))
    page.goto("/queue")
    page.keyboard.press("/")
    page.keyboard.type(number)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{number}")
    page.goto("/queue")
    page.locator("#q").fill(WEI_NUMBER.lower())
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/*")

    expect(page.get_by_role("heading", level=1)).to_contain_text(WEI)
    expect(page.locator(".cases").first).to_contain_text(number)
    expect(page.locator("main")).not_to_contain_text(WEI_NUMBER)
    assert not [url for url in visited if WEI_NUMBER[:17] in url]


def test_somebody_unknown_leads_to_a_new_case_with_the_number_entered(sign_in: SignIn) -> None:
    page = sign_in("company")
    page.goto("/queue")
    page.locator("#q").fill("91990000MA000Y6G9E")
    page.keyboard.press("Enter")
    expect(page.locator(".fault")).to_contain_text("统一社会信用代码的校验码不对")
    page.locator("#q").fill("E12345678")
    page.keyboard.press("Enter")

    expect(page.locator(".done")).to_contain_text("没有查到这个号码")
    expect(page.locator("#number")).to_have_value("E12345678")


def test_a_case_is_handed_over_with_its_list_and_is_new_in_the_queue_of_the_others(
    sign_in: SignIn, desk: Desk
) -> None:
    before = a_case(desk, COMPANY, WEI_NUMBER, happened.Answered(facts=ANSWERS))
    giver, taker = sign_in("company"), sign_in("land")
    giver.goto("/queue")
    giver.get_by_role("link", name=f"移交 {before.number}").click()
    giver.locator("#to").select_option(label="自然资源窗口（谁接都可以）")
    giver.locator("#why").fill("用地部分由贵窗口接着办")
    giver.get_by_role("button", name="移交", exact=True).click()
    expect(giver.locator(".done")).to_contain_text("材料清单不变")
    taker.goto("/queue?scope=unclaimed")
    row = taker.locator(".cases tbody tr").filter(has_text=before.number)
    expect(row).to_contain_text("新移交")
    taker.get_by_role("button", name=f"我来办 {before.number}").click()
    expect(taker.locator(".done")).to_contain_text("现在由您办理")
    after = desk.see(before.number, LAND)

    assert after.file.handler == "land"
    assert after.decision == before.decision
    assert [one.event.kind for one in desk.cases.happened(before.number)][-2:] == [
        "handed_over",
        "handed_over",
    ]
    giver.goto("/queue")
    expect(giver.locator("main")).not_to_contain_text(before.number)


def test_of_other_organs_cases_only_number_service_status_and_office_are_shown(
    sign_in: SignIn, desk: Desk
) -> None:
    theirs = a_case(desk, LAND, BUILDER_CODE, items=("c.landplan_grant",))
    a_case(desk, COMPANY, BUILDER_CODE, items=("b.company_setup",))
    page = sign_in("company")
    page.goto("/queue")
    page.locator("#q").fill(BUILDER_CODE)
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/*")
    row = page.locator(".cases tbody tr").filter(has_text=theirs.number)

    expect(row).to_contain_text("建设用地规划许可证（出让）")
    expect(row).to_contain_text("自然资源窗口")
    expect(row).not_to_contain_text("梁示例")
    expect(row.locator("a")).to_have_count(0)


def test_a_project_runs_through_two_offices(sign_in: SignIn, desk: Desk) -> None:
    first = a_case(desk, FILING, BUILDER_CODE, process="build", step="filing")
    page = sign_in("filing")
    page.goto(f"/projects/{first.number}")
    expect(page.locator("#step-filing")).to_contain_text(first.number)
    expect(page.locator("#step-landplan")).to_contain_text("这一步在东莞市自然资源局开办")
    expect(page.locator("#step-permit")).to_contain_text("现在看要交")
    land = sign_in("land")
    land.goto("/cases/new")
    land.get_by_label("法人或者其他组织").check()
    land.locator("#number").fill(BUILDER_CODE)
    land.locator("#number ~ button").click()
    land.get_by_role("button", name="选「建设用地规划许可证（出让）」").first.click()
    expect(land.locator(".chosen")).to_contain_text(f"属于项目 {first.number}")
    land.locator("#name").fill(BUILDER)
    second = open_it(land)
    land.goto(f"/projects/{first.number}")

    expect(land.locator("#step-landplan")).to_contain_text(second)
    expect(land.locator("#step-filing")).to_contain_text("项目备案窗口")
    assert desk.see(second, LAND).file.opened.project == first.number


def test_everything_works_without_scripts(sign_in: SignIn, desk: Desk) -> None:
    page = sign_in("company", scripts=False)
    page.goto("/cases/new")
    enter_person(page, WEI_NUMBER, WEI)
    pick(page, "公司设立登记")
    number = open_it(page)
    page.goto("/queue")
    page.get_by_role("link", name=f"移交 {number}").click()
    page.locator("#to").select_option(label="自然资源窗口（谁接都可以）")
    page.locator("#why").fill("换窗口")
    page.get_by_role("button", name="移交", exact=True).click()

    expect(page.locator(".done")).to_contain_text(number)
    assert desk.cases.head(number).office == "自然资源窗口"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_page_is_wider_than_a_phone(sign_in: SignIn, desk: Desk, lang: str) -> None:
    number = a_case(desk, FILING, BUILDER_CODE, process="build", step="filing").number
    phone = sign_in("filing", width=390)
    token = desk.cases.token(BUILDER_CODE).hex()
    for path in (
        "/queue",
        "/queue?scope=ended&status=granted",
        "/cases/new?item=c.project_file",
        "/processes",
        "/processes/build",
        f"/projects/{number}",
        f"/people/{token}",
        f"/cases/{number}/hand-over",
    ):
        phone.goto(f"{path}{'&' if '?' in path else '?'}lang={lang}")
        wide = phone.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, path


def test_a_paper_that_was_handed_in_is_on_file_with_its_trust_when_the_person_comes_again(
    sign_in: SignIn, desk: Desk
) -> None:
    worked = a_case(desk, COMPANY, LIN_NUMBER, happened.Answered(facts=ANSWERS))
    paper = next(one for one in worked.decision["submit"] if ":" not in one)
    name = worked.pack.catalogue.materials[paper].name
    desk.act(worked.number, COMPANY, Act((happened.Received(paper=paper, how="original"),)))
    page = sign_in("company")
    page.goto("/cases/new")
    page.locator("#number").fill(LIN_NUMBER)
    page.locator("#number ~ button").click()
    known = page.locator(".on-file .known li").filter(has_text=name)
    expect(known).to_contain_text(re.compile("[BD] 级"))
    expect(known).to_contain_text("长期有效")
    page.get_by_role("link", name="看全部").click()

    expect(page.locator(".plain tbody tr").filter(has_text=name)).to_contain_text(worked.number)


def test_a_case_that_somebody_else_has_taken_meanwhile_is_not_taken_away(
    office: Staffed, desk: Desk
) -> None:
    number = a_case(desk, COMPANY, WEI_NUMBER).number
    there = happened.HandedOver(organ="dg-amr", office="企业登记窗口", handler="lin")
    desk.act(number, COMPANY, Act((there,)))
    with office.client("company") as client:
        client.headers["accept"] = "text/html"
        answer = client.post(f"/cases/{number}/take-over", data={"was": ""})

    assert answer.status_code == 409
    assert "刚才另一个人改动了这个办件" in answer.text
    assert desk.cases.head(number).handler == "lin"
