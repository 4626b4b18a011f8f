"""No mercy for faults: whatever registries fail at, no paper that they settled is dropped."""

from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

import pytest

from api.cases import event as happened
from api.cases.event import Named
from api.cases.looking_up import LookingUp
from api.cases.refusal import CaseRefusedError
from api.cases.working import Worked
from api.sandbox.fault import Fault
from api.sandbox.resident import Resident
from knowledge.lookup.registries import Registries
from tests.effort import THOROUGH, dice_of, tries
from tests.halls import GENERAL, PATIENCE, UNHURRIED, TestHall, hall
from tests.matters import Matter, matters
from tests.product import Json, decide
from tests.sandboxed import Sandbox, population, sandboxed

BAD = ("found_conflict", "not_found", "unavailable", "not_authorised")
PACKS = 2_500 if THOROUGH else 60
QUICK = tuple(fault for fault in Fault if fault not in {
    Fault.SLOW, Fault.VERY_SLOW, Fault.DRIP, Fault.NONE, Fault.EMPTY,
})  # fmt: skip
"""Faults that need no waiting. An empty answer is signed: it is the register's own word."""

CASES_AT_THE_DESK = 25 if not THOROUGH else 200
GROUNDED = ("submit", "deferred", "reference", "commitment")


def spoilt(case: Json, rng: Random) -> Json | None:
    """Return the case after some registries failed, None where none had a match to lose."""
    receipts = [*case.get("receipts", [])]
    matches = [at for at, one in enumerate(receipts) if one["verdict"] == "found_match"]
    if not matches:
        return None
    for at in rng.sample(matches, rng.randint(1, len(matches))):
        receipts[at] = {**receipts[at], "verdict": rng.choice(BAD)}
    return {**case, "receipts": receipts}


def negative(matter: Matter, case: Json) -> bool:
    """Say whether a source that is complete for something now says that there is nothing."""
    complete = {one["id"] for one in matter.pack["sources"] if one.get("complete_for")}
    return any(
        one["verdict"] == "not_found" and one["source"] in complete for one in case["receipts"]
    )


def entries(decision: Json) -> dict[str, Json]:
    return {entry["rule"]: entry for entry in decision["entries"]}


def is_handed_over(entry: Json) -> bool:
    return any(edge["outcome"] == "deferred" for edge in entry["edges"])


def name_of(entry: Json, material: str) -> str:
    party = entry["party"]
    return material if party == "applicant" else f"{party}:{material}"


def matches(case: Json, sources: dict[str, set[str]], place: int) -> bool:
    """Say whether an answer is a match, or the word of a source that knows all of a thing."""
    receipt = case["receipts"][place]
    negative = receipt["verdict"] == "not_found" and bool(sources.get(receipt["source"]))
    return receipt["verdict"] == "found_match" or negative


def dropped(case: Json, decision: Json, sources: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Return the demands of a decision that nothing meets; there should be none.

    A paper is asked for or handed to the agency, offered for, or removed; by a registry only
    if that registry found a match.
    """
    kept = {key: {*decision[key]} | {*decision["submit"]} for key in GROUNDED}
    found = []
    for entry in decision["entries"]:
        if entry["status"] != "applies" or entry["rule"] in decision["unmeetable"]:
            continue
        for edge in entry["edges"]:
            outcome, places = edge["outcome"], (edge["evidence"] or {}).get("receipts", [])
            name = name_of(entry, edge["material"])
            wrong = outcome in kept and name not in kept[outcome]
            wrong |= outcome == "removed" and edge["ground"] is None
            if edge["ground"] == "data_sharing":
                wrong |= not places or not all(matches(case, sources, at) for at in places)
            if wrong:
                found.append((entry["rule"], name))
    return found


def complete(sources: Iterable[Json]) -> dict[str, set[str]]:
    """Return what each source knows all of."""
    return {one["id"]: {*one.get("complete_for", ())} for one in sources}


def test_no_pattern_of_faults_settles_a_rule_or_drops_a_paper() -> None:
    tried = changed = 0
    for matter in matters(
        "patterns of faults", packs=PACKS // (10 if THOROUGH else 1), cases=8
    ):
        for _ in range(2):
            case = spoilt(matter.case, matter.rng)
            if case is None:
                break
            after = decide(matter.decider, case)
            tried += 1
            changed += after["entries"] != matter.decision["entries"]
            was, now = entries(matter.decision), entries(after)

            assert dropped(case, after, complete(matter.pack["sources"])) == [], matter
            assert was.keys() == now.keys(), "which rules apply does not depend on receipts"
            for rule, entry in now.items():
                assert entry["status"] == was[rule]["status"]
                if entry["status"] != "applies":
                    continue
                newly = entry["settled"] and not was[rule]["settled"]
                assert not newly or is_handed_over(entry) or negative(matter, case), rule
    assert tried > tries(150)
    assert changed > tried / 10, "faults mattered"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    assert population().residents  # made before anybody is asked
    with sandboxed() as served:
        yield served


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Iterator[TestHall]:
    with hall(tmp_path_factory.mktemp("mercy"), sandbox) as opened:
        yield opened


def opened(desk: TestHall, item: str, one: Resident, rng: Random) -> Worked | None:
    """Open the case of a resident, with some answers; None where the item is not for them."""
    pack = desk.office.office.on(desk.office.desk.today)[1].decider.pack
    applicant = Named(kind=one.kind, id=one.number, name=one.name)
    facts = {
        key: rng.choice([*fact.choices])
        for key, fact in pack.catalogue.facts.items()
        if fact.type == "choice" and fact.choices and rng.random() < 0.7
    }
    said: dict[str, Any] = {
        key: rng.random() < 0.5
        for key, fact in pack.catalogue.facts.items()
        if fact.type == "boolean" and rng.random() < 0.7
    }
    started = happened.Opened(applicant=applicant, items=(item,), facts={**facts, **said})
    try:
        worked = desk.office.desk.open(started, GENERAL)
    except CaseRefusedError:  # an item of another day, or of another kind of applicant
        return None
    return worked if worked.decision["lookups"] else None


def twice(desk: TestHall, worked: Worked, pattern: dict[str, Fault]) -> tuple[Json, Json, Json]:
    """Return the decisions on a case with and without faults, and the case with faults."""
    faults = desk.sandbox.exchange.faults
    decisions, cases = [], []
    for wrong in (pattern, {}):
        faults.put("all", "none")
        for source, fault in wrong.items():
            faults.put(source, fault)
        # Breakers are a registry's own memory: each case begins with closed ones.
        asking = Registries(desk.sandbox.hubs, UNHURRIED)
        looking_up = LookingUp(desk.office.desk, asking, within=PATIENCE)
        looking_up.start(worked, GENERAL, again=not wrong)
        assert looking_up.wait(worked.number, PATIENCE)
        looking_up.close()
        worked = desk.office.desk.see(worked.number, GENERAL)
        decisions.append(worked.decision)
        cases.append(worked.file.raw(worked.today))
    return decisions[0], decisions[1], cases[0]


def papers(decision: Json) -> set[str]:
    return {name for key in GROUNDED for name in decision[key]}


def test_at_the_desk_faults_take_nothing_off_the_list(desk: TestHall) -> None:
    """What is on the list without faults, and what registries settled, is on it with them."""
    rng = dice_of("faults at the desk")
    pack = desk.office.office.on(desk.office.desk.today)[1].decider.pack
    items = sorted(pack.catalogue.items)
    people = sorted(population().residents.values(), key=lambda one: one.number)
    looked = lost = 0
    while looked < CASES_AT_THE_DESK:
        worked = opened(desk, rng.choice(items), rng.choice(people), rng)
        if worked is None:
            continue
        looked += 1
        before = worked.decision
        asked = sorted({row["source"] for row in before["lookups"]})
        failing = rng.sample(asked, rng.randint(1, len(asked)))
        pattern: dict[str, Fault] = {source: rng.choice(QUICK) for source in failing}
        faulty, mended, case = twice(desk, worked, pattern)
        file = desk.office.desk.see(worked.number, GENERAL).file

        known = {key: {*one.complete_for} for key, one in pack.catalogue.sources.items()}
        assert dropped(case, faulty, known) == [], (worked.number, pattern)
        was, now = entries(mended), entries(faulty)
        for rule, entry in now.items():
            same = not file.source_facts and entry["status"] == was[rule]["status"] == "applies"
            if same and entry["settled"] and not was[rule]["settled"]:
                assert is_handed_over(entry), (rule, pattern)
        if not (file.source_facts or faulty["deferred"]) and {*failing} == {*asked}:
            # All fail, and nobody else checks: nothing leaves the list.
            assert {*before["submit"]} <= papers(faulty), (pattern, before["submit"], faulty)
        lost += papers(faulty) != papers(mended)
    assert lost > CASES_AT_THE_DESK / 10, "faults mattered"
