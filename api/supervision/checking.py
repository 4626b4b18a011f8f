"""Checking: how a task ends, and what its outcome means for the case.

An agency that checked itself speaks in the place of the register that was down: what it
confirms settles the paper, what it does not confirm is asked of the applicant. A commitment
found false costs its applicant the next ones until the credit is repaired. A record that was
corrected is asked anew, and what it says then counts.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from api.accounts.permission import Who
from api.cases.consequence import AGENCY_CHECK
from api.cases.event import Checked, CreditStated, Event, LookedUp, Uncontested
from api.cases.file import paper_persons
from api.cases.permitted import Standing, claims_of
from api.cases.refusal import CaseRefusedError, Reason
from api.cases.store import Work
from api.cases.table import Task
from api.cases.working import Act, Desk, Worked
from evaluator.case import Credit, Receipt, Verdict

OUTCOMES: Final = {
    "agency_check": ("confirmed", "not_confirmed"),
    "verification": ("true", "false", "exempt"),
    "correction": ("corrected", "upheld"),
}
"""How each kind of task can end. A promise ends when the paper is received."""

LONGEST: Final = 2000


class NoTaskError(Exception):
    """There is no such task, or it is another organ's."""

    def __init__(self, about: str) -> None:
        self.about = about
        super().__init__(f"there is no task `{about}`; look for it in the list of tasks")


def may_do(task: Task, who: Who) -> bool:
    """Return whether a task is for the organ of somebody, or they have no limit."""
    return not who.organ or who.organ == task.organ


class Checking:
    """Ends tasks, each by an event of its case."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def task(self, about: str, who: Who) -> Task:
        """Return a task, or raise `NoTaskError`."""
        query = select(Task).where(col(Task.id) == about)
        found = self._desk.cases.rows(query, Task)
        if not found or not may_do(found[0], who):
            raise NoTaskError(about)
        return found[0]

    def end(
        self,
        about: str,
        outcome: str,
        note: str,
        who: Who,
        along: Callable[[Worked], Work] | None = None,
    ) -> Worked:
        """End a task, or raise `NoTaskError` or `CaseRefusedError`.

        Whoever has the task may end it, even where the case is another organ's. What goes
        `along` with the case after it runs in the same transaction.
        """
        task, note = self.task(about, who), note.strip()
        reasons = list(_against(task, outcome, note))
        if reasons:
            raise CaseRefusedError(reasons)
        doer = replace(who, organ="")
        worked = self._desk.see(task.number, doer)
        checked = Checked.model_validate(
            {"task": task.kind, "paper": task.paper, "outcome": outcome, "note": note}
        )
        events = (checked, *_follows(task, checked, worked, who))
        act = Act(events, expected=worked.file.version, why=task.kind, along=along)
        return self._desk.act(task.number, doer, act)


def _against(task: Task, outcome: str, note: str) -> Iterator[Reason]:
    if task.state != "open":
        yield Reason("task_done")
    elif outcome not in OUTCOMES.get(task.kind, ()):
        yield Reason("task_outcome")
    if not note or len(note) > LONGEST:
        yield Reason("task_note", words={"most": LONGEST})


def _follows(task: Task, checked: Checked, worked: Worked, who: Who) -> Iterator[Event]:
    """Yield what changes the list of a case that still runs."""
    if worked.file.ended is not None:
        return
    if checked.task == "agency_check":
        verdict: Verdict = "found_match" if checked.outcome == "confirmed" else "found_conflict"
        yield from _instead(checked.paper, verdict, worked, who)
    elif checked.outcome == "corrected":
        yield from _settled(checked.paper, task.organ, worked)
    elif checked.outcome == "false":
        severe = worked.file.credit.severe if worked.file.credit else False
        yield CreditStated(credit=Credit(severe=severe, false_commitment=True))


def _settled(paper: str, organ: str, worked: Worked) -> Iterator[Uncontested]:
    """Yield the end of an objection whose record was corrected: it is asked anew.

    Where no register of the organ said anything, what is on file stays contested.
    """
    claims, persons = claims_of(paper, worked.standing), paper_persons(worked.file, paper)
    said = {paper.rpartition(":")[2], *claims}
    sources = worked.pack.catalogue.sources
    spoke = {
        look.source
        for look in worked.file.lookups
        if look.source in sources and look.subject in persons
        if sources[look.source].organ == organ
        if any(said & {*one.materials, *one.claims} for one in look.receipts)
    }
    if spoke and paper in worked.file.contested:
        yield Uncontested(
            paper=paper, corrected=tuple(sorted(spoke)), claims=tuple(sorted(claims))
        )


def _instead(paper: str, verdict: Verdict, worked: Worked, who: Who) -> Iterator[LookedUp]:
    """Yield what the agency found in the place of each register that was down for a paper.

    Only the paper was checked: what else the register could not say stays unsaid.
    """
    standing = worked.standing
    for look in worked.file.lookups:
        about = [one for one in look.receipts if one.verdict == "unavailable"]
        if not about or look.subject not in paper_persons(worked.file, paper):
            continue
        split = [each for one in about for each in _split(one, paper, verdict, standing)]
        if any(reason for _, reason in split):
            yield LookedUp(
                source=look.source,
                subject=look.subject,
                receipts=tuple(receipt for receipt, _ in split),
                reasons=tuple(reason for _, reason in split),
                shown=((worked.pack.catalogue.organs[_organ(look, worked)].name, who.name),),
                asked_on=worked.today,
            )


def _split(
    receipt: Receipt, paper: str, verdict: Verdict, standing: Standing
) -> Iterator[tuple[Receipt, str]]:
    """Yield what a receipt says of a paper with the new verdict, and the rest as it was."""
    material, claims = paper.rpartition(":")[2], claims_of(paper, standing)
    of_paper = (
        tuple(one for one in receipt.materials if one == material),
        tuple(one for one in receipt.claims if one in claims),
    )
    rest = (
        tuple(one for one in receipt.materials if one != material),
        tuple(one for one in receipt.claims if one not in claims),
    )
    for (materials, named), said, reason in (
        (of_paper, verdict, AGENCY_CHECK),
        (rest, receipt.verdict, ""),
    ):
        if materials or named:
            yield (
                Receipt(
                    source=receipt.source,
                    verdict=said,
                    on=standing.today,
                    subject=receipt.subject,
                    materials=materials,
                    claims=named,
                ),
                reason,
            )


def _organ(look: LookedUp, worked: Worked) -> str:
    return worked.pack.catalogue.sources[look.source].organ
