"""Handing over: a case goes to another handler, office or organ; its list stays the same."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.accounts.permission import Worker
from api.accounts.table import Account
from api.cases.door import words
from api.cases.event import HandedOver
from api.cases.file import ENDED
from api.cases.pages.visit import Visit, posted, visit
from api.cases.refusal import CaseRefusedError, Reason
from api.cases.table import CaseHead
from api.cases.working import Act
from api.desk_form import Fields

router = APIRouter(include_in_schema=False)

LONGEST: Final = 2000
"""Characters of a reason."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case can go: an office, or one of its people; `key` says it in a form."""

    key: str
    name: str
    organ: str
    office: str
    handler: str = ""


@dataclass(frozen=True, slots=True)
class OfficePlace:
    """An office with its people."""

    office: Place
    people: tuple[Place, ...]


@router.get("/cases/{number}/hand-over")
def ask(request: Request, number: str, who: Worker) -> Response:
    """Ask where the case goes, and why."""
    return _page(visit(request, who), number, {}, [])


@router.post("/cases/{number}/hand-over")
async def hand_over(request: Request, number: str, who: Worker) -> Response:
    """Hand the case over; its list of papers stays the same."""
    return await posted(request, who, lambda seen, fields: _hand_over(seen, number, fields))


@router.post("/cases/{number}/take-over")
async def take_over(request: Request, number: str, who: Worker) -> Response:
    """Take the case over oneself."""
    return await posted(request, who, lambda seen, fields: _take_over(seen, number, fields))


def _take_over(seen: Visit, number: str, fields: Fields) -> Response:
    who, desk = seen.who, seen.hall.desk
    head = desk.cases.head(number)
    if head.handler != who.login:
        here = HandedOver(
            organ=who.organ or head.organ, office=who.office or head.office, handler=who.login
        )
        _require_same(head, fields)
        desk.act(number, who, Act((here,)))
    there = (
        f"/cases/{number}" if dict(fields).get("then") == "open" else _queue("taken", number)
    )
    return RedirectResponse(there, HTTPStatus.SEE_OTHER)


def _hand_over(seen: Visit, number: str, fields: Fields) -> Response:
    sent = {name: value.strip() for name, value in fields}
    desk, who = seen.hall.desk, seen.who
    place = next((one for one in _all(seen) if one.key == sent.get("to")), None)
    faults = [f"hand.{key}" for key in _missing(place, sent.get("why", ""))]
    if place is None or faults:
        return _page(seen, number, sent, [seen.speech.say(one) for one in faults])
    head = desk.cases.head(number)
    there = (place.organ, place.office, place.handler)
    if (head.organ, head.office, head.handler) == there:
        return RedirectResponse(_queue("handed", number), HTTPStatus.SEE_OTHER)
    event = HandedOver(
        organ=place.organ, office=place.office, handler=place.handler, why=sent["why"][:LONGEST]
    )
    try:
        _require_same(head, fields)
        desk.act(number, who, Act((event,)))
    except CaseRefusedError as error:
        return _page(seen, number, sent, words(error.reasons, seen.speech, seen.names.pack))
    return RedirectResponse(_queue("handed", number), HTTPStatus.SEE_OTHER)


def _missing(place: Place | None, why: str) -> Iterator[str]:
    if place is None:
        yield "no_place"
    if not why:
        yield "no_reason"


def _page(seen: Visit, number: str, sent: dict[str, str], faults: list[str]) -> Response:
    desk = seen.hall.desk
    head = desk.cases.head(number)
    desk.require(head, seen.who)
    if head.status in ENDED:
        raise CaseRefusedError([Reason("ended")])
    return seen.page(
        "hand_over.html",
        number=number,
        head=head,
        line=seen.lines.of([head])[0],
        offices=list(_offices(seen)),
        sent=sent,
        faults=faults,
    )


def _offices(seen: Visit) -> Iterator[OfficePlace]:
    """Yield every office that has a clerk, one's own first, with its people."""
    groups: dict[tuple[str, str], list[Account]] = {}
    for one in seen.clerks:
        groups.setdefault((one.organ, one.office), []).append(one)
    own = (seen.who.organ, seen.who.office)
    for organ, office in sorted(groups, key=lambda one: (one != own, one)):
        people = groups[organ, office]
        title = " · ".join(filter(None, (seen.organ(organ) if organ else "", office)))
        yield OfficePlace(
            Place(f"office|{organ}|{office}", title, organ, office),
            tuple(_people(people, seen.who.login)),
        )


def _people(people: Iterable[Account], own: str) -> Iterator[Place]:
    for one in people:
        if one.login != own:
            yield Place(f"clerk|{one.login}", one.name, one.organ, one.office, one.login)


def _all(seen: Visit) -> Iterator[Place]:
    for one in _offices(seen):
        yield one.office
        yield from one.people


def _require_same(head: CaseHead, fields: Fields) -> None:
    """Refuse where somebody else has taken or moved the case since the page was shown."""
    if dict(fields).get("was", head.handler) != head.handler:
        raise CaseRefusedError([Reason("changed")])


def _queue(done: str, number: str) -> str:
    return f"/queue?done={done}&case={number}"
