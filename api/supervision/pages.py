"""The pages of supervision: alerts by kind, office and day; one alert; alerts as a sheet."""

import re
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from api.accounts.permission import Permission, Supervisor, Who
from api.cases.door import hall_of, pack_today, words
from api.cases.event import Received
from api.cases.refusal import CaseRefusedError
from api.cases.store import NoCaseError
from api.cases.table import Alert
from api.page import error_page, language, page
from api.speech import speech
from api.supervision.alert import (
    FIRST,
    KINDS,
    LAST,
    MOST_PAGES,
    WHYS,
    Alerts,
    NoAlertError,
    Wanted,
)
from api.supervision.said import Said
from api.supervision.spreadsheet import sheet
from knowledge.day import read_day

MOST_ROWS: Final = 10_000
"""Alerts in one sheet."""

CSV: Final = "text/csv; charset=utf-8"

router = APIRouter(prefix="/supervision", include_in_schema=False)


class Closing(BaseModel):
    """Why an alert is closed, and a remark."""

    why: str = ""
    remark: str = ""


@router.get("")
def alerts(request: Request, who: Supervisor) -> Response:
    """Show alerts, the newest first."""
    lang, own = language(request), _alerts(request)
    wanted = wanted_of(request)
    query = urlencode(wanted.stated)
    return page(
        request,
        "supervision.html",
        lang,
        wanted=wanted,
        found=own.find(wanted, who, page_of(request)),
        counts=own.counts(who),
        kinds=KINDS,
        offices=own.offices(who),
        organs=organs(request, who, Said.of(request, lang)),
        query=f"{query}&" if query else "",
        said=Said.of(request, lang),
    )


@router.get("/alerts.csv")
def export(request: Request, who: Supervisor) -> Response:
    """Return the alerts that a search finds as a sheet."""
    said, own = Said.of(request, language(request)), _alerts(request)
    head = [
        said.voice.say(f"supervision.column.{key}")
        for key in ("day", "kind", "said", "number", "organ", "office", "user", "state", "why")
    ]
    rows = [_row(one, said) for one in own.all(wanted_of(request), who, MOST_ROWS)]
    return as_sheet(sheet(head, rows), "alerts.csv")


@router.get("/alerts/{about}")
def alert(request: Request, about: str, who: Supervisor) -> Response:
    """Show one alert: what happened, in which case, and how it was closed."""
    return _one(request, about, who, [])


@router.post("/alerts/{about}")
def close(
    request: Request, about: str, who: Supervisor, sent: Annotated[Closing, Form()]
) -> Response:
    """Close an alert with a reason, and seal it."""
    try:
        _alerts(request).close(about, sent.why, sent.remark, who, datetime.now(UTC))
    except NoAlertError:
        return error_page(request, HTTPStatus.NOT_FOUND, "no_alert")
    except CaseRefusedError as error:
        pack = pack_today(hall_of(request))
        return _one(request, about, who, words(error.reasons, speech(language(request)), pack))
    return RedirectResponse(f"/supervision/alerts/{about}", HTTPStatus.SEE_OTHER)


def as_sheet(content: bytes, name: str) -> Response:
    """Return a sheet to be saved under a name."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=CSV, headers=headers)


def wanted_of(request: Request) -> Wanted:
    """Return what the address looks for; what it gets wrong does not matter."""
    asked = request.query_params
    state = asked.get("state", "open")
    kind = asked.get("kind", "")
    return Wanted(
        kind=kind if kind in KINDS else "",
        state=state if state in ("open", "closed") else "",
        organ=word_of(request, "organ"),
        office=word_of(request, "office"),
        number=word_of(request, "number").upper(),
        since=day_of(request, "since"),
        until=day_of(request, "until"),
    )


def word_of(request: Request, key: str) -> str:
    """Return a word of the address, as a database can look for it."""
    return request.query_params.get(key, "").replace("\0", "").strip()[:100]


def day_of(request: Request, key: str) -> date | None:
    """Return a day of the address, or none."""
    try:
        return min(max(read_day(request.query_params.get(key, "")), FIRST), LAST)
    except ValueError:
        return None


def page_of(request: Request) -> int:
    """Return the page that the address asks for."""
    text = request.query_params.get("page", "1")
    number = int(text) if re.fullmatch("[0-9]{1,6}", text) else 1
    return min(max(number, 1), MOST_PAGES)


def organs(request: Request, who: Who, said: Said) -> dict[str, str]:
    """Return the organs that somebody may choose from; none where there is one alone."""
    if who.organ:
        return {}
    known = pack_today(hall_of(request)).catalogue.organs
    return dict(sorted(((key, said.organ(key)) for key in known), key=lambda one: one[1]))


def _one(request: Request, about: str, who: Who, faults: list[str]) -> Response:
    lang, own = language(request), _alerts(request)
    try:
        found = own.one(about, who)
    except NoAlertError:
        return error_page(request, HTTPStatus.NOT_FOUND, "no_alert")
    return page(
        request,
        "supervision_alert.html",
        lang,
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        one=found,
        reason=_reason(request, found),
        remark=own.remark(found),
        whys=WHYS,
        faults=faults,
        works=who.may(Permission.WORK),
        said=Said.of(request, lang),
    )


def _reason(request: Request, alert: Alert) -> str:
    """Return why a clerk took a paper beyond the list, nothing where the case was erased."""
    if alert.kind not in ("beyond_list", "own_issued_taken"):
        return ""
    try:
        events = hall_of(request).desk.cases.happened(alert.number)
    except NoCaseError:
        return ""
    given = [
        one.event.beyond
        for one in events
        if isinstance(one.event, Received)
        and one.event.beyond
        and f'"{one.event.paper}"' in alert.words
    ]
    return given[-1] if given else ""


def _row(one: Alert, said: Said) -> list[str]:
    return [
        said.moment(one.at),
        said.voice.say(f"supervision.kind.{one.kind}"),
        said.alert(one),
        one.number,
        said.organ(one.organ),
        one.office,
        said.person(one.user) if one.user else "",
        said.voice.say(f"supervision.state.{one.state}"),
        said.voice.say(f"supervision.why.{one.closed_why}") if one.closed_why else "",
    ]


def _alerts(request: Request) -> Alerts:
    return Alerts(hall_of(request).desk.cases)
