"""Desk acts: what each button of the desk does to what has been entered."""

from dataclasses import replace
from typing import Final, TypeVar

from api.desk_form import CHOICES, MOST_PERSONS, RECORDS, Desk, Entered, Fields, Noted


def act(desk: Desk, fields: Fields, today: str) -> Desk:
    """Return the desk after the button that was pressed."""
    for name, value in fields:
        if name == "do":
            verb, _, rest = value.partition("|")
            done = _ACTS.get(verb)
            desk = done(desk, rest, today) if done else desk
    return desk


def _answer(desk: Desk, rest: str, _: str) -> Desk:
    key, _, value = rest.partition("|")
    skipped = tuple(one for one in desk.skipped if one != key)
    return replace(desk, facts={**desk.facts, key: value}, skipped=skipped, ask="")


def _forget(desk: Desk, key: str, _: str) -> Desk:
    facts = {name: value for name, value in desk.facts.items() if name != key}
    return replace(desk, facts=facts)


def _ask(desk: Desk, key: str, _: str) -> Desk:
    return replace(desk, ask=key)


def _skip(desk: Desk, key: str, _: str) -> Desk:
    skipped = (*(one for one in desk.skipped if one != key), key)
    return replace(desk, skipped=skipped, ask="")


def _add(desk: Desk, rest: str, _: str) -> Desk:
    if len(desk.persons) >= MOST_PERSONS:
        return desk
    role, _, kind = rest.partition("|")
    person = Entered(role, "legal" if kind == "legal" else "natural")
    return replace(desk, persons=(*desk.persons, person))


def _drop(desk: Desk, place: str, _: str) -> Desk:
    """Take a person away, and what was noted about the role: its numbering moves."""
    gone = [one.role for at, one in enumerate(desk.persons) if str(at) == place]
    persons = (one for at, one in enumerate(desk.persons) if str(at) != place)
    noted = (one for one in desk.noted if one.person.partition(":")[0] not in gone)
    return replace(desk, persons=tuple(persons), noted=tuple(noted))


def _choose(desk: Desk, rest: str, _: str) -> Desk:
    kind, _, name = rest.partition("|")
    if kind not in CHOICES:
        return desk
    return replace(desk, choices=_toggled(desk.choices, (kind, name)))


def _record_paper(desk: Desk, rest: str, _: str) -> Desk:
    parts = rest.split("|", 2)
    if len(parts) != 3 or parts[0] not in RECORDS:  # noqa: PLR2004 kind, step, paper
        return desk
    return replace(desk, records=_toggled(desk.records, (parts[0], parts[1], parts[2])))


def _note(desk: Desk, rest: str, today: str) -> Desk:
    noted = Noted.read(f"{rest}|{today}")
    return replace(desk, noted=(*desk.noted, noted)) if noted else desk


def _withdraw(desk: Desk, place: str, _: str) -> Desk:
    kept = (one for at, one in enumerate(desk.noted) if str(at) != place)
    return replace(desk, noted=tuple(kept))


def _flip(desk: Desk, name: str, _: str) -> Desk:
    return replace(desk, flips=tuple(dict.fromkeys((*desk.flips, name))))


def _kind(desk: Desk, kind: str, _: str) -> Desk:
    return replace(desk, kind="legal" if kind == "legal" else "natural")


def _remove(desk: Desk, item: str, _: str) -> Desk:
    return replace(desk, items=tuple(one for one in desk.items if one != item))


_ACTS: Final = {
    "answer": _answer,
    "forget": _forget,
    "ask": _ask,
    "skip": _skip,
    "add": _add,
    "drop": _drop,
    "choose": _choose,
    "record": _record_paper,
    "note": _note,
    "withdraw": _withdraw,
    "flip": _flip,
    "kind": _kind,
    "remove": _remove,
}


_T = TypeVar("_T")


def _toggled(chosen: tuple[_T, ...], one: _T) -> tuple[_T, ...]:
    if one in chosen:
        return tuple(other for other in chosen if other != one)
    return (*chosen, one)
