"""Cases over REST: every action of the desk, for other systems."""

from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from api.accounts.permission import Who, Worker
from api.cases.door import hall_of
from api.cases.event import Accepted
from api.cases.rest.act import DOORS, Door
from api.cases.rest.asked import (
    Asked,
    IfMatch,
    Number,
    act_of,
    along,
    answering,
    carried_out,
    etag,
    reply_of,
    shown,
)
from api.cases.rest.body import BodyError, described, mapping_of, read, taking, unreadable
from api.cases.rest.listing import Finder, Heads, PersonOnFile, Wanted, WhoseFile
from api.cases.rest.look import (
    AnswerNoted,
    LookingUpAsked,
    ReceiptShown,
    look_up,
    receipt_shown,
)
from api.cases.rest.opening import Opening, read_opening, to_open
from api.cases.rest.shown import CaseShown, ListNow, Story
from api.cases.rest.view import case_shown, event_shown
from api.cases.working import Act
from api.idempotency import Remember, Reply
from api.public_log import refusals

router = APIRouter(prefix="/api/v1", tags=["cases"])

Full = Annotated[
    bool, Query(description="Show identity numbers, names and telephone numbers whole.")
]
_NO_CASE = refusals(
    s404="There is no such case.", s422="The request cannot be read, or the case refuses it."
)
_REFUSED: Final = _NO_CASE | refusals(
    s400="The body is not strict JSON, or the key is no key.",
    s409="Another process changed the case meanwhile, or the two matchers differ.",
    s412="The case is at another version.",
    s413="The body is too large.",
    s415="The body is not JSON.",
)


@router.post(
    "/cases",
    status_code=HTTPStatus.CREATED,
    response_model=ListNow,
    responses=_REFUSED,
    openapi_extra=taking(described(Opening), required=True),
)
async def open_case(request: Request, who: Worker) -> Response:
    """Open a case; its list is decided and sealed before it is answered."""
    return await opened_by(request, who)


async def opened_by(request: Request, who: Who) -> Response:
    """Open the case that a request describes."""
    return await carried_out(request, who, _open)


def _open(asking: Asked) -> Response:
    hall = asking.hall
    opening = read_opening(asking.body, hall)

    def act(remember: Remember) -> Reply:
        opened, events = to_open(opening, hall, asking.who)
        more = Act(events, along=along(asking, remember, HTTPStatus.CREATED))
        worked = hall.desk.open(opened, asking.who, more=more)
        if opening.look_up:
            hall.looking_up.start(worked, asking.who)
        return reply_of(worked, HTTPStatus.CREATED)

    return asking.once(act)


@router.get("/cases", response_model=Heads, responses=refusals(s422="That is no filter."))
def list_cases(request: Request, who: Worker, wanted: Annotated[Wanted, Query()]) -> Response:
    """Return the cases that are the asker's to work, the newest first."""
    return shown(Finder(hall_of(request), who).heads(wanted))


@router.get("/cases/{number}", response_model=CaseShown, responses=_NO_CASE)
async def read_case(
    request: Request,
    who: Worker,
    number: Number,
    *,
    full: Full = False,
    questions: Annotated[
        bool, Query(description="Say which questions to ask next, the best first.")
    ] = False,
) -> Response:
    """Return a case as it stands today, with its list; `ETag` is its version."""
    return await seen_by(number, request, who, full=full, questions=questions)


async def seen_by(
    number: str, request: Request, who: Who, *, full: bool = False, questions: bool = False
) -> Response:
    """Return a case as somebody may see it."""
    hall = hall_of(request)

    def seen() -> Response:
        worked = hall.desk.see(number, who)
        value = case_shown(worked, hall, full=full, questions=questions)
        return shown(value, {"etag": etag(worked)})

    return await hall.done(seen)


@router.get("/cases/{number}/events", response_model=Story, responses=_NO_CASE)
def read_events(
    request: Request, who: Worker, number: Number, *, full: Full = False
) -> Response:
    """Return all that happened in a case, in order."""
    desk = hall_of(request).desk
    desk.see(number, who)
    events = [event_shown(one, full=full) for one in desk.cases.happened(number)]
    return shown({"number": number, "events": events})


@router.get(
    "/cases/{number}/receipts/{receipt}", response_model=ReceiptShown, responses=_NO_CASE
)
def read_receipt(request: Request, who: Worker, number: Number, receipt: str) -> Response:
    """Return what is kept of a registry's answer; of the raw answer only the digest."""
    desk = hall_of(request).desk
    return answering(lambda: shown(receipt_shown(desk, desk.see(number, who), receipt)))


@router.post(
    "/cases/{number}/lookups",
    response_model=CaseShown,
    responses=_REFUSED,
    openapi_extra=taking(described(LookingUpAsked), required=False),
)
async def start_lookups(request: Request, who: Worker, number: Number) -> Response:
    """Ask the registries now what the list can still use, and wait a moment if wanted."""
    return await carried_out(request, who, partial(_look_up, number), waits=True)


def _look_up(number: str, asking: Asked) -> Response:
    wish = read(LookingUpAsked, mapping_of(asking.body))
    hall = asking.hall

    def act(remember: Remember) -> Reply:
        worked = look_up(hall, number, asking.who, wish)
        value = case_shown(worked, hall)
        answer = shown(value, {"etag": etag(worked)})
        reply = Reply(HTTPStatus.OK, bytes(answer.body), dict(answer.headers), number)
        if asking.key is not None:
            hall.desk.office.store.database.write(
                lambda connection: remember(connection, reply)
            )
        return reply

    return asking.once(act)


@router.post(
    "/cases/{number}/lookups/noted",
    response_model=ListNow,
    responses=_REFUSED,
    openapi_extra=taking(described(AnswerNoted), required=True),
)
async def note_answer(
    request: Request, who: Worker, number: Number, if_match: IfMatch = None
) -> Response:
    """Note what a registry said that is not connected, and decide the list anew."""
    return await carried_out(request, who, partial(_note_answer, number), if_match)


def _note_answer(number: str, asking: Asked) -> Response:
    sent, hall = read(AnswerNoted, mapping_of(asking.body)), asking.hall

    def act(remember: Remember) -> Reply:
        event = sent.noted(hall.desk.see(number, asking.who), hall.looking_up)
        worked = hall.desk.act(number, asking.who, act_of(asking, event, remember))
        if sent.look_up:
            hall.looking_up.start(worked, asking.who)
        return reply_of(worked)

    return asking.once(act)


@router.post(
    "/cases/{number}/refresh",
    response_model=ListNow,
    responses=_REFUSED,
    openapi_extra=taking({"type": "object", "additionalProperties": False}, required=False),
)
async def refresh(
    request: Request, who: Worker, number: Number, if_match: IfMatch = None
) -> Response:
    """Look again at what is on file of the persons from other cases."""
    return await carried_out(request, who, partial(_refresh, number), if_match)


def _refresh(number: str, asking: Asked) -> Response:
    if mapping_of(asking.body):
        raise BodyError("nothing can be said here; send {} or nothing")

    def act(remember: Remember) -> Reply:
        more = Act((), asking.expected, along=along(asking, remember))
        return reply_of(asking.hall.desk.refresh(number, asking.who, more))

    return asking.once(act)


@router.post(
    "/persons/search",
    response_model=PersonOnFile,
    responses=_REFUSED,
    openapi_extra=taking(described(WhoseFile), required=True, keyed=False),
)
async def find_person(request: Request, who: Worker) -> Response:
    """Return what is on file of a person: of other organs only where their cases stand."""
    return await carried_out(request, who, _find_person)


def _find_person(asking: Asked) -> Response:
    identity = read(WhoseFile, mapping_of(asking.body)).id
    return shown(Finder(asking.hall, asking.who).person(identity))


def _act(door: Door, number: str, asking: Asked) -> Response:
    hall = asking.hall
    event, wants_look_up = door.read(asking.body, hall.desk.today)

    def act(remember: Remember) -> Reply:
        doing = act_of(asking, _judged(door, event, number, asking), remember)
        worked = hall.desk.act(number, asking.who, doing)
        if wants_look_up:
            hall.looking_up.start(worked, asking.who)
        return reply_of(worked)

    return asking.once(act)


def _judged(door: Door, event: Any, number: str, asking: Asked) -> Any:
    """Return the event as the case lets it happen, or raise `BodyError`."""
    if door.check is None:
        return event
    desk = asking.hall.desk
    worked = desk.see(number, asking.who)
    faults = list(door.check(event, worked))
    if faults:
        raise unreadable(faults)
    if isinstance(event, Accepted):
        time = desk.courses.clock(worked.head, worked.file, worked.pack)
        if time.deemed and time.start is not None:
            return Accepted(day=time.start, deemed=True)
    return event


async def act_at(
    door: Door, number: str, request: Request, who: Who, if_match: str | None = None
) -> Response:
    """Let happen in a case what a request to a door of it says."""
    return await carried_out(request, who, partial(_act, door, number), if_match)


def _add(door: Door) -> None:
    async def act(
        request: Request, who: Worker, number: Number, if_match: IfMatch = None
    ) -> Response:
        return await act_at(door, number, request, who, if_match)

    router.add_api_route(
        f"/cases/{{number}}/{door.path}",
        act,
        methods=["POST"],
        name=door.path,
        summary=door.path.capitalize(),
        description=door.summary,
        response_model=ListNow,
        responses=_REFUSED,
        openapi_extra=taking(door.schema(), required=True),
    )


for _door in DOORS:
    _add(_door)
