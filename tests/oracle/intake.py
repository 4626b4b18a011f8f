"""Intake: random cases before a pack."""

from tests.oracle import records
from tests.oracle.bodies import TURNS
from tests.oracle.dice import Dice, chance, pick, some
from tests.oracle.evidence import ancestors
from tests.oracle.law import live
from tests.oracle.matter import Json, by_id
from tests.oracle.phrases import stated
from tests.oracle.receipts import paper_of
from tests.oracle.records import APPLICANT, Aim

TODAY = ["2026-11-23", "2021-03-01", "2023-06-30", "2018-05-05", "2025-05-09", "2020-01-01"]


def days(dice: Dice) -> Json:
    """Throw today and, now and then, an earlier law day; both often where something turns."""
    as_of = pick(dice, TODAY)
    earlier = [day for day in TURNS if day <= as_of]
    if not earlier or not chance(dice, 45):
        return {"as_of": as_of}
    return {"as_of": as_of, "law_day": pick(dice, [as_of, *earlier[::-1]])}


def rules_on(pack: Json, item: str, law_day: str) -> list[Json]:
    """Return the requirement rules of an item that are live on the law day."""
    return [
        rule
        for rule in pack["requirements"]
        if rule["item"] == item and live({"until": None, **rule}, law_day)
    ]


def named_items(dice: Dice, pack: Json, law_day: str) -> Json:
    """Throw some items, or one step; nearly all have a rule on the law day."""
    items = [
        item["id"]
        for item in pack["items"]
        if item["no_materials"] or rules_on(pack, item["id"], law_day) or chance(dice, 10)
    ]
    process = pick(dice, pack["processes"])
    steps = [step["id"] for step in process["steps"] if step["item"] in items]
    if steps and chance(dice, 55):
        return {"process": process["id"], "step": pick(dice, steps[::-1])}
    named = some(dice, items, 1, 3) or [pack["items"][0]["id"]]
    return {"items": [*named, named[0]] if chance(dice, 5) else named}


def persons(dice: Dice, roles: list[str]) -> dict[str, list[str]]:
    """Throw who stands in each role: nobody, one, two, or the applicant himself."""
    found = {"applicant": [APPLICANT]}
    for role in roles:
        if chance(dice, 80):
            found[role] = some(dice, ["乙", "丁", APPLICANT], 1, 2)
    return found


def steps_nearest_first(pack: Json, found: Json) -> list[str]:
    """Return all steps; the case's own and its ancestors first."""
    steps = by_id([{"after": [], **step} for one in pack["processes"] for step in one["steps"]])
    near = sorted(ancestors(steps, found["step"]), reverse=True) if "step" in found else []
    near += [found["step"]] if "step" in found else []
    return near + [step for step in steps if step not in near]


def case(dice: Dice, pack: Json) -> Json:
    """Throw a case before a pack; one in some tens names an item that must be refused."""
    found = days(dice)
    law_day = str(found.get("law_day", found["as_of"]))
    found |= named_items(dice, pack, law_day)
    steps = by_id([step for one in pack["processes"] for step in one["steps"]])
    items = by_id(pack["items"])
    named = found.get("items") or [steps[found["step"]]["item"]]
    roles = sorted({role for item in named for role in items[item].get("roles", {})})
    people = persons(dice, roles)
    found["applicant"] = {"kind": pick(dice, ["natural", "legal"]), "id": APPLICANT}
    found["parties"] = [
        {"role": role, "kind": pick(dice, ["natural", "legal"]), "id": one}
        for role in roles
        for one in people.get(role, [])
    ]
    found["facts"] = stated(dice, pack["facts"], pick(dice, [85, 100, 60, 40]))
    rules = [rule for item in named for rule in rules_on(pack, item, law_day)]
    if chance(dice, 50):
        rules = some(dice, rules, 1, 2)
    edges = [(rule, one) for rule in rules for accepted in rule["accepts"] for one in accepted]
    if edges:
        near = steps_nearest_first(pack, found)
        found |= evidence(Aim(dice, pack, found["as_of"], edges, people, near))
    if chance(dice, 70):
        severe, false_commitment = chance(dice, 10), chance(dice, 10)
        found["credit"] = {"severe": severe, "false_commitment": false_commitment}
    return found


# Which grounds look at which part of a case.
LOOKED_AT = {
    "receipts": ["data_sharing", "agency_check"],
    "licences": ["e_licence", "own_issued"],
    "history": ["history"],
    "collected": ["earlier_stage"],
    "commitments": ["commitment"],
    "promised_later": ["tolerance"],
}
EVIDENCE = {
    "receipts": records.receipts,
    "licences": records.licences,
    "history": records.history,
    "collected": records.collected,
}


def evidence(aim: Aim) -> Json:
    """Throw the records and the applicant's choices, most where the pack's grounds look."""
    papers = sorted(
        {paper_of({"party": "applicant", **rule}, material) for rule, material in aim.edges}
    )
    grounds = {rule["ground"] for rule in aim.pack["reductions"]}
    found: Json = {}
    for kind, looking in LOOKED_AT.items():
        if chance(aim.dice, 75 if grounds & set(looking) else 10):
            throw = EVIDENCE.get(kind)
            found[kind] = throw(aim) if throw else some(aim.dice, papers, 0, 5)
    if chance(aim.dice, 20):
        found["contested"] = some(aim.dice, papers, 1, 2)
    if chance(aim.dice, 30):
        found["lacks"] = some(aim.dice, papers, 1, 3)
    return found
