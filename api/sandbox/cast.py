"""The cast: a few people and companies by name, each for a story that the sandbox tells.

They are the same for every seed, so that documents, tests and the desk may name them.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from api.sandbox.identifier import credit_code, identity_number
from api.sandbox.resident import Organisation, Person, Resident

_HOME: Final = "示例市甲镇沙盒大道"


@dataclass(frozen=True, slots=True)
class Member:
    """One of the cast: `key` names it, `story` says which story it is for."""

    key: str
    story: str
    resident: Resident

    @property
    def number(self) -> str:
        """Return the number to be typed at the desk."""
        return self.resident.number


def _person(born: date, serial: int, name: str, *traits: str, at: int) -> Person:
    number = identity_number(born, serial)
    return Person(
        number=number,
        name=name,
        born=born,
        woman=serial % 2 == 0,
        household=number,
        address=f"{_HOME}{at}号101室",
        traits=traits,
    )


def _company(serial: int, name: str, representative: Person, *traits: str) -> Organisation:
    return Organisation(
        number=credit_code("company", serial),
        name=name,
        form="company",
        founded=date(2019, 3, 18),
        representative=representative.number,
        address=f"{_HOME}88号",
        traits=traits,
    )


# Serials from 990 on and codes from 900000 on are the cast's own: nobody is born with them.
_founder = _person(date(1988, 2, 29), 991, "甄示例", "tenant", "resident", at=1)
_partner = _person(date(1991, 7, 6), 992, "沙小盒", at=2)
_director = _person(date(1979, 11, 5), 993, "贾设定", at=3)
_bride = _person(date(1998, 5, 20), 994, "甄小满", at=4)
_groom = _person(date(1997, 10, 1), 995, "沙大禾", at=5)
_driver = _person(date(1985, 4, 12), 997, "贾行舟", "car", "driver", "clean", at=6)
_stranger = _person(date(1980, 3, 3), 996, "虚从未", at=9)
_wronged = replace(
    _person(date(1976, 8, 15), 999, "试不符", "home", at=7),
    spouse=_stranger.number,
    married_on=date(2003, 6, 18),
)
_rare = _person(date(1993, 1, 8), 998, "甄𠮷例", "home", "traveller", at=8)
_dotted = _person(date(1990, 12, 21), 991, "沙尔示例·拟虚提·试样江", "resident", at=10)
_developer = _company(
    900001, "沙盒一号置业有限公司", _director, "filed", "land", "planned", "assessed", "taxed"
)
_operator = _company(900002, "沙盒二号科技有限公司", _director, "taxed", "clean")
_lengthy = _company(
    900003,
    "沙盒城市虚拟示例产业园区综合开发建设与社会化公共服务配套设施运营管理技术咨询信息系统集成（示例）集团股份有限责任演示公司",
    _director,
    "taxed",
)

CAST: Final = (
    Member("founder", "company", _founder),
    Member("partner", "company", _partner),
    Member("director", "build", _director),
    Member("developer", "build", _developer),
    Member("bride", "marriage", _bride),
    Member("groom", "marriage", _groom),
    Member("driver", "vehicle", _driver),
    Member("wronged", "contest", _wronged),
    Member("stranger", "contest", _stranger),
    Member("operator", "names", _operator),
    Member("rare", "names", _rare),
    Member("dotted", "names", _dotted),
    Member("lengthy", "names", _lengthy),
)
"""Stories: `company` two people set one up in rented rooms; `build` a developer builds;
`marriage` two people marry; `vehicle` an owner while a registry is down; `contest` registers
that are wrong about somebody; `names` names that are hard to print."""


def member(key: str) -> Resident:
    """Return one of the cast, or raise `KeyError`."""
    return {one.key: one.resident for one in CAST}[key]
