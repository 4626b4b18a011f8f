"""The decision as the contract gives it: the lists, and one entry for every live rule."""

from tests.oracle.edges import Edge
from tests.oracle.evidence import GROUNDS
from tests.oracle.law import basis_of, requirements_of
from tests.oracle.matter import Json
from tests.oracle.questions import lookups, missing_roles, offers, questions
from tests.oracle.resolution import (
    Choice,
    Resolution,
    choice_of,
    list_to_hand_in,
    opener,
    settlement,
    unmeetable,
)


def decision(known: Resolution) -> Json:
    """Contract, a decision: every key but witness, ruleset and catalogue; lists sorted."""
    handed_in = list_to_hand_in(known)
    asked, sought, absent = questions(known), lookups(known), missing_roles(known)
    return {
        "semantics": 1,
        "as_of": known.matter.as_of,
        "law_day": known.matter.law_day,
        "submit": sorted(handed_in),
        "reference": papers_with(known, handed_in, "reference"),
        "commitment": papers_with(known, handed_in, "commitment"),
        "deferred": papers_with(known, handed_in, "deferred"),
        "unmeetable": sorted(rule["id"] for rule in unmeetable(known)),
        "open": sorted(rule["id"] for rule in known.open),
        "questions": asked,
        "complete": not asked,
        "lookups": sought,
        "missing_roles": absent,
        "final": not asked and not sought and not absent,
        "offers": {
            "commitment": offers(known, "commitment"),
            "tolerance": offers(known, "tolerance"),
        },
        "optimal": True,
        "entries": [entry(known, rule, handed_in) for rule in requirements_of(known.matter)],
    }


def papers_with(known: Resolution, handed_in: frozenset[str], outcome: str) -> list[str]:
    """Section 7: the papers with such an edge in a chosen list, unless they are in S."""
    found = set()
    for rule in known.applying:
        choice = choice_of(known, rule, handed_in)
        if choice is None or choice.position is None:
            continue
        for material in rule["accepts"][choice.position]:
            edge = known.edge(rule, material)
            if edge.outcome == outcome and edge.paper not in handed_in:
                found.add(edge.paper)
    return sorted(found)


def entry(known: Resolution, rule: Json, handed_in: frozenset[str]) -> Json:
    """Contract: one entry for every live requirement rule; edges only where it applies."""
    applies, unknown = rule in known.applying, rule in known.open
    choice = choice_of(known, rule, handed_in) if applies else None
    edges = [
        edge_entry(known, rule, material, position, choice)
        for position, accepted in enumerate(rule["accepts"])
        for material in accepted
        if applies
    ]
    return {
        "rule": rule["id"],
        "item": rule["item"],
        "party": rule["party"],
        "status": "applies" if applies else "open" if unknown else "not",
        "settled": applies and settlement(known, rule) is not None,
        "edges": edges,
    }


def edge_entry(
    known: Resolution, rule: Json, material: str, position: int, choice: Choice | None
) -> Json:
    """Contract: one edge at one place of `accepts`, with all eight keys."""
    edge = known.edge(rule, material)
    if choice is not None and choice.cover is not None:
        return covered_entry(known, edge, choice.cover)
    return {
        "material": material,
        "outcome": outcome_at(edge, position, choice),
        "ground": edge.stated,
        "grounds": list(edge.grounds),
        "basis": edge.grounds[edge.stated]["basis"]
        if edge.stated
        else basis_of(rule, material),
        "reduction": edge.grounds[edge.stated]["id"] if edge.stated else None,
        "kept_by": edge.kept_by,
        "evidence": edge.evidence,
    }


def outcome_at(edge: Edge, position: int, choice: Choice | None) -> str:
    """Section 7: the chosen list's edges carry their outcome, others are alternatives."""
    if choice is None:
        # An unmeetable rule: its undischarged edges are `submit`, in the entries only.
        return "alternative" if edge.discharged else "submit"
    return edge.outcome if position == choice.position else "alternative"


def covered_entry(known: Resolution, edge: Edge, cover: str) -> Json:
    """Section 7: every edge of a covered rule is removed on `covered`, the evidence being y."""
    reduction = opener(known.matter, edge.rule)
    if reduction is None:
        raise AssertionError("only an opened rule is covered")
    grounds = [ground for ground in GROUNDS if ground == "covered" or ground in edge.grounds]
    return {
        "material": edge.material,
        "outcome": "removed",
        "ground": "covered",
        "grounds": grounds,
        "basis": reduction["basis"],
        "reduction": reduction["id"],
        "kept_by": edge.kept_by,
        "evidence": {"material": cover},
    }
