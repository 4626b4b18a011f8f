"""Records: random receipts, licences, history and collected papers, aimed at edges."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.oracle.dice import Dice, chance, pick
from tests.oracle.matter import Json

VERDICTS = [
    "found_match", "not_found", "unavailable", "found_conflict", "not_authorised",
    "unavailable",
]  # fmt: skip
APPLICANT = "甲"
STRANGER = "丙"


@dataclass(frozen=True)
class Aim:
    """What evidence is aimed at: the edges of the case's rules and the persons in them."""

    dice: Dice
    pack: Json
    day: str
    edges: list[tuple[Json, str]]
    persons: dict[str, list[str]]
    steps: list[str]

    def before(self, days: int) -> str:
        """Return the day so many days before today; a negative number is a later day."""
        today = dt.date.fromisoformat(self.day)
        return (today - dt.timedelta(days=days)).isoformat()

    def until(self) -> str | None:
        """Return an end: none, later, tomorrow, or today, when it holds no longer."""
        return pick(self.dice, [None, self.before(-30), None, self.before(-1), self.day])

    def edge(self) -> tuple[Json, str]:
        """Pick one edge."""
        return pick(self.dice, self.edges)

    def people(self, rule: Json) -> list[str]:
        """Pick all persons of the rule's party; now and then one, or somebody else."""
        party = self.persons.get(rule.get("party", "applicant"), [])
        if not party or chance(self.dice, 6):
            return [pick(self.dice, [APPLICANT, STRANGER])]
        return [pick(self.dice, party)] if chance(self.dice, 15) else party


def receipt(aim: Aim, rule: Json, material: str) -> Json:
    """Return a receipt about one edge, without a subject, from a source that names the edge."""
    dice, claims = aim.dice, rule.get("proves", [])
    naming = [
        source
        for source in aim.pack["sources"]
        if material in source["materials"] or (claims and set(claims) <= set(source["claims"]))
    ]
    source = pick(dice, naming or aim.pack["sources"])
    oldest = source.get("max_age_days", 30)
    aged = pick(dice, [0, min(1, oldest), oldest])
    if chance(dice, 8):
        aged = pick(dice, [oldest + 1, -1])
    return {
        "source": source["id"],
        "verdict": pick(dice, VERDICTS) if chance(dice, 60) else VERDICTS[0],
        "materials": [] if chance(dice, 25) else [material],
        "claims": list(claims) if chance(dice, 70) else claims[1:],
        "on": aim.before(aged),
    }


def thrown(low: int, high: int, aim: Aim, about: Callable[[Aim], list[Json]]) -> list[Json]:
    """Throw several groups of records, each about one edge."""
    groups = aim.dice.many(low, high, lambda dice: about(replace(aim, dice=dice)))
    return [record for group in groups for record in group]


def answers(aim: Aim) -> list[Json]:
    """Throw receipts about one edge; some again with another verdict, or the day before."""
    rule, material = aim.edge()
    found = [{**receipt(aim, rule, material), "subject": person} for person in aim.people(rule)]
    if chance(aim.dice, 20):
        again = {**found[-1], "verdict": pick(aim.dice, VERDICTS)}
        if chance(aim.dice, 40):
            again["on"] = aim.before(1)
        if chance(aim.dice, 30):
            again["materials"], again["claims"] = [material], []
        found.append(again)
    return found


def receipts(aim: Aim) -> list[Json]:
    """Throw receipts."""
    return thrown(1, 6, aim, answers)


def taken(aim: Aim) -> list[Json]:
    """Throw what an earlier step took; `aim.steps` stands nearest first."""
    rule, material = aim.edge()
    record = {
        "material": material,
        "step": pick(aim.dice, aim.steps) if chance(aim.dice, 60) else aim.steps[0],
        "on": aim.before(pick(aim.dice, [0, 90, 1]) if not chance(aim.dice, 10) else -1),
        "until": aim.until(),
    }
    if rule.get("party", "applicant") == "applicant" and not chance(aim.dice, 30):
        return [record]
    return [{**record, "subject": person} for person in aim.people(rule)]


def collected(aim: Aim) -> list[Json]:
    """Throw records of earlier steps."""
    return thrown(1, 5, aim, taken)


def remembered(aim: Aim) -> list[Json]:
    """Throw what a former case holds."""
    rule, material = aim.edge()
    return [
        {
            "material": material,
            "on": aim.before(pick(aim.dice, [400, 0, 30, -1])),
            "until": aim.until(),
            "trust": pick(aim.dice, ["A", "B", "D", "C"]),
            "subject": person,
            "reconfirmed": chance(aim.dice, 50),
        }
        for person in aim.people(rule)
    ]


def history(aim: Aim) -> list[Json]:
    """Throw records of former cases."""
    return thrown(1, 5, aim, remembered)


def licence(aim: Aim, material: str) -> Json:
    """Return a licence record of the material, without a holder; most are good."""
    found: Json = {
        "material": material,
        "trust": pick(aim.dice, ["A", "B", "A", "B", "C", "D"]),
        "status": "valid",
        "until": aim.until(),
    }
    if chance(aim.dice, 15):
        found["status"] = pick(aim.dice, ["suspended", "revoked", "expired"])
    if chance(aim.dice, 60):
        since = ["2015-01-01", None, aim.day, aim.before(-1)]
        found["since"] = pick(aim.dice, since)
    if chance(aim.dice, 20):
        found |= {"number": "粤A-1", "issuer": "organ0"}
    return found


def held(aim: Aim) -> list[Json]:
    """Throw the licence records of one material, of each person."""
    rule, material = aim.edge()
    return [{**licence(aim, material), "holder": person} for person in aim.people(rule)]


def licences(aim: Aim) -> list[Json]:
    """Throw licence records."""
    return thrown(1, 5, aim, held)
