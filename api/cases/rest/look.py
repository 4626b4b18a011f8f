"""Look-ups over REST: asking now, waiting a moment, and what is kept of an answer."""

import json
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlmodel import col

from api.accounts.permission import Who
from api.cases.door import Hall
from api.cases.event import LookedUp
from api.cases.evidence import RECEIPT
from api.cases.looking_up import LookingUp
from api.cases.noting import Saying, noted
from api.cases.rest.body import BodyError
from api.cases.store import NoCaseError
from api.cases.table import StoredReceipt
from api.cases.working import Desk, Worked
from api.search import instant
from evaluator.case import Verdict
from knowledge.entry import Id, Value

LONGEST_WAIT = 5


class LookingUpAsked(Value):
    """How to ask: `again` also those that could not answer before; `wait` whole seconds."""

    again: bool = False
    wait: Annotated[int, Field(ge=0, le=LONGEST_WAIT)] = 0


class AnswerNoted(Value):
    """What a registry that is not connected said; without materials and claims, of all asked.

    `subject` is the identity number of the person. With `look_up` the connected registries are
    asked at once what the list needs then.
    """

    source: Id
    subject: Annotated[str, Field(min_length=1, max_length=40)]
    verdict: Verdict
    materials: tuple[Id, ...] = ()
    claims: tuple[Id, ...] = ()
    look_up: bool = True

    def noted(self, worked: Worked, looking_up: LookingUp) -> LookedUp:
        """Return the event, or raise `CaseRefusedError`."""
        named = (self.materials, self.claims)
        saying = Saying(self.source, self.subject, self.verdict, *named)
        return noted(saying, worked, looking_up)


class ShownField(BaseModel):
    """A field of a registry's record that a clerk may see."""

    label: str
    value: str


class ReceiptShown(BaseModel):
    """The answer of a registry as it is kept; `digest` is that of the raw answer.

    `shown` is null once the personal data of the case that asked were erased.
    """

    id: str
    source: str
    verdict: str
    reason: str
    materials: list[str]
    claims: list[str]
    day: date
    asked_at: datetime
    milliseconds: int
    attempts: int
    item: str
    purpose: str
    operator: str
    office: str
    digest: str
    shown: list[ShownField] | None


def look_up(hall: Hall, number: str, who: Who, wish: LookingUpAsked) -> Worked:
    """Ask what a case needs and return the case as it stands after the wait."""
    worked = hall.desk.see(number, who)
    waiting = hall.looking_up.start(worked, who, again=wish.again)
    if not (waiting and wish.wait):
        return worked
    hall.looking_up.wait(number, wish.wait)
    return hall.desk.see(number, who)


def receipt_shown(desk: Desk, worked: Worked, key: str) -> dict[str, Any]:
    """Return `ReceiptShown` of an answer that the case uses, or raise `BodyError` (404)."""
    known = {ref for look in worked.file.lookups for ref in look.refs}
    query = select(StoredReceipt.__table__).where(col(StoredReceipt.id) == key)  # type: ignore[attr-defined] # SQLModel hides its table
    found = desk.cases.rows(query, StoredReceipt) if key in known else []
    if not found:
        what = f"case `{worked.number}` has no such receipt; see `looked_up` of the case"
        raise BodyError(what, status=HTTPStatus.NOT_FOUND)
    row = found[0]
    plain = {key: getattr(row, key) for key in ReceiptShown.model_fields if key != "shown"}
    return {
        **plain,
        "materials": json.loads(row.materials),
        "claims": json.loads(row.claims),
        "asked_at": instant(row.asked_at),
        "shown": _fields(desk, row),
    }


def _fields(desk: Desk, row: StoredReceipt) -> list[dict[str, str]] | None:
    try:
        plain = desk.cases.open_part(row.number, f"{RECEIPT}-{row.id}", row.box)
    except NoCaseError:
        return None
    return [{"label": label, "value": value} for label, value in json.loads(plain)["shown"]]
