"""Registers on the page of a case: who is being asked, who answered what, and how fast."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from api.accounts.permission import VISITOR
from api.cases.event import LookedUp
from api.cases.looking_up import LookingUp
from api.cases.pages.form import person_key
from api.cases.permitted import speaks_of
from api.cases.working import Worked
from api.naming import Naming
from evaluator.case import Receipt
from knowledge.item import APPLICANT

State = Literal[
    "asking", "waiting", "found_match", "found_conflict", "not_found", "unavailable",
    "not_authorised", "unneeded", "contested",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Register:
    """One look-up: `state` is its verdict, or `asking` or `waiting` while there is none.

    `unneeded` are registries that failed, and that the list no longer waits for; `contested`
    is what the applicant says is wrong.

    `key` notes by hand what a registry said that is not connected, empty where it is.
    """

    source: str
    organ: str
    person: str
    asks_for: str
    state: State
    reason: str = ""
    day: str = ""
    time: str = ""
    shown: tuple[tuple[str, str], ...] = ()
    key: str = ""


def registers(worked: Worked, looking_up: LookingUp, names: Naming) -> list[Register]:
    """Return all look-ups of a case: those on their way, those to come, those answered."""
    wanted = _wanted(worked, looking_up)
    return [
        *_to_come(worked, looking_up, names),
        *(
            one
            for look in reversed(worked.file.lookups)
            for one in _answered(look, worked, names, wanted)
        ),
    ]


def _to_come(worked: Worked, looking_up: LookingUp, names: Naming) -> Iterator[Register]:
    if worked.file.ended is not None:
        return
    pending = looking_up.pending(worked.number)
    sources = worked.pack.catalogue.sources
    for row in worked.decision["lookups"]:
        source = sources[row["source"]]
        asking = (row["source"], row["subject"]) in pending
        person = person_key(worked, row["subject"])
        named = "|".join((",".join(row["materials"]), ",".join(row["claims"])))
        yield Register(
            source=names.source(source.id),
            organ=names.organ(source.organ),
            person=_person(worked, row["subject"], names),
            asks_for=_asks_for(row["materials"], row["claims"], names),
            state="asking" if asking else "waiting",
            key="" if looking_up.reaches(source) else f"{source.id}|{person}|{named}",
        )


def _wanted(worked: Worked, looking_up: LookingUp) -> set[tuple[str, str]]:
    """Return the (source, identity number) that would be asked again."""
    if all(
        one.verdict != "unavailable" for look in worked.file.lookups for one in look.receipts
    ):
        return set()
    orders = looking_up.orders(worked, VISITOR, again=True)
    return {(one.source.id, one.subject) for one in orders}


def _answered(
    look: LookedUp, worked: Worked, names: Naming, wanted: set[tuple[str, str]]
) -> Iterator[Register]:
    sources = worked.pack.catalogue.sources
    if look.source not in sources or look.subject not in worked.file.persons:
        return
    say = names.speech.say
    waited_for = (look.source, look.subject) in wanted
    reasons = (*look.reasons, *("",) * len(look.receipts))
    for receipt, reason in zip(look.receipts, reasons, strict=False):
        yield Register(
            source=names.source(look.source),
            organ=names.organ(sources[look.source].organ),
            person=_person(worked, look.subject, names),
            asks_for=_asks_for(receipt.materials, receipt.claims, names),
            state=_state(receipt, worked, waited_for=waited_for),
            reason=say(f"reason.{reason}") if reason else "",
            day=names.speech.day(receipt.on),
            time=say("case.reused") if look.reused else _took(look.milliseconds, names),
            shown=_shown(look, names) if receipt.verdict == "found_match" else (),
        )


def _state(receipt: Receipt, worked: Worked, *, waited_for: bool) -> State:
    if receipt.verdict == "unavailable" and not waited_for:
        return "unneeded"
    speaks = receipt.verdict in ("found_match", "found_conflict", "not_found")
    contested = any(speaks_of(receipt, one, worked.standing) for one in worked.file.contested)
    return "contested" if speaks and contested else receipt.verdict


def _shown(look: LookedUp, names: Naming) -> tuple[tuple[str, str], ...]:
    """Return what the registry showed; English has its labels where the pack has them."""
    interface = names.pack.catalogue.sources[look.source].lookup
    if names.speech.lang == "zh" or interface is None:
        return look.shown
    labels = interface.labels_en
    return tuple((labels.get(label, label), value) for label, value in look.shown)


def _took(milliseconds: int, names: Naming) -> str:
    if not milliseconds:
        return ""
    tenths = max(1, round(milliseconds, -2) // 100)
    return names.speech.say("case.seconds", n=f"{tenths // 10}.{tenths % 10}")


def _asks_for(materials: object, claims: object, names: Naming) -> str:
    known = names.pack.catalogue
    papers = [names.material(one) for one in _texts(materials) if one in known.materials]
    facts = [one for one in _texts(claims) if one in known.claims]
    return names.speech.join(papers) or names.claims(facts)


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else []


def _person(worked: Worked, identity: str, names: Naming) -> str:
    """Return role and name; the name can be left out where there is nobody else."""
    name = worked.file.persons.get(identity, "") if worked.file.parties else ""
    key = person_key(worked, identity)
    if key == APPLICANT:
        role = names.role(APPLICANT)
    else:
        role = names.role(worked.file.parties[int(key)].role, worked.answer.case.items)
    return f"{role} {name}".strip()
