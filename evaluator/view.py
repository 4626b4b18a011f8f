"""Views: one service item as the law stands on the days of a case, ready to be resolved.

Everything here depends on the item, the two days and the applicant's kind alone, so that
cases share it. Semantics 5 (selection, keeps); what is lawful is asked of `Lawfulness`.
"""

import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import chain

from evaluator.case import paper
from evaluator.lawfulness import Lawfulness
from evaluator.matching import Program
from knowledge.item import Item
from knowledge.material import Material, MaterialClass
from knowledge.source import Source
from rules.condition import Condition
from rules.ground import ORDER, Ground
from rules.pack import Pack
from rules.rule import Reduction, Requirement, Selector

CHOSEN = (Ground.COMMITMENT, Ground.TOLERANCE)
"""The grounds that hold where the applicant chooses them."""


@dataclass(frozen=True, slots=True)
class Days:
    """The two days that decide: `law_day` which law governs, `as_of` what is evident."""

    law_day: date
    as_of: date


@dataclass(frozen=True, slots=True)
class Defeat:
    """A keep rule that defeats a reduction where its condition is true or open."""

    keep: str
    condition: int


@dataclass(frozen=True, slots=True)
class Bearer:
    """A reduction that takes part, selects an edge, and bears on it if the records say so."""

    reduction: Reduction
    ground: Ground
    condition: int
    defeats: tuple[Defeat, ...]


@dataclass(frozen=True, slots=True)
class EdgeView:
    """The demand for one paper. `bearers` are ordered by ground, then reduction id.

    `shares` are those by data sharing, `choices` those that a choice of the applicant makes
    hold; `sources` the registers that the item may ask for the paper by its name.
    """

    material: Material
    paper: str
    basis: tuple[str, ...]
    lawful: bool
    bearers: tuple[Bearer, ...]
    shares: tuple[Bearer, ...]
    choices: tuple[Bearer, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Opener:
    """A `covered` reduction, and the keeps on each accepted list that it selects whole."""

    reduction: Reduction
    condition: int
    lists: tuple[tuple[Defeat, ...], ...]


@dataclass(frozen=True, slots=True)
class RuleView:
    """A requirement rule; `accepts` holds positions in `edges`.

    `proving` are the materials that prove all of its claims, `sources` the registers that the
    item may ask for all of them.
    """

    rule: Requirement
    item: Item
    condition: int
    claims: frozenset[str]
    proving: frozenset[str]
    edges: tuple[EdgeView, ...]
    accepts: tuple[tuple[int, ...], ...]
    openers: tuple[Opener, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class ItemView:
    """The requirement rules of an item that take part, by id, and all their conditions.

    `named` holds for each condition the (section, id) of every rule that it decides.
    """

    item: Item
    rules: tuple[RuleView, ...]
    program: Program
    named: tuple[tuple[tuple[str, str], ...], ...]


class Views:
    """The views of a pack's items; equal for all days between two changes of the law."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._changes = sorted(_changes(pack))
        self._proving: dict[str, set[str]] = defaultdict(set)
        for material in pack.catalogue.materials.values():
            for claim in material.proves:
                self._proving[claim].add(material.id)
        self._built = lru_cache(maxsize=4096)(self._build)

    def view(self, item: str, days: Days, kind: str) -> ItemView:
        """Return the view of an item for an applicant of a kind."""
        law_age = bisect_right(self._changes, days.law_day)
        age = bisect_right(self._changes, days.as_of)
        return self._built(item, self._first_day(law_age), self._first_day(age), kind)

    def _first_day(self, age: int) -> date:
        return self._changes[age - 1] if age else date.min

    def _build(self, item: str, law_day: date, as_of: date, kind: str) -> ItemView:
        law = Lawfulness(self._pack.catalogue, law_day, as_of, kind)
        return _Builder(self._pack, item, law_day, law, self._proving).view()


def _changes(pack: Pack) -> set[date]:
    known = pack.catalogue
    periods = [(law.since, law.until) for law in known.laws.values()]
    periods += [(profile.since, profile.until) for profile in known.authority]
    days = {since for since, _ in periods} | {until for _, until in periods if until}
    return days | pack.rules.changes


class _Builder:
    """Builds the view of one item on two days."""

    def __init__(
        self,
        pack: Pack,
        item: str,
        law_day: date,
        law: Lawfulness,
        proving: Mapping[str, set[str]],
    ) -> None:
        self._known, self._law, self._proving = pack.catalogue, law, proving
        self._item = pack.catalogue.items[item]
        self._conditions: dict[Condition, int] = {}
        self._demands = [rule for rule in pack.rules.demands(item) if rule.live(law_day)]
        materials = sorted({name for rule in self._demands for name in rule.materials})
        reductions = pack.rules.reductions_near(item, materials)
        self._reductions = [rule for rule in reductions if law.takes_part(rule)]
        self._keeps = [
            keep for keep in pack.rules.keeps_near(item, materials) if law.keeps(keep)
        ]
        self._sources = [one for one in self._known.sources.values() if one.usable_for(item)]

    def view(self) -> ItemView:
        rules = tuple(self._rule(rule) for rule in self._demands)
        conditions = tuple(self._conditions)
        key = hashlib.sha256(repr(conditions).encode()).hexdigest()
        named = _named(rules, len(conditions))
        return ItemView(self._item, rules, Program(key, conditions), named)

    # (semantics 5) selection, and what defeats what

    def _selects(self, select: Selector, rule: Requirement, material: Material) -> bool:
        return (
            (select.items is None or rule.item in select.items)
            and (select.organs is None or self._item.organ in select.organs)
            and (select.classes is None or material.material_class in select.classes)
            and (select.materials is None or material.id in select.materials)
            and (select.claims is None or any(claim in select.claims for claim in rule.proves))
            and (select.rules is None or rule.id in select.rules)
        )

    def _defeats(
        self, reduction: Reduction, rule: Requirement, material: Material
    ) -> tuple[Defeat, ...]:
        return tuple(
            Defeat(keep.id, self._condition(keep.when))
            for keep in self._keeps
            if reduction.ground in keep.defeats
            and self._selects(keep.select, rule, material)
            and not self._law.outranks(reduction, keep)
        )

    def _condition(self, condition: Condition) -> int:
        return self._conditions.setdefault(condition, len(self._conditions))

    def _rule(self, rule: Requirement) -> RuleView:
        condition = self._condition(rule.when)
        names = rule.materials
        claims = frozenset(rule.proves)
        return RuleView(
            rule=rule,
            item=self._item,
            condition=condition,
            claims=claims,
            proving=self._provers(claims),
            edges=tuple(self._edge(rule, self._known.materials[name]) for name in names),
            accepts=tuple(
                tuple(names.index(name) for name in accepted) for accepted in rule.accepts
            ),
            openers=self._openers(rule) if claims else (),
            sources=tuple(
                source for source in self._sources if claims and claims <= {*source.claims}
            ),
        )

    def _provers(self, claims: frozenset[str]) -> frozenset[str]:
        """Return the materials that prove all of these claims, none for no claim."""
        found = [self._proving.get(claim, set()) for claim in claims]
        return frozenset(set.intersection(*found)) if found else frozenset()

    def _edge(self, rule: Requirement, material: Material) -> EdgeView:
        citations = rule.edge_citations(material.id)
        lawful = self._law.allows(citations, material)
        bearers = [
            Bearer(
                reduction,
                reduction.ground,
                self._condition(reduction.when),
                self._defeats(reduction, rule, material),
            )
            for reduction in self._reductions
            if reduction.ground is not Ground.COVERED
            and self._selects(reduction.select, rule, material)
            and self._can_bear(reduction.ground, rule, material, lawful=lawful)
        ]
        bearers.sort(key=lambda bearer: (ORDER[bearer.ground], bearer.reduction.id))
        return EdgeView(
            material=material,
            paper=paper(rule.party, material.id),
            basis=tuple(map(str, citations)),
            lawful=lawful,
            bearers=tuple(bearers),
            shares=tuple(one for one in bearers if one.ground is Ground.DATA_SHARING),
            choices=tuple(one for one in bearers if one.ground in CHOSEN),
            sources=tuple(one for one in self._sources if material.id in one.materials),
        )

    def _can_bear(
        self, ground: Ground, rule: Requirement, material: Material, *, lawful: bool
    ) -> bool:
        """Return the part of a ground's own test that no case can change."""
        match ground:
            case Ground.NO_BASIS:
                return not lawful
            case Ground.INTERMEDIARY:
                return material.material_class is MaterialClass.INTERMEDIARY and not lawful
            case Ground.OWN_ISSUED:
                return self._same_line(material.issuer)
            case Ground.COMMITMENT:
                return not self._item.excluded_from_commitment
            case Ground.TOLERANCE:
                return rule.secondary
            case _:
                return True

    def _same_line(self, issuer: str | None) -> bool:
        if issuer is None or issuer == self._item.organ:
            return issuer is not None
        organs = self._known.organs
        system = organs[self._item.organ].system
        return system is not None and organs[issuer].system == system

    def _openers(self, rule: Requirement) -> tuple[Opener, ...]:
        openers = []
        for reduction in self._reductions:
            if reduction.ground is not Ground.COVERED:
                continue
            lists = tuple(
                self._on_list(reduction, rule, accepted)
                for accepted in rule.accepts
                if all(
                    self._selects(reduction.select, rule, self._known.materials[name])
                    for name in accepted
                )
            )
            if lists:
                openers.append(Opener(reduction, self._condition(reduction.when), lists))
        return tuple(openers)

    def _on_list(
        self, reduction: Reduction, rule: Requirement, accepted: tuple[str, ...]
    ) -> tuple[Defeat, ...]:
        found = {
            defeat
            for name in accepted
            for defeat in self._defeats(reduction, rule, self._known.materials[name])
        }
        return tuple(sorted(found, key=lambda defeat: defeat.keep))


def _named(
    rules: Iterable[RuleView], conditions: int
) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Return for each condition every rule that it decides and that can bear on some edge."""
    named: list[set[tuple[str, str]]] = [set() for _ in range(conditions)]
    for rule in rules:
        named[rule.condition].add(("requirements", rule.rule.id))
        bearers: list[Bearer | Opener] = [*rule.openers]
        kept = [each for opener in rule.openers for each in opener.lists]
        for edge in rule.edges:
            bearers += edge.bearers
            kept += [bearer.defeats for bearer in edge.bearers]
        for bearer in bearers:
            named[bearer.condition].add(("reductions", bearer.reduction.id))
        for defeat in chain.from_iterable(kept):
            named[defeat.condition].add(("keeps", defeat.keep))
    return tuple(tuple(sorted(each)) for each in named)
