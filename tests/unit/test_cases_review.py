"""Reviewed: what nobody may get past the desk, and what no case may lose on its way."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import orjson
import pytest

from api.cases import event as happened
from api.cases.event import Joined, Left, LookedUp, NamedParty, Opened, Received
from api.cases.file import CaseFile, after, fold
from api.cases.fitting import fitted
from api.cases.looking_up import LookingUp
from api.cases.pages.form import events_of, pressed
from api.cases.permitted import Standing, listed, objections
from api.cases.put import putting
from api.cases.refusal import CaseRefusedError
from api.cases.table import CreditNote, Holding
from api.opening import open_store
from api.settings import Settings
from evaluator.case import Credit, Receipt
from evaluator.decide import Decider
from rules.pack import Reader, read_files
from tests.casework import CASES, Clerk, at_work, pack
from tests.product import Json, pack_of
from tests.reception import served
from tests.small_pack import NATURAL, sound_pack, write
from tests.supervising import CLERK, OTHER, PERSON, Supervised, supervised

TODAY = date(2026, 11, 23)
PLACES = ("", "/story", "/tasks")
CLEAN = Credit(severe=False, false_commitment=False)


@pytest.fixture
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervised]:
    with supervised(tmp_path_factory.mktemp("office")) as found:
        yield found


def reasons(error: pytest.ExceptionInfo[CaseRefusedError]) -> set[str]:
    return {one.key for one in error.value.reasons}


def receipt(verdict: str, *materials: str, on: date = TODAY, subject: str = PERSON) -> Receipt:
    return Receipt.model_validate(
        {
            "source": "population",
            "verdict": verdict,
            "on": on,
            "subject": subject,
            "materials": materials,
        }
    )


def looked_up(*receipts: Receipt) -> LookedUp:
    return LookedUp(source="population", subject=PERSON, receipts=receipts, asked_on=TODAY)


def opened() -> CaseFile:
    applicant = happened.Named(kind="natural", id=PERSON)
    return fold([Opened(applicant=applicant, items=("setup",))])


def after_all(file: CaseFile, *events: happened.Event) -> CaseFile:
    for one in events:
        file = after(file, one)
    return file


# the file


def test_an_outage_goes_on_for_what_was_not_asked_again() -> None:
    file = after_all(
        opened(),
        looked_up(receipt("unavailable", "id_card", "household")),
        looked_up(receipt("found_match", "household")),
    )

    said = {(one["verdict"], *one["materials"]) for one in file.raw(TODAY)["receipts"]}
    assert said == {("unavailable", "id_card"), ("found_match", "household")}


def test_papers_of_one_person_are_not_those_of_whoever_joins_later() -> None:
    spouse = Joined(party=NamedParty(role="spouse", kind="natural", id=PERSON))
    another = Joined(party=NamedParty(role="spouse", kind="natural", id=OTHER))
    taken = Received(paper="spouse:id_card", how="original")
    own = Received(paper="id_card", how="original")
    file = after_all(opened(), spouse, taken, own)

    assert {*after(file, another).received} == {"id_card"}
    left = after(file, Left(role="spouse", id=PERSON))
    assert {*left.received} == {"id_card"}


def test_whoever_stays_in_a_role_keeps_the_papers_when_another_leaves() -> None:
    party = [NamedParty(role="heir", kind="natural", id=one) for one in (PERSON, OTHER)]
    taken = Received(paper="heir:id_card", how="original")
    file = after_all(opened(), *(Joined(party=one) for one in party), taken)

    assert "heir:id_card" in after(file, Left(role="heir", id=OTHER)).received


# a pack that knows less


def test_what_a_later_pack_does_not_know_is_left_out_and_named() -> None:
    pack = pack_of(sound_pack())
    source = next(iter(pack.catalogue.sources))
    material = next(iter(pack.catalogue.materials))
    seen = {"verdict": "found_conflict", "on": "2026-11-20", "subject": NATURAL}
    raw = {
        "as_of": "2026-11-23",
        "applicant": {"kind": "natural", "id": NATURAL},
        "items": ("setup", "gone-item"),
        "parties": ({"role": "gone-role", "kind": "natural", "id": NATURAL},),
        "facts": {"premises": "rented", "gone_fact": True, "area": "many"},
        "receipts": (
            {"source": "gone-source", "materials": (material,), **seen},
            {"source": source, "materials": (material, "gone-material"), **seen},
            {"source": source, "claims": ("gone-claim",), **seen},
        ),
        "collected": (),
        "history": ({"material": "gone-paper", "on": "2026-01-01", "trust": "A"},),
        "licences": (),
        "commitments": ("gone-commitment",),
        "promised_later": (),
        "contested": ("lease",),
        "lacks": ("gone-role:lease",),
    }
    fit, gone = fitted(raw, pack)

    case = Decider(pack).read(fit)
    assert case.items == ("setup",)
    assert fit["facts"] == {"premises": "rented"}
    assert [(one["source"], one["materials"]) for one in fit["receipts"]] == [
        (source, (material,))
    ]
    assert fit["contested"] == ("lease",)
    assert {*gone} == {
        "gone-item", "gone-role", "gone_fact", "area", "gone-source", "gone-material",
        "gone-claim", "gone-paper", "gone-commitment", "gone-role:lease",
    }  # fmt: skip


# acceptance and grant


def test_what_the_applicant_cannot_get_is_not_accepted_in_silence(here: Supervised) -> None:
    worked = here.open("s.legal_aid")
    worked = here.act(worked.number, happened.CreditStated(credit=CLEAN))
    for paper in worked.decision["submit"]:
        worked = here.act(worked.number, happened.Lacking(paper=paper))

    assert worked.decision["unmeetable"]
    found = objections(happened.Accepted(day=worked.today), worked.standing)
    assert "unmeetable" in {one.key for one in found}


def test_nothing_is_granted_while_the_list_still_asks_for_a_paper(here: Supervised) -> None:
    worked = here.open("s.legal_aid")
    here.act(worked.number, happened.Accepted(day=worked.today, deemed=True))

    with pytest.raises(CaseRefusedError) as refused:
        here.act(worked.number, happened.Decided(result="granted", day=worked.today))
    assert "papers_missing" in reasons(refused)


def test_a_paper_that_may_be_promised_but_is_not_asked_for_is_beyond_the_list(
    here: Supervised,
) -> None:
    worked = here.open("s.legal_aid")
    decision = {**worked.decision, "submit": [], "offers": {"tolerance": ["x"]}}

    assert "x" not in listed(decision)


# evidence of other cases


def held(here: Supervised, number: str) -> list[tuple[str, str, bool]]:
    return [(one.how, one.trust, one.void) for one in here.rows(Holding, number=number)]


def test_a_copy_that_was_ticked_as_the_original_first_stays_a_copy(here: Supervised) -> None:
    worked = here.open("s.legal_aid")
    paper = worked.decision["submit"][0]
    here.act(worked.number, Received(paper=paper, how="original"))
    here.act(worked.number, Received(paper=paper, how="copy"))

    live = [one for one in held(here, worked.number) if not one[2]]
    assert [how for how, _, _ in live] == ["copy"]
    assert not {trust for _, trust, _ in live} & {"A", "B"}


def test_a_number_that_nobody_looked_up_proves_nothing_later(here: Supervised) -> None:
    worked = here.open("s.legal_aid")
    paper = worked.decision["submit"][0]
    assert paper not in worked.decision["reference"]
    here.act(worked.number, Received(paper=paper, how="number", number="1"))

    assert [trust for _, trust, _ in held(here, worked.number)] == ["D"]


def test_after_a_false_promise_nobody_states_clean_credit_or_commits(here: Supervised) -> None:
    worked = here.open("s.legal_aid")
    token = here.desk.cases.token(PERSON)
    note = CreditNote(id="n", token=token, number="N", kind="false_commitment", at=here.now)
    here.office.store.database.write(putting(note))

    with pytest.raises(CaseRefusedError) as refused:
        here.act(worked.number, happened.CreditStated(credit=CLEAN))
    assert reasons(refused) == {"promise_was_false"}
    offered = {**worked.decision, "offers": {"commitment": ["x"], "tolerance": []}}
    signed = happened.Committed(paper="x", signature="pad")
    stands = Standing(
        worked.file, offered, worked.pack, worked.today, false_promise=True,
    )  # fmt: skip
    assert [one.key for one in objections(signed, stands)] == ["commitment_not_offered"]


def poorer() -> Json:
    """Return the small pack after a revision: facts, a material, a source, a role are gone."""
    made = pack()
    made["facts"] = [one for one in made["facts"] if one["key"] != "remark"]
    made["facts"][1] = {"key": "area", "type": "boolean", "name": "面积"}
    made["materials"] = [one for one in made["materials"] if one["id"] != "id_card"]
    made["items"][0]["roles"] = {}
    made["sources"] = []
    made["requirements"] = [one for one in made["requirements"] if "party" not in one]
    return made


def test_a_case_outlives_a_pack_that_dropped_what_it_holds(tmp_path: Path) -> None:
    with at_work(tmp_path) as (office, everybody):
        clerk = everybody["own"]
        facts = {"premises": "rented", "area": "35.00", "remark": "x"}
        number = clerk.open(facts=facts)["number"]
        clerk.act(number, "received", paper="spouse:id_card", how="original")
        files = read_files(write(poorer(), tmp_path / "poorer"))
        office.store.release(Reader(files).pack(), files, date(2000, 1, 2))
        after = clerk.act(number, "answers", facts={"premises": "rented"})

        assert after["submit"] == ["lease"]
        assert {"area", "remark", "spouse"} <= {*clerk.see(number)["gone"]}
        places = ("", "/story", "/tasks", "/hand-over")
        with office.client("own") as client:
            for place in (*(f"/cases/{number}{one}" for one in places), "/queue"):
                assert client.get(place).status_code == 200, place
            assert "remark" in client.get(f"/cases/{number}").text
        shown = clerk.client.get(f"{CASES}/{number}/events")
        assert shown.status_code == 200
        assert clerk.client.post(f"{CASES}/{number}/notices").status_code == 201


def test_a_case_is_seen_and_sealed_under_a_release_of_the_same_day(tmp_path: Path) -> None:
    made = pack()
    made["requirements"] = [one for one in made["requirements"] if "party" not in one]
    with at_work(tmp_path) as (office, everybody):
        clerk = everybody["own"]
        seen, noted = (clerk.open()["number"] for _ in "ab")
        before = clerk.see(seen)
        files = read_files(write(made, tmp_path / "less"))
        office.store.release(Reader(files).pack(), files, date(2000, 1, 2))
        after, remark = clerk.see(seen), clerk.act(noted, "note", text="备注")

        assert before["submit"] == ["lease", "spouse:id_card"]
        assert after["submit"] == remark["submit"] == ["lease"]
        assert clerk.see(seen)["version"] == after["version"] > before["version"]
        for one in (after, remark):
            kept = office.store.decision(one["decision_number"])
            assert kept is not None
            assert orjson.loads(kept.body)["submit"] == ["lease"]


def test_a_case_of_which_nothing_is_left_says_so(tmp_path: Path) -> None:
    with at_work(tmp_path) as (office, everybody):
        clerk = everybody["own"]
        number = clerk.open(items=["change"], parties=[])["number"]
        made = pack()
        made["items"], made["processes"] = made["items"][:1], []
        made["requirements"] = [one for one in made["requirements"] if one["item"] == "setup"]
        files = read_files(write(made, tmp_path / "poorer"))
        office.store.release(Reader(files).pack(), files, date(2000, 1, 2))

        answer = clerk.ask(number, "answers", facts={"premises": "owned"})
        assert answer.status_code == 422
        with office.client("own") as client:
            assert client.get("/queue").status_code == 200


def test_a_case_whose_item_left_the_pack_stands_as_sealed_and_can_be_ended(
    tmp_path: Path,
) -> None:
    made = pack()
    made["items"], made["processes"] = made["items"][:1], []
    made["requirements"] = [one for one in made["requirements"] if one["item"] == "setup"]
    with at_work(tmp_path) as (office, everybody):
        clerk = everybody["own"]
        ended, moved = (clerk.open(items=["change"], parties=[])["number"] for _ in "ab")
        submit = clerk.see(ended)["submit"]
        files = read_files(write(made, tmp_path / "poorer"))
        office.store.release(Reader(files).pack(), files, date(2000, 1, 2))
    store = open_store(Settings.of(f"sqlite:///{tmp_path / 'record.db'}"))
    with served(store) as office, office.program("own") as program:
        clerk = Clerk(program)
        seen = clerk.see(ended)
        refused = clerk.ask(ended, "answers", facts={"premises": "owned"})
        withdrawn = clerk.ask(ended, "decided", result="withdrawn")
        handed = clerk.ask(moved, "hand-over", organ="office", office="二号窗口", handler="")
        with office.client("own") as client:
            places = [f"/cases/{one}{place}" for one in (ended, moved) for place in PLACES]
            pages = {client.get(one).status_code for one in (*places, "/queue")}
            pages.add(client.get(f"/cases/{moved}/hand-over").status_code)
        after = clerk.see(ended)

    assert (seen["submit"], seen["gone"]) == (submit, ["change"])
    assert [one["where"] for one in refused.json()["errors"]] == ["items"]
    assert withdrawn.json()["submit"] == handed.json()["submit"] == submit
    assert (after["status"], after["submit"]) == ("withdrawn", submit)
    assert pages == {200}


# a new day


def test_the_first_act_of_a_new_day_looks_at_what_is_on_file_whoever_does_it(
    here: Supervised,
) -> None:
    number = here.open("s.legal_aid").number
    other = here.open("s.unemp_register").number
    here.act(other, Received(paper="id_card", how="original", beyond="要求"))
    here.later(days=1)

    worked = here.act(number, looked_up(receipt("not_found", "household_register")))

    assert "id_card" in [one.material for one in worked.file.found.history]
    kinds = [one.event.kind for one in here.desk.cases.happened(number)]
    assert here.desk.see(number, CLERK).file.version == worked.file.version == len(kinds)


def test_a_remark_on_a_case_that_ended_leaves_its_decision_as_it_was(
    here: Supervised,
) -> None:
    number = here.open("s.legal_aid").number
    ended = here.act(number, happened.Decided(result="withdrawn", day=here.desk.today))
    here.later(days=1)

    noted = here.act(number, happened.Noted(text="已电话告知"))

    assert noted.head.decision == ended.head.decision


# the day of acceptance


def test_a_case_is_accepted_as_of_the_day_on_which_everything_had_come(
    here: Supervised,
) -> None:
    number = here.open("s.legal_aid").number
    here.later(days=3)
    worked = here.desk.see(number, CLERK)

    def accepted(day: str) -> list[happened.Event]:
        button = pressed([("do", "accept"), ("accept.day", day)])
        return list(events_of(button, worked, LookingUp(here.desk, None)))

    tuesday = TODAY + timedelta(days=1)
    assert accepted(tuesday.isoformat()) == [happened.Accepted(day=tuesday)]
    assert accepted("") == [happened.Accepted(day=worked.today)]
    for wrong in ("2026-11-22", "2026-11-27", "gestern"):
        with pytest.raises(CaseRefusedError) as refused:
            accepted(wrong)
        assert reasons(refused) == {"accept_day"}
