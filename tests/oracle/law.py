"""The law: which rules take part, which edges are lawful, which keep rules defeat (2, 4, 5)."""

from tests.oracle import conditions
from tests.oracle.matter import Json, Matter

# Section 5, keep rules: what each level outranks, as the page lists it.
LAW = {"law"}
NATIONAL = {"administrative_regulation", "state_council_decision"}
LOCAL = {"local_regulation", "sez_regulation", "autonomous_regulation"}
MIDDLE = {"city_regulation", "provincial_government_rule"}
CITY = {"city_government_rule"}
DEPARTMENT = {"departmental_rule"}
LOWEST = {"normative_document", "technical_standard"}
OUTRANKED = [
    (LAW, NATIONAL | LOCAL | MIDDLE | CITY | DEPARTMENT | LOWEST),
    (NATIONAL, LOCAL | MIDDLE | CITY | DEPARTMENT | LOWEST),
    (LOCAL, MIDDLE | CITY | LOWEST),
    (MIDDLE, CITY | LOWEST),
    (CITY | DEPARTMENT, LOWEST),
]


def live(period: Json, day: str) -> bool:
    """Section 2: `since <= day < until`; without an end it holds for ever."""
    return period["since"] <= day and (period["until"] is None or day < period["until"])


def law_of(matter: Matter, citation: str) -> Json:
    """Return the law that a citation names, which stands before the first space."""
    return matter.laws[citation.split(" ", 1)[0]]


def counts(matter: Matter, citation: str, day: str) -> bool:
    """Section 2: the law is in force that day and its region is one of the pack's."""
    law = law_of(matter, citation)
    return live(law, day) and law["region"] in matter.pack["regions"]


def levels_that_count(matter: Matter, basis: list[str], *days: str) -> set[str]:
    """Return the levels of the citations that count on one of the days."""
    return {
        law_of(matter, citation)["level"]
        for day in days
        for citation in basis
        if counts(matter, citation, day)
    }


def live_with_basis(matter: Matter, rule: Json, day: str) -> bool:
    """Section 2: the rule is live on the day and one of its citations counts that day."""
    return live(rule, day) and any(counts(matter, one, day) for one in rule["basis"])


def requirements_of(matter: Matter) -> list[Json]:
    """Section 2: the requirement rules of the case's items, live on `law_day`, by id."""
    rules = [
        rule
        for rule in matter.pack["requirements"]
        if rule["item"] in matter.item_ids and live(rule, matter.law_day)
    ]
    return sorted(rules, key=lambda rule: str(rule["id"]))


def reductions_of(matter: Matter) -> list[Json]:
    """Section 2: the reductions that take part, on `law_day` or on `as_of`, by id."""
    rules = [
        rule
        for rule in matter.pack["reductions"]
        if live_with_basis(matter, rule, matter.law_day)
        or live_with_basis(matter, rule, matter.as_of)
    ]
    return sorted(rules, key=lambda rule: str(rule["id"]))


def keeps_of(matter: Matter) -> list[Json]:
    """Section 2: the keep rules that take part, on `law_day` alone, by id."""
    rules = [
        rule for rule in matter.pack["keeps"] if live_with_basis(matter, rule, matter.law_day)
    ]
    return sorted(rules, key=lambda rule: str(rule["id"]))


def value(matter: Matter, section: str, rule: Json) -> bool | None:
    """Section 3: the value of the rule's condition, None where it is unknown."""
    return conditions.value(matter.trees[section, rule["id"]], matter.facts)


def unknown_part(matter: Matter, section: str, rule: Json) -> set[str]:
    """Section 8: the facts in the unknown part of the rule's condition."""
    return conditions.unknown_part(matter.trees[section, rule["id"]], matter.facts)


def basis_of(rule: Json, material: str) -> list[str]:
    """Section 4: the `edge_basis` entry if there is one, even an empty one; else the basis."""
    basis: list[str] = rule["edge_basis"].get(material, rule["basis"])
    return basis


def lawful_on(matter: Matter, rule: Json, material: str, day: str) -> bool:
    """Section 4: a citation counts, and each matching profile allows one that counts."""
    levels = levels_that_count(matter, basis_of(rule, material), day)
    matching = [
        profile
        for profile in matter.pack["authority"]
        if live(profile, day)
        and profile["class"] == matter.materials[material]["class"]
        and profile["applicant"] in ("any", matter.case["applicant"]["kind"])
        and profile["region"] in matter.pack["regions"]
    ]
    return bool(levels) and all(levels & set(profile["levels"]) for profile in matching)


def lawful(matter: Matter, rule: Json, material: str) -> bool:
    """Section 4: lawful on `law_day` and on `as_of`."""
    return all(lawful_on(matter, rule, material, day) for day in (matter.law_day, matter.as_of))


def selects(matter: Matter, selector: Json, rule: Json, material: str) -> bool:
    """Section 5, selection: every field given must match; an empty field matches nothing."""
    found = {
        "items": {rule["item"]},
        "organs": {matter.items[rule["item"]]["organ"]},
        "classes": {matter.materials[material]["class"]},
        "materials": {material},
        "claims": set(rule["proves"]),
        "rules": {rule["id"]},
    }
    return all(found[field] & set(wanted) for field, wanted in selector.items())


def outranks(higher: str, lower: str) -> bool:
    """Section 5, keep rules: whether one level outranks another."""
    return any(higher in upper and lower in below for upper, below in OUTRANKED)


def reduction_outranks(matter: Matter, reduction: Json, keep: Json) -> bool:
    """Section 5: some level of the reduction outranks every level of the keep rule."""
    mine = levels_that_count(matter, reduction["basis"], matter.law_day, matter.as_of)
    theirs = levels_that_count(matter, keep["basis"], matter.law_day)
    return any(all(outranks(level, other) for other in theirs) for level in mine)


def defeaters(matter: Matter, reduction: Json, rule: Json, material: str) -> list[Json]:
    """Section 5: the keep rules, true or open, that defeat a reduction on an edge, by id."""
    return [
        keep
        for keep in keeps_of(matter)
        if selects(matter, keep["select"], rule, material)
        and reduction["ground"] in keep["defeats"]
        and value(matter, "keeps", keep) is not False
        and not reduction_outranks(matter, reduction, keep)
    ]
