"""The population: some thousands of people and organisations, made from a seed, and the cast.

Households share an address, spouses name each other, staff name an employer that there is,
and an organisation's representative and landlord are people of the same city.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import count
from typing import Final

from api.sandbox.cast import CAST
from api.sandbox.chance import Chance
from api.sandbox.identifier import KINDS, credit_code, identity_number
from api.sandbox.naming import address, organisation_name, person_name
from api.sandbox.resident import Organisation, Person, Resident, Residents

SEED: Final = 59
PEOPLE: Final = 4000
ORGANISATIONS: Final = 800
_OLDEST, _YOUNGEST = date(1946, 1, 1), date(2004, 1, 1)
"""The days between which grown people are born."""
_END: Final = date(2026, 1, 1)
"""What is generated happened before this day."""
_COMPANIES, _MARRIED, _EMPLOYED, _RENTING = 900, 600, 650, 550
"""Of 1000 organisations, households, adults and organisations."""
_OF_AGE: Final = timedelta(days=25 * 366)
_RETIRED: Final = date(1963, 1, 1)
_AT_MOST_CHILDREN: Final = 3


@dataclass(frozen=True)
class Population:
    """All residents of a seed, by number."""

    seed: int = SEED

    @cached_property
    def chance(self) -> Chance:
        """Return the chance that made them, for what else is to be known of them."""
        return Chance(self.seed)

    @cached_property
    def residents(self) -> Residents:
        """Return everybody: the cast, then the others."""
        people = [*_people(self.chance)]
        grown = [one.number for one in people if one.born < _YOUNGEST]
        everybody: list[Resident] = [one.resident for one in CAST]
        everybody += [*people, *_organisations(self.chance, grown)]
        return {one.number: one for one in everybody}

    def find(self, number: str) -> Resident | None:
        """Return the resident with a number."""
        return self.residents.get(number)


def _form(chance: Chance, serial: int) -> str:
    company, *others = KINDS
    if chance.happens(_COMPANIES, "company", serial):
        return company
    return chance.one_of(others, "form", serial)


def _organisations(chance: Chance, grown: Sequence[str]) -> Iterator[Organisation]:
    for serial in range(ORGANISATIONS):
        form = _form(chance, serial)
        rents = chance.happens(_RENTING, "rents", serial)
        yield Organisation(
            number=credit_code(form, serial),
            name=organisation_name(chance, serial + 1, form),
            form=form,
            founded=chance.day(date(1999, 1, 1), _END, "founded", serial),
            representative=chance.one_of(grown, "representative", serial),
            address=address(chance, "office", serial),
            landlord=chance.one_of(grown, "landlord", serial) if rents else "",
        )


def _people(chance: Chance) -> Iterator[Person]:
    employers = [credit_code(_form(chance, one), one) for one in range(ORGANISATIONS)]
    births, made = _Births(), 0
    for serial in count():
        for one in _Household(chance, serial, births, employers).people():
            made += 1
            yield one
        if made >= PEOPLE:
            return


class _Births:
    """Identity numbers for the born: those of one day have different serials."""

    def __init__(self) -> None:
        self._on: Counter[date] = Counter()

    def number(self, born: date, *, woman: bool) -> str:
        self._on[born] += 1
        return identity_number(born, self._on[born] * 2 + (not woman))


@dataclass(frozen=True, slots=True)
class _Household:
    """One household: its head, and where there is a marriage, spouse and children."""

    chance: Chance
    serial: int
    births: _Births
    employers: Sequence[str]

    def people(self) -> Iterator[Person]:
        chance, serial = self.chance, self.serial
        born = chance.day(_OLDEST, _YOUNGEST, "born", serial)
        woman = chance.happens(500, "woman", serial)
        number = self.births.number(born, woman=woman)
        head = self._person(number, born, number, woman=woman)
        may_marry = born + _OF_AGE
        if may_marry >= _END or not chance.happens(_MARRIED, "married", serial):
            yield head
            return
        near = born + timedelta(days=chance.below(700, "near", serial))
        other = self.births.number(near, woman=not woman)
        spouse = self._person(other, near, number, woman=not woman)
        latest = min(may_marry + timedelta(days=4000), _END)
        day = chance.day(may_marry, latest, "wedding", serial)
        yield replace(head, spouse=other, married_on=day)
        yield replace(spouse, spouse=number, married_on=day)
        yield from self._children(number, day)

    def _children(self, head: str, wedding: date) -> Iterator[Person]:
        born = wedding
        for place in range(self.chance.below(_AT_MOST_CHILDREN, "children", self.serial)):
            born += timedelta(days=400 + self.chance.below(900, "child", self.serial, place))
            if born < _END:
                woman = self.chance.happens(500, "girl", self.serial, place)
                number = self.births.number(born, woman=woman)
                yield self._person(number, born, head, woman=woman)

    def _person(self, number: str, born: date, household: str, *, woman: bool) -> Person:
        chance = self.chance
        works = _RETIRED <= born < _YOUNGEST and chance.happens(_EMPLOYED, "works", number)
        return Person(
            number=number,
            name=person_name(chance, number, household, woman=woman),
            born=born,
            woman=woman,
            household=household,
            address=address(chance, "home", household),
            employer=chance.one_of(self.employers, "employer", number) if works else "",
        )
