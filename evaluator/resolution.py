"""Resolution: what follows from the conditions that hold, whichever matcher found them.

Semantics 5 to 7: discharge the edges, settle the rules, cover them, find the minimal list.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from evaluator.case import Case, paper
from evaluator.cover import Cover, Rule, least_cover
from evaluator.edge import Edge
from evaluator.evidence import Evidence
from evaluator.matching import Truth
from evaluator.requirement import Requirement, examine_rule, own_alternatives, settle
from evaluator.view import ItemView
from knowledge.catalogue import Catalogue
from rules.ground import Ground

_HELD = (Ground.E_LICENCE, Ground.EARLIER_STAGE, Ground.HISTORY)


@dataclass(frozen=True)
class Resolution:
    """The requirement rules of a case, by id, the materials in hand, and the minimal list."""

    case: Case
    catalogue: Catalogue
    evidence: Evidence
    requirements: tuple[Requirement, ...]
    in_hand: Mapping[str, set[str]]
    cover: Cover

    @property
    def submit(self) -> tuple[str, ...]:
        """The papers to hand in, sorted."""
        return self.cover.papers

    @cached_property
    def handed_in(self) -> frozenset[str]:
        """The papers to hand in, to look one up."""
        return frozenset(self.cover.papers)

    def met_by(self, requirement: Requirement) -> tuple[int | None, str | None]:
        """Return the position of the accepted list that meets a rule, else what covers it."""
        if requirement.settled:
            by_list = requirement.by_list
            return by_list, requirement.in_hand if by_list is None else None
        for place, residual in requirement.residuals:
            if all(edge.view.paper in self.handed_in for edge in residual):
                return place, None
        covering = [name for name, one in requirement.covering.items() if one in self.handed_in]
        return None, min(covering, default=None)

    @cached_property
    def unsettled(self) -> list[Requirement]:
        """The applying or open rules that are not settled for good (would not be)."""
        return [
            one for one in self.requirements if one.applies is not False and not one.for_good
        ]


def resolve(
    case: Case, catalogue: Catalogue, views: Sequence[tuple[ItemView, Sequence[Truth]]]
) -> Resolution:
    """Return what follows for a case from the truths of its items' conditions."""
    evidence = Evidence(case, catalogue)
    requirements = [
        examine_rule(rule, case, evidence, truths)
        for view, truths in views
        for rule in view.rules
    ]
    requirements.sort(key=lambda one: one.id)
    in_hand = _in_hand(requirements, evidence)
    for one in requirements:
        if one.applies is not False:
            if one.openers:
                one.in_hand = min(in_hand[one.party] & one.view.proving, default=None)
            settle(one)
    cover = _cover(requirements, case, catalogue)
    return Resolution(case, catalogue, evidence, tuple(requirements), in_hand, cover)


def _offered(unmet: list[Requirement]) -> dict[str, dict[str, set[str]]]:
    """Return by party the materials in residuals, each with the rules that demand it."""
    offered: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for one in unmet:
        for _, residual in one.residuals:
            for edge in residual:
                offered[one.party][edge.view.material.id].add(one.id)
    return offered


def _in_hand(requirements: list[Requirement], evidence: Evidence) -> dict[str, set[str]]:
    """Return the materials in hand, by party; open rules put nothing in hand."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in requirements:
        if one.applies:
            found[one.party].update(
                edge.view.material.id for edge in one.edges if _holds(one, edge, evidence)
            )
    return found


def _holds(one: Requirement, edge: Edge, evidence: Evidence) -> bool:
    if any(ground in edge.grounds for ground in _HELD):
        return True
    return Ground.DATA_SHARING in edge.grounds and evidence.matched_itself(one.view, edge.view)


def _cover(requirements: list[Requirement], case: Case, catalogue: Catalogue) -> Cover:
    unmet = [one for one in requirements if one.applies and not one.settled]
    offered = _offered(unmet) if any(one.openers for one in unmet) else {}
    for one in unmet:
        if one.openers:
            one.covering = {
                name: paper(one.party, name)
                for name, owners in offered[one.party].items()
                if name in one.view.proving and owners != {one.id}
            }
        sets = own_alternatives(one) + [(name,) for name in one.covering.values()]
        one.alternatives = tuple(
            [papers for papers in dict.fromkeys(sets) if case.lacks.isdisjoint(papers)]
        )
    problem = [Rule(one.id, one.alternatives) for one in unmet if one.alternatives]
    burdens = {
        name: catalogue.materials[name.rpartition(":")[2]].burden
        for rule in problem
        for papers in rule.alternatives
        for name in papers
    }
    return least_cover(problem, burdens)
