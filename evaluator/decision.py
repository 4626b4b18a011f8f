"""Decisions: the value that a case comes to, and its canonical bytes (semantics 10)."""

from collections.abc import Sequence
from typing import Any

from evaluator.case import paper
from evaluator.cover import Part
from evaluator.edge import Edge
from evaluator.questions import Conditions, lookups, offers, questions
from evaluator.requirement import Requirement
from evaluator.resolution import Resolution
from knowledge.canonical import canonical
from knowledge.item import APPLICANT
from rules.ground import ORDER, OUTCOME, Ground, Outcome

SEMANTICS = 1

Decision = dict[str, Any]
"""A decision in the public format; plain values, ready for canonical JSON."""

_STATUS = {True: "applies", False: "not", None: "open"}


def compose(
    resolution: Resolution, conditions: Conditions, ruleset: str, catalogue: str
) -> Decision:
    """Return the decision that a resolution comes to."""
    case = resolution.case
    asked = list(questions(resolution, conditions))
    pending = lookups(resolution)
    missing = _missing_roles(resolution)
    entries = [_entry(resolution, one) for one in resolution.requirements]
    return {
        "semantics": SEMANTICS,
        "as_of": case.as_of.isoformat(),
        "law_day": case.law_day.isoformat(),
        "submit": list(resolution.submit),
        **_by_outcome(resolution, entries),
        "unmeetable": [
            one.id
            for one in resolution.requirements
            if one.applies and not one.settled and not one.alternatives
        ],
        "open": [one.id for one in resolution.requirements if one.applies is None],
        "questions": asked,
        "complete": not asked,
        "lookups": pending,
        "missing_roles": missing,
        "final": not (asked or pending or missing),
        "offers": offers(resolution),
        "optimal": resolution.cover.optimal,
        "entries": entries,
        "witness": _witness(resolution),
        "ruleset": ruleset,
        "catalogue": catalogue,
    }


def encode(decision: Decision) -> bytes:
    """Return the canonical bytes of a decision."""
    return canonical(decision)


def unsure_edges(resolution: Resolution) -> dict[str, list[dict[str, Any]]]:
    """Return the edges of the rules of which it is not known whether they apply, by rule.

    Each says what discharges its paper if the rule applies; its outcome is the word `moot`.
    """
    return {
        one.id: [_edge(edge, "moot") for edge in one.edges]
        for one in resolution.requirements
        if one.applies is None
    }


def _missing_roles(resolution: Resolution) -> list[str]:
    return sorted(
        {
            one.party
            for one in resolution.requirements
            if one.applies is not False
            and one.party != APPLICANT
            and not resolution.case.persons(one.party)
        }
    )


def _by_outcome(
    resolution: Resolution, entries: Sequence[dict[str, Any]]
) -> dict[str, list[str]]:
    """Return the papers that chosen lists settle otherwise than by being free."""
    papers: dict[str, set[str]] = {"reference": set(), "commitment": set(), "deferred": set()}
    for entry in entries:
        for row in entry["edges"]:
            if row["outcome"] in papers:
                papers[row["outcome"]].add(paper(entry["party"], row["material"]))
    return {outcome: sorted(names - resolution.handed_in) for outcome, names in papers.items()}


def _entry(resolution: Resolution, one: Requirement) -> dict[str, Any]:
    return {
        "rule": one.id,
        "item": one.view.item.id,
        "party": one.party,
        "status": _STATUS[one.applies],
        "settled": bool(one.applies) and one.settled,
        "edges": _edges(resolution, one) if one.applies else [],
    }


def _edges(resolution: Resolution, one: Requirement) -> list[dict[str, Any]]:
    """Return the edges of a rule in the order of `accepts`, one for each place there."""
    chosen, covered = resolution.met_by(one)
    return [
        _edge(edge, _outcome(edge, chosen, place))
        if covered is None
        else _covered(one, edge, covered)
        for place, accepted in enumerate(one.accepts)
        for edge in accepted
    ]


def _outcome(edge: Edge, chosen: int | None, place: int) -> Outcome:
    if chosen is None:  # the rule is unmeetable: no list of it is chosen
        return Outcome.ALTERNATIVE if edge.discharged else Outcome.SUBMIT
    if chosen != place:
        return Outcome.ALTERNATIVE
    return Outcome.SUBMIT if edge.stated is None else OUTCOME[edge.stated]


def _edge(edge: Edge, outcome: str) -> dict[str, Any]:
    bearer = edge.grounds[edge.stated] if edge.stated else None
    return {
        "material": edge.view.material.id,
        "outcome": str(outcome),
        "ground": str(edge.stated) if edge.stated else None,
        "grounds": [str(ground) for ground in edge.grounds],
        "basis": [str(one) for one in bearer.reduction.basis] if bearer else [*edge.view.basis],
        "reduction": bearer.reduction.id if bearer else None,
        "kept_by": edge.kept_by,
        "evidence": edge.records,
    }


def _covered(one: Requirement, edge: Edge, material: str) -> dict[str, Any]:
    reduction = min((opener.reduction for opener in one.openers), key=lambda rule: rule.id)
    grounds = sorted({*edge.grounds, Ground.COVERED}, key=ORDER.__getitem__)
    return {
        "material": edge.view.material.id,
        "outcome": str(Outcome.REMOVED),
        "ground": str(Ground.COVERED),
        "grounds": [str(ground) for ground in grounds],
        "basis": [str(cited) for cited in reduction.basis],
        "reduction": reduction.id,
        "kept_by": edge.kept_by,
        "evidence": {"material": material},
    }


def _witness(resolution: Resolution) -> dict[str, Any]:
    """Return all that a checker needs to verify that the list is least."""
    open_rules = [one for one in resolution.requirements if one.alternatives]
    cover = resolution.cover
    return {
        "alternatives": {
            one.id: [list(papers) for papers in one.alternatives] for one in open_rules
        },
        "burdens": {**cover.burdens},
        "uses": {one.id: _used(one, resolution.handed_in) for one in open_rules},
        "parts": [_part(part) for part in cover.parts],
    }


def _used(one: Requirement, handed_in: frozenset[str]) -> list[str]:
    return list(next(papers for papers in one.alternatives if handed_in.issuperset(papers)))


def _part(part: Part) -> dict[str, Any]:
    return {
        "rules": list(part.rules),
        "papers": list(part.papers),
        "optimal": part.optimal,
        "bound": list(part.bound),
        "proof": part.proof,
    }
