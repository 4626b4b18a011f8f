"""Records: what a register has written down about a resident."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from api.sandbox.chance import Chance
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
_PLATES: Final = 10**5


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of a register: its number, and the days from and until which it is good."""

    number: str
    since: date
    until: date | None


def record(chance: Chance, resident: Resident, trait: Trait) -> Record:
    """Return what every register that knows a trait of a resident says about it."""
    file = _file_of(resident, trait)
    since = _since(resident, trait) or chance.day(_FIRST, _END, "since", trait.name, file)
    ends = trait.name not in _WITHOUT_TERM
    return Record(
        number=_number(chance, resident, trait, since),
        since=since,
        until=since.replace(year=since.year + _TERM, day=min(since.day, 28)) if ends else None,
    )


def _number(chance: Chance, resident: Resident, trait: Trait, since: date) -> str:
    """Return the number of an entry: of a car its plate, of a driver his own, else a serial."""
    file = _file_of(resident, trait)
    match trait.name:
        case "car":
            return f"沙A{chance.below(_PLATES, 'plate', file):05}"
        case "driver":
            return file
    return f"沙盒{since:%Y}字第{chance.below(_SERIALS, trait.name, file):08}号"


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
