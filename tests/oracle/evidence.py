"""Evidence: the own test of each ground (section 5)."""

from tests.oracle.law import lawful
from tests.oracle.matter import Json, Matter, by_id
from tests.oracle.receipts import conflict, deferring, paper_of, persons, settling

# Section 5: the grounds in the order of the table, with their outcomes.
OUTCOME = {
    "no_basis": "removed",
    "intermediary": "removed",
    "irrelevant": "removed",
    "unlisted": "removed",
    "unverifiable": "removed",
    "area_assessment": "removed",
    "exempt": "removed",
    "data_sharing": "removed",
    "e_licence": "removed",
    "earlier_stage": "removed",
    "history": "removed",
    "covered": "removed",
    "own_issued": "reference",
    "commitment": "commitment",
    "agency_check": "deferred",
    "tolerance": "deferred",
}
GROUNDS = list(OUTCOME)
STRIKING = ["no_basis", "intermediary", "irrelevant", "unlisted", "unverifiable"]

Evidence = dict[str, list[int]]


def holds_on(record: Json, day: str, first: str) -> bool:
    """Whether a record holds on the day; `first` names the key of its first day."""
    begun = record[first] is None or record[first] <= day
    return begun and (record["until"] is None or day < record["until"])


# --- the own tests: None when the test fails, else the evidence --------------------------


def for_each(kind: str, found: list[list[int]]) -> Evidence | None:
    """Section 5, persons: a test for each person fails when there is none."""
    if not found or not all(found):
        return None
    return {kind: sorted({position for positions in found for position in positions})}


def data_sharing(matter: Matter, rule: Json, material: str) -> Evidence | None:
    """Section 5: for each person some source settles the edge; no conflict."""
    if conflict(matter, rule, material):
        return None
    found = [
        [
            position
            for source in matter.pack["sources"]
            for position in settling(matter, source, rule, material, person)
        ]
        for person in persons(matter, rule)
    ]
    return for_each("receipts", found)


def e_licence(matter: Matter, rule: Json, material: str) -> Evidence | None:
    """Section 5: for each person a valid, trusted, live licence record; no conflict."""
    if conflict(matter, rule, material):
        return None
    found = [
        [
            position
            for position, record in enumerate(matter.case["licences"])
            if record["material"] == material
            and record["holder"] == person
            and record["status"] == "valid"
            and record["trust"] in ("A", "B")
            and holds_on(record, matter.as_of, "since")
        ]
        for person in persons(matter, rule)
    ]
    return for_each("licences", found)


def steps_so_far(matter: Matter) -> set[str]:
    """Section 5: this step and its ancestors; none for a case by items."""
    if "process" not in matter.case:
        return set()
    steps = by_id(by_id(matter.pack["processes"])[matter.case["process"]]["steps"])
    return {matter.case["step"]} | ancestors(steps, matter.case["step"])


def ancestors(steps: dict[str, Json], step: str) -> set[str]:
    """Return the steps that come before a step, near or far."""
    before = set(steps[step]["after"])
    return before.union(*[ancestors(steps, one) for one in before])


def earlier_stage(matter: Matter, rule: Json, material: str) -> Evidence | None:
    """Section 5: for each person a `collected` record at this step or an ancestor of it."""
    found = [
        [
            position
            for position, record in enumerate(matter.case["collected"])
            if record["material"] == material
            and record["subject"] == person
            and record["step"] in steps_so_far(matter)
            and holds_on(record, matter.as_of, "on")
        ]
        for person in persons(matter, rule)
    ]
    return for_each("collected", found)


def history(matter: Matter, rule: Json, material: str) -> Evidence | None:
    """Section 5: for each person a record, trust A, B or D reconfirmed; no conflict."""
    if conflict(matter, rule, material):
        return None
    found = [
        [
            position
            for position, record in enumerate(matter.case["history"])
            if record["material"] == material
            and record["subject"] == person
            and holds_on(record, matter.as_of, "on")
            and (
                record["trust"] in ("A", "B")
                or (record["trust"] == "D" and record["reconfirmed"])
            )
        ]
        for person in persons(matter, rule)
    ]
    return for_each("history", found)


def own_issued(matter: Matter, rule: Json, material: str) -> bool:
    """Section 5: the organ or its system issued m, no bad licence is held; no conflict."""
    organ = matter.items[rule["item"]]["organ"]
    issuer = matter.materials[material]["issuer"]
    if issuer is None or not persons(matter, rule) or conflict(matter, rule, material):
        return False
    mine, theirs = matter.organs[organ]["system"], matter.organs[issuer]["system"]
    own = issuer == organ or (mine is not None and mine == theirs)
    held = [
        record
        for record in matter.case["licences"]
        if record["material"] == material and record["holder"] in persons(matter, rule)
    ]
    good = [
        record["status"] == "valid" and holds_on(record, matter.as_of, "since")
        for record in held
    ]
    return own and all(good)


def may_commit(matter: Matter, rule: Json) -> bool:
    """Section 5, `commitment` but for the paper; credit not stated counts as clean."""
    credit = matter.case["credit"] or {"severe": False, "false_commitment": False}
    excluded = matter.items[rule["item"]]["excluded_from_commitment"]
    return not excluded and not credit["severe"] and not credit["false_commitment"]


def commitment(matter: Matter, rule: Json, material: str) -> bool:
    """Section 5: the paper is in `commitments`, the item not excluded, stated credit clean."""
    committed = paper_of(rule, material) in matter.case["commitments"]
    return committed and may_commit(matter, rule) and matter.case["credit"] is not None


def agency_check(matter: Matter, rule: Json, material: str) -> Evidence | None:
    """Section 5: for each a source settles or defers, once the latter; no conflict."""
    if conflict(matter, rule, material):
        return None
    found: list[list[int]] = []
    deferred: list[int] = []
    for person in persons(matter, rule):
        settled: list[int] = []
        for source in matter.pack["sources"]:
            deferred += deferring(matter, source, rule, material, person)
            settled += deferring(matter, source, rule, material, person)
            settled += settling(matter, source, rule, material, person)
        found.append(settled)
    return for_each("receipts", found) if deferred else None


def tolerance(matter: Matter, rule: Json, material: str) -> bool:
    """Section 5: the rule is `secondary` and the paper is in `promised_later`."""
    return rule["secondary"] and paper_of(rule, material) in matter.case["promised_later"]


def own_test(matter: Matter, ground: str, rule: Json, material: str) -> Evidence | None:
    """Section 5: the ground's own test but for `covered`; None when it fails."""
    if ground == "data_sharing":
        return data_sharing(matter, rule, material)
    if ground == "e_licence":
        return e_licence(matter, rule, material)
    if ground == "earlier_stage":
        return earlier_stage(matter, rule, material)
    if ground == "history":
        return history(matter, rule, material)
    if ground == "agency_check":
        return agency_check(matter, rule, material)
    unlawful = not lawful(matter, rule, material)
    holds = {
        "no_basis": unlawful,
        "intermediary": unlawful and matter.materials[material]["class"] == "intermediary",
        "own_issued": own_issued(matter, rule, material),
        "commitment": commitment(matter, rule, material),
        "tolerance": tolerance(matter, rule, material),
    }
    # The other grounds have no test beyond their condition.
    return {} if holds.get(ground, True) else None
