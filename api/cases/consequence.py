"""Consequences: what follows from an event for tasks, alerts, holdings and publicity.

Pure: a list of rows to be put beside the events, each with an id that the same event gives
again, so that nothing follows twice.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import singledispatch
from typing import Any, Final

from api.cases import event as happened
from api.cases.event import Event
from api.cases.file import CaseFile, paper_persons
from api.cases.permitted import Standing, items_of, listed
from api.cases.table import Alert, CreditNote, Holding, Publicity, Task
from evaluator.decision import Decision
from knowledge.canonical import digest
from knowledge.item import APPLICANT
from knowledge.person import Person

_SELF_MADE: Final = frozenset({"form", "statement"})
"""Classes of material that applicants write themselves: trust D (国办函〔2016〕108号)."""

AGENCY_CHECK: Final = "agency_check"
"""Why a receipt says what it says: an agency checked it itself, no registry was asked."""

FALSE_COMMITMENT: Final = "false_commitment"
REPAIRED: Final = "repaired"
"""The kinds of credit notes; the last one counts."""

_ID: Final = slice(7, 31)
"""The part of a digest that makes an id."""


@dataclass(frozen=True, slots=True)
class Close:
    """A task to be closed, if it is open: how it ended, when, and by whom."""

    id: str
    outcome: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Void:
    """The holdings of a paper of a case that no longer count."""

    number: str
    material: str
    tokens: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome of a verification, to be published with its commitment."""

    id: str
    outcome: str


Row = Task | Alert | Holding | Publicity | CreditNote | Close | Void | Verified


@dataclass(frozen=True)
class Moment:
    """Who did something, when, in which case, before and after it.

    `token` blinds an identity number; `due` is a day some working days after today; `held`
    says whether a live paper of a material of a person is on file from another case; `in_vain`
    names other cases of the applicant and an item that lately ended without success.
    """

    number: str
    user: str
    organ: str
    office: str
    at: datetime
    before: Standing | None
    after: Standing
    token: Callable[[str], bytes]
    due: Callable[[str], date]
    held: Callable[[str, str], bool]
    masked: Callable[[str, str], str]
    in_vain: Callable[[str], list[str]]

    @property
    def file(self) -> CaseFile:
        """The case after the event."""
        return self.after.file


def task_id(kind: str, number: str, paper: str) -> str:
    """Return the id of a task: one of a kind for a paper of a case."""
    return digest([kind, number, paper])[_ID]


def consequences(events: Sequence[Event], moment: Moment) -> Iterator[Row]:
    """Yield what follows from events, and from the list being another one than before."""
    for one in events:
        yield from _of(one, moment)
    yield from _checks(moment)


def _checks(moment: Moment) -> Iterator[Row]:
    """Yield the tasks of agencies that check what a registry could not say, and their end."""
    before = deferred_checks(moment.before.decision) if moment.before else set()
    now = deferred_checks(moment.after.decision)
    for name in sorted(now - before):
        yield _task("agency_check", name, moment, organ=_checking_organ(name, moment))
    for name in sorted(before - now):
        yield Close(
            task_id("agency_check", moment.number, name),
            "registry_answered",
            moment.at,
            moment.user,
        )


def deferred_checks(decision: Decision) -> set[str]:
    """Return the papers that an agency has to check itself because a registry is down."""
    return {name for name in decision["deferred"] if _by_agency(name, decision)}


def _by_agency(name: str, decision: Decision) -> bool:
    role, _, material = name.rpartition(":")
    return any(
        edge["material"] == material and edge["ground"] == "agency_check"
        for entry in decision["entries"]
        if entry["party"] == (role or APPLICANT)
        for edge in entry["edges"]
    )


def _checking_organ(name: str, moment: Moment) -> str:
    """Return the organ whose registry failed, else that of the case."""
    persons = paper_persons(moment.file, name)
    sources = moment.after.pack.catalogue.sources
    for look in reversed(moment.file.lookups):
        failed = any(one.verdict == "unavailable" for one in look.receipts)
        if failed and look.subject in persons and look.source in sources:
            return sources[look.source].organ
    return moment.organ


@singledispatch
def _of(one: Any, moment: Moment) -> Iterator[Row]:
    del one, moment
    yield from ()


@_of.register
def _(one: happened.Received, moment: Moment) -> Iterator[Row]:
    material = one.paper.rpartition(":")[2]
    before = (moment.before or moment.after).decision
    beyond = one.paper not in listed(before) | {*moment.file.promises}
    if beyond:  # why it was taken stands in the event alone: the clerk wrote it freely
        yield _alert("beyond_list", moment, paper=one.paper)
    if one.paper in before["reference"] and one.how != "number":
        yield _alert("own_issued_taken", moment, paper=one.paper)
    persons = paper_persons(moment.file, one.paper)
    if any(moment.held(person, material) for person in persons):
        yield _alert("repeated_demand", moment, paper=one.paper)
    if moment.before and one.paper in moment.before.file.received:  # put right: it counts once
        yield Void(moment.number, material, tuple(moment.token(each) for each in persons))
    for person in persons:
        yield _holding(one, material, person, moment)
    if one.paper in moment.file.promises:
        yield Close(
            task_id("promise", moment.number, one.paper), "brought", moment.at, moment.user
        )


@_of.register
def _(one: happened.Returned, moment: Moment) -> Iterator[Row]:
    tokens = tuple(moment.token(each) for each in paper_persons(moment.file, one.paper))
    yield Void(moment.number, one.paper.rpartition(":")[2], tokens)


@_of.register
def _(one: happened.Contested, moment: Moment) -> Iterator[Row]:
    yield _task("correction", one.paper, moment, organ=_speaking_organ(one.paper, moment))


@_of.register
def _(one: happened.Uncontested, moment: Moment) -> Iterator[Row]:
    yield Close(
        task_id("correction", moment.number, one.paper), "taken_back", moment.at, moment.user
    )


@_of.register
def _(one: happened.Committed, moment: Moment) -> Iterator[Row]:
    yield _task("verification", one.paper, moment)
    person = next(iter(paper_persons(moment.file, one.paper)), moment.file.applicant.id)
    yield Publicity(
        id=task_id("publicity", moment.number, one.paper),
        number=moment.number,
        item=items_of(moment.file, moment.after.pack)[0],
        material=one.paper.rpartition(":")[2],
        masked=moment.masked(moment.file.persons.get(person, ""), _kind(person, moment)),
        organ=moment.organ,
        day=moment.after.today,
    )


@_of.register
def _(one: happened.Uncommitted, moment: Moment) -> Iterator[Row]:
    yield Close(
        task_id("verification", moment.number, one.paper), "taken_back", moment.at, moment.user
    )


@_of.register
def _(one: happened.Promised, moment: Moment) -> Iterator[Row]:
    yield _task("promise", one.paper, moment, due=one.due)


@_of.register
def _(one: happened.Unpromised, moment: Moment) -> Iterator[Row]:
    yield Close(
        task_id("promise", moment.number, one.paper), "taken_back", moment.at, moment.user
    )


@_of.register
def _(one: happened.LookedUp, moment: Moment) -> Iterator[Row]:
    if AGENCY_CHECK in one.reasons:  # no registry was asked
        return
    for receipt, reason in zip(one.receipts, one.reasons or ("",) * 99, strict=False):
        if receipt.verdict == "unavailable":
            day, office = moment.after.today.isoformat(), moment.office
            about = digest(["outage", receipt.source, office, day])[_ID]
            yield _alert("outage", moment, about, source=receipt.source, reason=reason)


@_of.register
def _(one: happened.Notified, moment: Moment) -> Iterator[Row]:
    earlier = moment.before.file if moment.before else moment.file
    added = sorted({*one.added, *one.papers} - earlier.told) if earlier.notices else []
    if added:
        yield _alert("second_notice", moment, notice=one.notice, papers=added)


@_of.register
def _(one: happened.Checked, moment: Moment) -> Iterator[Row]:
    yield Close(
        task_id(one.task, moment.number, one.paper), one.outcome, moment.at, moment.user
    )
    if one.task != "verification":
        return
    yield Verified(task_id("publicity", moment.number, one.paper), one.outcome)
    if one.outcome == "false":
        yield _alert("false_promise", moment, paper=one.paper)
        yield CreditNote(
            id=digest(["false_commitment", moment.number, one.paper])[_ID],
            token=moment.token(moment.file.applicant.id),
            number=moment.number,
            kind=FALSE_COMMITMENT,
            at=moment.at,
        )


@_of.register
def _(one: happened.Accepted, moment: Moment) -> Iterator[Row]:
    if one.deemed:
        yield _alert("deemed_accepted", moment, day=one.day.isoformat())


@_of.register
def _(one: happened.Decided, moment: Moment) -> Iterator[Row]:
    if one.result != "granted":
        yield from _called_off(moment)
        for item in items_of(moment.file, moment.after.pack):
            cases = moment.in_vain(item)
            if cases:
                yield _alert("in_vain", moment, item=item, cases=sorted(cases))
        return
    opened = moment.file.opened
    for material in one.outputs:
        yield Holding(
            id=digest(["issued", moment.number, material])[_ID],
            token=moment.token(moment.file.applicant.id),
            number=moment.number,
            project=opened.project,
            step=opened.step or "",
            item=items_of(moment.file, moment.after.pack)[0],
            material=material,
            how="issued",
            trust="A",
            day=one.day,
        )


def _called_off(moment: Moment) -> Iterator[Row]:
    """Yield the end of what nobody has to bring or check any more."""
    ended = [("promise", name) for name in moment.file.promises]
    ended += [("agency_check", name) for name in deferred_checks(moment.after.decision)]
    for kind, name in ended:
        about = task_id(kind, moment.number, name)
        yield Close(about, "case_ended", moment.at, moment.user)


def _holding(one: happened.Received, material: str, person: str, moment: Moment) -> Holding:
    opened = moment.file.opened
    known = moment.after.pack.catalogue.materials[material]
    trust = {"original": "B", "number": "A", "copy": "C"}[one.how]
    by_number = one.how == "number"
    if by_number and not _looked_up(one, moment):  # somebody said it, nobody saw it
        trust = "D"
    if known.material_class.value in _SELF_MADE and not by_number:
        trust = "D"
    return Holding(
        id=digest(["received", moment.number, one.paper, person, moment.file.version])[_ID],
        token=moment.token(person),
        number=moment.number,
        project=opened.project,
        step=opened.step or "",
        item=items_of(moment.file, moment.after.pack)[0],
        material=material,
        how=one.how,
        trust=trust,
        day=moment.after.today,
        until=one.until,
    )


def _looked_up(one: happened.Received, moment: Moment) -> bool:
    """Return whether a number stands for a paper that our own system issued and finds by it."""
    before = (moment.before or moment.after).decision
    return bool((one.number or one.reference).strip()) and one.paper in before["reference"]


def _kind(person: str, moment: Moment) -> str:
    everyone: list[Person] = [moment.file.applicant, *moment.file.parties]
    return next((one.kind for one in everyone if one.id == person), "natural")


def _speaking_organ(name: str, moment: Moment) -> str:
    """Return the organ whose registry speaks of a paper: it has to correct its record."""
    material = name.rpartition(":")[2]
    sources = moment.after.pack.catalogue.sources
    persons = paper_persons(moment.file, name)
    looks: Iterable[happened.LookedUp] = reversed(moment.file.lookups)
    spoken = [
        look
        for look in looks
        if look.source in sources and look.subject in persons
    ]  # fmt: skip
    named = [look for look in spoken if any(material in one.materials for one in look.receipts)]
    found = [*named, *spoken]
    return sources[found[0].source].organ if found else moment.organ


def _task(
    kind: str, paper: str, moment: Moment, *, organ: str = "", due: date | None = None
) -> Task:
    return Task(
        id=task_id(kind, moment.number, paper),
        kind=kind,
        number=moment.number,
        paper=paper,
        organ=organ or moment.organ,
        office=moment.office if not organ or organ == moment.organ else "",
        opened_at=moment.at,
        due_on=due or moment.due(kind),
    )


def _alert(kind: str, moment: Moment, about: str = "", **words: object) -> Alert:
    return Alert(
        id=about or digest([kind, moment.number, moment.file.version, words])[_ID],
        kind=kind,
        number=moment.number,
        organ=moment.organ,
        office=moment.office,
        user=moment.user,
        at=moment.at,
        words=json.dumps(words, ensure_ascii=False, sort_keys=True),
    )
