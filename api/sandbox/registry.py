"""Registries: what one source of the pack answers about a resident, in its own words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any, Final

from api.sandbox.particular import Entry, fact_of
from api.sandbox.population import Population
from api.sandbox.record import record
from api.sandbox.resident import Resident
from api.sandbox.trait import Trait, admits, traits_for
from knowledge.fact import Fact
from knowledge.interface import FactField, Interface
from knowledge.source import Source

Row = dict[str, Any]
_NUMBERS: Final = 200
_FIRST, _END = date(2021, 1, 1), date(2026, 1, 1)


@dataclass(frozen=True)
class Registry:
    """A source with its interface, over the residents that it knows.

    `facts` and `names` (of materials and claims) are those of its pack.
    """

    source: Source
    interface: Interface
    population: Population
    facts: Mapping[str, Fact]
    names: Mapping[str, str]
    _some: dict[str, tuple[Resident, ...]] = field(default_factory=dict, repr=False)

    @cached_property
    def _words(self) -> dict[str, list[str]]:
        """Return our materials and claims behind each of its codes."""
        words: dict[str, list[str]] = {}
        for word in (*self.source.materials, *self.source.claims):
            words.setdefault(self.interface.code_of(word), []).append(word)
        return words

    @property
    def codes(self) -> tuple[str, ...]:
        """Return all codes that it may be asked for."""
        return tuple(self._words)

    def words(self, code: str) -> tuple[str, ...]:
        """Return our materials and claims behind one of its codes."""
        return tuple(self._words.get(code, ()))

    def rows(self, number: str, codes: Iterable[str], day: date) -> list[Row]:
        """Return its rows about the codes, as it stands on a day; none for who is unknown."""
        resident = self.population.find(number)
        if resident is None or not admits(self.source.id, resident, self.population.chance):
            return []
        return [
            self._row(resident, code, trait, day)
            for code in dict.fromkeys(codes)
            for trait in self._held(resident, code)
        ]

    def some(self, code: str) -> tuple[Resident, ...]:
        """Return the first two residents of whom it has something to say under a code."""
        if code not in self._some:
            everybody = self.population.residents.values()
            known = (one for one in everybody if self.rows(one.number, [code], _END))
            self._some[code] = tuple(islice(known, 2))
        return self._some[code]

    def _held(self, resident: Resident, code: str) -> Iterator[Trait]:
        """Yield the trait that a code stands for, at most one: rows must not contradict."""
        chance = self.population.chance
        words = self._words.get(code, [])
        traits = (trait for word in words for trait in traits_for(word))
        held = next((trait for trait in traits if trait.had_by(resident, chance)), None)
        if held is not None:
            yield held

    def _row(self, resident: Resident, code: str, trait: Trait, day: date) -> Row:
        interface, chance = self.interface, self.population.chance
        written = record(chance, resident, trait)
        entry = Entry(self.population, resident, written, self.names[self._words[code][0]])
        row: Row = {interface.row: code}
        known = {"number": resident.number, "name": resident.name, "kind": resident.kind}
        row |= {theirs: known[word] for word, theirs in interface.echoed.items()}
        if interface.status:
            row[interface.status.field] = interface.status.good[0]
        if interface.day:
            row[interface.day] = day.isoformat()
        row |= _licence(interface, entry)
        row |= self._facts(resident)
        for theirs, label in interface.show.items():
            row.setdefault(theirs, entry.says(label))
        return row

    def _facts(self, resident: Resident) -> Row:
        """Return its words for facts: what follows from the resident, the rest by chance."""
        told, drawn = {}, {}
        for key, described in self.interface.facts.items():
            ours, values = fact_of(resident, key), described.values
            theirs = next((one for one, value in (values or {}).items() if value == ours), None)
            if theirs is None and not values:
                theirs = ours
            if theirs is None:
                drawn[described.field] = self._drawn(resident, key, described)
            else:
                told[described.field] = theirs
        return drawn | told

    def _drawn(self, resident: Resident, key: str, described: FactField) -> str | bool | int:
        """Return a word for a fact: the same in every register for a resident."""
        chance, about = self.population.chance, (key, resident.number)
        if described.values:
            return chance.one_of([*described.values], *about)
        match self.facts[key].type:
            case "boolean":
                return chance.happens(500, *about)
            case "integer":
                return chance.below(_NUMBERS, *about)
            case "date":
                return chance.day(_FIRST, _END, *about).isoformat()
        return str(chance.below(_NUMBERS, *about))


def _licence(interface: Interface, entry: Entry) -> Row:
    fields = interface.licence
    if fields is None:
        return {}
    row: Row = {fields.number: entry.written.number}
    if fields.since:
        row[fields.since] = entry.written.since.isoformat()
    if fields.until:
        row[fields.until] = entry.until
    return row
