"""The desk form: what the clerk has entered, as it travels with each page.

The page keeps no state on the server: every entry is a field of the form, so a page can be
reloaded, and nothing about a person stands in an address.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal, Self, get_args

from evaluator.case import Verdict
from knowledge.item import APPLICANT
from knowledge.person import IDENTIFIER_LENGTH

Fields = Sequence[tuple[str, str]]
"""The fields of a posted form, in the order of the page."""

UNNAMED: Final = "申请人"
"""Stands for the applicant's identifier where none is given; no look-up needs one yet."""

CHOICES: Final = ("commitments", "promised_later", "contested", "lacks")
RECORDS: Final = ("licences", "history", "collected")
VERDICTS: Final = get_args(Verdict)
MOST_PERSONS: Final = 30
_WHOLE_NUMBER_LENGTH = 17
Kind = Literal["natural", "legal"]


@dataclass(frozen=True, slots=True)
class Entered:
    """One person in a role; `number` is empty where it is not given."""

    role: str
    kind: Kind
    number: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """The answer of a look-up as the clerk notes it; `person` is `applicant` or `role:n`."""

    source: str
    person: str
    materials: tuple[str, ...]
    claims: tuple[str, ...]
    verdict: str
    on: str

    @property
    def text(self) -> str:
        """The value of its form field."""
        named = (",".join(self.materials), ",".join(self.claims))
        return "|".join((self.source, self.person, *named, self.verdict, self.on))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return what a form field says, or None for one that no page of ours sent."""
        parts = text.split("|")
        if len(parts) != 6:  # noqa: PLR2004 the six fields above
            return None
        source, person, materials, claims, verdict, on = parts
        if verdict not in VERDICTS or not _is_day(on):
            return None
        named = tuple(filter(None, materials.split(",")))
        claimed = tuple(filter(None, claims.split(",")))
        return cls(source, person, named, claimed, verdict, on)


@dataclass(frozen=True)
class Desk:
    """Everything entered for one application.

    `facts` holds answers as typed; `choices` (kind, paper); `records` (kind, step, paper), the
    step empty but for `collected`; `skipped` facts to be asked last; `ask` the fact asked
    again; `flips` the papers whose smallest change was asked for; `token` names this page, so
    that keeping twice keeps once.
    """

    items: tuple[str, ...] = ()
    step: tuple[str, str] | None = None
    kind: Kind = "natural"
    number: str = ""
    law_day: str = ""
    persons: tuple[Entered, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)
    noted: tuple[Noted, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    records: tuple[tuple[str, str, str], ...] = ()
    skipped: tuple[str, ...] = ()
    ask: str = ""
    flips: tuple[str, ...] = ()
    token: str = ""

    @property
    def what(self) -> bool:
        """Whether it is known what is applied for."""
        return bool(self.items or self.step)

    def identifier(self, place: int) -> str:
        """Return the identifier of a person, or one that stands for it."""
        person = self.persons[place]
        if person.number:
            return person.number
        stand_in = f"{person.role}#{place + 1}"
        # 18 characters would be read as an identity number.
        return stand_in + "#" if len(stand_in) == IDENTIFIER_LENGTH else stand_in

    def references(self) -> dict[str, str]:
        """Return the identifier of everyone by the reference that look-ups use."""
        found = {APPLICANT: self.number or UNNAMED}
        for place, person in enumerate(self.persons):
            found[f"{person.role}:{self._nth(place)}"] = self.identifier(place)
        return found

    def _nth(self, place: int) -> int:
        role = self.persons[place].role
        return sum(one.role == role for one in self.persons[:place]) + 1

    def case(self, today: str, types: dict[str, str]) -> dict[str, Any]:
        """Return the case in the public format; `types` gives the type of each known fact."""
        known = self.references()
        case: dict[str, Any] = {
            "as_of": today,
            "applicant": {"kind": self.kind, "id": self.number or UNNAMED},
            "parties": tuple(
                {"role": one.role, "kind": one.kind, "id": self.identifier(place)}
                for place, one in enumerate(self.persons)
            ),
            "facts": {
                key: typed(types.get(key, ""), text)
                for key, text in self.facts.items()
                if key != "credit"
            },
            "receipts": tuple(
                _receipt(one, known) for one in self.noted if one.person in known
            ),
            **{kind: self._chosen(kind) for kind in CHOICES},
            **{kind: tuple(self._recorded(kind, today)) for kind in RECORDS},
        }
        if self.step:
            case |= {"process": self.step[0], "step": self.step[1]}
        else:
            case["items"] = self.items
        if self.law_day:
            case["law_day"] = self.law_day
        if self.facts.get("credit") in CREDIT_ANSWERS:
            case["credit"] = CREDIT_ANSWERS[self.facts["credit"]]
        return case

    def _chosen(self, kind: str) -> tuple[str, ...]:
        return tuple(name for one, name in self.choices if one == kind)

    def _recorded(self, kind: str, today: str) -> Iterator[dict[str, Any]]:
        for one, step, name in self.records:
            if one != kind:
                continue
            role, _, material = name.rpartition(":")
            for person in self._persons_of(role or APPLICANT):
                yield _record(kind, step, material, person, today)

    def _persons_of(self, role: str) -> list[str]:
        if role == APPLICANT:
            return [self.number or UNNAMED]
        return [self.identifier(at) for at, one in enumerate(self.persons) if one.role == role]

    def hidden(self) -> Iterator[tuple[str, str]]:
        """Yield the fields of the form that the page carries without showing them."""
        yield from (("item", item) for item in self.items)
        if self.step:
            yield "step", "/".join(self.step)
        yield from (("fact", f"{key}={value}") for key, value in self.facts.items())
        yield from (("noted", one.text) for one in self.noted)
        yield from (("choice", f"{kind}|{name}") for kind, name in self.choices)
        yield from (("record", "|".join(one)) for one in self.records)
        yield from (("skipped", key) for key in self.skipped)
        yield from (("flip", name) for name in self.flips)
        yield "token", self.token

    def shown(self) -> Iterator[tuple[str, str]]:
        """Yield the fields that the desk shows, for pages that only carry them."""
        yield from (("kind", self.kind), ("number", self.number), ("law_day", self.law_day))
        for place, one in enumerate(self.persons):
            yield f"person.{place}.role", one.role
            yield f"person.{place}.kind", one.kind
            yield f"person.{place}.number", one.number


def read_desk(fields: Fields) -> Desk:
    """Return what a form holds; fields that no page of ours has are left aside."""
    last, many = dict(fields), _many(fields)
    steps = [one.split("/", 1) for one in many.get("step", ()) if "/" in one]
    facts = [one.partition("=") for one in many.get("fact", ())]
    choices = [one.partition("|") for one in many.get("choice", ())]
    records = [tuple(one.split("|", 2)) for one in many.get("record", ())]
    return Desk(
        items=() if steps else tuple(dict.fromkeys(many.get("item", ()))),
        step=(steps[-1][0], steps[-1][1]) if steps else None,
        kind="legal" if last.get("kind") == "legal" else "natural",
        number=last.get("number", "").strip(),
        law_day=last.get("law_day", "").strip(),
        persons=tuple(_persons(last)),
        facts={key: value for key, _, value in facts if key and value}
        | {
            name.removeprefix("typed."): value.strip()
            for name, value in fields
            if name.startswith("typed.") and value.strip()
        },
        noted=tuple(one for one in map(Noted.read, many.get("noted", ())) if one),
        choices=tuple((kind, name) for kind, _, name in choices if kind in CHOICES),
        records=tuple(
            (one[0], one[1], one[2])
            for one in records
            if len(one) == 3 and one[0] in RECORDS  # noqa: PLR2004 kind, step, paper
        ),
        skipped=tuple(many.get("skipped", ())),
        flips=tuple(dict.fromkeys(many.get("flip", ()))),
        token=last.get("token", "") or secrets.token_hex(12),
    )


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def _many(fields: Fields) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in fields:
        found.setdefault(name, []).append(value)
    return found


def _persons(last: dict[str, str]) -> Iterator[Entered]:
    for place in range(MOST_PERSONS):
        role = last.get(f"person.{place}.role", "")
        if role:
            legal = last.get(f"person.{place}.kind") == "legal"
            number = last.get(f"person.{place}.number", "").strip()
            yield Entered(role, "legal" if legal else "natural", number)


def typed(kind: str, text: str) -> Any:
    """Return an answer as the public format wants it; what does not fit is refused later."""
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    if kind == "integer" and len(text) < _WHOLE_NUMBER_LENGTH:
        digits = text.removeprefix("-")
        if digits.isascii() and digits.isdigit():
            return int(text)
    return text


def _receipt(noted: Noted, known: dict[str, str]) -> dict[str, Any]:
    return {
        "source": noted.source,
        "verdict": noted.verdict,
        "on": noted.on,
        "subject": known[noted.person],
        "materials": noted.materials,
        "claims": noted.claims,
    }


def _record(kind: str, step: str, material: str, person: str, today: str) -> dict[str, Any]:
    if kind == "licences":
        return {"material": material, "holder": person, "trust": "A", "status": "valid"}
    if kind == "history":
        return {"material": material, "on": today, "trust": "A", "subject": person}
    return {"material": material, "step": step, "on": today, "subject": person}


CREDIT_ANSWERS: Final = {
    "clean": {"severe": False, "false_commitment": False},
    "severe": {"severe": True, "false_commitment": False},
    "false_commitment": {"severe": False, "false_commitment": True},
}
