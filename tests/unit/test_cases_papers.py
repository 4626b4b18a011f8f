"""Papers given out: a notice says everything at once and stays as it was given."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from tests.casework import CASES, Clerk, at_work

API = "/api/v1"
REPEATED = {"Idempotency-Key": "0123456789abcdef-1"}


@pytest.fixture(scope="module")
def clerks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Clerk]]:
    with at_work(tmp_path_factory.mktemp("papers")) as (_, everybody):
        yield everybody


@pytest.fixture
def clerk(clerks: dict[str, Clerk]) -> Clerk:
    return clerks["own"]


def given(clerk: Clerk, number: str, **headers: str) -> dict[str, Any]:
    answer = clerk.client.post(f"{CASES}/{number}/notices", headers=headers)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def sheet(clerk: Clerk, notice: str, lang: str = "zh") -> dict[str, Any]:
    found = clerk.client.get(f"{API}/notices/{notice}/sheet", params={"lang": lang})
    assert found.status_code == 200, found.text
    plain: dict[str, Any] = found.json()
    return plain


def names(plain: dict[str, Any]) -> list[str]:
    return [line["name"] for section in plain["sections"] for line in section["lines"]]


def test_a_notice_names_all_that_is_still_to_be_brought_with_its_basis(clerk: Clerk) -> None:
    number = clerk.open()["number"]
    notice = given(clerk, number)
    plain = sheet(clerk, notice["number"])

    assert notice["papers"] == ["lease", "spouse:id_card"]
    assert (notice["seq"], notice["added"]) == (1, [])
    assert names(plain)[:2] == ["租赁合同", "配偶：身份证"]
    assert all(line["basis"] for section in plain["sections"] for line in section["lines"])
    assert "甄*例" in str(plain["marks"])
    assert "甄示例" not in str(plain)


def test_a_notice_stays_as_it_was_given(clerk: Clerk) -> None:
    number = clerk.open()["number"]
    notice = given(clerk, number)["number"]
    before = sheet(clerk, notice)
    clerk.act(number, "answers", facts={"premises": "owned"})
    clerk.act(number, "received", paper="spouse:id_card", how="original")

    assert sheet(clerk, notice) == before


def test_a_second_notice_that_adds_a_paper_says_so_and_supervision_hears_of_it(
    clerk: Clerk,
) -> None:
    number = clerk.open(facts={"premises": "owned"})["number"]
    first = given(clerk, number)
    clerk.act(number, "answers", facts={"premises": "rented"})
    second = given(clerk, number)
    third = given(clerk, number)

    assert first["papers"] == ["spouse:id_card"]
    assert (second["seq"], second["added"]) == (2, ["lease"])
    assert third["added"] == []
    events = clerk.client.get(f"{CASES}/{number}/events").json()["events"]
    assert sum(one["event"]["kind"] == "notified" for one in events) == 3


def test_the_same_notice_asked_for_twice_is_given_once(clerk: Clerk) -> None:
    number = clerk.open()["number"]
    first, again = given(clerk, number, **REPEATED), given(clerk, number, **REPEATED)

    assert first == again
    assert len(clerk.see(number)["notices"]) == 1


def test_the_pdf_can_be_read_and_searched(clerk: Clerk) -> None:
    notice = given(clerk, clerk.open()["number"])
    printed = clerk.client.get(f"{API}/notices/{notice['number']}/pdf")
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(printed.content)).pages)

    assert printed.headers["content-type"] == "application/pdf"
    for word in (notice["number"], notice["code"], "租赁合同", "一次性告知书"):
        assert word in text.replace("\n", "").replace(" ", ""), word


def test_a_commitment_is_read_before_it_is_signed_and_only_where_the_law_offers_it(
    clerk: Clerk,
) -> None:
    number = clerk.open()["number"]
    clerk.act(number, "credit", credit={"severe": False, "false_commitment": False})
    text = clerk.client.get(f"{CASES}/{number}/commitments/lease/sheet").json()
    none = clerk.client.get(f"{CASES}/{number}/commitments/title/sheet")

    assert text["kind"] == "commitment"
    assert none.status_code == 404
    signed = clerk.act(number, "committed", paper="lease", signature="手写板")
    assert "lease" in signed["commitment"]


def test_an_acceptance_is_on_paper_only_once_it_has_happened(clerk: Clerk) -> None:
    number = clerk.open()["number"]
    address = f"{CASES}/{number}/acceptance/sheet"
    before = clerk.client.get(address)
    for paper in ("lease", "spouse:id_card"):
        clerk.act(number, "received", paper=paper, how="original")
    clerk.act(number, "accepted")

    assert before.status_code == 404
    assert names(clerk.client.get(address).json()) == ["租赁合同", "配偶：身份证"]


def test_papers_of_another_organs_case_are_nobody_elses(clerks: dict[str, Clerk]) -> None:
    number = clerks["own"].open()["number"]
    notice = given(clerks["own"], number)["number"]
    stranger = clerks["stranger"].client

    assert stranger.post(f"{CASES}/{number}/notices").status_code == 403
    for address in (
        f"{API}/notices/{notice}/sheet", f"{API}/notices/{notice}/pdf",
        f"{CASES}/{number}/commitments/lease/sheet", f"{CASES}/{number}/acceptance/sheet",
    ):  # fmt: skip
        assert stranger.get(address).status_code == 403, address
    assert clerks["auditor"].client.get(f"{API}/notices/{notice}/sheet").status_code == 403
    assert clerks["own"].client.get(f"{API}/notices/20200101-ABCDEF-1/sheet").status_code == 404


def test_an_ended_case_gives_no_notices(clerk: Clerk) -> None:
    number = clerk.open()["number"]
    clerk.act(number, "decided", result="withdrawn")

    refused = clerk.client.post(f"{CASES}/{number}/notices")
    assert refused.status_code == 422
    assert "ended" in refused.text


def test_an_address_that_cannot_be_read_is_a_page_for_people_and_a_problem_for_programs(
    clerk: Clerk,
) -> None:
    odd = {"number": "1", "code": "\0"}
    page = clerk.client.get("/verify", params=odd, headers={"Accept": "text/html"})
    program = clerk.client.get(f"{API}/notices/1", params={**odd, "code": "x" * 61})

    assert (page.status_code, program.status_code) == (422, 422)
    assert "<main" in page.text
    assert program.headers["content-type"] == "application/problem+json"
