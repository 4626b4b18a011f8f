"""More knowledge never takes back what was settled, and a fault never spares a paper."""

from typing import Any

from evaluator.trial import outcome
from tests.effort import tries
from tests.matters import Matter, matters
from tests.oracle.phrases import STATED
from tests.product import Json, decide

CLEAN = {"severe": False, "false_commitment": False}
BAD_VERDICTS = ("found_conflict", "not_found", "unavailable", "not_authorised")


def unstated(matter: Matter) -> list[str]:
    """Return the facts that the case does not state."""
    facts = matter.case.get("facts", {})
    return [fact["key"] for fact in matter.pack["facts"] if fact["key"] not in facts]


def with_facts(case: Json, facts: Json) -> Json:
    """Return the case with some facts stated besides its own."""
    return {**case, "facts": {**case.get("facts", {}), **facts}}


def statuses(decision: Json) -> dict[str, str]:
    """Return the status of every rule that is not open."""
    return {
        entry["rule"]: entry["status"]
        for entry in decision["entries"]
        if entry["status"] != "open"
    }


def grounds(decision: Json) -> set[tuple[str, str, str]]:
    """Return (rule, material, ground) for what discharges edges without covering."""
    return {
        (entry["rule"], edge["material"], ground)
        for entry in decision["entries"]
        for edge in entry["edges"]
        for ground in edge["grounds"]
        if ground != "covered"
    }


def test_stating_one_more_fact_never_reverses_what_is_settled() -> None:
    tried = 0
    for matter in matters("one more fact", packs=40):
        for key in unstated(matter):
            value: Any = matter.rng.choice(STATED[key])
            after = decide(matter.decider, with_facts(matter.case, {key: value}))
            tried += 1

            assert statuses(matter.decision).items() <= statuses(after).items(), matter
            assert grounds(matter.decision) <= grounds(after), matter
    assert tried > tries(150)


def test_a_complete_decision_cannot_change_by_any_further_fact_or_credit() -> None:
    complete = 0
    for matter in matters("complete", packs=60, cases=8):
        missing = unstated(matter)
        if not matter.decision["complete"] or not (missing or "credit" not in matter.case):
            continue
        complete += 1
        for _ in range(6):
            stated = [key for key in missing if matter.rng.random() < 0.8]
            facts = {key: matter.rng.choice(STATED[key]) for key in stated}
            case = with_facts(matter.case, facts)
            if "credit" not in case and matter.rng.random() < 0.7:
                flags = [matter.rng.random() < 0.4 for _ in range(2)]
                case["credit"] = {"severe": flags[0], "false_commitment": flags[1]}
            after = decide(matter.decider, case)

            assert outcome(after) == outcome(matter.decision), (matter, case)
    assert complete > tries(60)


def test_a_receipt_turned_bad_settles_nothing_but_by_handing_the_check_to_the_agency() -> None:
    turned = 0
    for matter in matters("no fault waives", packs=60, cases=8):
        for place, receipt in enumerate(matter.case.get("receipts", [])):
            if receipt["verdict"] != "found_match":
                continue
            for verdict in BAD_VERDICTS:
                receipts = [*matter.case["receipts"]]
                receipts[place] = {**receipt, "verdict": verdict}
                after = decide(matter.decider, {**matter.case, "receipts": receipts})
                turned += 1

                for rule in newly_settled(matter.decision, after):
                    assert handed_to_the_agency(rule), (matter, place, verdict)
    assert turned > tries(300)


def newly_settled(before: Json, after: Json) -> list[Json]:
    """Return the entries that are settled after and were not before."""
    was = {entry["rule"]: entry["settled"] for entry in before["entries"]}
    return [one for one in after["entries"] if one["settled"] and not was[one["rule"]]]


def handed_to_the_agency(entry: Json) -> bool:
    """Say whether some edge of the chosen list is the agency's to check."""
    return any(edge["outcome"] == "deferred" for edge in entry["edges"])
