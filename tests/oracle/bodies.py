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


def law(dice: Dice) -> Json:
    """Throw a law, without its id; some are foreign, some no longer or not yet in force."""
    found: Json = {
        "title": "条例",
        "level": pick(dice, LEVELS),
        "verified": True,
        **period(dice, 33, bare=chance(dice, 30)),
    }
    if chance(dice, 80):
        found["region"] = FOREIGN if chance(dice, 15) else pick(dice, REGIONS)
    return found


def numbered(name: str, entries: list[Json]) -> list[Json]:
    """Return the entries with an id each."""
    return [{"id": f"{name}{number}", **entry} for number, entry in enumerate(entries)]


def laws(dice: Dice) -> list[Json]:
    """Throw four to eight laws."""
    return numbered("law", dice.many(4, 8, law))


def citations(dice: Dice, laws: list[Json], low: int, high: int) -> list[str]:
    """Throw some citations, none twice."""
    return [f"{law['id']} {pick(dice, LOCATORS)}" for law in some(dice, laws, low, high)]


def authority(dice: Dice, laws: list[Json]) -> list[Json]:
    """Throw up to four profiles; most allow some of the levels that laws have."""

    def profile(dice: Dice) -> Json:
        found: Json = {
            "class": pick(dice, CLASSES),
            "region": FOREIGN if chance(dice, 20) else pick(dice, REGIONS),
            "levels": some(dice, LEVELS, 3, 8),
            "basis": citations(dice, laws, 1, 1),
            **period(dice, 45),
        }
        if chance(dice, 60):
            found["applicant"] = pick(dice, ["any", "natural", "legal"])
        return found

    return dice.many(0, 4, profile)


def organs(dice: Dice) -> list[Json]:
    """Three organs, some of one system, some of none."""
    systems = [None, "market", "land", "market"]
    return [
        {"id": f"organ{number}", "name": f"局{number}", "system": pick(dice, systems)}
        for number in range(3)
    ]


def materials(
    dice: Dice, claims: list[str], organs: list[Json], low: int, high: int
) -> list[Json]:
    """Throw materials of all classes."""

    def material(dice: Dice) -> Json:
        found: Json = {
            "name": "材料",
            "class": pick(dice, CLASSES),
            "proves": [] if chance(dice, 20) else some(dice, claims, 1, 3),
        }
        if chance(dice, 70):
            found["issuer"] = pick(dice, organs)["id"]
        if chance(dice, 40):
            found["burden"] = dice.number(1, 5)
        return found

    return numbered("m", dice.many(low, high, material))


def items(
    dice: Dice, organs: list[Json], materials: list[Json], low: int, high: int
) -> list[Json]:
    """Throw items, some with roles, outputs and exclusions."""

    def item(dice: Dice) -> Json:
        found: Json = {
            "name": "事项",
            "organ": pick(dice, organs)["id"],
            "outputs": [one["id"] for one in some(dice, materials, 0, 2)],
            "excluded_from_commitment": chance(dice, 15),
            "no_materials": chance(dice, 40),
        }
        if chance(dice, 60):
            roles = some(dice, list(ROLES), 1, 2)
            found["roles"] = {role: ROLES[role] for role in roles}
        return found

    return numbered("i", dice.many(low, high, item))


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
    """Throw two to four sources; most share, some are complete registers."""

    def source(dice: Dice) -> Json:
        named = some(dice, claims, 1, len(claims))
        sharing = pick(dice, ["unconditional", "conditional"])
        found: Json = {
            "name": "库",
            "organ": pick(dice, organs)["id"],
            "sharing": "none" if chance(dice, 8) else sharing,
            "materials": [one["id"] for one in some(dice, materials, 2, 6)],
            "claims": named,
            "complete_for": complete_for(dice, named, claims),
        }
        if chance(dice, 60):
            found["max_age_days"] = pick(dice, [7, 0, 30, 365])
        if chance(dice, 35):
            found["on_unavailable"] = pick(dice, ["ask", "defer"])
        if chance(dice, 20):
            found["items"] = [one["id"] for one in some(dice, items, 1, 3)]
        return found

    return numbered("src", dice.many(2, 4, source))
