"""The intake desk: choose services, answer what matters, see the list, keep and print it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from api.accounts.permission import Decider, Public, who_asks
from api.accounts.reception import asking
from api.accounts.refusal import home_of
from api.answer import MatchersDifferError
from api.decisions import read_body
from api.desk_act import act
from api.desk_fault import settle
from api.desk_form import Desk, Fields, read_desk
from api.desk_page import lay_out
from api.form_body import fields_of
from api.idempotency import Once, Remember, Reply
from api.kept_page import kept_sheet
from api.office import Office
from api.page import error_page, language, page
from api.record import Asker
from api.service_list import processes, services
from api.speech import Lang, speech
from api.store import ErasedError, Kept
from knowledge.canonical import canonical
from knowledge.day import CHINA
from knowledge.fault import FaultsError

router = APIRouter(include_in_schema=False)


def today() -> date:
    """Return the day at the desk."""
    return datetime.now(CHINA).date()


@router.get("/")
def home(who: Public) -> Response:
    """Lead to where the work of who asks begins."""
    return RedirectResponse(home_of(who), HTTPStatus.TEMPORARY_REDIRECT)


@router.get("/desk")
def choose(request: Request, _: Decider) -> Response:
    """Show the services to choose from."""
    fields = request.query_params.multi_items()
    return _chooser(request, read_desk(fields), language(request), _query(fields))


@router.post("/desk")
async def choose_again(request: Request, _: Decider) -> Response:
    """Show the services with what has been entered so far."""
    return await _with_form(request, _choose_again)


@router.get("/desk/list")
def start(request: Request, _: Decider) -> Response:
    """Show the list of services that an address names; nothing personal stands in one."""
    desk = read_desk(request.query_params.multi_items())
    plain = Desk(items=desk.items, step=desk.step, token=desk.token)
    return _list(request, plain, language(request))


@router.post("/desk/list")
async def update(request: Request, _: Decider) -> Response:
    """Show the list after an answer."""
    return await _with_form(request, _update)


@router.post("/desk/decisions")
async def keep(request: Request, _: Decider) -> Response:
    """Decide, keep the decision, and lead to it; the same page sent twice keeps it once."""
    return await _with_form(request, _keep)


@router.get("/desk/decisions/{number}")
def kept(request: Request, _: Decider, number: str) -> Response:
    """Show a kept decision as it is printed, by the release that decided it."""
    lang = language(request)
    office: Office = request.app.state.office
    try:
        row = office.store.decision(number)
    except ErasedError:
        return error_page(request, HTTPStatus.GONE, "erased", number=number)
    if row is None:
        return error_page(request, HTTPStatus.NOT_FOUND, "no_decision", number=number)
    return page(request, "kept.html", lang, sheet=kept_sheet(office, row, speech(lang)))


Act = Callable[[Request, Fields, Lang], Response]


async def _with_form(request: Request, then: Act) -> Response:
    """Read the form of a page of ours, and go on with its fields."""
    if request.headers.get("sec-fetch-site") not in (None, "same-origin", "none"):
        return error_page(request, HTTPStatus.FORBIDDEN, "other_site")
    body = await read_body(request)
    if body is None:
        return error_page(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
    fields = fields_of(body)
    if fields is None:
        return error_page(request, HTTPStatus.BAD_REQUEST, "bad")
    lang = language(request, dict(fields).get("lang"))
    return await run_in_threadpool(then, request, fields, lang)


def _choose_again(request: Request, fields: Fields, lang: Lang) -> Response:
    return _chooser(request, read_desk(fields), lang, _query(fields))


def _update(request: Request, fields: Fields, lang: Lang) -> Response:
    return _list(request, act(read_desk(fields), fields, today().isoformat()), lang)


def _chooser(
    request: Request, desk: Desk, lang: Lang, query: str, faults: dict[str, str] | None = None
) -> Response:
    office: Office = request.app.state.office
    _, answerer = office.on(today())
    pack, voice = answerer.decider.pack, speech(lang)
    return page(
        request,
        "choose.html",
        lang,
        desk=replace(desk, items=()),
        chosen=[key for key in desk.items if key in pack.catalogue.items],
        groups=services(pack, voice, query, desk.items),
        processes=processes(pack, voice, query),
        query=query,
        today=voice.day(today()),
        faults=faults or {},
    )


def _list(request: Request, desk: Desk, lang: Lang) -> Response:
    if not desk.what:
        return _chooser(request, desk, lang, "")
    office: Office = request.app.state.office
    _, answerer = office.on(today())
    try:
        sheet = lay_out(answerer, desk, today(), speech(lang))
    except MatchersDifferError as error:
        office.store.keep_incident(error, _asker(request))
        return error_page(request, HTTPStatus.CONFLICT, "differ")
    if sheet.decided is None:
        return _chooser(request, desk, lang, "", sheet.faults)
    return page(request, "desk.html", lang, sheet=sheet, desk=sheet.desk)


def _keep(request: Request, fields: Fields, lang: Lang) -> Response:
    desk = act(read_desk(fields), fields, today().isoformat())
    office: Office = request.app.state.office
    _, answerer = office.on(today())
    case, faults = settle(answerer.decider, desk, today(), speech(lang))
    if faults or case is None:
        return _list(request, desk, lang)
    try:
        return _kept_once(request, desk.token, _raw(answerer, desk)).response()
    except MatchersDifferError:
        return error_page(request, HTTPStatus.CONFLICT, "differ")
    except FaultsError:
        return _list(request, desk, lang)


def _kept_once(request: Request, token: str, raw: dict[str, Any]) -> Reply:
    """Keep a decision and lead to it; a page whose answers were changed is another page."""
    office: Office = request.app.state.office
    asker, case = _asker(request), canonical(raw)
    key = sha256(token.encode() + b"\n" + case).hexdigest()

    def act(remember: Remember) -> Reply:
        _, kept = office.answer(
            raw, asker, lambda connection, kept: remember(connection, _leading_to(kept))
        )
        return _leading_to(kept)

    return Once(office.store, f"desk {asker.user}", key, case).carry_out(act)


def _asker(request: Request) -> Asker:
    return asking(who_asks(request), door="desk", why="application")


def _leading_to(kept: Kept) -> Reply:
    there = {"location": f"/desk/decisions/{kept.number}"}
    return Reply(HTTPStatus.SEE_OTHER, headers=there, about=kept.number)


def _raw(answerer: Any, desk: Desk) -> dict[str, Any]:
    known = answerer.decider.pack.catalogue.vocabulary.by_key
    return desk.case(today().isoformat(), {key: fact.type for key, fact in known.items()})


def _query(fields: Fields) -> str:
    return dict(fields).get("q", "").strip()
