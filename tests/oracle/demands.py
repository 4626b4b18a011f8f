"""Demands: random requirement, reduction and keep rules over a body of knowledge."""

from tests.oracle.bodies import citations, period
from tests.oracle.dice import Dice, chance, pick, some
from tests.oracle.evidence import GROUNDS
from tests.oracle.matter import Json
from tests.oracle.phrases import condition

# These need no evidence: with wide selectors they would strike everything before the later
# grounds are looked at.
NARROW = ["irrelevant", "unlisted", "unverifiable", "area_assessment", "exempt"]
FOR_EVER = GROUNDS[:4]


def claims_provable(dice: Dice, claims: list[str], materials: list[Json]) -> list[str]:
    """Claims that one material proves, so that covering is possible; or any."""
    proving = [one["proves"] for one in materials if one["proves"]]
    if proving and chance(dice, 60):
        return some(dice, pick(dice, proving), 1, 2)
    return some(dice, claims, 1, 2)


def requirement(dice: Dice, pack: Json, number: int, item: Json) -> Json:
    """One requirement rule of an item."""
    claims = [claim["id"] for claim in pack["claims"]]
    names = [material["id"] for material in pack["materials"]]
    accepts = [some(dice, names, 1, 3)]
    while len(accepts) < 3 and chance(dice, 40):
        accepts.append(some(dice, names, 1, 2))
    rule: Json = {
        "id": f"{item['id']}/r{number:02}",
        "item": item["id"],
        "accepts": accepts,
        "basis": citations(dice, pack["laws"], 1, 3),
        "when": condition(dice, pack["facts"], 55),
        **period(dice, 15, bare=chance(dice, 30)),
    }
    if chance(dice, 75):
        rule["proves"] = claims_provable(dice, claims, pack["materials"])
    if item.get("roles") and chance(dice, 45):
        rule["party"] = pick(dice, list(item["roles"]))
    if chance(dice, 20):
        material = pick(dice, accepts[0])
        rule["edge_basis"] = {material: citations(dice, pack["laws"], 0, 2)}
    if chance(dice, 50):
        rule["secondary"] = True
    return rule


def requirements(dice: Dice, pack: Json) -> list[Json]:
    """Three to twelve requirement rules, at most a few for each item."""
    found: list[Json] = []
    often = (3, 5) if len(pack["items"]) < 3 else (1, 4)
    for item in pack["items"]:
        for _ in range(dice.number(*often)):
            found.append(requirement(dice, pack, len(found), item))
    while len(found) < 3:
        found.append(requirement(dice, pack, len(found), pack["items"][0]))
    return found[:12]


def selector(dice: Dice, pack: Json, *, narrow: bool) -> Json:
    """Throw a selector: of some materials, of nothing, of everything, of several fields."""
    if narrow and not chance(dice, 30):
        return {"materials": [one["id"] for one in some(dice, pack["materials"], 1, 2)]}
    if not narrow and not chance(dice, 40):
        return {}
    fields = {
        "materials": [one["id"] for one in pack["materials"]],
        "classes": sorted({one["class"] for one in pack["materials"]}),
        "items": [one["id"] for one in pack["items"]],
        "organs": [one["id"] for one in pack["organs"]],
        "claims": [one["id"] for one in pack["claims"]],
        "rules": [one["id"] for one in pack["requirements"]],
    }
    chosen = some(dice, list(fields), 1, 2)
    if chance(dice, 4):
        return {chosen[0]: []}
    return {field: some(dice, fields[field], 1, 5) for field in chosen}


def reduction(dice: Dice, pack: Json, ground: str, number: int) -> Json:
    """Throw one reduction."""
    rule: Json = {
        "id": f"cut/{ground}-{number}",
        "ground": ground,
        "basis": citations(dice, pack["laws"], 1, 2),
        "when": condition(dice, pack["facts"], 55),
        **period(dice, 15, bare=chance(dice, 30)),
    }
    select = selector(dice, pack, narrow=ground in NARROW)
    return {**rule, "select": select} if select or chance(dice, 50) else rule


def reductions(dice: Dice, pack: Json) -> list[Json]:
    """Throw reductions on some of the sixteen grounds, now and then two on one.

    A pack with few grounds shows the later ones at work; over many packs all meet.
    """
    rare = [*NARROW, "covered", "no_basis"]
    working = [ground for ground in GROUNDS if ground not in rare]
    chosen = some(dice, working, 4, 9) + some(dice, NARROW, 0, 2)
    chosen += ["covered"] if chance(dice, 80) else []
    chosen += ["no_basis"] if chance(dice, 50) else []
    return [
        reduction(dice, pack, ground, number)
        for ground in GROUNDS
        if ground in chosen
        for number in range(2 if chance(dice, 30) else 1)
    ]


def keeps(dice: Dice, pack: Json) -> list[Json]:
    """Up to three keep rules; four grounds cannot be defeated."""
    defeatable = [ground for ground in GROUNDS if ground not in FOR_EVER]
    found = []
    for number in range(dice.number(0, 3)):
        rule: Json = {
            "id": f"keep/{number}",
            "defeats": some(dice, defeatable, 2, 8),
            "basis": citations(dice, pack["laws"], 1, 2),
            "when": condition(dice, pack["facts"], 50),
            **period(dice, 15),
        }
        select = selector(dice, pack, narrow=chance(dice, 35))
        if select or chance(dice, 50):
            rule["select"] = select
        found.append(rule)
    return found
