"""References: every id that an entry of a pack names has to be declared in it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.authority import Authority
from knowledge.fact import Fact
from knowledge.fault import Path
from knowledge.item import APPLICANT, Item
from knowledge.law import Citation, Law
from knowledge.material import Material
from knowledge.process import Process
from knowledge.source import ANY_ITEM, Source
from rules.interface_reference import interface_troubles
from rules.rule import Keep, Reduction, Requirement, Rule, Selector


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with entry `index` of a section, at `path` inside it, and the cure."""

    section: str
    index: int
    path: Path
    what: str
    cure: str


Trouble = tuple[Path, str, str]
Entries = Mapping[str, list[Any]]


def findings(entries: Entries, declared: Mapping[str, set[str]]) -> Iterator[Finding]:
    """Yield every reference of a pack that leads nowhere, and every circle of steps."""
    known = _Known(entries, declared)
    for section, rows in entries.items():
        for index, entry in enumerate(rows):
            for path, what, cure in known.troubles(entry):
                yield Finding(section, index, path, what, cure)


class _Known:
    """The ids of each section, and what each kind of entry has to name among them."""

    def __init__(self, entries: Entries, declared: Mapping[str, set[str]]) -> None:
        self._ids = declared
        self._items: dict[str, Item] = {item.id: item for item in entries["items"]}
        self._facts: dict[str, Fact] = {fact.key: fact for fact in entries["facts"]}

    def troubles(self, entry: object) -> Iterator[Trouble]:
        """Yield (path, what is wrong, cure) for one entry."""
        match entry:
            case Rule():
                yield from self._rule(entry)
            case Material():
                yield from self._known("claims", entry.proves, "proves")
                if entry.issuer is not None:
                    yield from self._one("organs", entry.issuer, ("issuer",))
            case Item():
                yield from self._one("organs", entry.organ, ("organ",))
                yield from self._known("materials", entry.outputs, "outputs")
                if entry.deadline is not None:
                    yield from self._basis(entry.deadline.basis, ("deadline", "basis"))
            case Process():
                yield from entry.faults()
                for place, step in enumerate(entry.steps):
                    yield from self._one("items", step.item, ("steps", place, "item"))
            case Source():
                yield from self._source(entry)
            case Authority():
                yield from self._basis(entry.basis, ("basis",))
            case Law() | _:
                return

    def _rule(self, rule: Rule) -> Iterator[Trouble]:
        yield from self._basis(rule.basis, ("basis",))
        match rule:
            case Requirement():
                yield from self._requirement(rule)
            case Reduction() | Keep():
                yield from self._selector(rule.select)

    def _requirement(self, rule: Requirement) -> Iterator[Trouble]:
        yield from self._one("items", rule.item, ("item",))
        yield from self._known("claims", rule.proves, "proves")
        for place, accepted in enumerate(rule.accepts):
            yield from self._known("materials", accepted, "accepts", place)
        for material, basis in rule.edge_basis.items():
            yield from self._basis(basis, ("edge_basis", material))
        item = self._items.get(rule.item)
        if item is not None and rule.party != APPLICANT and rule.party not in item.roles:
            roles = ", ".join(f"`{role}`" for role in item.roles) or "none"
            yield (
                ("party",),
                f"item `{item.id}` has no role `{rule.party}`",
                f"declare it in the item's `roles` (there: {roles}) or leave it out",
            )

    def _source(self, source: Source) -> Iterator[Trouble]:
        yield from self._one("organs", source.organ, ("organ",))
        for place, item in enumerate(source.items):
            if item != ANY_ITEM:
                yield from self._one("items", item, ("items", place))
        yield from self._known("materials", source.materials, "materials")
        yield from self._known("claims", source.claims, "claims")
        yield from self._known("claims", source.complete_for, "complete_for")
        yield from self._basis(source.basis, ("basis",))
        yield from interface_troubles(source, self._facts, self._ids["facts"])

    def _selector(self, select: Selector) -> Iterator[Trouble]:
        sections = ("items", "organs", "materials", "claims")
        for section in sections:
            yield from self._known(section, getattr(select, section) or (), "select", section)
        yield from self._known("requirements", select.rules or (), "select", "rules")

    def _basis(self, basis: Iterable[Citation], path: Path) -> Iterator[Trouble]:
        for place, citation in enumerate(basis):
            yield from self._one("laws", citation.law, (*path, place))

    def _known(self, section: str, ids: Iterable[str], *path: str | int) -> Iterator[Trouble]:
        for place, name in enumerate(ids):
            yield from self._one(section, name, (*path, place))

    def _one(self, section: str, name: str, path: Path) -> Iterator[Trouble]:
        if name not in self._ids[section]:
            yield (
                path,
                f"`{name}` is not declared in `{section}`",
                "declare it there or correct its spelling",
            )
