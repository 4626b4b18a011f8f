"""Public pages: whether a notice is genuine, and the commitments that are published (公示).

Nobody signs in here, nothing personal is said but a masked name.
"""

import json
from dataclasses import dataclass
from datetime import date
from hmac import compare_digest
from time import time
from typing import Final

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import func, select
from sqlmodel import col

from api.accounts.reception import Reception
from api.cases.door import hall_of
from api.cases.file import Status
from api.cases.store import NoCaseError
from api.cases.table import Notice, Publicity
from api.masking import mask_name
from api.supervision.alert import MOST_PAGES

PLAIN: Final = r"^[^\x00]*$"
"""What a database can look for: no text with a NUL."""

PER_ADDRESS: Final = RateLimitItemPerMinute(30, 10, namespace="verify")
"""Checks that one address may ask for: 30 in 10 minutes; a code has 31 to the 8th values."""

PAGE: Final = 50
LONGEST: Final = 60


class TooManyChecksError(Exception):
    """An address asks too often; `seconds` says how long it has to wait."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"too many checks; wait {seconds} seconds and ask again")


class Checks:
    """How often each address asked, in the memory of this process."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, address: str) -> None:
        """Count a check, or raise `TooManyChecksError`."""
        if not self._limiter.hit(PER_ADDRESS, address):
            reset = self._limiter.get_window_stats(PER_ADDRESS, address).reset_time
            raise TooManyChecksError(max(1, round(reset - time())))


@dataclass(frozen=True, slots=True)
class Genuine:
    """A notice that was given out, in short; `papers` are names as the pack has them."""

    number: str
    case: str
    seq: int
    as_of: date
    papers: tuple[str, ...]
    items: tuple[str, ...]
    applicant: str
    status: Status | str
    due_on: date | None
    office: str
    organ: str
    handler: str
    phone: str
    digest: str


@dataclass(frozen=True, slots=True)
class Published:
    """A page of commitments, the newest first; pages count from 1."""

    entries: list[Publicity]
    total: int
    page: int
    pages: int


def checked(request: Request, number: str, code: str) -> Genuine | None:
    """Return the notice that number and code name together; none says no more than "no".

    Raises `TooManyChecksError`.
    """
    checks: Checks = request.app.state.checks
    checks.count(request.client.host if request.client else "")
    cases = hall_of(request).desk.cases
    number, code = number.strip().upper()[:LONGEST], code.strip().upper()[:LONGEST]
    found = cases.rows(select(Notice).where(col(Notice.number) == number), Notice)
    right = found[0].code if found else "?" * 8
    if not compare_digest(right.encode(), code.encode()) or not found:
        return None
    return _genuine(request, found[0])


def published(request: Request, item: str, page: int) -> Published:
    """Return a page of published commitments, of one item or of all."""
    cases = hall_of(request).desk.cases
    where = [col(Publicity.item) == item] if item else []
    with cases.store.database.reading() as connection:
        counting = select(func.count()).select_from(Publicity).where(*where)
        total: int = connection.execute(counting).scalar_one()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages, MOST_PAGES)
    query = (
        select(Publicity)
        .where(*where)
        .order_by(col(Publicity.day).desc(), col(Publicity.id))
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return Published(cases.rows(query, Publicity), total, page, pages)


def items_published(request: Request) -> list[str]:
    """Return the items that commitments are published of."""
    cases = hall_of(request).desk.cases
    with cases.store.database.reading() as connection:
        query = select(col(Publicity.item)).distinct()
        return sorted(row[0] for row in connection.execute(query))


def _genuine(request: Request, row: Notice) -> Genuine:
    cases = hall_of(request).desk.cases
    head = cases.head(row.case)
    papers: tuple[str, ...] = ()
    applicant = ""
    try:
        _, file = cases.file(row.case)
        papers = next((one.papers for one in file.notices if one.notice == row.number), ())
        applicant = mask_name(file.applicant.name, file.applicant.kind)
    except NoCaseError:
        pass  # its personal data were erased: what is left is that it was given out
    reception: Reception = request.app.state.reception
    account = reception.book.find(head.handler)
    return Genuine(
        number=row.number,
        case=row.case,
        seq=row.seq,
        as_of=row.as_of,
        papers=papers,
        items=tuple(json.loads(head.items)),
        applicant=applicant,
        status=head.status,
        due_on=head.due_on,
        office=head.office,
        organ=head.organ,
        handler=account.name if account else "",
        phone=account.phone if account else "",
        digest=row.digest,
    )
