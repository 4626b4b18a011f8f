"""Bad cases: texts that no door may take, each with a word that the refusal must say."""

from collections.abc import Callable
from typing import Any

import orjson

from tests.product import Json
from tests.small_pack import sound_case

LARGE = 10_000_000


def text(case: Any) -> bytes:
    """Return a case as JSON."""
    return orjson.dumps(case)


def with_(**keys: Any) -> bytes:
    """Return the sound case with some keys changed."""
    return text(sound_case() | keys)


def without(key: str) -> bytes:
    """Return the sound case without a key."""
    case = sound_case()
    del case[key]
    return text(case)


def raw(key: str, value: str) -> bytes:
    """Return the sound case with one value written as it would stand in JSON."""
    return orjson.dumps(sound_case() | {key: "HERE"}).replace(b'"HERE"', value.encode())


def record(section: str, **keys: Any) -> bytes:
    """Return the sound case with its first record of a section changed."""
    case = sound_case()
    case[section][0] |= keys
    return text(case)


def facts(**values: Any) -> bytes:
    """Return the sound case with other facts."""
    return with_(facts=values)


def person(kind: str, number: str) -> bytes:
    """Return the sound case of another applicant."""
    return with_(applicant={"kind": kind, "id": number})


def at_step(**keys: Any) -> Json:
    """Return the sound case at a step of the process."""
    case = sound_case()
    del case["items"]
    return case | {"process": "path", "step": "one"} | keys


UNREADABLE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "not JSON"),
    "half a case": (b'{"as_of": ', "not JSON"),
    "no text at all": (b"\xff\xfe\x00{", "UTF-8"),
    "a key twice": (b'{"as_of": "2026-11-23", "as_of": "2026-11-24"}', "twice"),
    "not a number": (raw("facts", '{"staff": NaN}'), "NaN"),
    "infinity": (raw("facts", '{"staff": -Infinity}'), "Infinity"),
    "a fraction": (raw("facts", '{"area": 1.5}'), "fraction"),
    "an exponent": (raw("facts", '{"staff": 1e3}'), "fraction"),
    "a huge number": (raw("facts", '{"staff": 9007199254740992}'), "too large"),
    "a long number": (raw("facts", '{"staff": ' + "9" * 5000 + "}"), "too large"),
    "half a character": (raw("facts", '{"remark": "\\ud800"}'), "surrogate"),
    "deep nesting": (b"[" * 100_000, "nested"),
    "nested lists": (raw("facts", "[" * 40 + "]" * 40), "nested"),
}

UNSOUND: dict[str, tuple[bytes, str]] = {
    "a list": (b"[]", "mapping"),
    "a number": (b"7", "mapping"),
    "null": (b"null", "mapping"),
    "an unknown key": (with_(colour="red"), "not a key"),
    "no day": (without("as_of"), "missing"),
    "no applicant": (without("applicant"), "missing"),
    "a day that does not exist": (with_(as_of="2026-02-30"), "calendar"),
    "a day with a time": (with_(as_of="2026-11-23T00:00:00"), "not a day"),
    "a day as a number": (with_(as_of=20261123), "not a day"),
    "a day in other digits": (with_(as_of="２０２６-11-23"), "not a day"),
    "a law day after today": (with_(law_day="2026-11-24"), "after"),
    "a law day of null": (with_(law_day=None), "null"),
    "no items": (with_(items=[]), "empty"),
    "an unknown item": (with_(items=["nonsense"]), "no item `nonsense`"),
    "items and a step": (with_(process="path", step="one"), "not both"),
    "neither items nor a step": (without("items"), "not both"),
    "a process without a step": (text(at_step(step=None)), "null"),
    "an unknown process": (text(at_step(process="no")), "process"),
    "an unknown step": (text(at_step(step="three")), "step"),
    "an unknown fact": (facts(colour="red"), "no fact `colour`"),
    "the applicant's kind as a fact": (facts(applicant_kind="legal"), "applicant_kind"),
    "a fact of null": (facts(staff=None), "null"),
    "a decimal as a number": (facts(area=35), "text"),
    "too many decimals": (facts(area="35.001"), "area"),
    "a decimal in words": (facts(area="big"), "area"),
    "a decimal that is no number": (facts(area="NaN"), "area"),
    "a whole number as text": (facts(staff="3"), "staff"),
    "a whole number as a boolean": (facts(staff=True), "staff"),
    "a boolean as a number": (facts(foreign=1), "foreign"),
    "an unknown choice": (facts(premises="lent"), "lent"),
    "a choice by its name": (facts(premises="租赁"), "租赁"),
    "a fact's day that does not exist": (facts(built="2021-02-29"), "2021-02-29"),
    "a wrong identity number": (person("natural", "110105194912310021"), "check"),
    "a small x": (person("natural", "11010519491231002x"), "capital"),
    "a wrong credit code": (person("legal", "91441900MA4FAKE010"), "check"),
    "a wrong kind of applicant": (person("robot", "1"), "natural"),
    "an empty identifier": (person("natural", ""), "empty"),
    "a role of no item": (
        with_(parties=[{"role": "child", "kind": "natural", "id": "甲"}]),
        "child",
    ),
    "the applicant as a party": (
        with_(parties=[{"role": "applicant", "kind": "natural", "id": "甲"}]),
        "applicant",
    ),
    "an unknown source": (record("receipts", source="nobody"), "no source"),
    "an unknown verdict": (record("receipts", verdict="maybe"), "found_match"),
    "a receipt for no paper": (record("receipts", materials=["no"]), "no material"),
    "a receipt for no claim": (record("receipts", claims=["no"]), "no claim"),
    "a receipt of no day": (record("receipts", on="yesterday"), "not a day"),
    "an unknown material": (record("licences", material="no"), "no material"),
    "an unknown trust": (record("licences", trust="E"), "A"),
    "an unknown status": (record("licences", status="lost"), "valid"),
    "history without a person": (record("history", subject=None), "text"),
    "a step of no process": (
        text(at_step(collected=[{"material": "lease", "step": "x", "on": "2026-01-01"}])),
        "step",
    ),
    "a paper that is none": (with_(lacks=["no"]), "no material"),
    "a paper of no role": (with_(contested=["child:lease"]), "child"),
    "the applicant's own paper spelled out": (with_(lacks=["applicant:lease"]), "applicant"),
    "credit in part": (with_(credit={"severe": False}), "missing"),
    "credit of null": (with_(credit=None), "null"),
}

HUGE: dict[str, Callable[[], bytes]] = {
    "a huge text": lambda: facts(remark="长" * (LARGE // 3), colour="x" * 10),
    "a huge key": lambda: facts(**{"x" * LARGE: 1}),
    "a huge item": lambda: with_(items=["x" * LARGE]),
    "huge white space": lambda: b" " * LARGE + b"x",
}
