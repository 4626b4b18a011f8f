"""Receipts: the stored answers of sources about persons, and what they settle (section 5)."""

import datetime as dt

from tests.oracle.matter import Json, Matter

# Section 5, receipts: least favourable first.
VERDICTS = ["found_conflict", "not_authorised", "unavailable", "not_found", "found_match"]


def paper_of(rule: Json, material: str) -> str:
    """Section 1: `lease` for the applicant, `buyer:id_card` for another role."""
    return material if rule["party"] == "applicant" else f"{rule['party']}:{material}"


def role_persons(matter: Matter, role: str) -> list[str]:
    """Return the ids of the persons in a role."""
    if role == "applicant":
        return [matter.case["applicant"]["id"]]
    return sorted({one["id"] for one in matter.case["parties"] if one["role"] == role})


def persons(matter: Matter, rule: Json) -> list[str]:
    """Section 5: the persons of an edge are those of its rule's party."""
    return role_persons(matter, rule["party"])


def usable(source: Json, rule: Json) -> bool:
    """Section 5: the source shares, and is authorised for the item."""
    authorised = source["items"] == ["*"] or rule["item"] in source["items"]
    return source["sharing"] != "none" and authorised


def age(matter: Matter, receipt: Json) -> int:
    """`as_of` less the receipt's day, in days."""
    today = dt.date.fromisoformat(matter.as_of)
    return (today - dt.date.fromisoformat(receipt["on"])).days


def fresh(matter: Matter, source: Json, rule: Json, person: str) -> list[int]:
    """Section 5: the positions of a source's fresh receipts about a person."""
    return [
        position
        for position, receipt in enumerate(matter.case["receipts"])
        if receipt["source"] == source["id"]
        and receipt["subject"] == person
        and usable(source, rule)
        and 0 <= age(matter, receipt) <= source["max_age_days"]
    ]


def names_claims(rule: Json, *lists: list[str]) -> bool:
    """Say whether the rule has claims and every one of the lists names them all."""
    return bool(rule["proves"]) and all(set(rule["proves"]) <= set(one) for one in lists)


def names(receipt: Json, source: Json, rule: Json, material: str) -> bool:
    """Section 5: receipt and source both name the material, or both all claims of the rule."""
    both_name_it = material in receipt["materials"] and material in source["materials"]
    return both_name_it or names_claims(rule, receipt["claims"], source["claims"])


def speaking(matter: Matter, source: Json, rule: Json, material: str, person: str) -> list[int]:
    """Section 5: of the fresh receipts that name the edge, only the newest day's speak."""
    receipts = matter.case["receipts"]
    naming = [
        position
        for position in fresh(matter, source, rule, person)
        if names(receipts[position], source, rule, material)
    ]
    newest = max((receipts[position]["on"] for position in naming), default=None)
    return [position for position in naming if receipts[position]["on"] == newest]


def spoken(
    matter: Matter, source: Json, rule: Json, material: str, person: str
) -> tuple[str | None, list[int]]:
    """Section 5: the least favourable verdict that speaks, and the positions that gave it."""
    receipts = matter.case["receipts"]
    positions = speaking(matter, source, rule, material, person)
    if not positions:
        return None, []
    verdict = min((receipts[one]["verdict"] for one in positions), key=VERDICTS.index)
    return verdict, [one for one in positions if receipts[one]["verdict"] == verdict]


def settling(matter: Matter, source: Json, rule: Json, material: str, person: str) -> list[int]:
    """Section 5: the receipts by which a source settles the edge for the person."""
    receipts = matter.case["receipts"]
    verdict, positions = spoken(matter, source, rule, material, person)
    if verdict == "found_match":
        return positions
    complete = names_claims(
        rule, source["complete_for"], *[receipts[one]["claims"] for one in positions]
    )
    if verdict == "not_found" and complete:
        return positions
    return []


def deferring(
    matter: Matter, source: Json, rule: Json, material: str, person: str
) -> list[int]:
    """Section 5: the receipts by which a source that may defer speaks `unavailable`."""
    verdict, positions = spoken(matter, source, rule, material, person)
    if verdict == "unavailable" and source["on_unavailable"] == "defer":
        return positions
    return []


def conflict(matter: Matter, rule: Json, material: str) -> bool:
    """Section 5: a source speaks `found_conflict`, or the paper is contested."""
    found = any(
        spoken(matter, source, rule, material, person)[0] == "found_conflict"
        for source in matter.pack["sources"]
        for person in persons(matter, rule)
    )
    return found or paper_of(rule, material) in matter.case["contested"]


def matched_by_name(matter: Matter, rule: Json, material: str) -> bool:
    """Section 7: for each person a `found_match` by receipt and source naming the material."""

    def matched(person: str) -> bool:
        receipts = matter.case["receipts"]
        for source in matter.pack["sources"]:
            verdict, positions = spoken(matter, source, rule, material, person)
            named = any(material in receipts[one]["materials"] for one in positions)
            if verdict == "found_match" and named and material in source["materials"]:
                return True
        return False

    people = persons(matter, rule)
    return bool(people) and all(matched(person) for person in people)
