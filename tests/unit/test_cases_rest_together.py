"""Cases over REST, worked by many: who may, who is first, what is done once, what stays."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from api.cases.rest.act import DOORS
from api.opening import open_store
from api.settings import Settings
from api.store import Store
from tests.casework import CASES, CLERKS, Clerk, at_work, opened_store, opening
from tests.product import Json
from tests.reception import Staffed, served
from tests.small_pack import NATURAL

Everybody = dict[str, Clerk]
KEY: Final = "Idempotency-Key"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("together")


@pytest.fixture(scope="module")
def work(folder: Path) -> Iterator[tuple[Staffed, Everybody]]:
    with at_work(folder) as work:
        yield work


@pytest.fixture(scope="module")
def everybody(work: tuple[Staffed, Everybody]) -> Everybody:
    return work[1]


def counted(folder: Path, table: str) -> int:
    """Return how many rows a table of the office has."""
    with sqlite3.connect(f"file:{folder / 'record.db'}?mode=ro", uri=True) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 (ours)
    return int(row[0])


# who may

MAY: Final = {
    "own": 200, "colleague": 200, "guest": 403, "everywhere": 200, "stranger": 403,
    "legal": 403, "auditor": 403, "admin": 403, "nobody": 401,
}  # fmt: skip
"""What everybody is answered about a case of the organ and office of `own`."""

READS: Final = ("", "/events")
ACTS: Final[dict[str, Json]] = {
    "answers": {"facts": {"premises": "rented"}},
    "note": {"text": "备注"},
    "refresh": {},
    "lookups": {},
    "credit": {"credit": None},
}


def test_the_table_names_everybody() -> None:
    assert MAY.keys() == {*CLERKS, "nobody"}


@pytest.mark.parametrize("login", MAY)
def test_a_case_is_seen_and_worked_by_whom_it_is_with_and_nobody_else(
    work: tuple[Staffed, Everybody], login: str
) -> None:
    office, everybody = work
    number = everybody["own"].open()["number"]
    there = f"{CASES}/{number}"
    with office.visitor() if login == "nobody" else office.program(login) as client:
        statuses = {client.get(f"{there}{one}").status_code for one in READS}
        statuses |= {client.post(f"{there}/{one}", json=ACTS[one]).status_code for one in ACTS}

    assert statuses == {MAY[login]}


@pytest.mark.parametrize("login", [one for one, status in MAY.items() if status != 200])
def test_no_act_at_all_is_open_to_others(work: tuple[Staffed, Everybody], login: str) -> None:
    office, everybody = work
    number = everybody["own"].open()["number"]
    bodies: dict[str, Json] = {
        "answers": {"facts": {}}, "forgotten": {"keys": []}, "credit": {"credit": None},
        "parties": {"party": {"role": "spouse", "kind": "natural", "id": "x"}},
        "parties/remove": {"role": "spouse", "id": "x"}, "note": {"text": "x"},
        "contested": {"paper": "lease", "statement": "x"}, "stopped": {"why": "test"},
        "received": {"paper": "lease", "how": "copy"}, "accepted": {}, "resumed": {},
        "committed": {"paper": "lease", "signature": "x"}, "decided": {"result": "withdrawn"},
        "promised": {"paper": "lease", "due": "2099-01-01"},
        "hand-over": {"organ": "office", "office": "x", "handler": "x"},
    }  # fmt: skip
    paper = {"paper": "lease"}
    with office.visitor() if login == "nobody" else office.program(login) as client:
        statuses = {
            door.path: client.post(
                f"{CASES}/{number}/{door.path}", json=bodies.get(door.path, paper)
            ).status_code
            for door in DOORS
        }

    assert statuses == dict.fromkeys(statuses, MAY[login])
    assert everybody["own"].see(number)["status"] == "receiving"


@pytest.mark.parametrize(
    ("login", "sees"),
    [("own", True), ("guest", False), ("everywhere", True), ("stranger", False)],
)
def test_queue_and_person_tell_of_other_organs_only_where_a_case_stands(
    everybody: Everybody, login: str, *, sees: bool
) -> None:
    number = everybody["own"].open()["number"]
    client = everybody[login].client
    listed = [one["number"] for one in client.get(CASES).json()["cases"]]
    person = client.post("/api/v1/persons/search", json={"id": NATURAL}).json()
    running = [one["number"] for one in person["running"]]
    elsewhere = {one["number"]: one for one in person["elsewhere"]}

    assert (number in listed, number in running) == (sees, sees)
    assert (number in elsewhere) is not sees
    if not sees:
        told = {"number": number, "status": "receiving", "items": ["setup"]}
        assert elsewhere[number] == told


# who was first


def test_of_two_clerks_with_one_version_one_wins_and_the_other_hears_of_it(
    everybody: Everybody,
) -> None:
    made = everybody["own"].open()
    number, version = made["number"], made["version"]

    def note(login: str) -> httpx2.Response:
        there = f"{CASES}/{number}/note"
        headers = {"if-match": f'"{version}"'}
        return everybody[login].client.post(there, json={"text": login}, headers=headers)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(note, ("own", "colleague")))

    assert sorted(one.status_code for one in answers) == [200, 412]
    assert everybody["own"].see(number)["version"] == version + 1


def test_what_many_clerks_do_at_once_without_a_version_is_all_kept(
    everybody: Everybody,
) -> None:
    number = everybody["own"].open()["number"]
    texts = {f"{login} {at}" for login in ("own", "colleague", "everywhere") for at in range(5)}
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda text: everybody[text.split()[0]].act(number, "note", text=text), texts
            )
        )
    story = everybody["own"].client.get(f"{CASES}/{number}/events").json()["events"]

    assert {one["event"].get("text") for one in story} >= texts
    assert [one["seq"] for one in story] == list(range(1, len(story) + 1))


# done once


def test_a_request_sent_again_is_done_once_and_answered_the_same(
    everybody: Everybody, folder: Path
) -> None:
    client = everybody["own"].client
    key = {KEY: "open-1"}
    before = counted(folder, "case_file")
    first, again = (client.post(CASES, json=opening(), headers=key) for _ in range(2))
    there = f"{first.headers['location']}/contested"
    other = client.post(CASES, json=opening(facts={}), headers=key)
    note = f"{first.headers['location']}/note"
    twice = [
        client.post(note, json={"text": "一次"}, headers={KEY: "note-1"}) for _ in range(2)
    ]

    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert counted(folder, "case_file") == before + 1
    assert other.status_code == 422
    assert twice[0].content == twice[1].content
    assert client.post(there, json={}, headers={KEY: "bad key"}).status_code in (400, 422)


@pytest.mark.parametrize("at", range(3))
def test_two_at_once_with_one_key_are_one(everybody: Everybody, folder: Path, at: int) -> None:
    before = counted(folder, "case_file")
    client, number = everybody["own"].client, everybody["own"].open()["number"]

    def twice(body: tuple[str, Any, str]) -> list[httpx2.Response]:
        path, sent, key = body
        with ThreadPoolExecutor(4) as pool:
            return list(
                pool.map(
                    lambda _: client.post(path, json=sent, headers={KEY: f"{key}-{at}"}),
                    range(4),
                )
            )

    opened = twice((CASES, opening(), "pair"))
    ended = twice((f"{CASES}/{number}/decided", {"result": "withdrawn"}, "end"))

    assert {(one.status_code, one.content) for one in opened} == {(201, opened[0].content)}
    assert {(one.status_code, one.content) for one in ended} == {(200, ended[0].content)}
    assert counted(folder, "case_file") == before + 2


def test_a_key_is_remembered_over_a_restart(tmp_path: Path) -> None:
    answers = []
    store = opened_store(tmp_path)
    settings = f"sqlite:///{tmp_path / 'record.db'}"
    for _ in range(2):
        with served(store) as office, office.program("own") as client:
            answers.append(client.post(CASES, json=opening(), headers={KEY: "over-night"}))
        store = reopened(settings)
    store.close()

    assert answers[0].content == answers[1].content
    assert counted(tmp_path, "case_file") == 1


def reopened(url: str) -> Store:
    """Return the store of an office that was closed."""
    return open_store(Settings.of(url))


# the same everywhere

STEPS: Final[tuple[tuple[str, Json], ...]] = (
    ("answers", {"facts": {"premises": "rented", "staff": 3}}),
    ("credit", {"credit": {"severe": False, "false_commitment": False}}),
    ("committed", {"paper": "lease", "signature": "甄示例"}),
    ("received", {"paper": "spouse:id_card", "how": "original"}),
)
THERE: Final = {"organ": "bureau", "office": "三号窗口", "handler": "stranger"}


def test_a_case_handed_over_has_the_same_list_to_the_byte(everybody: Everybody) -> None:
    number = everybody["own"].open(facts={})["number"]
    for act, body in STEPS:
        everybody["own"].act(number, act, **body)
    before = everybody["own"].see(number)
    everybody["own"].act(number, "hand-over", **THERE)
    after = everybody["stranger"].see(number)

    assert after["decision"] == before["decision"]
    assert after["decision_number"] == before["decision_number"]
    assert after["handler"] == "stranger"
    assert everybody["colleague"].ask(number, "note", text="晚了").status_code == 403


def test_the_same_events_in_another_office_give_the_same_decision(tmp_path: Path) -> None:
    bodies = []
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        with at_work(tmp_path / name) as (office, everybody):
            number = everybody["own"].open(facts={})["number"]
            for act, body in STEPS:
                made = everybody["own"].act(number, act, **body)
            kept = office.store.decision(made["decision_number"])
            assert kept is not None
            bodies.append(kept.body)

    assert bodies[0] == bodies[1]
