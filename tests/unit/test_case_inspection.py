"""What auditors find of cases: a dozen worked ones, told, verified, decided again, exported."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from shutil import copytree

import pytest

from api.cases import event as happened
from api.cases.auditing.bundle import whole
from api.cases.auditing.deciding_again import decide_again
from api.cases.auditing.erasing import erase_case
from api.cases.auditing.rest import raw_answer
from api.cases.auditing.sealed import SealedCase, sealed_case
from api.cases.auditing.search import Search, case_of, find
from api.cases.auditing.story import tell_case
from api.cases.auditing.told import CaseTold
from api.cases.auditing.verifying import verify
from api.cases.event import Event
from api.cases.papers.noticing import Noticing, Place
from api.cases.refusal import CaseRefusedError
from api.cases.working import Worked
from api.record import Asker
from api.sandbox.cast import member
from api.speech import Lang, speech
from api.supervision.said import Said
from audit.commitment import opens
from audit.entry import Entry
from audit.export import export
from audit.tree import leaf_hash
from knowledge.canonical import canonical
from tests.halls import AMR, TestHall, hall
from tests.installation import Installation
from tests.ledger import run_verifier
from tests.sandboxed import sandboxed

PLACE = Place("http://127.0.0.1/verify")
CASES = 12


@dataclass(frozen=True)
class Inspected:
    """A hall with a dozen cases, each worked in another way."""

    desk: TestHall
    folder: Path
    numbers: list[str]

    def sealed(self, place: int = 0) -> SealedCase:
        """Return everything of one of the cases."""
        one = sealed_case(self.desk.office.office.store, self.numbers[place])
        assert one is not None
        return one

    def told(self, place: int = 0, lang: Lang = "zh") -> CaseTold:
        """Return one of the cases as a story."""
        office = self.desk.office.office
        pack = office.on(self.desk.office.desk.today)[1].decider.pack
        return tell_case(self.sealed(place), office, Said(pack, speech(lang)))

    def states(self, place: int = 0) -> dict[str, str]:
        """Return how each step of verifying a case ends."""
        steps = verify(self.sealed(place), self.desk.office.desk)
        return {step.what: step.state for step in steps}


def try_all(desk: TestHall, number: str, *events: Event) -> None:
    """Let events happen, but for those that the case does not permit."""
    for one in events:
        try:
            desk.act(AMR, number, one)
        except CaseRefusedError:
            continue


def acts(worked: Worked) -> Iterator[list[Event]]:
    """Yield a dozen ways of working a case; what does not fit is refused."""
    today, submit = worked.today, worked.decision["submit"]
    received = [happened.Received(paper=one, how="original") for one in submit]
    yield [*received, happened.Accepted(day=today)]
    yield [happened.Contested(paper="lease", statement="登记有误")]
    yield [happened.Lacking(paper=submit[0]), happened.Noted(text="等电话")]
    yield [happened.Committed(paper=one, signature="甄示例") for one in submit]
    yield [happened.Promised(paper=one, due=today + timedelta(days=9)) for one in submit]
    yield [received[0], happened.Returned(paper=submit[0])]
    yield [happened.Forgotten(keys=("premises",)), happened.Answered(facts={"premises": "own"})]
    yield [happened.Received(paper="lease", how="copy", beyond="申请人一定要交")]
    yield [happened.HandedOver(organ="dg-amr", office="二号窗口", handler="wu", why="午休")]
    yield [happened.Decided(result="withdrawn", day=today, why="改日再来")]
    yield [*received, happened.Accepted(day=today),
           happened.Decided(result="granted", day=today)]  # fmt: skip
    yield [happened.Left(role="founder", id=worked.file.parties[1].id)]


@pytest.fixture(scope="module")
def inspected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inspected]:
    folder = tmp_path_factory.mktemp("inspected")
    numbers = []
    with sandboxed() as sandbox, hall(folder, sandbox) as desk:
        for place in range(CASES):
            sandbox.exchange.faults.put("lease_filing", "down" if place % 3 else "none")
            worked = desk.company()
            if place < CASES // 2:
                worked = desk.look_up(AMR, worked)
            try_all(desk, worked.number, *list(acts(worked))[place])
            if place % 2 == 0 and desk.office.desk.see(worked.number, AMR).file.ended is None:
                Noticing(desk.office.desk).give(worked.number, AMR, PLACE)
            numbers.append(worked.number)
        desk.office.office.sequencer.once()
        yield Inspected(desk, folder, numbers)


def test_the_cases_are_worked_in_a_dozen_ways(inspected: Inspected) -> None:
    sealed = [inspected.sealed(place) for place in range(CASES)]
    kinds = {event.row.kind for one in sealed for event in one.events}

    assert kinds >= {
        "opened", "found", "answered", "forgotten", "joined", "left", "looked_up", "contested",
        "lacking", "received", "returned", "notified", "accepted", "decided", "handed_over",
        "noted",
    }  # fmt: skip


def test_every_step_agrees_of_every_case_that_nobody_touched(inspected: Inspected) -> None:
    for place in range(CASES):
        states = inspected.states(place)

        assert states.pop("witnesses") == "waiting"
        assert set(states.values()) == {"good"}, (place, states)
        assert len(states) == 11


def test_every_decision_comes_out_of_the_events_again_to_the_byte(inspected: Inspected) -> None:
    office = inspected.desk.office.office
    for place in range(CASES):
        found = decide_again(inspected.sealed(place), office)

        assert [one.differences for one in found] == [()] * len(found)
        assert len(found) >= 2


def test_what_the_program_decides_otherwise_is_reported(
    inspected: Inspected, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = inspected.sealed()
    fewer = [each for each in one.happened if each.event.kind != "answered"]
    monkeypatch.setattr(SealedCase, "happened", property(lambda _: fewer))
    found = decide_again(one, inspected.desk.office.office)

    assert "the events make another case: facts" in found[1].differences[0]


def test_the_record_with_cases_is_replayed_and_exported_by_the_commands(
    inspected: Inspected, tmp_path: Path
) -> None:
    with inspected.desk.office.office.store.log() as log:
        export(log, tmp_path / "export")
    copytree(inspected.folder, tmp_path / "copy")
    (tmp_path / "copy" / "record.db.lock").unlink(missing_ok=True)
    replayed = Installation(tmp_path / "copy").run("replay", "--all")

    assert run_verifier(tmp_path / "export").code == 0
    assert replayed.code == 0, replayed.err
    decisions = sum(len(inspected.sealed(place).decisions) for place in range(CASES))
    assert f"{decisions}" in replayed.out


def test_a_case_is_told_event_by_event_with_who_when_and_why(inspected: Inspected) -> None:
    told = inspected.told()

    assert told.items == ("公司设立登记",)
    assert [one.seq for one in told.events] == list(range(1, len(told.events) + 1))
    assert told.events[0].what == "开办件：公司设立登记"
    assert {one.user for one in told.events} == {"company"}
    assert {one.why for one in told.events} >= {"申请", "联网查询"}
    assert all(one.office == "企业登记窗口" for one in told.events)
    decisions = [one.decision for one in told.events if one.decision]
    assert tuple(decisions) == inspected.sealed().decisions


def test_a_look_up_is_told_with_purpose_basis_verdict_and_what_was_shown(
    inspected: Inspected,
) -> None:
    looks = [one.look for one in inspected.told().events if one.look]
    population = next(one for one in looks if one.source == "人口基础库")

    assert population.item == "公司设立登记"
    assert population.basis
    assert population.digest.startswith("sha256:")
    assert [one.verdict for one in population.findings] == ["found_match"]
    assert "姓名" in dict(population.shown)
    assert population.attempts == 1
    answer = json.loads(raw_answer(inspected.sealed(), population.refs[0]))
    assert answer["head"]["status"] == "200"


def test_a_paper_is_told_with_when_it_left_the_list_and_on_what_ground(
    inspected: Inspected,
) -> None:
    fates = {one.paper: one for one in inspected.told().papers}
    lease = fates["lease"]

    assert [one.word for one in lease.turns] == ["open", "submit", "removed"]
    assert lease.turns[-1].grounds == ("data_sharing",)
    look = inspected.told().events[lease.turns[-1].seq - 1].look
    assert look is not None
    assert look.source == "房屋租赁登记备案信息"
    assert fates["founder:id_card"].turns[-1].word == "removed"


def test_a_notice_is_told_in_its_own_words_in_both_languages(inspected: Inspected) -> None:
    for lang in ("zh", "en"):
        (notice,) = inspected.told(2, lang).notices

        assert notice.number == f"{inspected.numbers[2]}-1"
        assert len(notice.papers) >= 1
        assert len(notice.says) > 5
    assert "一次性告知" in inspected.told(2).notices[0].says[0]


def test_names_are_masked_and_no_identity_number_is_told(inspected: Inspected) -> None:
    founder = member("founder")
    for place in range(CASES):
        for lang in ("zh", "en"):
            told = inspected.told(place, lang)
            text = repr([told.persons, told.papers, told.tasks, told.alerts, told.promises])
            assert founder.name not in text
            assert founder.number not in repr(told)


def test_cases_are_found_by_number_item_organ_office_handler_status_and_person(
    inspected: Inspected,
) -> None:
    store, today = inspected.desk.office.office.store, inspected.desk.office.desk.today

    def total(**wanted: object) -> int:
        return find(store, Search(**wanted)).total  # type: ignore[arg-type] # as named

    assert total() == CASES
    assert total(number=inspected.numbers[0]) == 1
    assert total(item="b.company_setup", organ="dg-amr", since=today, until=today) == CASES
    assert total(until=today - timedelta(days=1)) == 0
    assert total(handler="wu") == total(office="二号窗口") == 1
    assert total(status="withdrawn") == 1
    assert total(person=member("founder").number) == CASES
    assert total(person=member("founder").number[:-1]) == 0
    assert member("founder").number not in repr(Search(person=member("founder").number))


def test_a_decision_finds_its_case(inspected: Inspected) -> None:
    store = inspected.desk.office.office.store
    for decision in inspected.sealed(3).decisions:
        assert case_of(store, decision) == inspected.numbers[3]
    assert case_of(store, "20260101-000000000000000") == ""
    assert case_of(store, "") == ""


def test_the_download_holds_what_a_stranger_needs_to_check_each_event(
    inspected: Inspected,
) -> None:
    given = json.loads(
        json.dumps(whole(inspected.sealed(), inspected.desk.office.office.store), default=str)
    )

    for one in given["events"]:
        entry = Entry.parse(one["entry"].encode())
        assert leaf_hash(entry.encoded()).hex() == one["leaf"]
        salt = bytes.fromhex(one["salt"])
        assert opens(entry.body["commitments"]["event"], canonical(one["event"]), salt)
        assert one["path"]
    assert len(given["decisions"]) == len(inspected.sealed().decisions)
    assert all("case" in one for one in given["decisions"])
    assert given["checkpoint"].startswith("jianzheng/")
    assert all(one["content"]["raw"] for one in given["receipts"] if one["digest"])


def test_an_erased_case_is_told_by_who_and_when_alone_and_still_proved(
    inspected: Inspected,
) -> None:
    store = inspected.desk.office.office.store
    worked = inspected.desk.look_up(AMR, inspected.desk.company())
    Noticing(inspected.desk.office.desk).give(worked.number, AMR, PLACE)
    extra = Inspected(inspected.desk, inspected.folder, [worked.number])
    erase_case(inspected.desk.office.desk.cases, worked.number, Asker(why="erasure"))
    inspected.desk.office.office.sequencer.once()
    told, states = extra.told(), extra.states()

    assert told.status == "erased"
    assert told.persons == ()
    assert told.papers == ()
    assert [one.what for one in told.events][:2] == ["开办件", "查了以前存有的材料"]
    assert all(one.look is None for one in told.events)
    assert told.notices == ()
    assert "bad" not in states.values()
    assert states["erasure"] == states["inclusion"] == states["events"] == "good"
    assert states["boxes"] == states["receipts"] == states["decisions"] == "gone"
    assert all(one.erased for one in decide_again(extra.sealed(), extra.desk.office.office))
    given = whole(extra.sealed(), store)
    assert not any("event" in one for one in given["events"])
    assert not any("content" in one for one in (*given["receipts"], *given["notices"]))
    assert find(store, Search(status="erased")).total == 1
