"""What the desk permits: which event may happen to a case as it stands, and why not.

Pure. Every check asks the decision, never the clerk: what the law does not offer cannot be
chosen, what is not on the list cannot be taken without a reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import singledispatch
from typing import Any, Final

from api.cases import event as happened
from api.cases.event import Event
from api.cases.file import CaseFile, paper_persons
from api.cases.refusal import Reason
from evaluator.case import Receipt
from evaluator.decision import Decision
from knowledge.fact import FactValueError
from knowledge.item import APPLICANT
from rules.pack import Pack

CONTESTABLE: Final = frozenset(
    {"data_sharing", "e_licence", "history", "own_issued", "agency_check"}
)
"""The grounds that rest on what the government says of a person: each can be wrong."""


@dataclass(frozen=True)
class Standing:
    """A case before something happens: its file, its decision, what is still to be done.

    `false_promise` says that one of the applicant's is on file and was not repaired.
    """

    file: CaseFile
    decision: Decision
    pack: Pack
    today: date
    open_checks: int = 0
    false_promise: bool = False

    @property
    def items(self) -> tuple[str, ...]:
        """The items of the case."""
        return items_of(self.file, self.pack)


def items_of(file: CaseFile, pack: Pack) -> tuple[str, ...]:
    """Return the items of a case that the pack knows; a step stands for its item."""
    if file.opened.step is None:
        return tuple(one for one in file.opened.items if one in pack.catalogue.items)
    process = pack.catalogue.processes.get(file.opened.process or "")
    step = process.by_id.get(file.opened.step) if process else None
    return (step.item,) if step else ()


def outstanding(file: CaseFile, decision: Decision) -> list[str]:
    """Return the papers that have to be brought and were not received, those by number too."""
    wanted = [*decision["submit"], *decision["reference"]]
    return [name for name in wanted if name not in file.received]


def listed(decision: Decision) -> set[str]:
    """Return every paper on the list: to be handed in, or named by its number."""
    return {*decision["submit"], *decision["reference"]}


def objections(one: Event, standing: Standing) -> Iterator[Reason]:
    """Yield all that stands against an event."""
    after_all = happened.Noted | happened.Checked
    if standing.file.ended is not None and not isinstance(one, after_all):
        yield Reason("ended")
        return
    yield from _against(one, standing)


@singledispatch
def _against(one: Any, standing: Standing) -> Iterator[Reason]:
    del one, standing
    yield from ()


@_against.register
def _(one: happened.Answered, standing: Standing) -> Iterator[Reason]:
    known = standing.pack.catalogue.facts
    for key, value in one.facts.items():
        if key not in known:
            yield Reason("no_fact", key)
            continue
        try:
            known[key].read(value)
        except FactValueError:
            yield Reason(f"fact_{known[key].type}", key, {"scale": known[key].scale or 0})


@_against.register
def _(one: happened.Joined, standing: Standing) -> Iterator[Reason]:
    items = standing.pack.catalogue.items
    if not any(one.party.role in items[item].roles for item in standing.items):
        yield Reason("no_role", one.party.role)
    here = {(party.role, party.id) for party in standing.file.parties}
    if (one.party.role, one.party.id) in here:
        yield Reason("joined_already", one.party.role)


@_against.register
def _(one: happened.Committed, standing: Standing) -> Iterator[Reason]:
    offered = one.paper in standing.decision["offers"]["commitment"]
    if standing.false_promise or not offered:
        yield Reason("commitment_not_offered", one.paper, papers=(one.paper,))
    if not one.signature.strip():
        yield Reason("not_signed", one.paper, papers=(one.paper,))


@_against.register
def _(one: happened.CreditStated, standing: Standing) -> Iterator[Reason]:
    if standing.false_promise and one.credit and not one.credit.false_commitment:
        yield Reason("promise_was_false")


@_against.register
def _(one: happened.Promised, standing: Standing) -> Iterator[Reason]:
    if one.paper not in standing.decision["offers"]["tolerance"]:
        yield Reason("tolerance_not_offered", one.paper, papers=(one.paper,))
    if one.due <= standing.today:
        yield Reason("due_is_past", one.paper)


@_against.register
def _(one: happened.Contested, standing: Standing) -> Iterator[Reason]:
    if one.paper in standing.file.contested:
        yield Reason("contested_already", one.paper, papers=(one.paper,))
    elif not (CONTESTABLE & grounds_of(one.paper, standing) or spoken_of(one.paper, standing)):
        yield Reason("nothing_to_contest", one.paper, papers=(one.paper,))


@_against.register
def _(one: happened.Lacking, standing: Standing) -> Iterator[Reason]:
    demanded = {*standing.decision["submit"], *standing.file.lacks}
    if one.paper not in demanded:
        yield Reason("not_demanded", one.paper, papers=(one.paper,))


@_against.register
def _(one: happened.Received, standing: Standing) -> Iterator[Reason]:
    role, _, material = one.paper.rpartition(":")
    roles = {APPLICANT, ""} | {
        name for item in standing.items for name in standing.pack.catalogue.items[item].roles
    }
    if material not in standing.pack.catalogue.materials or role not in roles:
        yield Reason("no_paper", one.paper)
        return
    if one.beyond.strip():
        return
    if one.paper not in listed(standing.decision) | {*standing.file.promises}:
        yield Reason("beyond_list", one.paper, papers=(one.paper,))
    elif one.paper in standing.decision["reference"] and one.how != "number":
        yield Reason("number_only", one.paper, papers=(one.paper,))


@_against.register
def _(one: happened.Returned, standing: Standing) -> Iterator[Reason]:
    if one.paper not in standing.file.received:
        yield Reason("not_received", one.paper, papers=(one.paper,))


@_against.register
def _(one: happened.Accepted, standing: Standing) -> Iterator[Reason]:
    if standing.file.accepted is not None:
        yield Reason("accepted_already")
    if one.deemed:
        return
    if standing.decision["questions"]:
        yield Reason("questions_open", words={"n": len(standing.decision["questions"])})
    if standing.decision["missing_roles"]:
        yield Reason("persons_missing", words={"n": len(standing.decision["missing_roles"])})
    yield from _unproved(standing)


@_against.register
def _(one: happened.Stopped, standing: Standing) -> Iterator[Reason]:
    del one
    if standing.file.accepted is None:
        yield Reason("not_accepted")
    if _stands_still(standing.file):
        yield Reason("stopped_already")


@_against.register
def _(one: happened.Resumed, standing: Standing) -> Iterator[Reason]:
    del one
    if not _stands_still(standing.file):
        yield Reason("not_stopped")


@_against.register
def _(one: happened.Decided, standing: Standing) -> Iterator[Reason]:
    if one.result == "withdrawn":
        return
    if standing.file.accepted is None:
        yield Reason("not_accepted")
    if one.result != "granted":
        return
    yield from _unproved(standing)
    owed = tuple(sorted(set(standing.file.promises) - set(standing.file.received)))
    if owed:
        yield Reason("promises_open", words={"n": len(owed)}, papers=owed)
    if standing.open_checks:
        yield Reason("checks_open", words={"n": standing.open_checks})


def _unproved(standing: Standing) -> Iterator[Reason]:
    """Yield what is demanded and was not shown: papers of the list, those nobody can get."""
    missing = outstanding(standing.file, standing.decision)
    if missing:
        yield Reason("papers_missing", words={"n": len(missing)}, papers=tuple(missing))
    if standing.decision["unmeetable"]:
        lacking = standing.file.lacks
        yield Reason("unmeetable", words={"n": len(lacking)}, papers=lacking)


def grounds_of(name: str, standing: Standing) -> set[str]:
    """Return every ground that discharges a paper somewhere in the case."""
    rules = standing.pack.rules.requirements
    role, _, material = name.rpartition(":")
    return {
        ground
        for entry in standing.decision["entries"]
        if rules[entry["rule"]].party == (role or APPLICANT)
        for edge in entry["edges"]
        if edge["material"] == material
        for ground in edge["grounds"]
    }


def claims_of(name: str, standing: Standing) -> set[str]:
    """Return what a paper has to prove somewhere in the case."""
    rules = standing.pack.rules.requirements
    role, _, material = name.rpartition(":")
    demanding = (rules[entry["rule"]] for entry in standing.decision["entries"])
    return {
        claim
        for rule in demanding
        if rule.party == (role or APPLICANT) and material in rule.materials
        for claim in rule.proves
    }


def spoken_of(name: str, standing: Standing) -> bool:
    """Return whether some registry has said something about a paper."""
    return any(
        speaks_of(receipt, name, standing)
        for look in standing.file.lookups
        for receipt in look.receipts
    )


def speaks_of(receipt: Receipt, name: str, standing: Standing) -> bool:
    """Return whether an answer is about a paper, or what it has to prove, and its persons."""
    if receipt.subject not in paper_persons(standing.file, name):
        return False
    material, named = name.rpartition(":")[2], {*receipt.claims}
    return material in receipt.materials or bool(named & claims_of(name, standing))


def _stands_still(file: CaseFile) -> bool:
    return any(until is None for _, until, _ in file.stops)
