"""Bodies of knowledge: random laws, authority, organs, materials, items, processes, sources."""

from tests.oracle.dice import Dice, chance, pick, some
from tests.oracle.matter import Json

REGIONS = ["中国", "广东省", "东莞市"]
FOREIGN = "四川省"
CLASSES = ["other", "certificate", "licence", "intermediary", "stamp", "form", "statement"]
LEVELS = [
    "law", "administrative_regulation", "departmental_rule", "local_regulation",
    "city_regulation", "normative_document", "state_council_decision", "sez_regulation",
    "autonomous_regulation", "provincial_government_rule", "city_government_rule",
    "technical_standard",
]  # fmt: skip
LOCATORS = ["第一条", "第十六条第一款第三项", "第十五条之一", "三(四)"]
ROLES = {"spouse": "配偶", "buyer": "买方"}
# The days on which things begin and end; cases fall on them and beside them.
TURNS = ["2016-06-13", "2018-05-05", "2020-01-01", "2022-03-01", "2025-05-10"]


def period(dice: Dice, limited: int, *, bare: bool = False) -> Json:
    """Throw a period; `limited` of a hundred do not hold all the time."""
    if not chance(dice, limited):
        return {"since": "2010-01-01"} if bare else {"since": "2010-01-01", "until": None}
    first = dice.number(-1, len(TURNS) - 2)
    since = "2010-01-01" if first < 0 else TURNS[first]
    last = dice.number(first + 1, len(TURNS))
    return {"since": since, "until": None if last == len(TURNS) else TURNS[last]}


def laws(dice: Dice) -> list[Json]:
    """Four to eight laws; some foreign, some no longer or not yet in force."""
    found = []
    for number in range(dice.number(4, 8)):
        law: Json = {
            "id": f"law{number}",
            "title": f"条例{number}",
            "level": pick(dice, LEVELS),
            "verified": True,
            **period(dice, 33, bare=chance(dice, 30)),
        }
        if chance(dice, 80):
            law["region"] = FOREIGN if chance(dice, 15) else pick(dice, REGIONS)
        found.append(law)
    return found


def citations(dice: Dice, laws: list[Json], low: int, high: int) -> list[str]:
    """Throw some citations, none twice."""
    return [f"{law['id']} {pick(dice, LOCATORS)}" for law in some(dice, laws, low, high)]


def authority(dice: Dice, laws: list[Json]) -> list[Json]:
    """Up to four profiles; most allow the levels that most laws have."""
    found = []
    for _ in range(dice.number(0, 4)):
        profile: Json = {
            "class": pick(dice, CLASSES),
            "region": FOREIGN if chance(dice, 20) else pick(dice, REGIONS),
            "levels": some(dice, LEVELS, 3, 8),
            "basis": citations(dice, laws, 1, 1),
            **period(dice, 45),
        }
        if chance(dice, 60):
            profile["applicant"] = pick(dice, ["any", "natural", "legal"])
        found.append(profile)
    return found


def organs(dice: Dice) -> list[Json]:
    """Three organs, some of one system, some of none."""
    systems = [None, "market", "land", "market"]
    return [
        {"id": f"organ{number}", "name": f"局{number}", "system": pick(dice, systems)}
        for number in range(3)
    ]


def materials(dice: Dice, claims: list[str], organs: list[Json], count: int) -> list[Json]:
    """Throw so many materials, of all classes."""
    found = []
    for number in range(count):
        material: Json = {
            "id": f"m{number}",
            "name": f"材料{number}",
            "class": pick(dice, CLASSES),
            "proves": [] if chance(dice, 20) else some(dice, claims, 1, 3),
        }
        if chance(dice, 70):
            material["issuer"] = pick(dice, organs)["id"]
        if chance(dice, 40):
            material["burden"] = dice.number(1, 5)
        found.append(material)
    return found


def items(dice: Dice, organs: list[Json], materials: list[Json], count: int) -> list[Json]:
    """Throw so many items, some with roles, outputs and exclusions."""
    found = []
    for number in range(count):
        item: Json = {
            "id": f"i{number}",
            "name": f"事项{number}",
            "organ": pick(dice, organs)["id"],
            "outputs": [one["id"] for one in some(dice, materials, 0, 2)],
            "excluded_from_commitment": chance(dice, 15),
            "no_materials": chance(dice, 40),
        }
        if chance(dice, 60):
            roles = some(dice, list(ROLES), 1, 2)
            item["roles"] = {role: ROLES[role] for role in roles}
        found.append(item)
    return found


def process(dice: Dice, items: list[Json]) -> Json:
    """Two to five steps, each after some of those before it; ids in no telling order."""
    steps: list[Json] = []
    names = ["s3", "s1", "s4", "s0", "s2"]
    for number in range(dice.number(2, 5)):
        before = [step["id"] for step in steps]
        step = {"id": names[number], "item": items[number % len(items)]["id"]}
        if before and chance(dice, 80):
            step["after"] = some(dice, before, 1, 2)
        steps.append(step)
    return {"id": "p", "name": "流程", "steps": steps}


def complete_for(dice: Dice, named: list[str], claims: list[str]) -> list[str]:
    """Throw the claims for which a register is complete; now and then beyond those it names."""
    if not chance(dice, 60):
        return []
    return some(dice, claims if chance(dice, 10) else named, 1, 4)


def sources(
    dice: Dice, organs: list[Json], items: list[Json], materials: list[Json], claims: list[str]
) -> list[Json]:
    """Two to four sources; most share, some are complete registers."""
    found = []
    for number in range(dice.number(2, 4)):
        named = some(dice, claims, 1, len(claims))
        source: Json = {
            "id": f"src{number}",
            "name": f"库{number}",
            "organ": pick(dice, organs)["id"],
            "sharing": "none"
            if chance(dice, 8)
            else pick(dice, ["unconditional", "conditional"]),
            "materials": [one["id"] for one in some(dice, materials, 2, 6)],
            "claims": named,
            "complete_for": complete_for(dice, named, claims),
        }
        if chance(dice, 60):
            source["max_age_days"] = pick(dice, [7, 0, 30, 365])
        if chance(dice, 35):
            source["on_unavailable"] = pick(dice, ["ask", "defer"])
        if chance(dice, 20):
            source["items"] = [one["id"] for one in some(dice, items, 1, 3)]
        found.append(source)
    return found
