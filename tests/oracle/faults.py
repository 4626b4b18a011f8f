"""Faults of a case: why it must be refused (contract, a case; section 2)."""

import datetime as dt
import re
from collections.abc import Callable

from tests.oracle.law import live
from tests.oracle.matter import PAPER_LISTS, Json, by_id, complete_case, complete_pack

Check = Callable[[object], bool]

VERDICTS = ("found_match", "found_conflict", "not_found", "unavailable", "not_authorised")


def is_text(value: object) -> bool:
    """Text of at least one character."""
    return isinstance(value, str) and value != ""


def is_day(value: object) -> bool:
    """Accept a day as YYYY-MM-DD."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        return False
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_flag(value: object) -> bool:
    """Accept true or false."""
    return isinstance(value, bool)


def is_texts(value: object) -> bool:
    """Accept a list of texts."""
    return isinstance(value, list) and all(is_text(one) for one in value)


def or_null(check: Check) -> Check:
    """Accept null as well."""
    return lambda value: value is None or check(value)


def one_of(*words: str) -> Check:
    """Accept one of the words."""
    return lambda value: isinstance(value, str) and value in words


APPLICANT: dict[str, Check] = {"kind": one_of("natural", "legal"), "id": is_text}
CREDIT: dict[str, Check] = {"severe": is_flag, "false_commitment": is_flag}
RECORD_KEYS: dict[str, tuple[dict[str, Check], dict[str, Check]]] = {
    "parties": ({"role": is_text, **APPLICANT}, {}),
    "receipts": (
        {"source": is_text, "verdict": one_of(*VERDICTS), "on": is_day, "subject": is_text},
        {"materials": is_texts, "claims": is_texts},
    ),
    "collected": (
        {"material": is_text, "step": is_text, "on": is_day},
        {"until": or_null(is_day), "subject": is_text},
    ),
    "history": (
        {
            "material": is_text,
            "on": is_day,
            "trust": one_of("A", "B", "C", "D"),
            "subject": is_text,
        },
        {"until": or_null(is_day), "reconfirmed": is_flag},
    ),
    "licences": (
        {
            "material": is_text,
            "holder": is_text,
            "trust": one_of("A", "B", "C", "D"),
            "status": one_of("valid", "suspended", "revoked", "expired"),
        },
        {
            "number": or_null(is_text),
            "issuer": or_null(is_text),
            "since": or_null(is_day),
            "until": or_null(is_day),
        },
    ),
}
TOP: dict[str, Check] = {
    "as_of": is_day,
    "law_day": is_day,
    "items": is_texts,
    "process": is_text,
    "step": is_text,
    "applicant": lambda value: isinstance(value, dict),
    "facts": lambda value: isinstance(value, dict),
    "credit": lambda value: isinstance(value, dict),
    **dict.fromkeys(PAPER_LISTS, is_texts),
    **dict.fromkeys(RECORD_KEYS, lambda value: isinstance(value, list)),
}


def faults(pack: Json, case: Json, *, whole_process: bool = False) -> list[str]:
    """Every fault of a case; with `whole_process` the roles are those of all its items."""
    found = faults_of_shape(case, whole_process=whole_process)
    if found:
        return found
    pack = complete_pack(pack)
    return [
        *faults_of_names(pack, case, whole_process=whole_process),
        *faults_of_facts(pack, case),
        *faults_of_ids(case),
    ]


# --- shape ------------------------------------------------------------------------------


def faults_of_keys(
    where: str, value: object, needed: dict[str, Check], others: dict[str, Check]
) -> list[str]:
    """Unknown keys are refused, needed ones must be there, and each value must fit."""
    if not isinstance(value, dict):
        return [f"{where} must be a mapping"]
    checks = needed | others
    return [
        *[f"{where}: `{key}` is missing" for key in needed if key not in value],
        *[f"{where}: `{key}` is unknown" for key in value if key not in checks],
        *[
            f"{where}: `{key}` cannot be `{part}`"
            for key, part in value.items()
            if key in checks and not checks[key](part)
        ],
    ]


def faults_of_shape(case: Json, *, whole_process: bool) -> list[str]:
    """Contract: the keys of a case, the keys and values of its records."""
    needed = {key: TOP[key] for key in ("as_of", "applicant")}
    found = faults_of_keys("case", case, needed, TOP)
    if found:
        return found
    by_items, by_step = "items" in case, "process" in case and "step" in case
    named = {"items", "process", "step"} & set(case)
    if not whole_process and (by_items == by_step or (by_items and named != {"items"})):
        found.append("the case names items, or a process and a step, and not both")
    if case.get("items") == []:
        found.append("the case names no item")
    found += faults_of_keys("applicant", case["applicant"], APPLICANT, {})
    if "credit" in case:
        found += faults_of_keys("credit", case["credit"], CREDIT, {})
    for kind, (keys, others) in RECORD_KEYS.items():
        for place, record in enumerate(case.get(kind, [])):
            found += faults_of_keys(f"{kind}[{place}]", record, keys, others)
    if case.get("law_day", case["as_of"]) > case["as_of"]:
        found.append("the law day is after today")
    return found


# --- names ------------------------------------------------------------------------------


def faults_of_names(pack: Json, case: Json, *, whole_process: bool) -> list[str]:
    """Contract: unknown items, steps, roles, sources, materials and claims are faults."""
    processes = by_id(pack["processes"])
    if "process" in case and case["process"] not in processes:
        return [f"process `{case['process']}` is unknown"]
    steps = by_id(processes[case["process"]]["steps"]) if "process" in case else {}
    if "step" in case and case["step"] not in steps:
        return [f"step `{case['step']}` is unknown"]
    if whole_process:
        items = [step["item"] for step in steps.values()]
    else:
        items = case["items"] if "items" in case else [steps[case["step"]]["item"]]
    unknown = [item for item in items if item not in by_id(pack["items"])]
    if unknown:
        return [f"item `{item}` is unknown" for item in unknown]
    whole = complete_case(case)
    return [
        *([] if whole_process else faults_of_items(pack, whole["law_day"], items)),
        *faults_of_roles(pack, whole, items),
        *faults_of_records(pack, whole),
        *[
            f"step `{record['step']}` is unknown"
            for record in whole["collected"]
            if "process" in case and record["step"] not in steps
        ],
    ]


def faults_of_items(pack: Json, law_day: str, items: list[str]) -> list[str]:
    """Section 2: an item without any requirement rule on `law_day` is refused."""
    found = []
    for item in items:
        rules = [rule for rule in pack["requirements"] if rule["item"] == item]
        if by_id(pack["items"])[item]["no_materials"]:
            continue
        if not any(live(rule, law_day) for rule in rules):
            periods = [(rule["since"], rule["until"]) for rule in rules]
            found.append(f"item `{item}` has no rule on {law_day}, only in {periods}")
    return found


def faults_of_roles(pack: Json, case: Json, items: list[str]) -> list[str]:
    """Contract: a role must be declared by one of the items; papers name known materials."""
    roles = {role for item in items for role in by_id(pack["items"])[item]["roles"]}
    materials = by_id(pack["materials"])
    found = [
        f"role `{party['role']}` is unknown"
        for party in case["parties"]
        if party["role"] not in roles
    ]
    for paper in [paper for kind in PAPER_LISTS for paper in case[kind]]:
        role, colon, material = paper.rpartition(":")
        if material not in materials or (colon and role not in roles):
            found.append(f"paper `{paper}` is unknown")
    return found


def faults_of_records(pack: Json, case: Json) -> list[str]:
    """Contract: an unknown source, material or claim is a fault."""
    known = {section: by_id(pack[section]) for section in ("sources", "materials", "claims")}
    named = [("sources", receipt["source"]) for receipt in case["receipts"]]
    for receipt in case["receipts"]:
        named += [("materials", one) for one in receipt["materials"]]
        named += [("claims", one) for one in receipt["claims"]]
    for kind in ("collected", "history", "licences"):
        named += [("materials", record["material"]) for record in case[kind]]
    return [
        f"`{name}` is not in {section}" for section, name in named if name not in known[section]
    ]


# --- facts and identity numbers ---------------------------------------------------------


def fits(fact: Json, value: object) -> bool:
    """Contract: whether a stated value is one of the fact's type; decimals travel as text."""
    if fact["type"] == "boolean":
        return is_flag(value)
    if fact["type"] == "integer":
        return isinstance(value, int) and not is_flag(value)
    if not isinstance(value, str):
        return False
    if fact["type"] == "choice":
        return value in fact["choices"]
    if fact["type"] == "decimal":
        number = re.fullmatch(r"-?[0-9]+(?:\.([0-9]+))?", value)
        return number is not None and len(number[1] or "") <= fact["scale"]
    return is_day(value) if fact["type"] == "date" else True


def faults_of_facts(pack: Json, case: Json) -> list[str]:
    """Contract: an unknown fact or choice key is a fault, and so is one given as null."""
    declared = {fact["key"]: fact for fact in pack["facts"]}
    return [
        f"fact `{key}` cannot be `{value}`"
        for key, value in case.get("facts", {}).items()
        if key not in declared or not fits(declared[key], value)
    ]


def faults_of_ids(case: Json) -> list[str]:
    """Contract: an id of 18 characters is checked by its check character."""
    sound = {"natural": identity_number_is_sound, "legal": credit_code_is_sound}
    return [
        f"id `{person['id']}` has a wrong check character"
        for person in [case["applicant"], *case.get("parties", [])]
        if len(person["id"]) == 18 and not sound[person["kind"]](person["id"])
    ]


def identity_number_is_sound(number: str) -> bool:
    """GB 11643: ISO 7064 MOD 11-2 over 17 digits."""
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return False
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))
    return "10X98765432"[total % 11] == number[17]


def credit_code_is_sound(code: str) -> bool:
    """GB 32100: MOD 31 over 17 characters, powers of 3 as weights."""
    characters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    if any(character not in characters for character in code):
        return False
    total = sum(characters.index(code[place]) * (3**place % 31) for place in range(17))
    return characters[(31 - total % 31) % 31] == code[17]
