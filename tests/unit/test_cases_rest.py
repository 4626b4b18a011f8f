"""Cases over REST: every act, what it changes, and every refusal with all its faults."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.cases.rest.act import DOORS
from tests.casework import CASES, Clerk, at_work, opening
from tests.product import Json
from tests.small_pack import LEGAL, NATURAL

SIGNED = {"paper": "lease", "signature": "甄示例"}
CLEAN = {"credit": {"severe": False, "false_commitment": False}}


@pytest.fixture(scope="module")
def clerk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clerk]:
    with at_work(tmp_path_factory.mktemp("cases")) as (_, everybody):
        yield everybody["own"]


def complete(clerk: Clerk) -> str:
    """Open a case, bring all its papers, and return its number."""
    number = clerk.open()["number"]
    for paper in ("lease", "spouse:id_card"):
        clerk.act(number, "received", paper=paper, how="original")
    return str(number)


def test_a_case_is_opened_read_and_listed(clerk: Clerk) -> None:
    answer = clerk.client.post(CASES, json=opening())
    made = answer.json()
    read = clerk.client.get(answer.headers["location"])
    queue = clerk.client.get(CASES, params={"handler": "me", "item": "setup"}).json()

    assert answer.status_code == 201
    assert made["submit"] == ["lease", "spouse:id_card"]
    assert read.headers["etag"] == answer.headers["etag"] == f'"{made["version"]}"'
    assert made.items() <= read.json().items()
    assert made["number"] in [one["number"] for one in queue["cases"]]


def test_persons_are_masked_unless_they_are_wanted_whole(clerk: Clerk) -> None:
    number = clerk.open()["number"]
    masked, whole = clerk.see(number), clerk.see(number, full=True)
    story = clerk.client.get(f"{CASES}/{number}/events").text
    told = clerk.client.get(f"{CASES}/{number}/events", params={"full": True}).text

    assert NATURAL not in str(masked)
    assert "甄示例" not in str(masked)
    assert whole["persons"][0] == {"role": "applicant", **opening()["applicant"]}
    assert whole["lookups"][0]["subject"] == LEGAL
    assert NATURAL not in story
    assert NATURAL in told


def test_answers_change_the_list_and_are_forgotten(clerk: Clerk) -> None:
    number = clerk.open(facts={})["number"]
    asked = clerk.see(number, questions=True)["next_questions"]
    rented = clerk.act(number, "answers", facts={"premises": "rented"})
    owned = clerk.act(number, "answers", facts={"premises": "owned"}, origin="desk")
    facts = clerk.see(number)["facts"]
    forgotten = clerk.act(number, "forgotten", keys=["premises"])

    assert [one["key"] for one in asked] == ["premises"]
    assert rented["submit"] == ["lease", "spouse:id_card"]
    assert owned["submit"] == ["spouse:id_card"]
    assert facts["premises"] == {"value": "owned", "origin": "desk", "differing": None}
    assert forgotten["questions"] == ["premises"]


def test_persons_join_and_leave(clerk: Clerk) -> None:
    number = clerk.open(parties=[])["number"]
    spouse = {"role": "spouse", "kind": "legal", "id": LEGAL}
    without = clerk.see(number)["missing_roles"]
    joined = clerk.act(number, "parties", party=spouse)
    left = clerk.act(number, "parties/remove", role="spouse", id=LEGAL)

    assert without == left["missing_roles"] == ["spouse"]
    assert joined["missing_roles"] == []


def test_a_paper_is_received_and_given_back(clerk: Clerk) -> None:
    number = clerk.open()["number"]
    received = clerk.act(number, "received", paper="lease", how="copy", reference="s/1")
    kept = clerk.see(number)["received"]
    returned = clerk.act(number, "returned", paper="lease")

    assert received["outstanding"] == ["spouse:id_card"]
    assert kept[0]["reference"] == "s/1"
    assert returned["outstanding"] == ["lease", "spouse:id_card"]


def test_a_commitment_takes_the_place_of_a_paper_until_it_is_off(clerk: Clerk) -> None:
    number = clerk.open()["number"]
    clerk.act(number, "credit", **CLEAN)
    committed = clerk.act(number, "committed", **SIGNED)
    off = clerk.act(number, "uncommitted", paper="lease")

    assert committed["submit"] == ["spouse:id_card"]
    assert committed["commitment"] == ["lease"]
    assert off["submit"] == ["lease", "spouse:id_card"]


def test_what_the_applicant_cannot_get_is_recorded(clerk: Clerk) -> None:
    number = clerk.open()["number"]
    lacks = clerk.act(number, "lacking", paper="lease")
    has = clerk.act(number, "lacking", paper="lease", lacks=False)

    assert "title" in lacks["submit"]
    assert has["submit"] == ["lease", "spouse:id_card"]


def test_a_case_runs_from_acceptance_to_its_end(clerk: Clerk) -> None:
    number = complete(clerk)
    accepted = clerk.act(number, "accepted")
    clerk.act(number, "stopped", why="test")
    stopped = clerk.see(number)["clock"]["state"]
    clerk.act(number, "resumed")
    ended = clerk.act(number, "decided", result="granted", outputs=["title"])
    clerk.act(number, "note", text="已办结")
    file = clerk.client.post("/api/v1/persons/search", json={"id": NATURAL}).json()
    story = clerk.client.get(f"{CASES}/{number}/events").json()["events"]

    assert accepted["status"] == "accepted"
    assert stopped in ("stopped", "running")
    assert ended["status"] == "granted"
    assert number in [one["number"] for one in file["licences"]]
    assert number in [one["number"] for one in file["history"]]
    assert [one["event"]["kind"] for one in story][-5:] == [
        "accepted", "stopped", "resumed", "decided", "noted",
    ]  # fmt: skip


def test_a_clone_takes_over_what_an_earlier_case_was_opened_for(clerk: Clerk) -> None:
    number = clerk.open()["number"]
    clone = {"applicant": opening()["applicant"], "cloned_from": number}
    made = clerk.client.post(CASES, json=clone).json()
    facts = clerk.see(made["number"])["facts"]

    assert made["submit"] == ["lease", "spouse:id_card"]
    assert facts["premises"]["origin"] == "history"
    assert clerk.see(made["number"])["cloned_from"] == number


def test_a_refresh_and_looking_up_without_registries_answer_where_the_case_stands(
    clerk: Clerk,
) -> None:
    number = clerk.open()["number"]
    looked = clerk.act(number, "lookups", again=True, wait=1)
    refreshed = clerk.act(number, "refresh")

    assert looked["pending"] == []
    assert refreshed["submit"] == ["lease", "spouse:id_card"]


def test_what_a_register_said_that_is_not_connected_is_noted_by_hand(clerk: Clerk) -> None:
    number = clerk.open()["number"]
    (asked,) = clerk.see(number, full="true")["lookups"]
    about = {"source": asked["source"], "subject": asked["subject"]}

    listed = clerk.act(number, "lookups/noted", verdict="found_match", **about)
    (found,) = clerk.see(number)["looked_up"][0]["findings"]

    assert set(listed["submit"]) < {"lease", "spouse:id_card"}
    assert listed["lookups"] == []
    assert (found["verdict"], found["reason"], found["materials"]) == (
        "found_match", "noted", asked["materials"],
    )  # fmt: skip


@pytest.mark.parametrize(
    "wrong", [{"source": "unheard-of"}, {"subject": NATURAL}, {"materials": ["lease"]}]
)
def test_nothing_is_noted_that_the_list_does_not_ask(clerk: Clerk, wrong: Json) -> None:
    number = clerk.open()["number"]
    (asked,) = clerk.see(number, full="true")["lookups"]
    sent = {"source": asked["source"], "subject": asked["subject"], "verdict": "found_match"}
    answer = clerk.client.post(f"{CASES}/{number}/lookups/noted", json={**sent, **wrong})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"] == "source"
    assert clerk.see(number)["looked_up"] == []


def test_an_opening_is_refused_with_all_its_faults_at_once(clerk: Clerk) -> None:
    wrong = {**opening()["applicant"], "id": NATURAL[:-1] + "1"}
    bad = {"items": ["nothing"], "applicant": wrong, "facts": {"premises": "moon"}}
    unfit = {"items": ["setup", "nothing"], "facts": {"premises": "moon", "none": 1}}
    answers = [clerk.client.post(CASES, json=opening(**one)) for one in (bad, unfit)]
    places = [{one["where"] for one in each.json()["errors"]} for each in answers]

    assert [each.status_code for each in answers] == [422, 422]
    assert places[0] == {"applicant", "items[0]", "facts.premises"}
    assert places[1] >= {"items[1]", "facts.none"}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"a": 1, "a": 2}', "application/json", 400),
        (b"[]", "application/json", 422),
        (b"{}", "text/plain", 415),
        (b" " * 1_000_001, "application/json", 413),
        (b'{"process": "none", "step": "none"}', "application/json", 422),
    ],
)
def test_a_body_that_says_nothing_is_refused(
    clerk: Clerk, body: bytes, kind: str, status: int
) -> None:
    answer = clerk.client.post(CASES, content=body, headers={"content-type": kind})

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


REFUSED: dict[str, dict[str, Any]] = {
    "answers": {"facts": {"premises": "moon"}},
    "forgotten": {},
    "credit": {},
    "parties": {"party": {"role": "witness", "kind": "legal", "id": LEGAL}},
    "parties/remove": {"role": "spouse", "id": NATURAL},
    "contested": {"paper": "lease", "statement": "不对"},
    "uncontested": {"paper": "lease"},
    "lacking": {"paper": "title"},
    "received": {"paper": "title", "how": "original"},
    "returned": {"paper": "lease"},
    "committed": {"paper": "spouse:id_card", "signature": "甄示例"},
    "uncommitted": {"paper": "lease"},
    "promised": {"paper": "spouse:id_card", "due": "2099-01-01"},
    "unpromised": {"paper": "lease"},
    "accepted": {},
    "stopped": {"why": "test"},
    "resumed": {},
    "decided": {"result": "granted"},
    "hand-over": {"organ": "nothing", "office": "", "handler": ""},
    "note": {"text": ""},
}


def test_every_act_has_a_refusal_here() -> None:
    assert REFUSED.keys() == {door.path for door in DOORS}


@pytest.mark.parametrize("act", REFUSED)
def test_what_the_case_does_not_permit_is_refused_and_changes_nothing(
    clerk: Clerk, act: str
) -> None:
    before = clerk.open()
    answer = clerk.ask(before["number"], act, **REFUSED[act])
    problem = answer.json()

    assert answer.status_code == 422
    assert problem["errors"]
    assert all(one["what"] and one["cure"] for one in problem["errors"])
    assert before.items() <= clerk.see(before["number"]).items()


@pytest.mark.parametrize("act", [door.path for door in DOORS if door.path != "note"])
def test_a_case_that_has_ended_is_not_changed(clerk: Clerk, act: str) -> None:
    number = clerk.open()["number"]
    clerk.act(number, "decided", result="withdrawn")
    ended = clerk.see(number)["version"]
    good: dict[str, dict[str, Any]] = {
        "answers": {"facts": {"premises": "owned"}},
        "forgotten": {"keys": ["premises"]},
        "credit": CLEAN,
        "parties/remove": {"role": "spouse", "id": LEGAL},
        "committed": SIGNED,
        "received": {"paper": "lease", "how": "copy"},
    }

    assert clerk.ask(number, act, **good.get(act, REFUSED[act])).status_code == 422
    assert clerk.see(number)["version"] == ended


@pytest.mark.parametrize("key", ["kind", "deemed", "unknown"])
def test_nobody_sends_what_the_desk_knows_better(clerk: Clerk, key: str) -> None:
    answer = clerk.ask(complete(clerk), "accepted", **{key: True})

    assert answer.status_code == 422
    assert [one["where"] for one in answer.json()["errors"]] == [key]


@pytest.mark.parametrize("day", ["1999-01-01", "2999-01-01"])
def test_nothing_is_accepted_before_it_came_or_after_today(clerk: Clerk, day: str) -> None:
    assert clerk.ask(complete(clerk), "accepted", day=day).status_code == 422


def test_what_is_not_there_is_not_found(clerk: Clerk) -> None:
    number = clerk.open()["number"]
    places = ("20260101-000000", "20260101-000000/events", f"{number}/receipts/none")

    assert [clerk.client.get(f"{CASES}/{one}").status_code for one in places] == [404] * 3
    assert clerk.ask("20260101-000000", "note", text="谁").status_code == 404
    assert clerk.client.get(f"{CASES}/%00").status_code == 422
