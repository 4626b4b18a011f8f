"""Intake: random cases before a pack, most of their evidence aimed at an edge of the case."""

import datetime as dt
from dataclasses import dataclass

from tests.oracle.bodies import TURNS
from tests.oracle.dice import Dice, chance, pick, some
from tests.oracle.law import live
from tests.oracle.matter import Json, by_id
from tests.oracle.phrases import stated

TODAY = ["2026-11-23", "2021-03-01", "2023-06-30", "2018-05-05", "2025-05-09", "2020-01-01"]
VERDICTS = ["found_match", "not_found", "unavailable", "found_conflict", "not_authorised"]
STRANGER = "丙"


@dataclass(frozen=True)
class Aim:
    """What evidence is aimed at: the edges of the case's rules and the persons in them."""

    dice: Dice
    pack: Json
    day: str
    edges: list[tuple[Json, str]]
    persons: dict[str, list[str]]

    def before(self, days: int) -> str:
        """Return the day so many days before today; a negative number is a later day."""
        today = dt.date.fromisoformat(self.day)
        return (today - dt.timedelta(days=days)).isoformat()

    def until(self) -> str | None:
        """Return an end: none, later, tomorrow, or today, when it holds no longer."""
        return pick(self.dice, [None, self.before(-30), None, self.before(-1), self.day])

    def edge(self) -> tuple[Json, str]:
        """One edge."""
        return pick(self.dice, self.edges)

    def person(self, rule: Json) -> str:
        """Return a person of the rule's party; now and then somebody else."""
        party = self.persons.get(rule.get("party", "applicant"), [])
        if not party or chance(self.dice, 8):
            return STRANGER if chance(self.dice, 50) else "甲"
        return pick(self.dice, party)


def paper(rule: Json, material: str) -> str:
    """Return the paper that a rule demands."""
    party = rule.get("party", "applicant")
    return material if party == "applicant" else f"{party}:{material}"


def receipt(aim: Aim) -> Json:
    """Return a receipt about one edge, from a source that names it if there is one."""
    dice, (rule, material) = aim.dice, aim.edge()
    claims = rule.get("proves", [])
    naming = [
        source
        for source in aim.pack["sources"]
        if material in source["materials"] or set(claims) & set(source["claims"])
    ]
    source = pick(dice, naming or aim.pack["sources"])
    aged = pick(dice, [0, 1, source.get("max_age_days", 30), 3])
    if chance(dice, 8):
        aged = pick(dice, [source.get("max_age_days", 30) + 1, -1])
    verdict = VERDICTS[0] if not chance(dice, 50) else pick(dice, VERDICTS)
    materials = [material] if not chance(dice, 25) else []
    return {
        "source": source["id"],
        "verdict": verdict,
        "materials": materials,
        "claims": list(claims) if chance(dice, 65) else claims[1:],
        "on": aim.before(aged),
        "subject": aim.person(rule),
    }


def receipts(aim: Aim) -> list[Json]:
    """Receipts; some again with another verdict, on the same day or the day before."""
    found: list[Json] = []
    for _ in range(aim.dice.number(0, 5)):
        found.append(receipt(aim))
        if chance(aim.dice, 20):
            again = {**found[-1], "verdict": pick(aim.dice, VERDICTS)}
            if chance(aim.dice, 40):
                again["on"] = aim.before(1)
            found.append(again)
    return found


def collected(aim: Aim, steps: list[str]) -> list[Json]:
    """Return records of earlier steps."""
    found = []
    for _ in range(aim.dice.number(0, 3)):
        rule, material = aim.edge()
        record = {
            "material": material,
            "step": pick(aim.dice, steps),
            "on": aim.before(pick(aim.dice, [0, 90, 1, -1])),
            "until": aim.until(),
        }
        if rule.get("party", "applicant") != "applicant" or chance(aim.dice, 30):
            record["subject"] = aim.person(rule)
        found.append(record)
    return found


def history(aim: Aim) -> list[Json]:
    """Return records of former cases."""
    found = []
    for _ in range(aim.dice.number(0, 3)):
        rule, material = aim.edge()
        found.append(
            {
                "material": material,
                "on": aim.before(pick(aim.dice, [400, 0, -1, 30])),
                "until": aim.until(),
                "trust": pick(aim.dice, ["A", "B", "D", "C"]),
                "subject": aim.person(rule),
                "reconfirmed": chance(aim.dice, 40),
            }
        )
    return found


def licences(aim: Aim) -> list[Json]:
    """Licence records; most are valid."""
    found = []
    for _ in range(aim.dice.number(0, 3)):
        rule, material = aim.edge()
        record = {
            "material": material,
            "holder": aim.person(rule),
            "trust": pick(aim.dice, ["A", "B", "C", "D"]),
            "status": "valid",
            "until": aim.until(),
        }
        if chance(aim.dice, 15):
            record["status"] = pick(aim.dice, ["suspended", "revoked", "expired"])
        if chance(aim.dice, 60):
            record["since"] = pick(aim.dice, ["2015-01-01", None, aim.day, aim.before(-1)])
        if chance(aim.dice, 20):
            record |= {"number": "粤A-1", "issuer": "organ0"}
        found.append(record)
    return found


def persons(dice: Dice, roles: list[str]) -> dict[str, list[str]]:
    """Who stands in each role: nobody, one, two, or the applicant himself."""
    found = {"applicant": ["甲"]}
    for role in roles:
        if chance(dice, 80):
            found[role] = some(dice, ["乙", "丁", "甲"], 1, 2)
    return found


def named_items(dice: Dice, pack: Json, law_day: str) -> Json:
    """Return some items, or one step; nearly all have a rule on the law day."""

    def served(item: Json) -> bool:
        return item.get("no_materials", False) or any(
            rule["item"] == item["id"] and live({"until": None, **rule}, law_day)
            for rule in pack["requirements"]
        )

    items = [item["id"] for item in pack["items"] if served(item) or chance(dice, 3)]
    process = pick(dice, pack["processes"])
    steps = [step["id"] for step in process["steps"] if step["item"] in items]
    if steps and chance(dice, 55):
        return {"process": process["id"], "step": steps[dice.number(0, len(steps) - 1)]}
    named = some(dice, items, 1, 3) or [pack["items"][0]["id"]]
    return {"items": [*named, named[0]] if chance(dice, 5) else named}


def days(dice: Dice) -> Json:
    """Today and, now and then, an earlier law day; both often where something turns."""
    as_of = pick(dice, TODAY)
    earlier = [day for day in TURNS if day <= as_of]
    if not earlier or not chance(dice, 30):
        return {"as_of": as_of}
    return {"as_of": as_of, "law_day": pick(dice, [as_of, *earlier[::-1]])}


def case(dice: Dice, pack: Json) -> Json:
    """Return a random case before a pack; one in some tens must be refused."""
    found = days(dice)
    found |= named_items(dice, pack, str(found.get("law_day", found["as_of"])))
    steps = {step["id"]: step for one in pack["processes"] for step in one["steps"]}
    items = by_id(pack["items"])
    named = found.get("items") or [steps[found["step"]]["item"]]
    roles = sorted({role for item in named for role in items[item].get("roles", {})})
    people = persons(dice, roles)
    kind = pick(dice, ["natural", "legal"])
    found["applicant"] = {"kind": kind, "id": "甲"}
    found["parties"] = [
        {"role": role, "kind": pick(dice, ["natural", "legal"]), "id": one}
        for role in roles
        for one in people.get(role, [])
    ]
    found["facts"] = stated(dice, pack["facts"], pick(dice, [90, 100, 60]))
    rules = [rule for rule in pack["requirements"] if rule["item"] in named]
    edges = [(rule, one) for rule in rules for accepted in rule["accepts"] for one in accepted]
    if edges:
        found |= evidence(Aim(dice, pack, found["as_of"], edges, people), sorted(steps))
    if chance(dice, 60):
        found["credit"] = {
            "severe": chance(dice, 10),
            "false_commitment": chance(dice, 10),
        }
    return found


def evidence(aim: Aim, steps: list[str]) -> Json:
    """Return the records and the applicant's choices."""
    papers = sorted({paper(rule, material) for rule, material in aim.edges})
    found: Json = {
        "receipts": receipts(aim),
        "collected": collected(aim, steps),
        "history": history(aim),
        "licences": licences(aim),
        "commitments": some(aim.dice, papers, 0, 3),
        "promised_later": some(aim.dice, papers, 0, 3),
    }
    if chance(aim.dice, 25):
        found["contested"] = some(aim.dice, papers, 1, 2)
    if chance(aim.dice, 30):
        found["lacks"] = some(aim.dice, papers, 1, 3)
    return {key: records for key, records in found.items() if records or chance(aim.dice, 50)}
