"""The auditor's pages, as an auditor with a doubt uses them."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from audit.entry import Entry
from audit.tree import leaf_hash
from tests.installation import Client, Installation
from tests.web.conftest import opened

pytestmark = pytest.mark.xdist_group("web")

APPLICANT = "11010519491231002X"
IMAGES = Path(__file__).parents[2] / "docs" / "images"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Return a new installation."""
    return Installation(tmp_path_factory.mktemp("audited"))


@pytest.fixture(scope="module")
def client(installation: Installation) -> Iterator[Client]:
    """Serve an office with four decisions and a refusal."""
    with installation.served() as client:
        for day in ("2026-11-21", "2026-11-22", "2026-11-23"):
            client.decide(as_of=day, receipts=[])
        client.decide()
        client.http.post("/api/v1/decisions", json={"as_of": "2026-11-23"})
        yield client


@pytest.fixture
def page(browser: Browser, client: Client) -> Iterator[Page]:
    """Open a page on a wide screen."""
    yield from opened(browser, client.url, width=1440, height=900)


@pytest.fixture
def phone(browser: Browser, client: Client) -> Iterator[Page]:
    """Open a page on a phone."""
    yield from opened(browser, client.url, width=390, height=844)


@pytest.fixture
def plain(browser: Browser, client: Client) -> Iterator[Page]:
    """Open a page in a browser that runs no scripts."""
    yield from opened(browser, client.url, width=1440, height=900, scripts=False)


def open_the_newest(page: Page) -> None:
    page.goto("/audit/decisions")
    page.locator(".found a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("公司设立登记")


def test_the_overview_shows_the_standing_of_the_record_and_its_alarms(page: Page) -> None:
    page.goto("/audit")

    expect(page.get_by_role("alert")).to_contain_text("没有可信的见证人")
    expect(page.locator(".figures")).to_contain_text("见证人最后签字")
    expect(page.locator(".figures")).to_contain_text("从未")
    expect(page.get_by_role("img", name=re.compile("拒收：30 天共 1"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("决定：30 天共 4"))).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(1)


def test_decisions_are_found_and_the_search_has_an_address(plain: Page) -> None:
    plain.goto("/audit/decisions")
    expect(plain.locator(".found > li")).to_have_count(4)
    plain.get_by_label("减免理由").select_option(label="数据共享")
    plain.get_by_role("button", name="查找").click()

    expect(plain.locator(".found > li")).to_have_count(1)
    assert "ground=data_sharing" in plain.url
    plain.get_by_role("link", name="清空条件").click()
    plain.get_by_label("决定日期，从").fill("2026-11-22")
    plain.get_by_label("到", exact=True).fill("2026-11-22")
    plain.get_by_role("button", name="查找").click()
    expect(plain.locator(".found > li")).to_have_count(1)
    plain.goto("/audit/decisions?item=m.nothing")
    expect(plain.locator(".empty")).to_contain_text("没有符合条件的决定")


def test_a_decision_is_told_as_a_story_and_verified_without_scripts(plain: Page) -> None:
    open_the_newest(plain)
    titles = plain.locator("article section h2")

    expect(titles).to_have_text(
        [
            re.compile("申请了什么"), re.compile("查了什么"), re.compile("哪些规定"),
            re.compile("每份材料"), re.compile("清单"), re.compile("证明"),
        ]
    )  # fmt: skip
    expect(plain.locator(".registers .found_match")).to_contain_text("人口基础库")
    expect(plain.locator(".paper.removed")).to_contain_text(
        "《政务数据共享条例》第十九条第一款"
    )
    plain.get_by_role("button", name="现在核验").click()
    result = plain.locator(".result")
    expect(result.locator(".steps .good")).to_have_count(7)
    expect(result.locator(".steps .waiting")).to_contain_text("见证人见过同一棵树")
    plain.get_by_role("button", name="现在重新决定一次").click()
    expect(plain.locator(".result")).to_contain_text("每一个字节都相同")


def test_the_trail_of_an_applicant_is_found_and_the_number_is_in_no_address(
    page: Page, client: Client
) -> None:
    page.goto("/audit/applicant")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_label("身份证号码或者统一社会信用代码").fill(APPLICANT.lower())
    page.keyboard.press("Enter")

    expect(page.locator(".found > li")).to_have_count(4)
    expect(page.locator("h2.line")).to_contain_text("尾号 002X")
    assert APPLICANT not in page.content()
    assert [url for url in asked if APPLICANT.lower() in url.lower()] == []
    page.get_by_label("身份证号码或者统一社会信用代码").fill("110105194912310021")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("校验码不对")
    assert client.http.get("/audit/applicant").status_code == 200


def test_the_download_holds_decision_case_and_proof(page: Page) -> None:
    open_the_newest(page)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载决定、案情和证明").click()
    given = json.loads(Path(waiting.value.path()).read_text("utf-8"))
    entry = Entry.parse(given["proof"]["place"]["entry"].encode())

    assert waiting.value.suggested_filename == f"{given['proof']['number']}.json"
    assert leaf_hash(entry.encoded()).hex() == given["proof"]["leaf"]
    assert given["case"]["applicant"]["id"] == APPLICANT


def test_every_look_is_sealed_before_it_is_answered(page: Page, client: Client) -> None:
    client.decide()  # what was looked at before has its place by now
    before = client.size()
    page.goto("/audit")
    page.goto("/audit/decisions?item=b.company_setup")
    page.locator(".found a").first.click()
    page.get_by_role("button", name="现在核验").click()
    expect(page.locator(".result")).to_be_visible()
    client.decide()

    assert client.size() == before + 5


def test_a_person_who_was_looked_for_is_nowhere_on_the_disk(
    client: Client, installation: Installation
) -> None:
    client.http.post("/audit/applicant", content=f"person={APPLICANT}")
    client.http.post("/api/v1/audit/decisions/search", json={"person": APPLICANT})
    client.decide()

    files = [path for path in installation.folder.rglob("*") if path.is_file()]
    assert [path for path in files if APPLICANT.encode() in path.read_bytes()] == []


def test_an_english_auditor_reads_the_same_story(page: Page) -> None:
    open_the_newest(page)
    page.get_by_role("link", name="English").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#lookups")).to_contain_text("What was looked up, and what came back")
    expect(page.get_by_role("button", name="Decide again now")).to_be_visible()
    page.get_by_role("button", name="Verify now").click()
    expect(page.locator(".result")).to_contain_text("the promise is of this record")


def test_keys_alone_reach_every_check(page: Page) -> None:
    page.goto("/audit/decisions")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    open_the_newest(page)
    page.get_by_role("button", name="现在核验").focus()
    page.keyboard.press("Enter")

    expect(page.locator(".result")).to_be_visible()


@pytest.mark.parametrize("address", ["/audit", "/audit/decisions", "/audit/applicant", "story"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_is_wider_than_a_phone(phone: Page, address: str, lang: str) -> None:
    if address == "story":
        open_the_newest(phone)
        address = phone.url
    phone.goto(f"{address}?lang={lang}")

    wide = phone.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0


def test_a_story_prints_its_facts_papers_and_proof_without_buttons(page: Page) -> None:
    open_the_newest(page)
    page.emulate_media(media="print")

    expect(page.locator(".checks")).to_be_hidden()
    expect(page.locator(".audit-nav")).to_be_hidden()
    expect(page.locator(".stated")).to_be_visible()
    expect(page.locator(".proofs pre").first).to_be_visible()


def test_what_is_not_there_is_said_and_what_other_sites_send_is_refused(
    client: Client,
) -> None:
    browser = {"accept": "text/html"}
    missing = client.http.get("/audit/decisions/20260101-000000000000000", headers=browser)
    crossed = client.http.post(
        "/audit/applicant",
        content=f"person={APPLICANT}",
        headers=browser | {"sec-fetch-site": "cross-site"},
    )

    assert missing.status_code == 404
    assert "没有编号为 20260101-000000000000000 的清单" in missing.text
    assert crossed.status_code == 403
    assert APPLICANT not in crossed.text


def test_a_wrong_number_or_day_in_an_address_is_told_not_swallowed(client: Client) -> None:
    bad = client.http.get("/audit/decisions?number=4711&since=2026-13-01&page=x")

    assert bad.status_code == 200
    assert "编号的写法是日期" in bad.text
    assert "请从列出的里面选" in bad.text


def test_the_pages_are_photographed(page: Page) -> None:
    if not os.environ.get("JIANZHENG_SCREENSHOTS"):
        pytest.skip("only `make screenshots` takes pictures")
    open_the_newest(page)
    page.get_by_role("button", name="现在核验").click()
    page.screenshot(path=IMAGES / "audit-story.png")
    page.goto("/audit")
    page.screenshot(path=IMAGES / "audit-overview.png")


def test_rest_tells_the_same_as_the_pages(client: Client) -> None:
    http: httpx2.Client = client.http
    found = http.get("/api/v1/audit/decisions", params={"ground": "data_sharing"}).json()
    number = found["decisions"][0]["number"]
    base = f"/api/v1/audit/decisions/{number}"
    story = http.get(f"{base}/story", params={"lang": "en"}).json()

    assert found["total"] >= 1
    assert story["looked_up"][0]["source"] == "population library"
    assert APPLICANT not in json.dumps(story)
    assert http.post(f"{base}/verify").json()["good"] is True
    assert http.post(f"{base}/replay").json() == {"same": True, "differences": []}
    assert http.get(f"{base}/proof").json()["place"]["index"] >= 2
    assert http.get(f"{base}/bundle").json()["case"]["applicant"]["id"] == APPLICANT
    trail = http.post("/api/v1/audit/decisions/search", json={"person": APPLICANT})
    assert trail.json()["total"] >= 4


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/api/v1/audit/decisions/20260101-000000000000000/story", 404),
        ("GET", "/api/v1/audit/decisions/20260101-000000000000000/proof", 404),
        ("POST", "/api/v1/audit/decisions/20260101-000000000000000/verify", 404),
        ("POST", "/api/v1/audit/decisions/20260101-000000000000000/replay", 404),
        ("GET", "/api/v1/audit/decisions/4711/story", 422),
        ("GET", "/api/v1/audit/decisions?ground=because", 422),
        ("GET", "/api/v1/audit/decisions?page=0", 422),
        ("GET", "/api/v1/audit/decisions?unknown=1", 422),
        ("POST", "/api/v1/audit/decisions/search", 422),
        ("GET", f"/api/v1/log/proof/inclusion/{'0' * 64}", 404),
        ("GET", "/api/v1/log/proof/inclusion/00", 422),
        ("GET", "/api/v1/log/proof/consistency?old_size=9999", 404),
        ("GET", "/api/v1/log/proof/consistency?old_size=-1", 422),
        ("POST", "/api/v1/log/cosignatures", 400),
    ],
)
def test_every_refusal_is_a_problem_document(
    method: str, address: str, status: int, client: Client
) -> None:
    answer = client.http.request(method, address)

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
