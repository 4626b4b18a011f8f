"""The pages of a case: its desk, its pulse while registries answer, and its story."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import ValidationError

from api.accounts.permission import Who, Worker
from api.accounts.reception import Reception
from api.answer import MatchersDifferError
from api.cases.door import hall_of, words
from api.cases.pages.desk import lay_out
from api.cases.pages.form import View, events_of, pressed, view_of, viewed
from api.cases.refusal import CaseRefusedError, Reason
from api.cases.story import lines
from api.cases.working import Act
from api.desk_form import Fields
from api.form_body import form_fields
from api.page import error_page, language, page
from api.speech import Lang, speech

router = APIRouter(include_in_schema=False)


@router.get("/cases/{number}")
def case(request: Request, number: str, who: Worker) -> Response:
    """Show the desk of a case."""
    view = view_of(request.query_params.multi_items())
    return _desk(request, number, (who, view, language(request)), [])


@router.get("/cases/{number}/pulse")
def pulse(request: Request, number: str, who: Worker) -> Response:
    """Say how far a case is: its version, and how many registries are still to answer.

    Between two rounds of look-ups that is one at least: what came brings up what is asked next.
    """
    hall = hall_of(request)
    head = hall.desk.cases.head(number)
    hall.desk.require(head, who)
    pending = len(hall.looking_up.pending(number)) or int(hall.looking_up.under_way(number))
    return JSONResponse({"version": head.version, "pending": pending})


@router.get("/cases/{number}/story")
def story(request: Request, number: str, who: Worker) -> Response:
    """Tell what happened in a case, event by event."""
    lang, hall = language(request), hall_of(request)
    worked = hall.desk.see(number, who)
    events = hall.desk.cases.happened(number)
    told = lines(events, worked, speech(lang), _colleagues(request))
    today = speech(lang).day(hall.desk.today)
    return page(request, "case_story.html", lang, number=number, told=told, today=today)


@router.post("/cases/{number}")
async def act(request: Request, number: str, who: Worker) -> Response:
    """Do what a button says, and show the desk again; a refusal says what stands against it."""
    fields = await form_fields(request)
    if fields is None:
        return error_page(request, HTTPStatus.BAD_REQUEST, "bad")
    lang = language(request, dict(fields).get("lang"))
    return await run_in_threadpool(_act, request, number, (who, fields, lang))


def _act(request: Request, number: str, said: tuple[Who, Fields, Lang]) -> Response:
    who, fields, lang = said
    hall, button = hall_of(request), pressed(fields)
    view = viewed(view_of(fields), button)
    worked = hall.desk.see(number, who)
    try:
        events = tuple(events_of(button, worked, hall.looking_up))
        if events:
            worked = hall.desk.act(number, who, Act(events))
    except CaseRefusedError as error:
        return _desk(request, number, (who, view, lang), list(error.reasons))
    except ValidationError:
        return _desk(request, number, (who, view, lang), [Reason("person")])
    except MatchersDifferError:
        return error_page(request, HTTPStatus.CONFLICT, "differ")
    if events or button.verb == "again":
        hall.looking_up.start(worked, who, again=button.verb == "again")
    chosen = f"{view.query}{'&' if view.query else '?'}lang={lang}" if _switches(fields) else ""
    return RedirectResponse(f"/cases/{number}{chosen or view.query}", HTTPStatus.SEE_OTHER)


def _colleagues(request: Request) -> dict[str, str]:
    """Return the names of everybody with an account, by login."""
    reception: Reception = request.app.state.reception
    return {one.login: one.name for one in reception.book.all()}


def _switches(fields: Fields) -> bool:
    return any(name == "lang" for name, _ in fields)


def _desk(
    request: Request, number: str, seen: tuple[Who, View, Lang], reasons: list[Reason]
) -> Response:
    who, view, lang = seen
    hall, voice = hall_of(request), speech(lang)
    worked = hall.desk.see(number, who)
    refused = words(reasons, voice, worked.pack)
    sheet = lay_out(worked, hall.looking_up, view, voice, refused)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if reasons else HTTPStatus.OK
    shown: dict[str, Any] = {"sheet": sheet, "view": view, "colleagues": _colleagues(request)}
    return page(request, "case.html", lang, status, **shown)
