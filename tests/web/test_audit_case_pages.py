"""The auditor's pages of cases, as an auditor with a doubt uses them; the same over REST."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from api.cases import event as happened
from api.cases.auditing.erasing import erase_case
from api.cases.papers.noticing import Noticing, Place
from api.cases.store import CaseStore
from api.opening import open_store
from api.record import Asker
from api.sandbox.cast import member
from api.settings import Settings
from tests.halls import AMR, hall
from tests.reception import Staffed, open_staffed, served
from tests.sandboxed import sandboxed
from tests.web.conftest import opened, signed_in

pytestmark = pytest.mark.xdist_group("web")

REST = "/api/v1/audit/cases"


@dataclass(frozen=True)
class Audited:
    """A served office with a worked and an erased case."""

    office: Staffed
    number: str
    erased: str
    path: Path

    def looks(self) -> list[str]:
        """Return what auditors looked at, as it was sealed, the oldest first."""
        with closing(sqlite3.connect(self.path)) as database:
            rows = database.execute(
                "SELECT encoded FROM log_entry WHERE kind = 'look' ORDER BY number"
            )
            return [json.loads(row[0])["body"]["what"] for row in rows.fetchall()]


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    folder = tmp_path_factory.mktemp("audited")
    with sandboxed() as sandbox, hall(folder, sandbox) as desk:
        numbers = []
        for _ in range(2):
            worked = desk.look_up(AMR, desk.company())
            paper = worked.decision["submit"][0]
            desk.act(AMR, worked.number, happened.Received(paper=paper, how="original"))
            Noticing(desk.office.desk).give(worked.number, AMR, Place("http://127.0.0.1/"))
            numbers.append(worked.number)
    open_staffed(folder).close()
    store = open_store(Settings.of(f"sqlite:///{folder / 'record.db'}"))
    erase_case(CaseStore(store), numbers[1], Asker(door="cli", why="erasure"))
    with served(store) as office:
        worked_on, erased = numbers
        yield Audited(office, worked_on, erased, folder / "record.db")


@pytest.fixture
def page(browser: Browser, audited: Audited) -> Iterator[Page]:
    for page in opened(browser, audited.office.address, width=1440, height=900):
        signed_in(page, audited.office, "auditor")
        yield page


@pytest.fixture
def plain(browser: Browser, audited: Audited) -> Iterator[Page]:
    address = audited.office.address
    for page in opened(browser, address, width=1440, height=900, scripts=False):
        signed_in(page, audited.office, "auditor")
        yield page


@pytest.fixture
def phone(browser: Browser, audited: Audited) -> Iterator[Page]:
    for page in opened(browser, audited.office.address, width=390, height=844):
        signed_in(page, audited.office, "auditor")
        yield page


def test_a_case_is_found_told_verified_and_decided_again_without_scripts(
    plain: Page, audited: Audited
) -> None:
    plain.goto("/audit")
    plain.get_by_role("link", name="查办件").click()
    expect(plain.locator(".found > li")).to_have_count(2)
    plain.get_by_label("办到哪里").select_option(label="资料已删除")
    plain.get_by_role("button", name="查找").click()
    expect(plain.locator(".found > li")).to_have_count(1)
    plain.get_by_role("link", name="清空条件").click()
    plain.get_by_label("办件编号").fill(audited.number)
    plain.get_by_role("button", name="查找").click()
    plain.locator(".found a").click()

    expect(plain.get_by_role("heading", level=1)).to_have_text("公司设立登记")
    expect(plain.locator(".happened > li").first).to_contain_text("开办件：公司设立登记")
    expect(plain.locator(".fates > li").first).to_be_visible()
    plain.get_by_role("button", name="现在核验").click()
    expect(plain.locator(".result .steps .good")).to_have_count(11)
    expect(plain.locator(".result .steps .bad")).to_have_count(0)
    plain.get_by_role("button", name="现在重新决定一次").click()
    expect(plain.locator(".result")).to_contain_text("每一个字节都相同")


def test_a_case_and_its_decisions_lead_to_each_other(page: Page, audited: Audited) -> None:
    page.goto(f"/audit/cases/{audited.number}")
    page.get_by_role("link", name=re.compile("同时密封的决定")).last.click()
    expect(page.get_by_role("heading", name="证明")).to_be_visible()
    page.get_by_role("link", name=audited.number).click()

    expect(page).to_have_url(re.compile(f"/audit/cases/{audited.number}$"))


def test_a_raw_answer_is_opened_on_demand_and_that_is_sealed(
    page: Page, audited: Audited
) -> None:
    page.goto(f"/audit/cases/{audited.number}")
    assert "requestId" not in page.content()
    page.locator(".happened summary").first.click()
    page.get_by_role("button", name="打开原始回答").first.click()

    expect(page.locator(".raw-answer pre")).to_contain_text("requestId")
    ref = re.search("[0-9a-f]{20}", page.locator("#raw-title").inner_text())
    assert ref is not None
    assert audited.looks()[-1] == f"raw {audited.number} {ref[0]}"


def test_an_applicant_s_trail_shows_cases_and_the_number_is_nowhere(
    page: Page, audited: Audited
) -> None:
    founder = member("founder").number
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    page.goto("/audit/applicant")
    page.get_by_label("身份证号码或者统一社会信用代码").fill(founder)
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("这位申请人的办件：1 个")
    expect(page.get_by_role("link", name="公司设立登记").last).to_have_attribute(
        "href", f"/audit/cases/{audited.number}"
    )
    page.goto("/audit/cases")
    page.get_by_label("身份证号码或者统一社会信用代码").fill(founder)
    page.get_by_role("button", name="查他的全部办件").click()

    expect(page.locator(".found > li")).to_have_count(1)
    assert [url for url in urls if founder in url] == []
    assert founder not in page.content()
    assert founder not in "".join(audited.looks())


def test_an_erased_case_shows_nobody_and_is_still_proved(page: Page, audited: Audited) -> None:
    page.goto(f"/audit/cases/{audited.erased}")
    expect(page.locator(".provisional")).to_contain_text("依法删除")
    expect(page.locator("main")).not_to_contain_text("甄")
    page.get_by_role("button", name="现在核验").click()

    expect(page.locator(".result .steps .bad")).to_have_count(0)
    expect(page.locator(".result .steps .gone")).to_have_count(6)
    expect(page.locator(".result")).to_contain_text("删除有记录")


def test_the_desk_no_longer_knows_an_erased_case(audited: Audited) -> None:
    with audited.office.client("clerk") as clerk:
        for path in (f"/cases/{audited.erased}", f"/cases/{audited.erased}/story"):
            answer = clerk.get(path, headers={"accept": "text/html"})
            assert answer.status_code == 404
            assert "个人资料已经依法删除" in answer.text
        assert audited.erased not in clerk.get("/queue").text
    with audited.office.program("clerk") as program:
        assert program.get(f"/api/v1/cases/{audited.erased}").status_code == 404
        listed = program.get("/api/v1/cases").json()["cases"]
        assert [one["number"] for one in listed] == [audited.number]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_phone_shows_a_case_without_scrolling_sideways(
    phone: Page, audited: Audited, lang: str
) -> None:
    for path in ("/audit/cases", f"/audit/cases/{audited.number}"):
        phone.goto(f"{path}?lang={lang}")
        phone.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")

        assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_is_no_case_says_so(audited: Audited) -> None:
    with audited.office.client("auditor") as client:
        for path in ("/audit/cases/none", "/audit/cases/20260101-AAAAAA"):
            answer = client.get(path, headers={"accept": "text/html"})
            assert answer.status_code == 404
            assert "没有编号为" in answer.text
        bad = client.get("/audit/cases", params={"number": "1", "status": "gone"})
        assert bad.status_code == 422


def test_everything_is_there_over_rest_and_each_look_is_sealed(audited: Audited) -> None:
    founder, number = member("founder").number, audited.number
    with audited.office.program("auditor") as auditor:
        found = auditor.get(REST, params={"organ": "dg-amr", "status": "receiving"}).json()
        person = auditor.post(f"{REST}/search", json={"person": founder}).json()
        story = auditor.get(f"{REST}/{number}/story", params={"lang": "en"}).json()
        verified = auditor.post(f"{REST}/{number}/verify").json()
        again = auditor.post(f"{REST}/{number}/replay").json()
        whole = auditor.get(f"{REST}/{number}/bundle")
        look = next(one["look"] for one in story["events"] if one["look"])
        raw = auditor.post(f"{REST}/{number}/receipts/{look['refs'][0]}")
        missing = [
            auditor.get(f"{REST}/20260101-AAAAAA/story").status_code,
            auditor.post(f"{REST}/{number}/receipts/{'0' * 20}").status_code,
        ]

    assert [one["number"] for one in found["cases"]] == [number]
    assert [one["number"] for one in person["cases"]] == [number]
    assert story["events"][0]["what"] == "case opened: Company registration"
    assert verified["good"]
    assert again["same"]
    assert whole.json()["number"] == number
    assert whole.headers["content-disposition"] == f'attachment; filename="{number}.json"'
    assert json.loads(raw.json()["answer"])["head"]["status"] == "200"
    assert missing == [404, 404]
    assert {
        "cases", "cases of an applicant", f"case {number}", f"verify {number}",
        f"replay {number}", f"download {number}", f"raw {number} {look['refs'][0]}",
    } <= {*audited.looks()}  # fmt: skip
