"""Demands: random requirement, reduction and keep rules over a body of knowledge."""

from tests.oracle.bodies import citations, numbered, period
from tests.oracle.dice import Dice, chance, pick, some
from tests.oracle.evidence import GROUNDS
from tests.oracle.matter import Json
from tests.oracle.phrases import condition

# These need no evidence: with wide selectors they would strike everything before the later
# grounds are looked at.
NARROW = ["irrelevant", "unlisted", "unverifiable", "area_assessment", "exempt"]
FOR_EVER = GROUNDS[:4]
# The grounds as often as they are thrown.
POOL = [
    *[ground for ground in GROUNDS if ground not in (*NARROW, "no_basis")] * 2,
    *NARROW,
    *("no_basis", "covered", "data_sharing", "agency_check", "agency_check"),
]


def claims_provable(dice: Dice, claims: list[str], materials: list[Json]) -> list[str]:
    """Claims that one material proves, so that covering is possible; or any."""
    proving = [one["proves"] for one in materials if one["proves"]]
    if proving and chance(dice, 60):
        return some(dice, pick(dice, proving), 1, 2)
    return some(dice, claims, 1, 2)


def requirement(dice: Dice, pack: Json, item: Json) -> Json:
    """Throw one requirement rule of an item, without its id."""
    claims = [claim["id"] for claim in pack["claims"]]
    names = [material["id"] for material in pack["materials"]]
    accepts = [some(dice, names, 1, 3)]
    while len(accepts) < 3 and chance(dice, 40):
        accepts.append(some(dice, names, 1, 2))
    rule: Json = {
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
    """Throw three to twelve requirement rules, spread over the items."""
    items = pack["items"]
    most = 10 if len(items) < 3 else 12
    found = dice.many(3, most, lambda dice: requirement(dice, pack, pick(dice, items)))
    return numbered("r", found)


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


def reduction(dice: Dice, pack: Json) -> Json:
    """Throw one reduction, without its id."""
    ground = pick(dice, POOL)
    rule: Json = {
        "ground": ground,
        "basis": citations(dice, pack["laws"], 1, 2),
        "when": condition(dice, pack["facts"], 55),
        **period(dice, 15, bare=chance(dice, 30)),
    }
    select = selector(dice, pack, narrow=ground in NARROW)
    return {**rule, "select": select} if select or chance(dice, 50) else rule


def reductions(dice: Dice, pack: Json) -> list[Json]:
    """Throw reductions on some of the sixteen grounds, now and then several on one.

    A pack with few grounds shows the later ones at work; over many packs all meet.
    """
    return numbered("cut/", dice.many(5, 15, lambda dice: reduction(dice, pack)))


def keep(dice: Dice, pack: Json) -> Json:
    """Throw one keep rule, without its id; four grounds cannot be defeated."""
    rule: Json = {
        "defeats": some(dice, [one for one in GROUNDS if one not in FOR_EVER], 2, 8),
        "basis": citations(dice, pack["laws"], 1, 2),
        "when": condition(dice, pack["facts"], 50),
        **period(dice, 15),
    }
    select = selector(dice, pack, narrow=chance(dice, 35))
    return {**rule, "select": select} if select or chance(dice, 50) else rule


def keeps(dice: Dice, pack: Json) -> list[Json]:
    """Throw up to three keep rules."""
    return numbered("keep/", dice.many(0, 3, lambda dice: keep(dice, pack)))
