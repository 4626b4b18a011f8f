"""The desk while registries fail: the list is there, with reasons, and no paper is lost."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.cases import event as happened
from api.cases.looking_up import LookingUp
from api.cases.table import StoredReceipt, Task
from api.cases.working import Worked
from api.sandbox.cast import member
from api.sandbox.fault import Fault
from api.speech import speech
from knowledge.lookup.failure import Reason
from knowledge.lookup.hub import Limits
from knowledge.lookup.registries import Registries
from tests.effort import THOROUGH
from tests.halls import AMR, GENERAL, PATIENCE, TestHall, hall, named
from tests.sandboxed import Sandbox, population, sandboxed

PROMPT = Limits()
BOUND = 8.0
"""Seconds that a busy machine may need; how fast it is on a quiet one, the benchmark says."""

OF = {
    "population": {"founder:id_card", "officer:id_card"},
    "lease_filing": {"lease"},
}
SETTLED = frozenset().union(*OF.values())
REASONS = {
    Fault.VERY_SLOW: "timeout", Fault.SLOW: "timeout", Fault.DRIP: "timeout",
    Fault.DOWN: "server", Fault.REFUSE: "reset", Fault.RESET: "reset",
    Fault.BAD_SCHEMA: "schema", Fault.NOT_JSON: "not_json", Fault.UNSIGNED: "signature",
    Fault.WRONG_SIGNATURE: "signature", Fault.HUGE: "too_large", Fault.CLOCK: "clock",
    Fault.REDIRECT: "redirect", Fault.NOT_AUTHORISED: "registry",
    Fault.WRONG_PERSON: "other_person", Fault.CONFLICTING: "contradictory",
    Fault.STALE: "", Fault.EMPTY: "",
}  # fmt: skip
OUTAGES = {
    fault
    for fault, reason in REASONS.items()
    if reason and fault not in {Fault.NOT_AUTHORISED, Fault.WRONG_PERSON, Fault.CONFLICTING}
}
SLOW = {Fault.SLOW, Fault.VERY_SLOW, Fault.DRIP}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    assert population().residents  # made before anybody is asked in haste
    with sandboxed() as served:
        yield served


@pytest.fixture
def desk(tmp_path: Path, sandbox: Sandbox) -> Iterator[TestHall]:
    with hall(tmp_path, sandbox) as opened:
        yield opened


@contextmanager
def prompt(desk: TestHall, limits: Limits = PROMPT) -> Iterator[TestHall]:
    """Yield the hall with registries that are waited for no longer than by clerks."""
    looking_up = LookingUp(desk.office.desk, Registries(desk.sandbox.hubs, limits))
    try:
        yield TestHall(desk.office, looking_up, desk.sandbox)
    finally:
        looking_up.close()


def asked(desk: TestHall) -> tuple[Worked, float]:
    """Return the case of a company after its look-ups, and the seconds that they took."""
    worked = desk.company()
    begun = time.monotonic()
    worked = desk.look_up(AMR, worked)
    return worked, time.monotonic() - begun


def receipts(desk: TestHall, number: str) -> list[StoredReceipt]:
    rows: list[StoredReceipt] = desk.office.rows(StoredReceipt, number=number)
    return rows


def reasons(desk: TestHall, worked: Worked, source: str) -> set[str]:
    return {row.reason for row in receipts(desk, worked.number) if row.source == source}


def attempts(desk: TestHall, worked: Worked) -> int:
    """Return how many requests the look-ups of leases of a case took."""
    return sum(
        row.attempts for row in receipts(desk, worked.number) if row.source == "lease_filing"
    )


def require_kept(worked: Worked, faulty: set[str], fault: Fault) -> None:
    """Require that what failing registries would have settled is asked for or deferred."""
    decision = worked.decision
    submit, deferred = {*decision["submit"]}, {*decision["deferred"]}
    lost = frozenset().union(*(OF[source] for source in faulty))
    assert not (SETTLED - lost) & (submit | deferred), "others settle what they settled"
    assert lost <= submit | deferred
    assert not submit & deferred
    if fault in OUTAGES:
        assert deferred == lost, "the pack hands an outage to the agency"
    else:
        assert lost <= submit, "wrong data are no outage: the paper is asked for"


ONE = [(source, fault) for source in OF for fault in REASONS] if THOROUGH else [
    ("population", Fault.DOWN), ("population", Fault.WRONG_PERSON),
    ("lease_filing", Fault.VERY_SLOW), ("lease_filing", Fault.NOT_AUTHORISED),
]  # fmt: skip


@pytest.mark.parametrize(("source", "fault"), ONE)
def test_whatever_one_registry_does_its_papers_are_asked_for_and_the_others_settled(
    desk: TestHall, source: str, fault: Fault
) -> None:
    desk.sandbox.exchange.faults.put(source, fault)
    # Slow registries are waited for as at a desk, others as long as a busy machine needs.
    with prompt(desk, PROMPT if fault in SLOW else Limits(connect=9, read=9, total=9)) as hasty:
        worked, seconds = asked(hasty)

    if fault in SLOW:  # a busy machine may be as late as the registry that is tested
        others = {row.source for row in receipts(desk, worked.number) if row.reason} - {source}
        require_kept(worked, {source} | others, fault)
        assert seconds < BOUND
    else:
        require_kept(worked, {source}, fault)
    assert reasons(desk, worked, source) == {REASONS[fault]}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Iterator[TestHall]:
    """Yield a hall that goes through all faults, one after another: none leaves anything."""
    with hall(tmp_path_factory.mktemp("faults"), sandbox) as opened:
        yield opened


@pytest.mark.parametrize("fault", REASONS)
def test_whatever_all_registries_do_the_list_is_there_and_says_why(
    office: TestHall, fault: Fault
) -> None:
    desk = office
    desk.sandbox.exchange.faults.put("all", fault)
    with prompt(desk, PROMPT if fault in SLOW else Limits(connect=9, read=9, total=9)) as hasty:
        worked, seconds = asked(hasty)

    assert seconds < BOUND
    require_kept(worked, {*OF}, fault)
    for source in OF:
        assert reasons(desk, worked, source) == {REASONS[fault]}
    papers = SETTLED if fault in OUTAGES else set()
    tasks = desk.office.rows(Task, number=worked.number, kind="agency_check", state="open")
    assert {task.paper for task in tasks} == papers


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_reason_has_its_words(language: str) -> None:
    say = speech(language).say
    told = {*Reason.__args__, "authority", "registry", "other_person"}  # type: ignore[attr-defined] # of typing
    told |= {"contradictory", "not_in_force"}
    words = {say(f"reason.{reason}") for reason in told}

    assert len(words) == len(told), "each is told apart"
    assert {REASONS[fault] for fault in REASONS} - {""} <= told


def test_one_outage_of_a_day_is_one_alert_for_an_office_and_a_task_for_each_case(
    desk: TestHall,
) -> None:
    desk.sandbox.exchange.faults.put("lease_filing", "down")
    cases = [desk.look_up(AMR, desk.company()) for _ in range(3)]
    (alert,) = desk.office.alerts(kind="outage")
    tasks: list[Task] = desk.office.rows(Task, kind="agency_check")
    elsewhere = desk.look_up(GENERAL, desk.company(GENERAL))

    assert (alert.office, alert.number) == (AMR.office, cases[0].number)
    assert {(task.number, task.paper) for task in tasks} == {(c.number, "lease") for c in cases}
    assert {one.office for one in desk.office.alerts(kind="outage")} == {
        AMR.office, elsewhere.head.office,
    }  # fmt: skip


def test_a_registry_that_failed_is_left_alone_then_tried_once_then_asked_again(
    desk: TestHall,
) -> None:
    limits = Limits(connect=9, read=9, total=9, rest=1.5, calls_per_retry=10**6)
    faults = desk.sandbox.exchange.faults
    with prompt(desk, limits) as hasty:
        faults.put("lease_filing", "down")
        failed = [asked(hasty)[0] for _ in range(limits.in_a_row)]
        begun = time.monotonic()
        skipped, _ = asked(hasty)
        assert time.monotonic() - begun < limits.rest, "else this machine is too busy to tell"

        assert reasons(hasty, failed[-1], "lease_filing") == {"server"}
        assert reasons(hasty, skipped, "lease_filing") == {"breaker"}
        assert attempts(hasty, skipped) == 0, "nothing is sent to it"
        assert {*skipped.decision["deferred"]} == {"lease"}
        (look,) = [one for one in skipped.file.lookups if one.source == "lease_filing"]
        assert look.milliseconds < 500

        time.sleep(limits.rest)
        probed, _ = asked(hasty)
        assert reasons(hasty, probed, "lease_filing") == {"server"}
        assert attempts(hasty, probed) == 1, "one probe, and it failed"

        faults.put("lease_filing", "none")
        time.sleep(limits.rest)
        for worked in (*failed, skipped, probed):
            mended = hasty.look_up(AMR, worked, again=True)
            assert not SETTLED & {*mended.decision["submit"], *mended.decision["deferred"]}
    tasks: list[Task] = desk.office.rows(Task, kind="agency_check")
    assert {(task.state, task.outcome) for task in tasks} == {("done", "registry_answered")}


def test_nothing_is_asked_twice_because_an_answer_cannot_be_used(desk: TestHall) -> None:
    """The data are of a day that this desk does not count as fresh: asking again is no cure."""
    desk.office.later(days=-40)
    calls = desk.sandbox.exchange.standing["lease_filing"].calls
    worked, _ = asked(desk)

    assert {*worked.decision["submit"]} >= SETTLED
    assert {row["source"] for row in worked.decision["lookups"]} == {*OF}
    assert desk.sandbox.exchange.standing["lease_filing"].calls == calls + 1


def test_no_round_of_questions_begins_that_could_end_too_late(desk: TestHall) -> None:
    """A slow registry is asked; what its record brings up is left to the next act."""
    limits = Limits(connect=9, read=9, total=9)
    desk.sandbox.exchange.faults.put("all", "slow")
    looking_up = LookingUp(desk.office.desk, Registries(desk.sandbox.hubs, limits), within=2)
    slow = TestHall(desk.office, looking_up, desk.sandbox)
    worked = slow.open(GENERAL, "driver", items=("v.modify",))
    begun = time.monotonic()
    worked = slow.look_up(GENERAL, worked)
    seconds = time.monotonic() - begun
    looking_up.close()

    assert seconds < 2 + BOUND / 4
    assert {look.asked_on for look in worked.file.lookups} == {worked.today}
    assert len({(look.source, look.subject) for look in worked.file.lookups}) == len(
        worked.file.lookups
    )


def test_the_record_of_another_person_of_the_case_answers_no_question(desk: TestHall) -> None:
    first = desk.look_up(GENERAL, desk.open(GENERAL, "driver", items=("v.modify",)))
    assert first.file.source_facts, "the register states facts of its applicant"
    driver = member("driver")
    party = happened.NamedParty(role="co_owner", kind=driver.kind, id=driver.number)
    worked = desk.open(GENERAL, "founder", items=("v.modify",), parties=(party,))

    assert any(look.subject == driver.number for look in worked.file.lookups)
    assert worked.file.source_facts == {}


def test_an_answer_that_meets_a_case_being_worked_on_is_not_lost(desk: TestHall) -> None:
    """Remarks are written all the while: look-ups come between them, and lose nothing."""
    worked = desk.company()
    stop = threading.Event()

    def remark() -> None:
        while not stop.is_set():
            desk.act(AMR, worked.number, happened.Noted(text="电话联系"))

    clerks = [threading.Thread(target=remark) for _ in range(2)]
    for clerk in clerks:
        clerk.start()
    desk.looking_up.start(worked, AMR)
    assert desk.looking_up.wait(worked.number, PATIENCE)
    stop.set()
    for clerk in clerks:
        clerk.join()

    now = desk.office.desk.see(worked.number, AMR)
    assert not SETTLED & {*now.decision["submit"]}
    events = desk.office.desk.cases.happened(worked.number)
    assert [one.seq for one in events] == [*range(1, now.file.version + 1)]
    assert named("founder").id in {look.subject for look in now.file.lookups}
