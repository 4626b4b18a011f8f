"""What the desk refuses, and the headers that keep it safe."""

import re
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import APIResponse, Page, expect

pytestmark = pytest.mark.xdist_group("web")

PAGES = ["/desk", "/desk/list?item=b.company_setup", "/desk/decisions/none", "/nowhere"]


def posted(page: Page, place: str, **fields: str) -> APIResponse:
    """Send a form as a page of the desk would."""
    return page.request.post(place, form={**fields}, max_redirects=0)


def test_a_page_sent_twice_keeps_one_decision(page: Page) -> None:
    fields = {"item": "b.company_setup", "token": "sent-twice", "do": "update"}
    first = posted(page, "/desk/decisions", **fields)
    second = posted(page, "/desk/decisions", **fields)

    assert first.status == second.status == 303
    assert first.headers["location"] == second.headers["location"]


def test_answering_keeps_nothing(page: Page) -> None:
    page.goto("/desk/list?item=b.company_setup")
    fields = dict(parse_qsl("item=b.company_setup&do=answer|premises|rented"))
    again = [posted(page, "/desk/list", **fields).text() for _ in range(2)]

    token = re.compile(r'name="token" value="\w+"')
    assert token.sub("", again[0]) == token.sub("", again[1])


@pytest.mark.parametrize("place", PAGES)
def test_every_page_forbids_foreign_scripts_and_frames(page: Page, place: str) -> None:
    answer = page.request.get(place, headers={"accept": "text/html"})

    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script>", answer.text())


@pytest.mark.parametrize(
    ("place", "status", "words"),
    [
        ("/desk/decisions/20261123-0", 404, "没有编号为 20261123-0 的清单"),
        ("/nowhere", 404, "请检查网址"),
        ("/desk/list?item=no.such.item", 200, "没有这个事项，请重新选择。"),
        ("/desk/list?step=build/none", 200, "没有这个环节，请重新选择。"),
    ],
)
def test_an_error_says_what_to_do_next(page: Page, place: str, status: int, words: str) -> None:
    answer = page.request.get(place, headers={"accept": "text/html"})

    assert answer.status == status
    assert words in answer.text()
    assert "Traceback" not in answer.text()


@pytest.mark.parametrize(
    "fields",
    [
        {"item": "b.company_setup", "fact": "premises=palace"},
        {"item": "b.company_setup", "fact": "no_such_fact=1"},
        {"item": "b.company_setup", "fact": "approval_age_days=" + "9" * 400},
        {
            "item": "b.company_setup",
            "noted": "no-source|applicant|lease||found_match|2026-01-01",
        },
        {"item": "b.company_setup", "noted": "population|applicant|||certainly|2026-13-01"},
        {"item": "b.company_setup", "choice": "commitments|nobody:nothing"},
        {"item": "b.company_setup", "record": "licences||nothing"},
        {"item": "b.company_setup", "fact": "credit=spotless"},
        {"item": "b.company_setup", "law_day": "2999-01-01"},
        {"item": "b.company_setup", "law_day": "yesterday"},
        {"item": "b.company_setup", "person.0.role": "emperor"},
        {"item": "b.company_setup", "do": "flip|nothing"},
        {"item": "b.company_setup", "do": "ask|nothing"},
        {"item": "b.company_setup", "do": "note|population|applicant"},
        {"item": "b.company_setup", "number": "\ud83d\ude00" * 300},
    ],
)
def test_a_form_that_no_page_sent_still_gets_a_page(page: Page, fields: dict[str, str]) -> None:
    answer = posted(page, "/desk/list", **fields)

    assert answer.status == 200
    assert "公司设立登记" in answer.text()


def test_a_form_of_another_site_is_not_carried_out(page: Page) -> None:
    answer = page.request.post(
        "/desk/decisions",
        form={"item": "b.company_setup"},
        headers={"sec-fetch-site": "cross-site", "accept": "text/html"},
        max_redirects=0,
    )

    assert answer.status == 403
    assert "来自别的网站" in answer.text()


def test_what_is_too_large_is_refused(page: Page) -> None:
    answer = posted(page, "/desk/list", item="b.company_setup", q="x" * 1_100_000)

    assert answer.status == 413
    assert "内容太大" in answer.text()


def test_an_address_never_carries_a_number(page: Page) -> None:
    page.goto("/desk/list?item=f.divorce&number=11010519491231002X")
    expect(page.get_by_label("身份证号码")).to_have_value("")
    page.get_by_label("身份证号码").fill("11010519491231002X")
    page.get_by_role("button", name="定下并留存").click()
    page.wait_for_url("**/desk/decisions/*")

    assert "110105" not in page.url
    expect(page.locator(".sheet")).to_contain_text("尾号 002X")
    assert "11010519491231002X" not in page.content()
