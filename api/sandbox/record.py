"""Records: what a register has written down about a resident."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from api.sandbox.population import Population
from api.sandbox.resident import Organisation, Person, Resident
from api.sandbox.trait import Trait

_FIRST, _END = date(2021, 1, 1), date(2026, 1, 1)
_TERM: Final = 10
"""Years for which what has a term is given."""
_WITHOUT_TERM: Final = frozenset(
    {
        "identity",
        "married",
        "divorced",
        "company",
        "institution",
        "association",
        "nonent",
        "home",
    }
)
_SERIALS: Final = 10**8


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of a register: its number, its days, and what a clerk may read of it."""

    number: str
    since: date
    until: date | None
    particulars: Mapping[str, str]


def record(population: Population, resident: Resident, trait: Trait) -> Record:
    """Return what every register that knows a trait of a resident says about it."""
    chance, number = population.chance, _file_of(resident, trait)
    since = _since(resident, trait) or chance.day(_FIRST, _END, "since", trait.name, number)
    ends = trait.name not in _WITHOUT_TERM
    return Record(
        number=f"沙盒{since:%Y}字第{chance.below(_SERIALS, trait.name, number):08}号",
        since=since,
        until=since.replace(year=since.year + _TERM, day=min(since.day, 28)) if ends else None,
        particulars=_particulars(population, resident, number),
    )


def _file_of(resident: Resident, trait: Trait) -> str:
    """Return whose file it is: spouses have one."""
    if trait.name == "married" and isinstance(resident, Person):
        return min(resident.number, resident.spouse)
    return resident.number


def _since(resident: Resident, trait: Trait) -> date | None:
    match resident:
        case Person() if trait.name == "married":
            return resident.married_on
        case Person() if trait.name in ("identity", "born"):
            return resident.born
        case Organisation() if trait.name == resident.form:
            return resident.founded
    return None


def _name_of(population: Population, number: str) -> str:
    found = population.find(number)
    return found.name if found else ""


def _particulars(population: Population, resident: Resident, file: str) -> dict[str, str]:
    """Return what is written in an entry, by the word that the clerk reads before it."""
    chance = population.chance
    said = {"地址": resident.address, "住址": resident.address, "坐落": resident.address}
    said |= {"面积": f"{chance.below(120, 'area', file) + 40}平方米"}
    if isinstance(resident, Organisation):
        head = _name_of(population, resident.representative)
        said |= {"名称": resident.name, "法定代表人": head, "住所": resident.address}
        return said
    said |= {"姓名": resident.name, "性别": "女" if resident.woman else "男"}
    said |= {"出生日期": resident.born.isoformat()}
    if resident.spouse:
        said |= {"配偶姓名": _name_of(population, resident.spouse)}
    if resident.employer:
        said |= {"参保单位": _name_of(population, resident.employer)}
    return said
