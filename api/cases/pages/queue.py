"""The queue page (待办): the cases that somebody has to do, and the way to all others."""

import re
from datetime import date
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.accounts.permission import Worker
from api.accounts.table import Account
from api.cases.file import ENDED, STATUSES
from api.cases.opening import Draft, number_fault, written
from api.cases.pages.opening import opening_page
from api.cases.pages.visit import Visit, posted, visit
from api.cases.queue import MOST_PAGES, RUNNING, SCOPES, SORTS, Queue, Wanted
from api.cases.store import NoCaseError
from api.desk_form import Fields, Kind
from knowledge.person import IDENTIFIER_LENGTH

NUMBER: Final = re.compile(r"\d{8}-[0-9A-Z]{6}")
DONE: Final = ("taken", "handed")
"""What a page before has done, said once at the head of the queue."""

router = APIRouter(include_in_schema=False)


@router.get("/queue")
def queue(request: Request, who: Worker) -> Response:
    """Show the cases of a scope, page by page."""
    return _queue(visit(request, who), dict(request.query_params))


@router.post("/people")
async def find(request: Request, who: Worker) -> Response:
    """Find a case or a person by number; nothing personal comes into an address."""
    return await posted(request, who, _find)


@router.get("/cases")
@router.get("/people")
def back(_: Worker) -> Response:
    """Lead to where cases and persons are looked for."""
    return RedirectResponse("/queue", HTTPStatus.SEE_OTHER)


def _find(seen: Visit, fields: Fields) -> Response:
    number = written(dict(fields).get("q", ""))
    if NUMBER.fullmatch(number):
        try:
            seen.hall.desk.cases.head(number)
        except NoCaseError:
            fault = seen.speech.say("queue.no_case", number=number)
            return _queue(seen, {}, fault)
        return RedirectResponse(f"/cases/{number}", HTTPStatus.SEE_OTHER)
    kind = _kind(number)
    wrong = number_fault(kind, number)
    if wrong:
        key = f"opening.fault.{wrong}" if number else "queue.nothing_entered"
        fault = seen.speech.say(key, n=len(number))
        return _queue(seen, {}, fault)
    token = seen.hall.desk.cases.token(number)
    if seen.persons.heads(token):
        return RedirectResponse(f"/people/{token.hex()}", HTTPStatus.SEE_OTHER)
    return opening_page(seen, Draft(kind=kind, number=number), unknown=True)


def _kind(number: str) -> Kind:
    """Return whose number it looks like: a credit code, or anything else a person's."""
    digits = number[:-1].isdigit()
    if digits and not number_fault("natural", number):
        return "natural"
    coded = len(number) == IDENTIFIER_LENGTH and not digits
    return "legal" if coded or not number_fault("legal", number) else "natural"


def _queue(seen: Visit, asked: dict[str, str], fault: str = "") -> Response:
    wanted, faults = _wanted(asked, seen)
    desk = seen.hall.desk
    kept = Queue(desk.cases, desk.calendar, desk.today)
    number = _page_of(asked.get("page", ""))
    found = kept.find(wanted, seen.who, number)
    counts = kept.counts(seen.who)
    if number > found.pages:
        found = kept.find(wanted, seen.who, found.pages)
    states = sorted(ENDED) if wanted.scope == "ended" else RUNNING
    return seen.page(
        "queue.html",
        wanted=wanted,
        found=found,
        lines=seen.lines.of(found.heads),
        counts=counts,
        scopes=[one for one in SCOPES if one != "office" or seen.who.office],
        states=[one for one in STATUSES if one in states],
        items=_items(seen),
        clerks=[(one.login, one.name) for one in _colleagues(seen)],
        tabs={one: _query(Wanted(one, sort=wanted.sort)) for one in SCOPES},
        query=_query(wanted),
        done=asked.get("done", "") if asked.get("done") in DONE else "",
        about=asked.get("case", "") if NUMBER.fullmatch(asked.get("case", "")) else "",
        faults=[*faults, *([fault] if fault else [])],
        more_keys=_KEYS,
    )


_KEYS: Final = (("c", "queue.key_new"), ("j  k", "queue.key_move"), ("Enter", "queue.key_open"))


def _wanted(asked: dict[str, str], seen: Visit) -> tuple[Wanted, list[str]]:
    """Return what an address asks for; what cannot be meant is told and left out."""
    scope = asked.get("scope", "mine")
    faults = []
    day = None
    try:
        day = date.fromisoformat(asked["day"]) if asked.get("day") else None
    except ValueError:
        faults.append(seen.speech.say("queue.bad_day"))
    item = asked.get("item", "")
    return Wanted(
        scope=scope if scope in SCOPES else "mine",
        status=asked["status"] if asked.get("status") in STATUSES else "",
        item=item if item in seen.names.pack.catalogue.items else "",
        handler=asked.get("handler", "")[:100],
        day=day,
        sort=asked["sort"] if asked.get("sort") in SORTS else "new",
    ), faults


def _items(seen: Visit) -> list[tuple[str, str]]:
    known = seen.names.pack.catalogue.items
    return sorted(((key, seen.names.item(key)) for key in known), key=lambda one: one[1])


def _colleagues(seen: Visit) -> list[Account]:
    """Return the clerks of the same office, or all where somebody has none."""
    own = seen.who.office
    return [one for one in seen.clerks if not own or one.office == own]


def _query(wanted: Wanted) -> str:
    return urlencode(wanted.stated)


def _page_of(text: str) -> int:
    plain = text.isascii() and text.isdigit() and len(text) <= len(str(MOST_PAGES))
    return min(max(int(text), 1), MOST_PAGES) if plain else 1
