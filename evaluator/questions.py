"""Questions: what is still open, what the registers can answer, what a choice would help.

Semantics 8. Questions are fact keys, and `credit`; look-ups name a source and a person.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from evaluator.edge import Doubt
from evaluator.matching import Facts, Truth
from evaluator.requirement import Requirement
from evaluator.resolution import Resolution
from evaluator.view import Bearer, Defeat, EdgeView, Opener, RuleView
from rules.condition import Condition
from rules.ground import Ground

CREDIT = "credit"
_PUTS_IN_HAND = (Ground.DATA_SHARING, Ground.E_LICENCE, Ground.EARLIER_STAGE, Ground.HISTORY)


Reasons = dict[str, set[str]]
"""For each fact to ask for, the rules that it can decide."""


def questions(resolution: Resolution, conditions: "Conditions") -> Reasons:
    """Return the facts, and perhaps `credit`, that can still change the list, and why."""
    asked: Reasons = defaultdict(set)
    asking = _Asking(resolution, conditions)
    for one in resolution.unsettled:
        for key, rule in asking.about(one):
            asked[key].add(rule)
    return {key: asked[key] for key in sorted(asked)}


class Conditions:
    """The conditions of the programs of a case, by rule."""

    def __init__(self, programs: Mapping[str, Sequence[Condition]], facts: Facts) -> None:
        self._programs, self._facts = programs, facts

    def unknown(self, rule: RuleView, condition: int) -> frozenset[str]:
        """Return the facts in the unknown part of a condition of a rule's item."""
        tree = self._programs[rule.item.id][condition]
        return frozenset(tree.unknown_part(self._facts).keys)


class _Asking:
    """Finds (fact, rule that it can decide), requirement rule by requirement rule."""

    def __init__(self, resolution: Resolution, conditions: Conditions) -> None:
        self._resolution, self._conditions = resolution, conditions

    def about(self, one: Requirement) -> Iterator[tuple[str, str]]:
        if one.applies is None:
            yield from self._unknown(one, one.view.condition, one.id)
        yield from self._about_edges(one)
        if one.view.openers:
            yield from self._about_covering(one)

    def _unknown(
        self, one: Requirement, condition: int, rule: str
    ) -> Iterator[tuple[str, str]]:
        for key in self._conditions.unknown(one.view, condition):
            yield key, rule

    def _about_edges(self, one: Requirement) -> Iterator[tuple[str, str]]:
        """Find the facts of the doubts that can change the rule's edges (b)."""
        for edge in one.edges:
            for doubt in edge.doubts:
                if edge.in_question(doubt):
                    yield from self._doubtful(one, doubt)

    def _about_covering(self, one: Requirement) -> Iterator[tuple[str, str]]:
        """Find the facts that decide whether another material can cover the rule (c)."""
        openers = [opener for opener in one.view.openers if self._may_open(one, opener)]
        materials = self._candidates(one) if openers else set()
        for opener in openers if materials else ():
            yield from self._about_opener(one, opener)
        for other in self._same_party(one) if materials else ():
            for edge in other.edges:
                name = edge.view.material.id
                if name not in materials or self._is_in_hand(one.party, name):
                    continue
                if other.applies is None:
                    yield from self._unknown(other, other.view.condition, other.id)
                for doubt in edge.doubts:
                    if doubt.bearer.ground in _PUTS_IN_HAND:
                        yield from self._doubtful(other, doubt)

    def _doubtful(self, one: Requirement, doubt: Doubt) -> Iterator[tuple[str, str]]:
        if doubt.credit:
            yield CREDIT, doubt.bearer.reduction.id
        yield from self._unknown(one, doubt.bearer.condition, doubt.bearer.reduction.id)
        yield from self._open_keeps(one, doubt.defeats)

    def _open_keeps(
        self, one: Requirement, defeats: Iterable[Defeat]
    ) -> Iterator[tuple[str, str]]:
        for defeat in defeats:
            if one.truths[defeat.condition] is None:
                yield from self._unknown(one, defeat.condition, defeat.keep)

    def _may_open(self, one: Requirement, opener: Opener) -> bool:
        if one.truths[opener.condition] is False:
            return False
        return any(not _is_kept(defeats, one.truths) for defeats in opener.lists)

    def _about_opener(self, one: Requirement, opener: Opener) -> Iterator[tuple[str, str]]:
        yield from self._unknown(one, opener.condition, opener.reduction.id)
        for defeats in opener.lists:
            if not _is_kept(defeats, one.truths):
                yield from self._open_keeps(one, defeats)

    def _same_party(self, one: Requirement) -> Iterator[Requirement]:
        for other in self._resolution.requirements:
            if other.applies is not False and other.party == one.party:
                yield other

    def _candidates(self, one: Requirement) -> set[str]:
        return {
            edge.view.material.id
            for other in self._same_party(one)
            for edge in other.edges
            if edge.view.material.id in one.view.proving
        }

    def _is_in_hand(self, party: str, material: str) -> bool:
        return material in self._resolution.in_hand.get(party, ())


def _is_kept(defeats: Iterable[Defeat], truths: Sequence[Truth]) -> bool:
    return any(truths[one.condition] is True for one in defeats)


def _may_reduce(bearer: Bearer, truths: Sequence[Truth]) -> bool:
    """Return whether a reduction is true or open, and no true keep rule defeats it."""
    return truths[bearer.condition] is not False and not _is_kept(bearer.defeats, truths)


def lookups(resolution: Resolution) -> list[dict[str, Any]]:
    """Return what may still be asked of the registers, by source and person."""
    found: dict[tuple[str, str], tuple[set[str], set[str]]] = defaultdict(
        lambda: (set(), set())
    )
    for one in resolution.unsettled:
        persons = resolution.case.persons(one.party)
        for edge in one.edges if persons else ():
            if (
                edge.free
                or not any(_may_reduce(bearer, one.truths) for bearer in edge.view.shares)
                or resolution.evidence.conflict(one.view, edge.view)
            ):
                continue
            for person in persons:
                _look_up(resolution, one.view, edge.view, person, found)
    return [
        {
            "source": source,
            "subject": person,
            "materials": sorted(names),
            "claims": sorted(claims),
        }
        for (source, person), (names, claims) in sorted(found.items())
    ]


def _look_up(
    resolution: Resolution,
    rule: RuleView,
    edge: EdgeView,
    person: str,
    found: dict[tuple[str, str], tuple[set[str], set[str]]],
) -> None:
    """Note which sources can still be asked for a paper or for all of its rule's claims."""
    receipts = [
        resolution.case.form.receipts[place]
        for place in resolution.evidence.fresh(rule.item.id, person)
    ]
    material = edge.material.id
    for source in edge.sources:
        if not any(
            receipt.source == source.id and material in receipt.materials
            for receipt in receipts
        ):
            found[source.id, person][0].add(material)
    for source in rule.sources:
        if not any(
            receipt.source == source.id and rule.claims <= {*receipt.claims}
            for receipt in receipts
        ):
            found[source.id, person][1].update(rule.claims)


def offers(resolution: Resolution) -> dict[str, list[str]]:
    """Return the papers for which a commitment, or a promise to bring it later, would help."""
    case = resolution.case
    clean = case.form.credit is None or case.form.credit.clean
    chosen = {Ground.COMMITMENT: case.commitments, Ground.TOLERANCE: case.promised_later}
    found: dict[Ground, set[str]] = {ground: set() for ground in chosen}
    for one in resolution.unsettled:
        for edge in one.edges:
            for bearer in edge.view.choices if not edge.free else ():
                ground = bearer.ground
                if (
                    edge.view.paper not in chosen[ground]
                    and (ground is Ground.TOLERANCE or clean)
                    and _may_reduce(bearer, one.truths)
                ):
                    found[ground].add(edge.view.paper)
    return {str(ground): sorted(papers) for ground, papers in found.items()}
