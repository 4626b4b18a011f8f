"""Random packs and cases in the public format: seeded for speed, drawn to be shrunk."""

import random
import re
from pathlib import Path

import yaml
from hypothesis import strategies as st

from tests.oracle import bodies, demands, intake, phrases, spoilt
from tests.oracle.dice import Dice, DrawnDice, SeededDice, chance
from tests.oracle.matter import SECTIONS, Json

KNOWLEDGE = [
    "laws", "authority", "organs", "facts", "claims", "materials", "items", "processes",
    "sources",
]  # fmt: skip
QUOTED = re.compile(r"'(\d{4}-\d\d-\d\d|yes|no|on)'(?=:|$)", re.MULTILINE)
RULES = ["requirements", "reductions", "keeps"]


def thrown_pack(dice: Dice) -> Json:
    """Return a sound pack of nonsense, with the keys of pack.yaml and every section.

    Half the packs are small: where few papers meet many rules, everything touches everything.
    """
    small = not chance(dice, 50)
    claims = [f"c{number}" for number in range(dice.number(1, 2 if small else 5))]
    pack: Json = {"id": "random", "name": "随机", "regions": list(bodies.REGIONS)}
    pack["laws"] = bodies.laws(dice)
    pack["authority"] = bodies.authority(dice, pack["laws"])
    pack["organs"] = bodies.organs(dice)
    pack["facts"] = phrases.declared(dice)
    pack["claims"] = [{"id": claim, "name": f"待证事实{claim}"} for claim in claims]
    papers = (3, 5) if small else (6, 10)
    pack["materials"] = bodies.materials(dice, claims, pack["organs"], *papers)
    items = (1, 2) if small else (2, 4)
    pack["items"] = bodies.items(dice, pack["organs"], pack["materials"], *items)
    pack["processes"] = [bodies.process(dice, pack["items"])]
    pack["sources"] = bodies.sources(
        dice, pack["organs"], pack["items"], pack["materials"], claims
    )
    pack["requirements"] = demands.requirements(dice, pack)
    pack["reductions"] = demands.reductions(dice, pack)
    pack["keeps"] = demands.keeps(dice, pack)
    return pack


def random_pack(rng: random.Random) -> Json:
    """Return a random pack; the same seed gives the same pack."""
    return thrown_pack(SeededDice(rng))


def random_case(pack: Json, rng: random.Random) -> Json:
    """Return a random case before the pack; the same seed gives the same case."""
    return intake.case(SeededDice(rng), pack)


def random_spoilt_case(pack: Json, rng: random.Random) -> Json:
    """Return a case before the pack that must be refused."""
    return spoilt.spoilt_case(SeededDice(rng), pack)


@st.composite
def packs(draw: st.DrawFn) -> Json:
    """Draw a pack; shrinks towards few rules that always apply."""
    return thrown_pack(DrawnDice(draw))


@st.composite
def cases(draw: st.DrawFn, pack: Json) -> Json:
    """Draw a case before the pack; shrinks towards one without evidence."""
    return intake.case(DrawnDice(draw), pack)


@st.composite
def spoilt_cases(draw: st.DrawFn, pack: Json) -> Json:
    """Draw a case that must be refused."""
    return spoilt.spoilt_case(DrawnDice(draw), pack)


@st.composite
def matters(draw: st.DrawFn) -> tuple[Json, Json]:
    """Draw a pack and a case before it."""
    pack = draw(packs())
    return pack, draw(cases(pack))


def write_pack(pack: Json, folder: Path, *, bare: bool = False) -> None:
    """Write a pack as a folder of YAML, one file a section.

    With `bare` no quotes stand around days, nor around `yes`, `no` and `on`: YAML 1.2 reads
    them as plain text all the same.
    """
    folder.mkdir(parents=True, exist_ok=True)
    head = {key: part for key, part in pack.items() if key not in SECTIONS}
    files = {"pack": head}
    files |= {f"knowledge/{name}": {name: pack.get(name, [])} for name in KNOWLEDGE}
    files |= {f"rules/{name}": {name: pack.get(name, [])} for name in RULES}
    if "cases" in pack:
        files["cases/cases"] = {"cases": pack["cases"]}
    for name, content in files.items():
        text = yaml.safe_dump(content, allow_unicode=True)
        file = folder / f"{name}.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(QUOTED.sub(r"\1", text) if bare else text, "utf-8")
