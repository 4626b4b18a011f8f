"""Endings over REST: a task, an alert, a false promise; each by whom it is for, each once."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.casework import CASES, Clerk, at_work
from tests.product import Json

API = "/api/v1"
KEY = "Idempotency-Key"
CLEAN = {"severe": False, "false_commitment": False}
FALSE = {"outcome": "false", "note": "出租人说没有租给他"}


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Clerk]]:
    with at_work(tmp_path_factory.mktemp("endings")) as (_, everybody):
        yield everybody


def promised(everybody: dict[str, Clerk]) -> tuple[str, str]:
    """Return the number of a case with a commitment, and its verification task."""
    own = everybody["own"]
    number = own.open(facts={"premises": "rented"})["number"]
    own.act(number, "credit", credit=CLEAN)
    own.act(number, "committed", paper="lease", signature="甄示例")
    tasks = own.client.get(f"{API}/tasks", params={"kind": "verification"}).json()["tasks"]
    (task,) = [one["id"] for one in tasks if one["number"] == number]
    return number, task


def alerted(everybody: dict[str, Clerk]) -> Json:
    """Return an alert of a paper that was taken beyond the list."""
    own = everybody["own"]
    number = own.open(facts={"premises": "owned"})["number"]
    own.act(number, "received", paper="lease", how="copy", beyond="要求")
    alerts = everybody["auditor"].client.get(f"{API}/alerts").json()["alerts"]
    (found,) = [one for one in alerts if one["number"] == number]
    return dict(found)


def posted(clerk: Clerk, path: str, body: Json, key: str = "") -> httpx2.Response:
    return clerk.client.post(f"{API}/{path}", json=body, headers={KEY: key} if key else {})


def test_a_task_that_is_ended_twice_under_one_key_ends_once_with_one_answer(
    everybody: dict[str, Clerk],
) -> None:
    own, (number, task) = everybody["own"], promised(everybody)
    sent = {"outcome": "true", "note": "电话核对"}

    first = posted(own, f"tasks/{task}", sent, "end-1")
    again = posted(own, f"tasks/{task}", sent, "end-1")
    other = posted(own, f"tasks/{task}", {**sent, "note": "上门核对"}, "end-1")
    unkeyed = posted(own, f"tasks/{task}", sent)

    assert first.status_code == 200, first.text
    assert first.json()["number"] == number
    assert (again.status_code, again.content) == (200, first.content)
    assert [one.status_code for one in (other, unkeyed)] == [422, 422]
    story = own.client.get(f"{CASES}/{number}/events").json()["events"]
    assert [one["event"]["kind"] for one in story].count("checked") == 1


def test_an_alert_is_closed_by_supervision_once(everybody: dict[str, Clerk]) -> None:
    auditor, alert = everybody["auditor"], alerted(everybody)
    there, sent = f"alerts/{alert['id']}", {"why": "corrected", "remark": "已退还"}

    denied = posted(everybody["own"], there, sent)
    mute = posted(auditor, there, {"why": "other"})
    first = posted(auditor, there, sent, "close-1")
    again = posted(auditor, there, sent, "close-1")
    late = posted(auditor, there, sent)

    assert [one.status_code for one in (denied, mute, late)] == [403, 422, 422]
    assert first.json() == {
        **alert,
        "state": "closed",
        "closed_by": "auditor",
        "closed_why": "corrected",
        "closed_at": first.json()["closed_at"],
    }
    assert (again.status_code, again.content) == (200, first.content)
    closed = auditor.client.get(f"{API}/alerts", params={"state": "closed"}).json()["alerts"]
    assert alert["id"] in [one["id"] for one in closed]


def test_a_false_promise_is_repaired_by_who_keeps_credit_once(
    everybody: dict[str, Clerk],
) -> None:
    legal, (number, task) = everybody["legal"], promised(everybody)
    posted(everybody["own"], f"tasks/{task}", FALSE)
    listed = legal.client.get(f"{API}/credit").json()["false_promises"]
    (note,) = [one["note"] for one in listed if one["number"] == number]
    there, sent = f"credit/{note}/repair", {"why": "已补正"}

    denied = posted(everybody["own"], there, sent)
    first = posted(legal, there, sent, "repair-1")
    again = posted(legal, there, sent, "repair-1")
    late = posted(legal, there, sent)

    assert [one.status_code for one in (denied, late)] == [403, 422]
    assert first.json()["repaired_at"] is not None
    assert (again.status_code, again.content) == (200, first.content)
    after = legal.client.get(f"{API}/credit").json()["false_promises"]
    assert [one["repaired_at"] is not None for one in after if one["note"] == note] == [True]


def test_what_is_not_there_and_what_cannot_be_read_is_said(
    everybody: dict[str, Clerk],
) -> None:
    own, auditor, nothing = everybody["own"], everybody["auditor"], "0" * 24

    gone = posted(own, f"tasks/{nothing}", FALSE)
    unread = posted(auditor, f"alerts/{nothing}", {"why": "because", "note": "x"})
    strange = posted(auditor, f"alerts/{nothing}", {"why": "explained"}, "a b")

    assert gone.status_code == 404
    assert {one["where"] for one in unread.json()["errors"]} == {"why", "note"}
    assert (unread.status_code, strange.status_code) == (422, 400)
