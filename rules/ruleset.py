"""Rule sets: every version of every rule, and the view of one item on one day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Any, Generic, TypeVar

from knowledge.canonical import digest
from knowledge.catalogue import spell_citations
from knowledge.vocabulary import Vocabulary
from rules.rule import Keep, Reduction, Requirement, Rule, Selector
from rules.spelling import spell

R = TypeVar("R", Reduction, Keep)
AnyRule = TypeVar("AnyRule", bound=Rule)


class RuleSet:
    """All rules of a pack, found by the item that they can touch."""

    def __init__(
        self,
        requirements: Iterable[Requirement],
        reductions: Iterable[Reduction],
        keeps: Iterable[Keep],
        vocabulary: Vocabulary,
    ) -> None:
        self.requirements = _by_id(requirements)
        self.reductions = _by_id(reductions)
        self.keeps = _by_id(keeps)
        self._vocabulary = vocabulary
        self._plains: dict[str, Any] = {}
        self._demands: dict[str, list[Requirement]] = defaultdict(list)
        for rule in self.requirements.values():
            self._demands[rule.item].append(rule)
        self._reductions = _Reach(self.reductions.values())
        self._keeps = _Reach(self.keeps.values())

    def demands(self, item: str) -> list[Requirement]:
        """Return every requirement rule of an item, of any day, by id."""
        return self._demands.get(item, [])

    def reductions_near(self, item: str, materials: Iterable[str]) -> Iterator[Reduction]:
        """Yield, by id, the reductions that may select one of these materials of an item."""
        return self._reductions.near(item, materials)

    def keeps_near(self, item: str, materials: Iterable[str]) -> Iterator[Keep]:
        """Yield, by id, the keep rules that may select one of these materials of an item."""
        return self._keeps.near(item, materials)

    def without(self, rule: str) -> "RuleSet":
        """Return the rule set as it would be without one rule, whatever its kind."""
        rest = RuleSet(
            (one for one in self.requirements.values() if one.id != rule),
            (one for one in self.reductions.values() if one.id != rule),
            (one for one in self.keeps.values() if one.id != rule),
            self._vocabulary,
        )
        rest._plains = self._plains
        return rest

    @cached_property
    def digest(self) -> str:
        """The hash of all rules, whatever order, files or spelling they were written in."""
        return digest(
            {
                name: [self._plain(name, rule) for rule in rules.values()]
                for name, rules in (
                    ("requirements", self.requirements),
                    ("reductions", self.reductions),
                    ("keeps", self.keeps),
                )
            }
        )

    @cached_property
    def changes(self) -> frozenset[date]:
        """The days on which some rule begins or ends."""
        rules: list[Rule] = [*self.requirements.values(), *self.reductions.values()]
        rules += self.keeps.values()
        days = {rule.since for rule in rules}
        return frozenset(days | {rule.until for rule in rules if rule.until})

    def _plain(self, section: str, rule: Rule) -> Any:
        key = f"{section} {rule.id}"
        if key not in self._plains:
            plain = spell_citations(rule.model_dump(mode="json", exclude={"when"}))
            self._plains[key] = plain | {"when": spell(rule.when, self._vocabulary)}
        return self._plains[key]


class _Reach(Generic[R]):
    """Rules by the narrowest ids that their selectors name, so that a look-up stays small."""

    def __init__(self, rules: Iterable[R]) -> None:
        self._everywhere: list[R] = []
        self._by_item: dict[str, list[R]] = defaultdict(list)
        self._by_material: dict[str, list[R]] = defaultdict(list)
        for rule in rules:
            self._file(rule, rule.select)

    def _file(self, rule: R, select: Selector) -> None:
        if select.items is not None:
            for item in dict.fromkeys(select.items):
                self._by_item[item].append(rule)
        elif select.materials is not None:
            for material in dict.fromkeys(select.materials):
                self._by_material[material].append(rule)
        else:
            self._everywhere.append(rule)

    def near(self, item: str, materials: Iterable[str]) -> Iterator[R]:
        found = {rule.id: rule for rule in self._everywhere}
        found |= {rule.id: rule for rule in self._by_item.get(item, ())}
        for material in materials:
            found |= {rule.id: rule for rule in self._by_material.get(material, ())}
        return (found[key] for key in sorted(found))


def _by_id(rules: Iterable[AnyRule]) -> Mapping[str, AnyRule]:
    return {rule.id: rule for rule in sorted(rules, key=lambda rule: rule.id)}
