"""Heads: where a case stands, in one row for queues and search, worked out from its file."""

import json
from datetime import date, datetime

from api.answer import Answer, Answerer
from api.cases.course import Courses
from api.cases.file import CaseFile
from api.cases.permitted import items_of, outstanding
from api.cases.table import CaseHead
from api.search import instant
from knowledge.day import CHINA

Stood = tuple[CaseHead, CaseFile]
"""A case before something happened: its row and its file."""


def head_of(
    number: str,
    before: Stood | None,
    file: CaseFile,
    given: tuple[Answer, Answerer],
    now: datetime,
) -> CaseHead:
    """Return the row of a case after something happened; the last decision stays."""
    answer, answerer = given
    decision = answer.decision
    return CaseHead.model_construct(
        number=number,
        opened_at=before[0].opened_at if before else now,
        updated_at=now,
        version=file.version,
        status=file.status,
        organ=file.organ,
        office=file.office,
        handler=file.handler,
        channel=file.opened.channel,
        items=json.dumps(items_of(file, answerer.decider.pack)),
        process=file.opened.process or "",
        step=file.opened.step or "",
        project=file.opened.project,
        decision=before[0].decision if before else "",
        statutory=answerer.statutory(answer),
        submit=len(decision["submit"]),
        outstanding=len(outstanding(file, decision)),
        final=decision["final"],
        accepted_on=file.accepted.day if file.accepted else None,
        due_on=before[0].due_on if before else None,
    )


def act_by(
    courses: Courses, head: CaseHead, before: Stood | None, file: CaseFile, answerer: Answerer
) -> date | None:
    """Return the day by which the office has to act next, read anew if it may have moved."""
    if file.ended is not None or not _moves(before, file, head.updated_at):
        return head.due_on
    old = before[1] if before else None
    return courses.act_by(head, old, file, answerer.decider.pack)


def _moves(before: Stood | None, file: CaseFile, now: datetime) -> bool:
    if before is None or file.notices:
        return True
    head, old = before
    same_day = _day(head.updated_at) == _day(now)
    was = (old.accepted, old.stops, old.received)
    return not same_day or was != (file.accepted, file.stops, file.received)


def _day(at: datetime) -> date:
    return instant(at).astimezone(CHINA).date()
