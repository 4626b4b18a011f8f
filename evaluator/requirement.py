"""Requirements: one requirement rule in one case, and whether it is settled (semantics 6)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from evaluator.case import Case
from evaluator.edge import Edge, examine
from evaluator.evidence import Evidence
from evaluator.matching import Truth
from evaluator.view import Defeat, Opener, RuleView
from rules.ground import STRIKING


@dataclass(slots=True)
class Requirement:
    """A requirement rule as it stands in a case, between examination and decision.

    `party` is the role whose persons hand in the papers, `accepts` holds the edges of each
    accepted list, `residuals` those of them that nothing discharges, by the position of each
    list that is not dropped; `by_list` is the position of the list that settles the rule,
    `in_hand` the material that covers it in hand; `alternatives` are the papers, sorted, that
    would meet it, and `covering` has those papers that would do so alone, by material.
    """

    id: str
    party: str
    view: RuleView
    truths: Sequence[Truth]
    applies: Truth
    edges: tuple[Edge, ...] = ()
    accepts: tuple[tuple[Edge, ...], ...] = ()
    residuals: tuple[tuple[int, tuple[Edge, ...]], ...] = ()
    openers: tuple[Opener, ...] = ()
    in_hand: str | None = None
    by_list: int | None = None
    settled: bool = False
    for_good: bool = False
    alternatives: tuple[tuple[str, ...], ...] = ()
    covering: dict[str, str] = field(default_factory=dict)


def examine_rule(
    view: RuleView, case: Case, evidence: Evidence, truths: Sequence[Truth]
) -> Requirement:
    """Return a rule with its edges examined; one that does not apply has none."""
    rule, applies = view.rule, truths[view.condition]
    if applies is False:
        return Requirement(rule.id, rule.party, view, truths, applies)
    edges = tuple([examine(view, edge, case, evidence, truths) for edge in view.edges])
    accepts = tuple([tuple([edges[at] for at in accepted]) for accepted in view.accepts])
    openers = [
        opener
        for opener in view.openers
        if truths[opener.condition]
        and any(not _defeated(defeats, truths) for defeats in opener.lists)
    ]
    return Requirement(
        rule.id,
        rule.party,
        view,
        truths,
        applies,
        edges=edges,
        accepts=accepts,
        residuals=_residuals(accepts),
        openers=tuple(openers),
    )


def _residuals(
    accepts: tuple[tuple[Edge, ...], ...],
) -> tuple[tuple[int, tuple[Edge, ...]], ...]:
    """Return what each accepted list that is not dropped leaves undischarged."""
    struck = [all(edge.struck for edge in edges) for edges in accepts]
    # An unlawful alternative never frees the applicant from a lawful one.
    all_struck = all(struck)
    return tuple(
        [
            (place, tuple([edge for edge in edges if edge.stated is None]))
            for place, edges in enumerate(accepts)
            if all_struck or not struck[place]
        ]
    )


def _defeated(defeats: Sequence[Defeat], truths: Sequence[Truth]) -> bool:
    return any(truths[one.condition] is not False for one in defeats)


def settle(requirement: Requirement) -> None:
    """Choose the accepted list that settles a rule, and say whether it is so for good."""
    keys = [
        (_burden(requirement.accepts[place]), place)
        for place, residual in requirement.residuals
        if not residual
    ]
    best = min(keys, default=None)
    # Covering in hand counts as a list of free edges, and comes last among equals.
    if best is not None and (requirement.in_hand is None or not best[0]):
        requirement.by_list = best[1]
    requirement.settled = requirement.by_list is not None or requirement.in_hand is not None
    requirement.for_good = _is_for_good(requirement)


def _burden(edges: Sequence[Edge]) -> list[int]:
    """Return the places of the stated grounds of the edges that are not free, worst first."""
    return sorted((edge.place for edge in edges if not edge.free), reverse=True)


def _is_for_good(requirement: Requirement) -> bool:
    if requirement.in_hand is not None or all(edge.struck for edge in requirement.edges):
        return True
    if requirement.by_list is None:
        return False
    return all(
        edge.free
        and (edge.struck or all(doubt.bearer.ground not in STRIKING for doubt in edge.doubts))
        for edge in requirement.accepts[requirement.by_list]
    )


def own_alternatives(requirement: Requirement) -> list[tuple[str, ...]]:
    """Return the residuals of a rule that are not dropped, as sorted papers."""
    return [
        tuple(sorted([edge.view.paper for edge in residual]))
        for _, residual in requirement.residuals
    ]
