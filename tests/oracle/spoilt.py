"""Spoilt cases: sound but for one fault, for which they must be refused."""

from tests.oracle.dice import Dice, chance, pick
from tests.oracle.intake import case
from tests.oracle.matter import Json
from tests.oracle.records import APPLICANT

# One fault each: the key of the case, and what stands there instead.
RECEIPT = {"source": "src0", "verdict": "found_match", "on": "2020-01-01", "subject": APPLICANT}
COLLECTED = {"material": "m0", "step": "s1", "on": "2020-01-01"}
LICENCE = {"material": "m0", "holder": APPLICANT, "trust": "A", "status": "valid"}
HISTORY = {"material": "m0", "on": "2020-01-01", "trust": "A", "subject": APPLICANT}
SPOILT: list[Json] = [
    {"as_of": "2026-02-30"},
    {"as_of": "20261123"},
    {"law_day": "2099-01-01"},
    {"law_day": None},
    {"items": []},
    {"items": ["nowhere"]},
    {"process": "nowhere", "step": "s1"},
    {"process": "p", "step": "nowhere"},
    {"process": "p"},
    {"step": "s1"},
    {"items": ["i0"], "process": "p", "step": "s1"},
    {"applicant": {"kind": "natural"}},
    {"applicant": {"kind": "person", "id": APPLICANT}},
    {"applicant": {"kind": "natural", "id": "110105194912310021"}},
    {"applicant": {"kind": "natural", "id": "11010519491231002x"}},
    {"applicant": {"kind": "legal", "id": "91441900MA4FAKE01N"}},
    {"parties": [{"role": "applicant", "kind": "natural", "id": "乙"}]},
    {"parties": [{"role": "seller", "kind": "natural", "id": "乙"}]},
    {"facts": {"nonsense": True}},
    {"facts": {"applicant_kind": "legal"}},
    {"receipts": [{**RECEIPT, "source": "nowhere"}]},
    {"receipts": [{**RECEIPT, "verdict": "found"}]},
    {"receipts": [{**RECEIPT, "materials": ["nothing"]}]},
    {"receipts": [{**RECEIPT, "claims": ["nothing"]}]},
    {"receipts": [{**RECEIPT, "on": None}]},
    {"receipts": [{**RECEIPT, "colour": "red"}]},
    {"receipts": [{key: RECEIPT[key] for key in ("source", "verdict", "on")}]},
    {"collected": [{**COLLECTED, "material": "nothing"}]},
    {"process": "p", "step": "s1", "collected": [{**COLLECTED, "step": "nowhere"}]},
    {"history": [{**HISTORY, "trust": "E"}]},
    {"history": [{**HISTORY, "until": "never"}]},
    {"licences": [{**LICENCE, "status": "lost"}]},
    {"licences": [{**LICENCE, "since": "yesterday"}]},
    {"commitments": ["nothing"]},
    {"promised_later": ["seller:m0"]},
    {"contested": ["applicant:m0"]},
    {"lacks": "m0"},
    {"credit": {"severe": False}},
    {"credit": None},
    {"colour": "red"},
]


def spoilt_case(dice: Dice, pack: Json) -> Json:
    """Throw a case with one fault for which it must be refused."""
    fault = pick(dice, SPOILT)
    named = {"items", "process", "step"}
    sound = {key: part for key, part in case(dice, pack).items() if key not in named}
    whole = {"items": [pack["items"][0]["id"]], **sound}
    if named & set(fault):
        whole.pop("items")
    if chance(dice, 25):
        return {
            **sound_named(whole, pack),
            "facts": {**whole["facts"], **wrong_fact(dice, pack)},
        }
    return {**whole, **fault}


def sound_named(whole: Json, pack: Json) -> Json:
    """Return the case with an item named, whatever was taken from it."""
    return {"items": [pack["items"][0]["id"]], **whole}


def wrong_fact(dice: Dice, pack: Json) -> Json:
    """Throw one fact with a value that is none of its type."""
    wrong: dict[str, list[object]] = {
        "boolean": [None, "true", 1],
        "choice": ["nothing", None, "", True],
        "integer": ["10", None, True, 1.5],
        "decimal": ["1.005", 12, None, "1e3", "", "１", 1.5],
        "date": ["2026-02-30", "20260101", None, 20260101],
        "text": [None, 12, True],
    }
    fact = pick(dice, pack["facts"])
    return {fact["key"]: pick(dice, wrong[fact["type"]])}
