"""Samples: random cases of one item that state every fact its conditions speak of."""

from collections.abc import Sequence
from datetime import date
from random import Random
from typing import Any

from evaluator.case import Case
from evaluator.decide import Decider
from evaluator.view import ItemView
from knowledge.fact import Fact
from rules.condition import Condition, values_by_fact
from rules.pack import Pack

DAY = date(2026, 11, 23)
_KIND = {"applicant_kind"}
_PERSON = {"natural": "A-1", "legal": "B-1"}


def most_demanding(pack: Pack, day: date = DAY) -> list[str]:
    """Return the items of a pack, the one with the most live requirement rules first."""
    number = {
        item: sum(rule.live(day) for rule in pack.rules.demands(item))
        for item in pack.catalogue.items
    }
    return sorted(number, key=lambda item: (-number[item], item))


def view_of(decider: Decider, item: str) -> ItemView:
    """Return the view of an item whose conditions all subjects are given."""
    (view,) = decider.views(decider.read(_case(item, "legal", {})))
    return view


def cases(decider: Decider, item: str, number: int, seed: int = 1) -> list[dict[str, Any]]:
    """Return random cases of an item as JSON values, half of them with records."""
    random = Random(seed)  # noqa: S311 the same cases every time
    # Both kinds of applicant must see the same conditions: the peers hold one program.
    view = view_of(decider, item)
    found: list[dict[str, Any]] = []
    while len(found) < number:
        kind = random.choice(("natural", "legal"))
        raw = _case(item, kind, _facts(decider.pack, view.program.conditions, random))
        raw["parties"] = tuple(
            {"role": role, "kind": "natural", "id": f"P-{random.randrange(3)}"}
            for role in decider.pack.catalogue.items[item].roles
            if random.random() < 0.7
        )
        if len(found) % 2:
            raw |= _records(decider.pack, item, random)
        if view_of_case(decider, raw).program == view.program:
            found.append(raw)
    return found


def view_of_case(decider: Decider, raw: dict[str, Any]) -> ItemView:
    """Return the one view of a case."""
    (view,) = decider.views(decider.read(raw))
    return view


def stated(case: Case) -> dict[str, Any]:
    """Return the facts of a case that are there, by key."""
    return {str(key): value for key, value in case.facts.items()}


def _case(item: str, kind: str, facts: dict[str, Any]) -> dict[str, Any]:
    applicant = {"kind": kind, "id": _PERSON[kind]}
    return {
        "as_of": DAY.isoformat(),
        "items": (item,),
        "applicant": applicant,
        "facts": facts,
    }


def _facts(pack: Pack, conditions: Sequence[Condition], random: Random) -> dict[str, Any]:
    values: dict[str, set[Any]] = {}
    for condition in conditions:
        for key, found in values_by_fact(condition).items():
            if key not in _KIND:
                values.setdefault(str(key), set()).update(found)
    by_key = pack.catalogue.facts
    return {
        key: _value(by_key[key], sorted(values[key], key=str), random) for key in sorted(values)
    }


def _value(fact: Fact, mentioned: Sequence[Any], random: Random) -> Any:
    match fact.type:
        case "boolean":
            return random.random() < 0.5
        case "choice":
            return random.choice(sorted(fact.choices or {}))
        case "integer":
            return max(0, random.choice(mentioned) + random.randrange(-1, 2))
        case _:
            return str(random.choice(mentioned))


def _records(pack: Pack, item: str, random: Random) -> dict[str, Any]:
    persons = [*_PERSON.values(), "P-0", "P-1", "P-2"]
    materials = sorted({name for rule in pack.rules.demands(item) for name in rule.materials})
    sources = [one for one in pack.catalogue.sources.values() if one.usable_for(item)]
    receipts = [
        {
            "source": one.id,
            "verdict": random.choice(
                ("found_match", "found_match", "not_found", "unavailable")
            ),
            "on": DAY.isoformat(),
            "subject": random.choice(persons),
            "materials": one.materials,
            "claims": one.claims,
        }
        for one in random.sample(sources, min(3, len(sources)))
    ]
    licences = [
        {"material": name, "holder": random.choice(persons), "trust": "A", "status": "valid"}
        for name in random.sample(materials, min(2, len(materials)))
    ]
    return {
        "receipts": tuple(receipts),
        "licences": tuple(licences),
        "credit": {"severe": False, "false_commitment": False},
    }
