"""Look-ups of a case: asked is what the list still depends on, and each answer shortens it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from api.accounts.permission import Who
from api.cases import event as happened
from api.cases.foresight import only_if_silent
from api.cases.looking_up import LookingUp
from api.cases.pages.desk import lay_out
from api.cases.pages.form import View, events_of, person_key, pressed
from api.cases.refusal import CaseRefusedError
from api.cases.table import Alert, StoredReceipt, Task
from api.cases.working import Worked
from api.sandbox.cast import member
from api.speech import speech
from api.supervision.checking import Checking
from tests.halls import AMR, COMPANY, GENERAL, PATIENCE, TestHall, hall, joined
from tests.sandboxed import Sandbox, sandboxed

HOUSING = Who("sun", "孙五", AMR.role, "dg-hcb", "房屋租赁科")
ID_CARDS = {"founder:id_card", "officer:id_card"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with sandboxed() as served:
        yield served


@pytest.fixture
def desk(tmp_path: Path, sandbox: Sandbox) -> Iterator[TestHall]:
    with hall(tmp_path, sandbox) as opened:
        yield opened


def receipts(desk: TestHall) -> list[StoredReceipt]:
    return desk.office.desk.cases.rows(select(StoredReceipt), StoredReceipt)


def test_answers_of_registries_take_papers_off_the_list(desk: TestHall) -> None:
    before = desk.company()
    after = desk.look_up(AMR, before)

    assert ID_CARDS | {"lease"} <= {*before.decision["submit"]}
    assert not (ID_CARDS | {"lease"}) & {*after.decision["submit"]}
    assert after.decision["lookups"] == []
    assert after.head.submit == len(after.decision["submit"]) == 3
    assert after.head.statutory == 6


def test_nothing_is_asked_but_what_the_decision_lists(desk: TestHall) -> None:
    worked = desk.company()
    listed = {
        (row["source"], row["subject"], *row["materials"], *row["claims"])
        for row in worked.decision["lookups"]
    }
    desk.look_up(AMR, worked)

    orders = desk.looking_up.orders(worked, AMR)
    assert {(o.source.id, o.subject, *o.materials, *o.claims) for o in orders} <= listed
    token = desk.office.desk.cases.token
    asked = {(row.source, row.token) for row in receipts(desk)}
    assert asked == {(row[0], token(row[1])) for row in listed}
    assert list(desk.looking_up.orders(desk.office.desk.see(worked.number, AMR), AMR)) == []


def test_a_receipt_says_who_asked_for_what_and_its_raw_answer_is_locked(
    desk: TestHall, tmp_path: Path
) -> None:
    worked = desk.look_up(AMR, desk.company())
    (lease,) = [row for row in receipts(desk) if row.source == "lease_filing"]

    assert (lease.operator, lease.office, lease.item) == (
        "company", "企业登记窗口", "b.company_setup",
    )  # fmt: skip
    assert lease.purpose
    assert lease.digest.startswith("sha256:")
    opened = desk.office.desk.cases.open_part(worked.number, f"receipt-{lease.id}", lease.box)
    assert b'"raw"' in opened
    bare = b"".join(path.read_bytes() for path in tmp_path.glob("record.db*"))
    for key in ("founder", "partner"):
        person = member(key)
        assert person.number.encode() not in bare
        assert person.name.encode() not in bare


def test_what_was_answered_lately_is_not_asked_again_in_the_next_case(desk: TestHall) -> None:
    desk.look_up(AMR, desk.company())
    calls = len(receipts(desk))
    second = desk.company()

    assert not ID_CARDS & {*second.decision["submit"]}
    assert any(look.reused for look in second.file.lookups)
    desk.look_up(AMR, second)
    assert len(receipts(desk)) == calls


def test_a_later_denial_by_a_registry_bars_the_match_from_being_used_again(
    desk: TestHall,
) -> None:
    desk.look_up(AMR, desk.company())
    (match,) = [one for one in receipts(desk) if one.source == "lease_filing"]
    later = {"id": "0" * 20, "asked_at": match.asked_at + timedelta(minutes=1)}
    denial = match.model_dump() | later | {"verdict": "found_conflict"}
    before = desk.company()

    desk.office.office.store.database.write(
        lambda connection: connection.execute(insert(StoredReceipt), denial)
    )
    after = desk.company()

    assert "lease_filing" in reused(before)
    assert "lease_filing" not in reused(after)
    assert reused(before) - reused(after) == {"lease_filing"}
    assert "lease" in after.decision["submit"]


def test_an_answer_is_used_again_only_by_items_that_are_about_it(desk: TestHall) -> None:
    desk.look_up(AMR, desk.company())

    other = desk.open(GENERAL, "founder", items=("v.modify",))

    wanted = {one for row in other.decision["lookups"] for one in row["materials"]}
    named = {
        one for look in other.file.lookups for each in look.receipts for one in each.materials
    }
    assert "lease" not in wanted | named
    assert "lease_filing" not in reused(other)


def reused(worked: Worked) -> set[str]:
    """Return the sources whose earlier answers a case uses again."""
    return {look.source for look in worked.file.lookups if look.reused}


def test_what_a_clerk_notes_of_a_registry_is_what_the_button_names_and_the_list_asks(
    desk: TestHall,
) -> None:
    worked, alone = desk.company(), LookingUp(desk.office.desk, None)
    row = next(one for one in worked.decision["lookups"] if one["source"] == "population")
    person, wanted = person_key(worked, row["subject"]), row["materials"][0]
    assert row["claims"]

    def noted(
        source: str, verdict: str, names: str = wanted, looking_up: LookingUp = alone
    ) -> list[happened.Event]:
        button = f"note|{source}|{person}|{names}||{verdict}"
        return list(events_of(pressed([("do", button)]), worked, looking_up))

    (look,) = noted("population", "found_match")
    assert isinstance(look, happened.LookedUp)
    (receipt,) = look.receipts
    assert (receipt.materials, receipt.claims) == ((wanted,), ())
    assert noted("population", "good") == []
    for source, names, looking_up, key in (
        ("none", wanted, alone, "not_asked"),
        ("population", f"{wanted},business_licence", alone, "not_asked"),
        ("population", wanted, desk.looking_up, "connected"),
    ):
        with pytest.raises(CaseRefusedError) as refused:
            noted(source, "found_match", names, looking_up)
        assert [one.key for one in refused.value.reasons] == [key]


def test_what_was_answered_long_ago_is_asked_again(desk: TestHall) -> None:
    desk.look_up(AMR, desk.company())
    desk.office.later(days=40)
    second = desk.company()

    assert {*second.decision["submit"]} >= ID_CARDS
    assert {row["source"] for row in second.decision["lookups"]} >= {"population"}


def test_an_outage_is_the_agencys_task_and_ends_when_the_registry_answers(
    desk: TestHall,
) -> None:
    desk.sandbox.exchange.faults.put("population", "down")
    worked = desk.look_up(AMR, desk.company())

    assert {*worked.decision["deferred"]} == ID_CARDS
    tasks = desk.office.rows(Task, number=worked.number, kind="agency_check")
    assert {task.paper for task in tasks} == ID_CARDS
    assert {task.organ for task in tasks} == {"dg-psb"}
    assert [alert.kind for alert in desk.office.rows(Alert, kind="outage")] == ["outage"]

    desk.sandbox.exchange.faults.put("population", "none")
    desk.office.desk.cases.head(worked.number)
    mended = desk.look_up(AMR, worked, again=True)
    assert mended.decision["deferred"] == []
    assert not ID_CARDS & {*mended.decision["submit"]}
    tasks = desk.office.rows(Task, number=worked.number, kind="agency_check")
    assert {task.outcome for task in tasks} == {"registry_answered"}


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("wrong_person", "other_person"), ("conflicting", "contradictory")],
)
def test_wrong_data_never_waive(desk: TestHall, fault: str, reason: str) -> None:
    desk.sandbox.exchange.faults.put("population", fault)
    worked = desk.look_up(AMR, desk.company())

    assert {*worked.decision["submit"]} >= ID_CARDS
    reasons = {row.reason for row in receipts(desk) if row.source == "population"}
    assert reasons == {reason}


def test_stale_data_do_not_waive_and_are_asked_for_once_a_day(desk: TestHall) -> None:
    desk.sandbox.exchange.faults.put("population", "stale")
    worked = desk.look_up(AMR, desk.company())

    assert {*worked.decision["submit"]} >= ID_CARDS
    assert {row["source"] for row in worked.decision["lookups"]} >= {"population"}
    assert list(desk.looking_up.orders(worked, AMR)) == []
    desk.office.later(days=1)
    assert [
        o.source.id
        for o in desk.looking_up.orders(desk.office.desk.see(worked.number, AMR), AMR)
    ]


def test_who_contests_a_record_hands_in_the_own_paper_and_the_register_is_asked_to_check(
    desk: TestHall,
) -> None:
    worked = desk.look_up(AMR, desk.company())
    assert "lease" not in worked.decision["submit"]
    contested = happened.Contested(paper="lease", statement="门牌号登记错了")
    worked = desk.act(AMR, worked.number, contested)

    assert "lease" in worked.decision["submit"]
    (task,) = desk.office.rows(Task, number=worked.number, kind="correction")
    assert (task.paper, task.organ, task.state) == ("lease", "dg-hcb", "open")
    worked = desk.act(AMR, worked.number, happened.Uncontested(paper="lease"))
    assert "lease" not in worked.decision["submit"]
    (task,) = desk.office.rows(Task, number=worked.number, kind="correction")
    assert (task.state, task.outcome) == ("done", "taken_back")


def test_a_corrected_record_is_asked_anew_and_counts(desk: TestHall) -> None:
    worked = desk.look_up(AMR, desk.company())
    number, before = worked.number, len(worked.file.lookups)
    desk.act(AMR, number, happened.Contested(paper="lease", statement="门牌号登记错了"))
    (task,) = desk.office.rows(Task, number=number, kind="correction")

    worked = Checking(desk.office.desk).end(task.id, "corrected", "已更正门牌号", HOUSING)

    assert worked.file.contested == {}
    assert "lease" in worked.decision["submit"]
    (row,) = [one for one in worked.decision["lookups"] if one["source"] == "lease_filing"]
    assert "lease" in row["materials"] or row["claims"]
    (task,) = desk.office.rows(Task, number=number, kind="correction")
    assert (task.state, task.outcome) == ("done", "corrected")
    worked = desk.look_up(AMR, worked)
    assert [one.source for one in worked.file.lookups[before:]] == ["lease_filing"]
    assert "lease" not in worked.decision["submit"]


def test_a_corrected_record_that_cannot_be_asked_waives_nothing(desk: TestHall) -> None:
    worked = desk.look_up(AMR, desk.company())
    desk.act(AMR, worked.number, happened.Contested(paper="lease", statement="登记错了"))
    (task,) = desk.office.rows(Task, number=worked.number, kind="correction")
    desk.sandbox.exchange.faults.put("lease_filing", "wrong_person")

    worked = Checking(desk.office.desk).end(task.id, "corrected", "已更正", HOUSING)
    worked = desk.look_up(AMR, worked)

    assert "lease" in worked.decision["submit"]


def test_what_was_upheld_stays_contested(desk: TestHall) -> None:
    worked = desk.look_up(AMR, desk.company())
    desk.act(AMR, worked.number, happened.Contested(paper="lease", statement="登记错了"))
    (task,) = desk.office.rows(Task, number=worked.number, kind="correction")

    worked = Checking(desk.office.desk).end(task.id, "upheld", "登记无误", HOUSING)

    assert set(worked.file.contested) == {"lease"}
    assert "lease" in worked.decision["submit"]
    assert worked.decision["lookups"] == []


def test_it_is_said_beforehand_what_is_needed_only_if_a_registry_stays_down(
    desk: TestHall,
) -> None:
    worked = desk.company()
    silent = only_if_silent(worked)

    assert silent["lease"] == ("lease_filing",)
    assert silent["founder:id_card"] == ("population",)
    assert "charter" not in silent
    later = desk.look_up(AMR, worked)
    assert set(worked.decision["submit"]) - set(silent) == set(later.decision["submit"])


def test_a_registrys_record_answers_questions_where_nobody_has(desk: TestHall) -> None:
    worked = desk.open(GENERAL, "driver", items=("v.modify",))
    worked = desk.look_up(GENERAL, worked)

    facts = worked.file.source_facts
    assert facts
    assert not {*facts} & {*worked.decision["questions"]}
    key, value = next(iter(facts.items()))
    fact = worked.pack.catalogue.facts[key]
    other = (
        not value
        if fact.type == "boolean"
        else next((one for one in fact.choices or () if one != value), None)
    )
    if other is not None:
        stated = desk.act(GENERAL, worked.number, happened.Answered(facts={key: other}))
        assert stated.file.differing == {key: value}
        assert stated.file.stated[key] == other


def test_whoever_leaves_the_case_takes_what_was_looked_up_along(desk: TestHall) -> None:
    worked = desk.look_up(AMR, desk.company())
    person = member("founder").number
    left = desk.act(AMR, worked.number, happened.Left(role="founder", id=person))

    subjects = {one["subject"] for one in left.file.raw(left.today)["receipts"]}
    assert subjects == {person, member("partner").number}
    only = member("partner").number
    left = desk.act(AMR, worked.number, happened.Left(role="founder", id=only))
    assert left.decision["missing_roles"] == ["founder"]


def test_several_clerks_asking_at_once_keep_every_answer(desk: TestHall) -> None:
    cases = [desk.company() for _ in range(6)]
    for worked in cases:
        desk.looking_up.start(worked, AMR)
    for worked in cases:
        assert desk.looking_up.wait(worked.number, 20)

    for worked in cases:
        now = desk.office.desk.see(worked.number, AMR)
        assert len(now.decision["submit"]) == 3, now.decision["submit"]


def test_after_months_the_case_is_decided_anew_before_it_is_shown(desk: TestHall) -> None:
    worked = desk.look_up(AMR, desk.company())
    sealed = worked.head.decision
    desk.office.now += timedelta(days=60)
    later = desk.office.desk.see(worked.number, AMR)

    assert later.head.decision != sealed
    assert later.decision["as_of"] == later.today.isoformat()
    assert {*later.decision["submit"]} >= ID_CARDS


def test_nobody_is_asked_where_nothing_is_connected(desk: TestHall) -> None:
    worked = desk.open(AMR, "founder", items=("b.company_setup",), facts=COMPANY)
    worked = desk.act(AMR, worked.number, joined("founder", "founder"))
    sources = {row["source"] for row in worked.decision["lookups"]}
    source = worked.pack.catalogue.sources[min(sources)]

    assert desk.looking_up.reaches(source)
    assert not desk.looking_up.reaches(source.model_copy(update={"lookup": None}))


def test_an_answer_goes_along_with_a_case_that_was_handed_over_meanwhile(
    desk: TestHall,
) -> None:
    worked = desk.company()
    orders = list(desk.looking_up.orders(worked, AMR))
    handed = happened.HandedOver(organ="dg-nr", office="自然资源窗口", handler="land")
    desk.act(AMR, worked.number, handed)
    desk.looking_up.start(worked, AMR)
    assert desk.looking_up.wait(worked.number, PATIENCE)

    now = desk.office.desk.see(worked.number, GENERAL)
    assert len(now.file.lookups) >= len(orders) > 0
    assert now.head.office == "自然资源窗口"


def test_what_waits_to_be_asked_can_be_asked_and_then_nothing_waits(desk: TestHall) -> None:
    worked = desk.company()
    before = lay_out(worked, desk.looking_up, View(), speech("zh"), []).asking
    after = lay_out(desk.look_up(AMR, worked), desk.looking_up, View(), speech("zh"), []).asking

    assert (before.waiting, before.pending) == (True, False)
    assert (after.waiting, after.again) == (False, False)
    assert {one.state for one in after.registers} <= {"found_match", "not_found"}
