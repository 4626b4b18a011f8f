"""A plan never asks for a paper that an earlier step holds."""

from collections import defaultdict
from typing import Any

from evaluator.decide import Decider
from evaluator.decision import encode
from tests.effort import tries
from tests.matters import matters
from tests.oracle.oracle import plan as plan_of_the_oracle
from tests.product import Json, decide, pack_of, plan_steps

# Law that always counts lets every step use what an earlier one has collected.
LAW = {"id": "always", "title": "法", "level": "law", "since": "1990-01-01"}
REUSE = {
    "id": "cut/reuse", "ground": "earlier_stage", "basis": ["always 第一条"],
    "since": "1990-01-01",
}  # fmt: skip


def without_hindrance(pack: Json) -> Json:
    """Return the pack with reuse for every paper, and no keep rule against it."""
    keeps = [
        keep | {"defeats": [ground for ground in keep["defeats"] if ground != "earlier_stage"]}
        for keep in pack["keeps"]
    ]
    return pack | {
        "laws": [*pack["laws"], LAW],
        "reductions": [*pack["reductions"], REUSE],
        "keeps": keeps,
    }


def ancestors(process: Json) -> dict[str, set[str]]:
    """Return for each step the steps before it."""
    after = {step["id"]: set(step.get("after", [])) for step in process["steps"]}
    for _ in after:
        for before in after.values():
            before |= {other for step in before for other in after[step]}
    return after


def persons(case: Json) -> dict[str, set[str]]:
    """Return the persons of each role."""
    found = defaultdict(set, {"applicant": {case["applicant"]["id"]}})
    for party in case.get("parties", []):
        found[party["role"]].add(party["id"])
    return found


def asked(case: Json, decision: Json) -> set[tuple[str, str]]:
    """Return (material, person) for every paper on the list."""
    people = persons(case)
    return {
        (material, person)
        for name in decision["submit"]
        for role, _, material in [name.rpartition(":")]
        for person in people[role or "applicant"]
    }


def test_no_step_asks_again_for_what_an_earlier_step_holds() -> None:
    planned = 0
    for matter in matters("asks once", packs=60, cases=2):
        pack = without_hindrance(matter.pack)
        process = pack["processes"][0]
        plan = plan_steps(Decider(pack_of(pack)), process["id"], matter.case)
        if "error" in plan:
            continue
        planned += 1
        held: dict[str, set[Any]] = {}
        items = {item["id"]: item for item in pack["items"]}
        item_at = {step["id"]: items[step["item"]] for step in process["steps"]}
        for row in plan["steps"]:
            step, decision = row["step"], row["decision"]
            before = set().union(*(held[one] for one in ancestors(process)[step]))
            again = {
                name
                for name in decision["submit"]
                for wanted in [asked(matter.case, {"submit": [name]})]
                if wanted and wanted <= before
            }

            assert not again, (matter, step)
            issued = {(one, matter.case["applicant"]["id"]) for one in item_at[step]["outputs"]}
            held[step] = asked(matter.case, decision) | issued
    assert planned > tries(30)


def test_a_plan_is_the_same_however_the_case_names_what_it_is_for() -> None:
    for matter in matters("named otherwise", packs=15, cases=1):
        process = matter.pack["processes"][0]["id"]
        bare = {
            key: part
            for key, part in matter.case.items()
            if key not in ("items", "process", "step")
        }

        assert plan_steps(matter.decider, process, bare) == plan_steps(
            matter.decider, process, matter.case
        )


def test_each_step_of_a_plan_is_the_decision_of_that_step_with_what_went_before() -> None:
    for matter in matters("by hand", packs=15, cases=1):
        process = matter.pack["processes"][0]
        plan = plan_steps(matter.decider, process["id"], matter.case)
        if "error" in plan:
            continue
        first = plan["steps"][0]
        case = {key: part for key, part in matter.case.items() if key != "items"}
        alone = decide(matter.decider, case | {"process": process["id"], "step": first["step"]})
        if "error" not in alone:
            assert encode(alone) == encode(first["decision"])


def test_a_plan_with_a_step_that_would_be_refused_is_refused() -> None:
    for matter in matters("refused", packs=15, cases=1):
        process = matter.pack["processes"][0]
        organ = matter.pack["organs"][0]["id"]
        empty = {"id": "empty", "name": "无材料清单", "organ": organ}
        last = {"id": "zz", "item": "empty", "after": [process["steps"][0]["id"]]}
        longer = process | {"steps": [*process["steps"], last]}
        pack = matter.pack | {"items": [*matter.pack["items"], empty], "processes": [longer]}

        got = plan_steps(Decider(pack_of(pack)), process["id"], matter.case)
        assert "`empty` has no material list" in got["error"]
        assert "error" in plan_of_the_oracle(pack, process["id"], matter.case)


def test_a_plan_of_no_process_of_the_pack_is_refused() -> None:
    matter = next(matters("no process", packs=1))

    got = plan_steps(matter.decider, "nonsense", matter.case)
    assert got == {
        "error": "process: there is no process `nonsense`; name a process of the pack"
    }
