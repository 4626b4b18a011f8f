"""The matter: one pack and one case, with every default of the contract written out."""

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.oracle.conditions import APPLICANT_KIND, Datum, Tree, Word, datum, parse

Json = dict[str, Any]

SECTIONS: dict[str, Json] = {
    "laws": {"number": None, "issuer": None, "until": None, "verified": False},
    "authority": {"applicant": "any", "until": None},
    "organs": {"system": None},
    "facts": {"unit": None, "answered_by": "applicant", "choices": {}, "scale": None},
    "claims": {},
    "materials": {"proves": [], "issuer": None, "burden": 1},
    "items": {
        "outputs": [], "roles": {}, "excluded_from_commitment": False, "no_materials": False,
    },
    "processes": {},
    "sources": {
        "items": ["*"], "materials": [], "claims": [], "complete_for": [], "max_age_days": 30,
        "on_unavailable": "defer", "basis": [],
    },
    "requirements": {
        "name": None, "party": "applicant", "proves": [], "when": "true", "edge_basis": {},
        "secondary": False, "until": None,
    },
    "reductions": {"name": None, "select": {}, "when": "true", "until": None},
    "keeps": {"name": None, "select": {}, "when": "true", "until": None},
    "cases": {},
}  # fmt: skip

RECORDS: dict[str, Json] = {
    "receipts": {"materials": [], "claims": []},
    "collected": {"until": None},
    "history": {"until": None, "reconfirmed": False},
    "licences": {"number": None, "issuer": None, "since": None, "until": None},
    "parties": {},
}

PAPER_LISTS = ("commitments", "promised_later", "contested", "lacks")


class Yaml12(yaml.SafeLoader):
    """YAML 1.2 core as packs use it: `on`, `yes`, `no` and bare days are plain text."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012 (as PyYAML has it)


for tag, pattern, first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
):
    Yaml12.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), first)


def load_pack(folder: Path) -> Json:
    """Read a pack's folder: the keys of pack.yaml and every section, as plain values."""
    pack: Json = yaml.load((folder / "pack.yaml").read_text("utf-8"), Yaml12)  # noqa: S506 (a SafeLoader)
    for part in ("knowledge", "rules", "cases"):
        for file in sorted((folder / part).rglob("*.yaml")):
            sections = yaml.load(file.read_text("utf-8"), Yaml12) or {}  # noqa: S506 (a SafeLoader)
            for section, entries in sections.items():
                pack.setdefault(section, []).extend(entries)
    return pack


def plain(value: object) -> Any:
    """Return the same value with bare dates as text."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain(content) for key, content in value.items()}
    if isinstance(value, list | tuple):
        return [plain(content) for content in value]
    return value


def complete_pack(pack: Json) -> Json:
    """Return the pack with every section and every default."""
    whole: Json = plain(pack)
    for section, defaults in SECTIONS.items():
        whole[section] = [{**defaults, **entry} for entry in whole.get(section) or []]
    for law in whole["laws"]:
        law.setdefault("region", whole["regions"][0])
    for process in whole["processes"]:
        process["steps"] = [{"after": [], **step} for step in process["steps"]]
    return whole


def complete_case(case: Json) -> Json:
    """Return the case with every default."""
    whole: Json = {"law_day": case["as_of"], "facts": {}, "credit": None, **case}
    whole |= {key: case.get(key, []) for key in PAPER_LISTS}
    for key, defaults in RECORDS.items():
        whole[key] = [{**defaults, **record} for record in case.get(key, [])]
    for record in whole["collected"]:
        record.setdefault("subject", case["applicant"]["id"])
    return whole


def words_of(pack: Json) -> list[Word]:
    """Return the facts of a pack as the condition language sees them."""
    declared = [Word(f["key"], f["type"], f["name"], f["choices"]) for f in pack["facts"]]
    return [*declared, APPLICANT_KIND]


def known_facts(pack: Json, case: Json) -> dict[str, Datum]:
    """Return the case's facts as values, `applicant_kind` among them."""
    words = {word.key: word for word in words_of(pack)}
    known = {
        key: stated if isinstance(stated, bool | int) else datum(words[key], stated)
        for key, stated in case["facts"].items()
    }
    return {**known, "applicant_kind": case["applicant"]["kind"]}


def by_id(entries: list[Json]) -> dict[str, Json]:
    """Return the entries of a section by id."""
    return {entry["id"]: entry for entry in entries}


@dataclass(frozen=True)
class Matter:
    """A sound case before a sound pack; both with their defaults."""

    pack: Json
    case: Json
    laws: dict[str, Json]
    materials: dict[str, Json]
    items: dict[str, Json]
    organs: dict[str, Json]
    facts: dict[str, Datum]
    trees: dict[tuple[str, str], Tree]

    @property
    def as_of(self) -> str:
        """Today, which decides evidence; days are ISO text and compare as such."""
        return str(self.case["as_of"])

    @property
    def law_day(self) -> str:
        """The day that decides which law governs."""
        return str(self.case["law_day"])

    @property
    def item_ids(self) -> list[str]:
        """The items of the case, each once (section 2)."""
        return items_of(self.pack, self.case)


def items_of(pack: Json, case: Json) -> list[str]:
    """Section 2: a case names items, or one step of a process, which stands for its item."""
    if "items" in case:
        return sorted(set(case["items"]))
    steps = by_id(by_id(pack["processes"])[case["process"]]["steps"])
    return [steps[case["step"]]["item"]]


def matter_of(pack: Json, case: Json) -> Matter:
    """Join a sound pack and a sound case."""
    pack, case = complete_pack(pack), complete_case(case)
    words = words_of(pack)
    trees = {
        (section, rule["id"]): parse(rule["when"], words)
        for section in ("requirements", "reductions", "keeps")
        for rule in pack[section]
    }
    return Matter(
        pack=pack,
        case=case,
        laws=by_id(pack["laws"]),
        materials=by_id(pack["materials"]),
        items=by_id(pack["items"]),
        organs=by_id(pack["organs"]),
        facts=known_facts(pack, case),
        trees=trees,
    )
