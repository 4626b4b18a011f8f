"""A plan for a whole process: every step in order, each with what went before (section 9)."""

from tests.oracle.decision import decision
from tests.oracle.evidence import ancestors
from tests.oracle.faults import faults, faults_of_items
from tests.oracle.matter import Json, by_id, complete_case, complete_pack, matter_of
from tests.oracle.receipts import role_persons
from tests.oracle.resolution import resolution_of


def plan(pack: Json, process: str, case: Json) -> Json:
    """Decide every step; the case's own items, process and step are ignored."""
    case = {key: part for key, part in case.items() if key not in ("items", "process", "step")}
    pack = complete_pack(pack)
    steps = by_id(by_id(pack["processes"])[process]["steps"])
    found = faults(pack, {**case, "process": process}, whole_process=True)
    found = found or [
        fault
        for step in steps.values()
        for fault in faults_of_items(pack, complete_case(case)["law_day"], [step["item"]])
    ]
    if found:
        return {"error": found}
    decided: dict[str, Json] = {}
    for step in order(steps):
        decided[step] = decision_at(pack, process, step, case, decided)
    return {"steps": [{"step": step, "decision": one} for step, one in decided.items()]}


def order(steps: dict[str, Json]) -> list[str]:
    """Section 9: topological; among the steps that are ready, the least id first."""
    done: list[str] = []
    while len(done) < len(steps):
        ready = [
            step
            for step in steps
            if step not in done and all(one in done for one in steps[step]["after"])
        ]
        done.append(min(ready))
    return done


def decision_at(
    pack: Json, process: str, step: str, case: Json, decided: dict[str, Json]
) -> Json:
    """Decide one step with what its ancestors hold added to the case's `collected`."""
    steps = by_id(by_id(pack["processes"])[process]["steps"])
    before = ancestors(steps, step)
    collected = list(case.get("collected", []))
    for earlier, decision_there in decided.items():
        if earlier in before:
            collected += held_at(pack, steps[earlier], case, decision_there)
    own = {**case, "process": process, "step": step, "collected": collected}
    return decision(resolution_of(matter_of(pack, own)))


def held_at(pack: Json, step: Json, case: Json, decided: Json) -> list[Json]:
    """Section 9: the `submit` of a step and the outputs of its item, each once, sorted."""
    matter = matter_of(pack, {**case, "items": [step["item"]]})
    held = set()
    for paper in decided["submit"]:
        role, material = paper.split(":") if ":" in paper else ("applicant", paper)
        held |= {(material, person) for person in role_persons(matter, role)}
    outputs = by_id(pack["items"])[step["item"]]["outputs"]
    held |= {(material, case["applicant"]["id"]) for material in outputs}
    return [
        {
            "material": material,
            "step": step["id"],
            "on": case["as_of"],
            "until": None,
            "subject": person,
        }
        for material, person in sorted(held)
    ]
