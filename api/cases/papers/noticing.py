"""Noticing: one-time notices, commitments and acceptances as papers, kept as they were given.

What a notice says is locked away with its case and its hash is sealed: years later the same
paper is shown, whatever has changed since.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select
from sqlmodel import col

from api.accounts.permission import Who
from api.cases import event as happened
from api.cases.file import CaseFile
from api.cases.pages.paper_act import taken
from api.cases.papers.commitment import commitment, demanded
from api.cases.papers.document import (
    Issue,
    Papers,
    Sheet,
    acceptance_sheet,
    commitment_sheet,
    notice_sheet,
    sheet_of,
)
from api.cases.permitted import outstanding
from api.cases.refusal import CaseRefusedError, Reason
from api.cases.table import Notice
from api.cases.working import MOST_TURNS, Act, Desk, Worked
from api.masking import mask_name
from api.naming import Naming
from api.paper_row import PaperList, paper_list
from api.speech import LANGS, Lang, Speech, speech
from api.wording import Wording
from audit.store import SqlStore
from knowledge.canonical import canonical

PART: Final = "notice"
"""The part of a case's boxes that holds what a notice says."""

_SIGNS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_CODE_LENGTH: Final = 8


More = Callable[[Notice, tuple[str, ...]], Act]
"""What goes along with a notice and the papers that it names."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where papers can be checked (`address`), and the account of whoever handles the case."""

    address: str
    handler: str = ""
    phone: str = ""


class Noticing:
    """Gives out papers of cases, and shows those that were given."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def give(
        self, number: str, who: Who, place: Place, more: More | None = None
    ) -> tuple[Worked, Notice]:
        """Give the one-time notice of a case; return the case and the notice.

        `more` says what goes along with it in the same transaction.

        Everything at once: all that is still to be brought, with its basis. A notice that adds
        a paper to an earlier one is kept with what it adds, and supervision hears of it.
        """
        for left in reversed(range(MOST_TURNS)):
            try:
                return self._give(number, who, place, more)
            except CaseRefusedError as error:
                # An answer of a registry may have come just between the list and its notice.
                if not left or [one.key for one in error.reasons] != ["changed"]:
                    raise
        raise CaseRefusedError([Reason("changed")])

    def _give(
        self, number: str, who: Who, place: Place, more: More | None
    ) -> tuple[Worked, Notice]:
        worked = self._desk.see(number, who)
        if worked.file.ended is not None:
            raise CaseRefusedError([Reason("ended")])
        file, decision = worked.file, worked.decision
        needed = tuple(dict.fromkeys([*outstanding(file, decision), *_promised(file)]))
        added = tuple(one for one in needed if one not in file.told) if file.notices else ()
        seq = len(file.notices) + 1
        notice = f"{number}-{seq}"
        code = "".join(secrets.choice(_SIGNS) for _ in range(_CODE_LENGTH))
        issue = _Issue(notice, code, worked.today, place, who)
        sheets = {
            lang: self._notice(worked, issue, lang, (needed, added, seq)) for lang in LANGS
        }
        row, work = self._keeping(worked, notice, code, sheets)
        row.seq, row.added = seq, json.dumps(added)
        told = happened.Notified(
            notice=notice, papers=needed, added=added, digest=sheets["zh"].digest
        )
        act = more(row, needed) if more else Act(())
        if act.expected not in (None, file.version):
            raise CaseRefusedError([Reason("changed")])
        act = replace(act, events=(told,), expected=file.version, works=(*act.works, work))
        return self._desk.act(number, who, act), row

    def given(self, notice: str) -> Notice | None:
        """Return the row of a notice, or None."""
        found = self._desk.cases.rows(
            select(Notice).where(col(Notice.number) == notice), Notice
        )
        return found[0] if found else None

    def sheet(self, row: Notice, lang: Lang) -> Sheet:
        """Return a notice as it was given; raises `NoCaseError` where it was erased."""
        plain = self._desk.cases.open_part(row.case, f"{PART}-{row.number}", row.box)
        return sheet_of(json.loads(plain)[lang])

    def commitment(
        self, worked: Worked, paper: str, who: Who, place: Place, lang: Lang
    ) -> Sheet | None:
        """Return the notice of commitment for a paper, or None where the law offers none."""
        voice, file = speech(lang), worked.file
        offered = paper in worked.decision["offers"]["commitment"]
        if not offered and paper not in file.commitments:
            return None
        names = Naming(worked.pack, voice)
        decider = worked.answerer.decider
        text = commitment(names, paper, demanded(decider, worked.answer.case, paper))
        issue = _Issue(worked.number, "", worked.today, place, who)
        return commitment_sheet(self._issue(worked, issue, voice), text)

    def acceptance(self, worked: Worked, who: Who, place: Place, lang: Lang) -> Sheet | None:
        """Return the notice of acceptance, or None while the case is not accepted."""
        if worked.file.accepted is None:
            return None
        voice = speech(lang)
        names = Naming(worked.pack, voice)
        items = worked.answer.case.items
        received = [
            (names.paper(paper, items), taken(paper, worked, names))
            for paper in sorted(worked.file.received)
        ]
        clock = self._desk.courses.clock(worked.head, worked.file, worked.pack)
        basis = names.cited(clock.statutory.deadline.basis) if clock.statutory else ()
        issue = _Issue(worked.number, "", worked.file.accepted.day, place, who)
        return acceptance_sheet(
            self._issue(worked, issue, voice), clock, received=received, basis=basis
        )

    def _notice(
        self,
        worked: Worked,
        issue: "_Issue",
        lang: Lang,
        what: tuple[tuple[str, ...], tuple[str, ...], int],
    ) -> Sheet:
        needed, added, seq = what
        voice = speech(lang)
        wording = Wording(worked.pack, worked.answer.case, voice)
        decider, case = worked.answerer.decider, worked.answer.case
        rows: PaperList = paper_list(decider, case, worked.decision, wording)
        papers = Papers(
            needed=[row for row in rows.rows if row.paper in needed],
            agency=rows.of("agency"),
            spared=rows.struck,
        )
        clock = self._desk.courses.clock(worked.head, worked.file, worked.pack)
        return notice_sheet(
            self._issue(worked, issue, voice),
            papers,
            tell_by=clock.tell_by.day,
            seq=seq,
            added=frozenset(added),
        )

    def _issue(self, worked: Worked, issue: "_Issue", voice: Speech) -> Issue:
        names, known = Naming(worked.pack, voice), worked.pack.catalogue.items
        items = worked.answer.case.items
        applicant = worked.file.applicant
        organs = dict.fromkeys(names.organ(known[item].organ) for item in items)
        return Issue(
            speech=voice,
            number=issue.number,
            code=issue.code,
            day=issue.day,
            case=worked.number,
            applicant=mask_name(applicant.name, applicant.kind),
            items=voice.join([names.item(item) for item in items]),
            organ=voice.join(list(organs)),
            address=issue.place.address,
            office=worked.file.office,
            handler=issue.place.handler or issue.who.name,
            phone=issue.place.phone or issue.who.phone,
        )

    def _keeping(
        self, worked: Worked, notice: str, code: str, sheets: dict[Lang, Sheet]
    ) -> tuple[Notice, Any]:
        plain = canonical({lang: _plain(sheet) for lang, sheet in sheets.items()})
        _, bodies = self._desk.cases.lock_part(worked.number, f"{PART}-{notice}", plain)
        row = Notice(
            number=notice,
            case=worked.number,
            seq=1,
            code=code,
            issued_at=datetime.now(UTC),
            as_of=worked.today,
            decision=worked.head.decision,
            digest=sheets["zh"].digest,
            box=next(iter(bodies)),
        )

        def work(connection: Connection) -> None:
            SqlStore(connection).put(bodies)
            connection.execute(insert(Notice), row.model_dump())

        return row, work


@dataclass(frozen=True, slots=True)
class _Issue:
    number: str
    code: str
    day: date
    place: Place
    who: Who


def _promised(file: CaseFile) -> list[str]:
    return [one for one in sorted(file.promises) if one not in file.received]


def _plain(sheet: Sheet) -> dict[str, Any]:
    return asdict(sheet) | {"day": sheet.day.isoformat()}
