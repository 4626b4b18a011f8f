"""Supervision in a browser: what is asked too much is seen, judged, counted; what is public."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from api.accounts.book import AccountBook, Draft
from api.accounts.permission import Role
from api.cases.event import Answered, Committed, CreditStated, Received
from api.cases.papers.noticing import Noticing, Place
from api.opening import open_store
from api.settings import Settings
from evaluator.case import Credit
from tests.reception import BY, PASSWORD, Staffed, served
from tests.supervising import CLERK, PERSON, supervised


@pytest.fixture(scope="module")
def office(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Staffed, dict[str, str]]]:
    """Serve an office where a clerk asked too much; yield it with what there is to find."""
    folder: Path = tmp_path_factory.mktemp("supervised")
    found: dict[str, str] = {}
    with supervised(folder) as here:
        number = here.open("s.legal_aid").number
        beyond = Received(paper="household_register", how="copy", beyond="=HYPERLINK(1)")
        here.act(number, beyond)
        here.down(number, population=("id_card", "identity"))
        _, given = Noticing(here.desk).give(number, CLERK, Place("/verify"))
        second = here.open("s.unemp_register").number
        here.act(second, Answered(facts={"had_employer": True}))
        here.act(second, CreditStated(credit=Credit(severe=False, false_commitment=False)))
        here.act(second, Committed(paper="termination_proof", signature="手写"))
        found |= {"number": number, "notice": given.number, "code": given.code}
        book = AccountBook(here.office.store)
        for role, organ in ((Role.CLERK, "dg-psb"), (Role.AUDITOR, ""), (Role.LEGAL, "")):
            draft = Draft(role, f"{role} 示例", role, organ, "窗口", "0769-1")
            book.new(draft, PASSWORD, BY)
        other = Draft("other", "别的部门", Role.AUDITOR, "dg-amr", "", "")
        book.new(other, PASSWORD, BY)
    store = open_store(Settings.of(f"sqlite:///{folder / 'record.db'}"))
    with served(store) as staffed:
        yield staffed, found


def opened(browser: Browser, office: Staffed, login: str = "") -> Page:
    context = browser.new_context(base_url=office.address, locale="zh-CN")
    context.set_default_timeout(20_000)
    if login:
        secret, _ = office.session(login)
        context.add_cookies([{"name": "session", "value": secret, "url": office.address}])
    return context.new_page()


def test_an_alert_is_read_judged_and_closed_by_keyboard_alone(
    browser: Browser, office: tuple[Staffed, dict[str, str]]
) -> None:
    staffed, found = office
    page = opened(browser, staffed, "auditor")

    page.goto("/supervision?kind=beyond_list")
    page.get_by_role("link", name="收了清单上没有的“户口簿”").press("Enter")
    expect(page.get_by_text("=HYPERLINK(1)")).to_be_visible()
    expect(page.get_by_text("171 需提供办事指南之外的申报材料")).to_be_visible()
    expect(page.get_by_text(found["number"])).to_be_visible()
    page.get_by_label("已经纠正").press("Space")
    page.get_by_label("说明").fill("已退还")
    page.get_by_role("button", name="办结").press("Enter")

    expect(page.get_by_role("heading", name="已办结")).to_be_visible()
    expect(page.get_by_text("已退还")).to_be_visible()
    expect(page.get_by_text("auditor 示例（auditor）", exact=True)).to_be_visible()


def test_a_clerk_of_the_registry_s_organ_ends_the_check(
    browser: Browser, office: tuple[Staffed, dict[str, str]]
) -> None:
    page = opened(browser, office[0], "clerk")

    page.goto("/tasks")
    page.get_by_text("登记核验结果").click()
    page.get_by_label("核验属实").check()
    page.get_by_label("怎样核验的").fill("电话核对")
    page.get_by_role("button", name="存入结果").click()

    expect(page.get_by_role("status").filter(has_text="办结了")).to_be_visible()
    page.goto("/tasks?state=done")
    expect(page.get_by_text("核验属实")).to_be_visible()


def test_another_organ_sees_nothing_of_it(office: tuple[Staffed, dict[str, str]]) -> None:
    with office[0].client("other") as client, office[0].program("other") as program:
        page = client.get("/supervision?state=all").text
        told = program.get("/api/v1/alerts").json()

    assert "0 条提醒" in page
    assert told == {"alerts": []}


def test_a_clerk_may_not_supervise(office: tuple[Staffed, dict[str, str]]) -> None:
    with office[0].client("clerk") as client:
        statuses = {
            client.get(path).status_code
            for path in (
                "/supervision",
                "/supervision/figures",
                "/supervision/alerts.csv",
                "/credit",
            )
        }

    assert statuses == {403}


def test_anybody_checks_a_notice_and_learns_nothing_personal(
    browser: Browser, office: tuple[Staffed, dict[str, str]]
) -> None:
    staffed, found = office
    page = opened(browser, staffed)

    page.goto(f"/verify?number={found['notice']}&code={found['code'].lower()}")
    expect(page.get_by_role("heading", name="是本系统发出的告知书")).to_be_visible()
    content = page.content()
    assert "欧**娜" in content
    assert PERSON not in content
    assert "欧阳" not in content
    page.goto(f"/verify?number={found['notice']}&code=AAAAAAAA")
    expect(page.get_by_role("heading", name="没有这份告知书")).to_be_visible()


def test_published_commitments_are_masked(
    browser: Browser, office: tuple[Staffed, dict[str, str]]
) -> None:
    page = opened(browser, office[0])

    page.goto("/login")
    page.get_by_role("link", name="承诺公示").click()

    expect(page.get_by_role("cell", name="欧**娜")).to_be_visible()
    expect(page.get_by_text("待核查")).to_be_visible()


def test_figures_come_as_page_sheet_and_json(office: tuple[Staffed, dict[str, str]]) -> None:
    period = "since=2026-11-01&until=2026-11-30"
    with office[0].client("auditor") as client:
        page = client.get(f"/supervision/figures?{period}").text
        sheet = client.get(f"/supervision/figures.csv?{period}&lang=en").content
    with office[0].program("auditor") as program:
        told = program.get(f"/api/v1/figures?{period}").json()

    assert "口径" in page
    assert sheet.decode("utf-8-sig").startswith('"Group","Promise"')
    figures = {one["key"]: one for one in told["figures"]}
    assert told["cases"] == 2
    assert (figures["made"]["numerator"], figures["published"]["denominator"]) == (1, 1)
    assert json.dumps(told)


def test_guessing_codes_is_slowed_down(office: tuple[Staffed, dict[str, str]]) -> None:
    staffed, found = office
    with staffed.visitor() as client:
        path = f"/api/v1/notices/{found['notice']}"
        statuses = [client.get(path, params={"code": f"C{n}"}).status_code for n in range(40)]
        last = client.get(path, params={"code": "X"})

    assert statuses[0] == 404
    assert statuses[-1] == last.status_code == 429
    assert int(last.headers["retry-after"]) > 0
