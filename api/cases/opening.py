"""Openings: a case before it is opened: who comes, what for, which earlier answers still hold.

The page keeps nothing on the server. Earlier answers travel as `case number|fact key` alone and
are read again when the case is opened, so that a page cannot make one up.
"""

import secrets
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, get_args

from api.cases.event import Channel, Named, NamedParty, Opened
from api.cases.file import CaseFile
from api.cases.permitted import items_of
from api.desk_form import UNNAMED, Fields, Kind
from evaluator.decide import Decider
from evaluator.decision import Decision
from knowledge.canonical import canonical
from knowledge.fact import FactValueError
from knowledge.fault import FaultsError
from knowledge.person import IDENTIFIER_LENGTH, has_check_character

CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)
LONGEST: Final = 200
"""Characters of a number, a name, a phone number."""

_OTHER_DOCUMENT: Final = 15
"""Digits from which on a number can only be meant for an identity number."""

Step = tuple[str, str]


@dataclass(frozen=True)
class Draft:
    """What was entered so far. `facts` and `parties` are ticked: (case number, key or place).

    `step` is (process, step), `project` the run that it belongs to, `cloned_from` the case
    that is done once more; `token` names the page, so that opening twice opens once.
    """

    kind: Kind = "natural"
    number: str = ""
    name: str = ""
    phone: str = ""
    channel: Channel = "window"
    items: tuple[str, ...] = ()
    step: Step | None = None
    project: str = ""
    cloned_from: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    parties: tuple[tuple[str, str], ...] = ()
    query: str = ""
    token: str = ""

    @property
    def canonical(self) -> bytes:
        """All that the case depends on, as bytes: the same page sent twice is the same."""
        return canonical(
            {
                "applicant": (self.kind, self.number, self.name, self.phone),
                "what": (*self.items, *(self.step or ()), self.project, self.cloned_from),
                "answers": tuple(f"{number}|{key}" for number, key in self.facts),
                "parties": tuple(f"{number}|{key}" for number, key in self.parties),
                "channel": self.channel,
            }
        )


def read_draft(fields: Fields) -> Draft:
    """Return what a form holds; fields that no page of ours has are left aside."""
    last = dict(fields)
    channel = last.get("channel")
    process, slash, step = last.get("step", "").partition("/")
    many = {name: [value for key, value in fields if key == name] for name in _MANY}
    return Draft(
        kind="legal" if last.get("kind") == "legal" else "natural",
        number=written(last.get("number", "")),
        name=last.get("name", "").strip()[:LONGEST],
        phone=last.get("phone", "").strip()[:LONGEST],
        channel=next((one for one in CHANNELS if one == channel), CHANNELS[0]),
        items=() if slash else tuple(dict.fromkeys(many["item"])),
        step=(process, step) if slash else None,
        project=last.get("project", "").strip()[:LONGEST] if slash else "",
        cloned_from="" if slash else last.get("cloned_from", "")[:LONGEST],
        facts=tuple(_pairs(many["fact"])),
        parties=tuple(_pairs(many["party"])),
        query=last.get("q", "").strip(),
        token=last.get("token", "") or secrets.token_hex(12),
    )


_MANY: Final = ("item", "fact", "party")


def _pairs(texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    for text in dict.fromkeys(texts):
        number, bar, key = text.partition("|")
        if bar:
            yield number, key


def written(number: str) -> str:
    """Return a number as documents print it: half-width capitals without spaces."""
    return "".join(unicodedata.normalize("NFKC", number).split()).upper()[:LONGEST]


def number_fault(kind: Kind, number: str) -> str:
    """Return the key of what is wrong with a number (below `opening.fault.`), or nothing."""
    if not number:
        return f"no_number_{kind}"
    length = len(number)
    if kind == "legal" and length != IDENTIFIER_LENGTH:
        return "length_legal"
    digits = number[:-1].isdigit() and number[-1] in "0123456789X"
    if kind == "natural" and length != IDENTIFIER_LENGTH:
        return "length_natural" if digits and length >= _OTHER_DOCUMENT else ""
    return "" if has_check_character(kind, number) else f"check_{kind}"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An earlier answer that the chosen services ask for again: whose case, when, what."""

    number: str
    key: str
    value: Any
    day: date
    ticked: bool


@dataclass(frozen=True, slots=True)
class Again:
    """A person of the case that is done once more; `place` is theirs among its parties."""

    number: str
    place: str
    party: NamedParty
    ticked: bool


@dataclass(frozen=True)
class Offer:
    """What earlier cases offer to a draft, and what its services ask of registries.

    `unfit` are items that have no list of papers today.
    """

    suggestions: tuple[Suggestion, ...] = ()
    parties: tuple[Again, ...] = ()
    sources: tuple[str, ...] = ()
    unfit: bool = False

    @property
    def facts(self) -> dict[str, Any]:
        """The answers that the applicant has confirmed."""
        return {one.key: one.value for one in self.suggestions if one.ticked}


Earlier = Mapping[str, tuple[date, CaseFile]]
"""Earlier cases that may be read, the newest first: by number, day of opening and file."""


def offer(decider: Decider, draft: Draft, earlier: Earlier, today: date) -> Offer:
    """Return what earlier cases and registries offer for what is chosen."""
    if not (draft.items or draft.step):
        return Offer()
    decision = _decided(decider, draft, today, {})
    if decision is None:
        return Offer(unfit=True)
    suggestions = tuple(_suggestions(decider, draft, earlier, decision["questions"]))
    stated = {one.key: one.value for one in suggestions if one.ticked}
    after = _decided(decider, draft, today, stated) or decision
    return Offer(
        suggestions=suggestions,
        parties=tuple(_parties(draft, earlier)),
        sources=tuple(dict.fromkeys(row["source"] for row in after["lookups"])),
    )


def _decided(
    decider: Decider, draft: Draft, today: date, facts: Mapping[str, Any]
) -> Decision | None:
    raw: dict[str, Any] = {
        "as_of": today.isoformat(),
        "applicant": {"kind": draft.kind, "id": UNNAMED},
        "facts": dict(facts),
    }
    if draft.step:
        raw |= {"process": draft.step[0], "step": draft.step[1]}
    else:
        raw["items"] = draft.items
    try:
        return decider.decide(decider.read(raw))
    except FaultsError:
        return None


def _suggestions(
    decider: Decider, draft: Draft, earlier: Earlier, asked: Sequence[str]
) -> Iterator[Suggestion]:
    known = decider.pack.catalogue.facts
    sources = {
        number: one
        for number, one in earlier.items()
        if not draft.cloned_from or number == draft.cloned_from
    }
    for key in asked:
        for number, (day, file) in sources.items():
            if key not in known or key not in file.facts:
                continue
            value = file.facts[key]
            try:
                known[key].read(value)
            except FactValueError:  # the question has changed since
                continue
            yield Suggestion(number, key, value, day, (number, key) in draft.facts)
            break


def _parties(draft: Draft, earlier: Earlier) -> Iterator[Again]:
    number = draft.cloned_from
    if number not in earlier:
        return
    for place, party in enumerate(earlier[number][1].parties):
        yield Again(number, str(place), party, (number, str(place)) in draft.parties)


def cloned(draft: Draft, number: str, earlier: Earlier, decider: Decider) -> dict[str, Any]:
    """Return what a draft becomes when an earlier case is done once more, nothing ticked."""
    if number not in earlier:
        return {}
    file = earlier[number][1]
    known = decider.pack.catalogue.items
    items = tuple(one for one in items_of(file, decider.pack) if one in known)
    phone = draft.phone or file.applicant.phone
    return {"items": items, "step": None, "cloned_from": number, "phone": phone}


def opened(draft: Draft, offered: Offer) -> Opened:
    """Return the event that opens the case; only what was confirmed goes into it."""
    process, step = draft.step or (None, None)
    return Opened(
        applicant=Named(kind=draft.kind, id=draft.number, name=draft.name, phone=draft.phone),
        items=draft.items,
        process=process,
        step=step,
        project=draft.project,
        parties=tuple(one.party for one in offered.parties if one.ticked),
        facts=offered.facts,
        channel=draft.channel,
        cloned_from=draft.cloned_from,
    )
