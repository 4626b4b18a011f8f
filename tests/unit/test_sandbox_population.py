"""The sandbox's people and companies: nobody real, nobody contradictory, always the same."""

import os
import re
import subprocess
import sys
from datetime import date
from functools import cache

import pytest

from api.bundled import load_pack
from api.sandbox.cast import CAST, member
from api.sandbox.exchange import Exchange
from api.sandbox.identifier import REGION
from api.sandbox.naming import SURNAMES
from api.sandbox.population import ORGANISATIONS, PEOPLE, Population
from api.sandbox.resident import Organisation, Person
from knowledge.canonical import digest
from knowledge.person import has_check_character
from tests.console import ROOT
from tests.sandboxed import SECRET, population

DAY = date(2026, 11, 28)
TELL = f"""
from datetime import date
from tests.unit import test_sandbox_population as test
print(test.everything(date.fromisoformat({DAY.isoformat()!r})))
"""


@cache
def exchange() -> Exchange:
    return Exchange.of(load_pack(None), population(), SECRET)


def people() -> list[Person]:
    return [one for one in population().residents.values() if isinstance(one, Person)]


def organisations() -> list[Organisation]:
    return [one for one in population().residents.values() if isinstance(one, Organisation)]


def everything(day: date) -> str:
    """Return the digest of all that every registry says of a twentieth of the residents."""
    some = [*population().residents][::20]
    return digest(
        [
            [repr(population().residents[number]), registry.rows(number, registry.codes, day)]
            for number in some
            for registry in exchange().registries.values()
        ]
    )


def test_there_are_some_thousands() -> None:
    assert len(people()) >= PEOPLE
    assert len(organisations()) > ORGANISATIONS


def test_every_number_has_its_check_character_and_a_region_that_is_nowhere() -> None:
    for one in population().residents.values():
        assert has_check_character(one.kind, one.number), one
        assert one.number.removeprefix("0")[0 if one.kind == "natural" else 2 :].startswith(
            REGION
        )
    assert all(one.number[6:14] == f"{one.born:%Y%m%d}" for one in people())
    assert all((int(one.number[16]) % 2 == 0) is one.woman for one in people())


def test_every_name_says_that_nobody_bears_it() -> None:
    assert all(one.name[0] in SURNAMES for one in people())
    assert all(one.name.startswith("沙盒") for one in organisations())


def test_spouses_name_each_other_and_are_of_age() -> None:
    pairs = [
        (one, population().residents[one.spouse])
        for one in people()
        if one.spouse and one != member("wronged")
    ]

    assert len(pairs) > PEOPLE // 4
    for one, other in pairs:
        assert isinstance(other, Person)
        assert (other.spouse, other.married_on) == (one.number, one.married_on)
        assert one.woman is not other.woman
        assert one.married_on is not None
        years = 20 if one.woman else 22
        assert one.married_on >= one.born.replace(year=one.born.year + years, day=1)


def test_a_household_lives_at_one_address() -> None:
    for one in people():
        head = population().residents[one.household]
        assert isinstance(head, Person)
        assert (head.household, head.address) == (one.household, one.address)


def test_employers_representatives_and_landlords_are_there() -> None:
    employers = {one.employer for one in people() if one.employer}
    heads = {one.representative for one in organisations()}
    landlords = {one.landlord for one in organisations() if one.landlord}

    assert all(isinstance(population().find(one), Organisation) for one in employers)
    assert all(isinstance(population().find(one), Person) for one in heads | landlords)


def test_two_registers_say_the_same_of_a_marriage() -> None:
    one = next(one for one in people() if one.spouse and one.spouse != one.household)
    licences, register = (
        exchange().registries[key] for key in ("e_licence_library", "marriage_both")
    )

    written = {
        row["zzbh"]
        for number in (one.number, one.spouse)
        for row in licences.rows(number, ["jhz"], DAY)
    }
    days = {
        row["djrq"]
        for number in (one.number, one.spouse)
        for row in register.rows(number, ["jhz"], DAY)
    }

    assert len(written) == 1
    assert days == {str(one.married_on)}


def test_another_process_says_the_same_to_the_last_byte() -> None:
    told = subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, "-c", TELL],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "4711", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.strip() == everything(DAY)


def test_another_seed_makes_others_but_keeps_the_cast() -> None:
    other = Population(60).residents

    shared = other.items() & population().residents.items()

    assert {one for _, one in shared} == {one.resident for one in CAST}


def test_the_cast_has_a_rare_character_dots_and_a_name_of_sixty() -> None:
    assert any("\U00020000" <= sign <= "\U0002a6df" for sign in member("rare").name)
    assert member("dotted").name.count("·") == 2
    assert len(member("lengthy").name) == 60
    assert len({one.key for one in CAST}) == len({one.number for one in CAST}) == len(CAST)


def test_the_page_about_the_sandbox_names_the_cast() -> None:
    page = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \|[^|]+\| (\w+) \|", page, re.MULTILINE))

    assert rows == {one.key: one.number for one in CAST}


def holds(key: str, source: str) -> set[str]:
    """Return the materials and claims that a source finds for one of the cast."""
    registry = exchange().registries[source]
    rows = registry.rows(member(key).number, registry.codes, DAY)
    return {word for row in rows for word in registry.words(row[registry.interface.row])}


@pytest.mark.parametrize(
    ("key", "source", "words"),
    [
        ("founder", "population", {"id_card", "identity"}),
        ("partner", "population", {"id_card", "identity"}),
        ("founder", "lease_filing", {"lease"}),
        ("developer", "enterprise", {"business_licence"}),
        ("developer", "investment_projects", {"project_filing", "project_approved"}),
        ("developer", "planning_permits", {"land_planning_permit", "land_contract"}),
        ("bride", "population", {"id_card", "household_register"}),
        ("groom", "population", {"id_card", "household_register"}),
        ("driver", "vehicles", {"vehicle_licence", "vehicle_registered"}),
        ("driver", "drivers", {"driving_licence"}),
        ("wronged", "real_estate", {"title_certificate"}),
        ("wronged", "marriage_one", {"marriage_certificate", "marital_status"}),
    ],
)
def test_the_registers_know_what_a_story_needs(key: str, source: str, words: set[str]) -> None:
    assert words <= holds(key, source)


def test_the_registers_do_not_know_what_a_story_has_to_lack() -> None:
    assert holds("bride", "marriage_one") == holds("groom", "marriage_both") == set()
    assert holds("developer", "construction") == set()
