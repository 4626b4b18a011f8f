"""REST on a real server: decisions kept, faults as problem documents, releases by their day."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from evaluator.checker import verify
from tests.bad_cases import HUGE, UNREADABLE, UNSOUND
from tests.product import Json
from tests.serving import release, served
from tests.small_pack import sound_case, sound_pack, write

JSON = {"content-type": "application/json"}
BAD = UNREADABLE | UNSOUND


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database where the small pack is in force, and from 2026-06-01 a kinder one."""
    folder = tmp_path_factory.mktemp("rest")
    release(write(sound_pack(), folder / "first"), "2020-01-01", folder / "record.db")
    kinder = sound_pack()
    kinder["requirements"] = [
        rule | ({"accepts": [["title"], ["lease"]]} if rule["id"] == "setup/right" else {})
        for rule in kinder["requirements"]
        if rule["id"] != "setup/identity"
    ]
    kinder["cases"] = []
    release(write(kinder, folder / "second"), "2026-06-01", folder / "record.db")
    return folder / "record.db"


@pytest.fixture(scope="module")
def client(database: Path) -> Iterator[httpx2.Client]:
    with served(database) as address, httpx2.Client(base_url=address, timeout=60) as client:
        yield client


def post(client: httpx2.Client, body: bytes) -> httpx2.Response:
    return client.post("/api/v1/decisions", content=body, headers=JSON)


def kept(database: Path) -> int:
    """Return how many decisions the database holds."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        (number,) = connection.execute("SELECT count(*) FROM decision").fetchone()
    return int(number)


def case_of(**keys: Any) -> bytes:
    """Return a case that both releases know, with some keys changed."""
    case = sound_case()
    del case["law_day"]
    case |= {"parties": [], "commitments": [], "promised_later": [], "history": []}
    return orjson.dumps(case | {"facts": {"premises": "rented"}} | keys)


def test_a_case_is_decided_kept_and_read_back_byte_for_byte(
    client: httpx2.Client, database: Path
) -> None:
    before = kept(database)
    answer = post(client, case_of())

    assert answer.status_code == 201
    made: Json = answer.json()
    assert made["decision"]["submit"] == ["lease"]
    assert verify(made["decision"]["submit"], made["decision"]["witness"]) == []
    assert made["receipt"]["digest"].startswith("sha256:")
    assert client.get(answer.headers["location"]).content == answer.content
    assert kept(database) == before + 1


@pytest.mark.parametrize("name", BAD)
def test_a_bad_case_is_a_problem_document_and_nothing_is_kept(
    client: httpx2.Client, database: Path, name: str
) -> None:
    text, word = BAD[name]
    before = kept(database)
    answer = post(client, text)

    problem = answer.json()
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == answer.status_code
    assert word in orjson.dumps(problem, option=orjson.OPT_INDENT_2).decode()
    assert "Traceback" not in answer.text
    assert kept(database) == before


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_body_is_refused_before_it_is_read_to_its_end(
    client: httpx2.Client, database: Path, name: str
) -> None:
    before = kept(database)
    answer = post(client, HUGE[name]())

    assert answer.status_code == 413
    assert len(answer.content) < 5000
    assert kept(database) == before


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", ""])
def test_a_body_that_is_not_sent_as_json_is_refused(client: httpx2.Client, kind: str) -> None:
    headers = {"content-type": kind} if kind else {}
    answer = client.post("/api/v1/decisions", content=case_of(), headers=headers)

    assert answer.status_code == 415


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_another_method_is_refused(client: httpx2.Client, method: str) -> None:
    answer = client.request(method, "/api/v1/decisions")

    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("number", ["nothing", "%00", "../../etc/passwd", "'--", "x" * 3000])
def test_a_decision_that_was_never_made_is_not_found(
    client: httpx2.Client, number: str
) -> None:
    answer = client.get(f"/api/v1/decisions/{number}")

    assert answer.status_code == 404
    assert "Traceback" not in answer.text


def test_each_day_is_decided_by_the_release_of_its_day(client: httpx2.Client) -> None:
    days = ["2026-05-31", "2026-06-01"]
    decisions = [post(client, case_of(as_of=day)).json()["decision"] for day in days]

    assert decisions[0]["ruleset"] != decisions[1]["ruleset"]
    assert [len(one["entries"]) for one in decisions] == [2, 1]


def test_a_day_before_any_release_is_refused(client: httpx2.Client) -> None:
    answer = post(client, case_of(as_of="2019-12-31"))

    assert answer.status_code == 422
    assert "no pack is in force" in answer.text


def test_many_clerks_at_once_get_what_each_would_get_alone(client: httpx2.Client) -> None:
    cases = [case_of(facts={"premises": one}) for one in ("rented", "owned") * 8]
    alone = [post(client, case).json()["decision"] for case in cases[:2]]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda case: post(client, case).json(), cases))

    assert [answer["decision"] for answer in answers] == alone * 8
    assert len({answer["receipt"]["number"] for answer in answers}) == 16


def test_the_service_still_answers_after_all_that(client: httpx2.Client) -> None:
    assert post(client, case_of()).status_code == 201


KEPT_TABLES = ("release", "decision", "decision_item")


def test_the_database_itself_refuses_to_change_or_remove_what_is_kept(
    client: httpx2.Client, database: Path
) -> None:
    assert post(client, case_of()).status_code == 201
    copy = sqlite3.connect(":memory:")
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as source:
        source.backup(copy)

    for table in KEPT_TABLES:
        rows = f"SELECT count(*) FROM {table}"  # noqa: S608 (our own names)
        before = copy.execute(rows).fetchone()
        assert before[0] > 0
        for act in (f"DELETE FROM {table}", f"UPDATE {table} SET rowid = rowid"):  # noqa: S608 our tables
            with pytest.raises(sqlite3.IntegrityError, match="the record is not changed"):
                copy.execute(act)
        assert copy.execute(rows).fetchone() == before
    copy.close()
