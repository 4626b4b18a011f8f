"""The smallest change that flips a paper really does; "none" is said only where none does."""

from collections.abc import Iterator
from typing import Any

from evaluator.change import Change, Changes
from tests.effort import tries
from tests.matters import Matter, matters
from tests.oracle.phrases import STATED
from tests.product import Json, case_of, decide

CHOICES = {
    "commitments": "commitment", "promised_later": "promised_later", "contested": "contested",
    "lacks": "lacks",
}  # fmt: skip
RECORDS = ("licences", "history", "collected")


def papers(decision: Json) -> list[str]:
    """Return the names of all papers of a decision."""
    return sorted(
        {
            edge["material"]
            if entry["party"] == "applicant"
            else f"{entry['party']}:{edge['material']}"
            for entry in decision["entries"]
            for edge in entry["edges"]
        }
    )


def flips(paper: str, before: Json, after: Json) -> bool:
    """Say whether a paper joins the list, or leaves it while every rule is met as before."""
    if "error" in after:
        return False
    if paper in before["submit"]:
        met = set(after["unmeetable"]) <= set(before["unmeetable"])
        return paper not in after["submit"] and met
    return paper in after["submit"]


def changed(case: Json, key: str, value: Any) -> Json:
    """Return the case with one key changed."""
    return case | {key: value}


def changes_of_the_case(matter: Matter) -> Iterator[Json]:
    """Yield the case with each answer, receipt, record and choice of it changed."""
    case = matter.case
    facts = case.get("facts", {})
    for fact in matter.pack["facts"]:
        for value in STATED[fact["key"]]:
            yield changed(case, "facts", {**facts, fact["key"]: value})
    for severe in (False, True):
        yield changed(case, "credit", {"severe": severe, "false_commitment": False})
    receipts = case.get("receipts", [])
    for place, receipt in enumerate(receipts):
        verdict = "not_found" if receipt["verdict"] == "found_match" else "found_match"
        turned = receipt | {"verdict": verdict}
        yield changed(case, "receipts", [*receipts[:place], turned, *receipts[place + 1 :]])
    for key in (*RECORDS, *CHOICES):
        rows = case.get(key, [])
        for row in rows:
            yield changed(case, key, [one for one in rows if one is not row])
    for paper in matter.decision["submit"]:
        yield changed(case, "lacks", [*case.get("lacks", []), paper])


def changes_of_the_paper(matter: Matter, paper: str) -> Iterator[Json]:
    """Yield the case with each new receipt, record and choice about one paper."""
    case, day = matter.case, matter.case["as_of"]
    role, _, material = paper.rpartition(":")
    persons = {party["id"] for party in case.get("parties", []) if party["role"] == role} or (
        {case["applicant"]["id"]} if not role else set()
    )
    for person in persons:
        of_person = {"material": material, "trust": "A", "until": None}
        licence = of_person | {"holder": person, "status": "valid"}
        yield changed(case, "licences", [*case.get("licences", []), licence])
        past = of_person | {"subject": person, "on": day}
        yield changed(case, "history", [*case.get("history", []), past])
        if "step" in case:
            held = {"material": material, "step": case["step"], "on": day, "subject": person}
            yield changed(case, "collected", [*case.get("collected", []), held])
        for source in matter.pack["sources"]:
            if material in source["materials"]:
                match = {"source": source["id"], "verdict": "found_match", "on": day}
                receipt = match | {"materials": [material], "subject": person}
                yield changed(case, "receipts", [*case.get("receipts", []), receipt])
    clean = case.get("credit", {"severe": False, "false_commitment": False})
    for key in ("commitments", "promised_later", "contested"):
        more = {"credit": clean} if key == "commitments" else {}
        yield changed(case, key, [*case.get(key, []), paper]) | more


def test_none_is_said_only_where_no_single_change_flips_the_paper() -> None:
    silent = 0
    for matter in matters("none", packs=16, cases=2):
        changes = Changes(matter.decider, case_of(matter.decider, matter.case), matter.decision)
        common: list[Json] = []
        for paper in papers(matter.decision):
            if changes.flipping(paper) is not None:
                continue
            silent += 1
            common = common or [
                decide(matter.decider, one) for one in changes_of_the_case(matter)
            ]
            own = [decide(matter.decider, one) for one in changes_of_the_paper(matter, paper)]

            assert not any(flips(paper, matter.decision, one) for one in common), (
                matter,
                paper,
            )
            assert not any(flips(paper, matter.decision, one) for one in own), (matter, paper)
    assert silent > tries(20)


def test_a_change_that_is_named_flips_the_paper() -> None:
    found = 0
    for matter in matters("flips", packs=25, cases=2):
        case = case_of(matter.decider, matter.case)
        changes = Changes(matter.decider, case, matter.decision)
        for paper in papers(matter.decision):
            change = changes.flipping(paper)
            if change is None:
                continue
            found += 1
            after = [decide(matter.decider, one) for one in carried_out(matter, paper, change)]

            assert any(flips(paper, matter.decision, one) for one in after), (matter, change)
    assert found > tries(30)


def carried_out(matter: Matter, paper: str, change: Change) -> Iterator[Json]:
    """Yield the ways to carry out a change as a clerk would understand its words."""
    case, key, value = matter.case, change.key, change.value
    if change.kind == "fact":
        yield changed(case, "facts", {**case.get("facts", {}), key: value})
    elif change.kind == "credit":
        flags = {"severe": value == "severe", "false_commitment": False}
        yield changed(case, "credit", flags)
    elif change.kind in CHOICES.values():
        section = next(name for name, kind in CHOICES.items() if kind == change.kind)
        chosen = [one for one in case.get(section, []) if one != key]
        clean = {"credit": {"severe": False, "false_commitment": False}}
        stated = "credit" in case or change.kind != "commitment" or value != "chosen"
        rest = [*chosen, key] if value == "chosen" else chosen
        yield changed(case, section, rest) | ({} if stated else clean)
    elif change.kind == "receipt":
        yield from turned_or_new(matter, key, value, paper)
    else:
        yield from (one for one in changes_of_the_case(matter) if value == "absent")
        yield from changes_of_the_paper(matter, paper)


def turned_or_new(matter: Matter, source: str, verdict: str, paper: str) -> Iterator[Json]:
    """Yield the case with a receipt of a source turned, or with a new one."""
    case = matter.case
    receipts = case.get("receipts", [])
    for place, receipt in enumerate(receipts):
        if receipt["source"] == source:
            turned = receipt | {"verdict": verdict}
            yield changed(case, "receipts", [*receipts[:place], turned, *receipts[place + 1 :]])
    yield from changes_of_the_paper(matter, paper)
    claims = {tuple(rule.get("proves", [])) for rule in matter.pack["requirements"]}
    persons = {case["applicant"]["id"], *(one["id"] for one in case.get("parties", []))}
    for named in claims:
        for person in persons:
            new = {
                "source": source, "verdict": verdict, "on": case["as_of"],
                "claims": list(named), "subject": person,
            }  # fmt: skip
            yield changed(case, "receipts", [*receipts, new])
