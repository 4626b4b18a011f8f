"""Credit: false promises on file, and their repair, after which commitments are open again."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select
from sqlmodel import col

from api import record
from api.accounts.permission import Who
from api.accounts.reception import asking
from api.cases.consequence import FALSE_COMMITMENT, REPAIRED
from api.cases.refusal import CaseRefusedError, Reason
from api.cases.store import CaseStore, Work
from api.cases.table import CaseHead, CreditNote
from api.record import CaseKey

LONGEST: Final = 2000
MOST: Final = 500


@dataclass(frozen=True, slots=True)
class FalsePromise:
    """A false promise by its case; nobody is named. `repaired_at` is none while it counts."""

    note: str
    number: str
    organ: str
    at: datetime
    repaired_at: datetime | None


class Credits:
    """The credit notes of one installation."""

    def __init__(self, cases: CaseStore) -> None:
        self._cases = cases

    def all(self, who: Who) -> list[FalsePromise]:
        """Return the false promises that somebody may see, the newest first."""
        notes = self._cases.rows(
            select(CreditNote).order_by(col(CreditNote.at).desc()).limit(MOST), CreditNote
        )
        heads = self._cases.rows(
            select(CaseHead).where(col(CaseHead.number).in_({one.number for one in notes})),
            CaseHead,
        )
        organs = {head.number: head.organ for head in heads}
        repaired = [one for one in notes if one.kind == REPAIRED]
        return [
            FalsePromise(
                one.id,
                one.number,
                organs.get(one.number, ""),
                one.at,
                next((r.at for r in repaired if r.token == one.token and r.at >= one.at), None),
            )
            for one in notes
            if one.kind == FALSE_COMMITMENT
            and (not who.organ or who.organ == organs.get(one.number))
        ]

    def repair(
        self,
        about: str,
        why: str,
        who: Who,
        at: datetime,
        along: Callable[[FalsePromise], Work] | None = None,
    ) -> FalsePromise:
        """Repair the credit that a false promise cost, or raise `CaseRefusedError`.

        What goes `along` with it runs in the same transaction.
        """
        known = {one.note: one for one in self.all(who)}
        why = why.strip()
        if about not in known or known[about].repaired_at is not None:
            raise CaseRefusedError([Reason("no_false_promise")])
        if not why or len(why) > LONGEST:
            raise CaseRefusedError([Reason("task_note", words={"most": LONGEST})])
        (false,) = self._cases.rows(
            select(CreditNote).where(col(CreditNote.id) == about), CreditNote
        )
        # What was promised may be erased: the person's credit can still be repaired.
        key = self._cases.key(false.number)
        note = CreditNote(
            id=f"{false.id}-{at:%Y%m%d%H%M%S}",
            token=false.token,
            number=false.number,
            kind=REPAIRED,
            at=at,
        )
        asker = asking(who, door="desk", why="credit repair")
        case_key = CaseKey(false.number, key) if key else None
        sealed = record.of_repair(note, why.encode(), asker, key=case_key)
        repaired = replace(known[about], repaired_at=at)
        more = along(repaired) if along else None

        def work(connection: Connection) -> None:
            connection.execute(insert(CreditNote), note.model_dump())
            self._cases.seal(connection, sealed)
            if more is not None:
                more(connection)

        self._cases.store.database.write(work)
        return repaired
