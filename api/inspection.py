"""The auditor's pages: overview, search, one decision as a story with its proof, one person."""

import re
from collections.abc import Callable
from datetime import date, datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.auditor import Auditor, look, office_of
from api.cases.auditing.search import Search as CaseSearch
from api.cases.auditing.search import case_of
from api.cases.auditing.search import find as find_cases
from api.chart import chart
from api.decisions import read_body
from api.found import PAGE
from api.inspection_rest import NUMBER, download
from api.naming import Naming
from api.office import Office
from api.page import error_page, language, page
from api.proof import sealed, verify
from api.record import Asker
from api.replaying import Replayer
from api.search import MOST_PAGES, Search, find, find_one, instant, offices
from api.search_form import SearchForm
from api.speech import Lang, Speech, speech
from api.standing import counts, standing
from api.store import ErasedError, Kept
from api.story import tell
from api.witness_stop import cosigned
from audit.note import Note
from knowledge.day import CHINA
from knowledge.person import IDENTIFIER_LENGTH, has_check_character
from rules.ground import Ground

DAYS: Final = 30
"""Days that the overview counts."""

CHECKS: Final = ("verify", "replay")

_FORM: Final = SearchForm(
    NUMBER, "audit.error_number", ("ground", set(Ground)), ("item", "organ", "office")
)

router = APIRouter(prefix="/audit", include_in_schema=False)


@router.get("")
def overview(request: Request, asker: Auditor) -> Response:
    """Show the standing of the record, what happened lately, and the releases."""
    office, lang = office_of(request), language(request)
    look(office, asker, "overview")
    voice, store = speech(lang), office.store
    now = datetime.fromtimestamp(store.milliseconds() // 1000, CHINA)
    counted = counts(store, now.date(), DAYS)
    return page(
        request,
        "audit_overview.html",
        lang,
        state=standing(store),
        charts=[chart(kind, days, voice) for kind, days in counted.items()],
        days=DAYS,
        releases=store.releases(),
        now=int(now.timestamp()),
        **words_of(voice),
    )


@router.get("/decisions")
def search(request: Request, asker: Auditor) -> Response:
    """Search decisions; everything in the address is looked for, nothing personal is there."""
    office, lang = office_of(request), language(request)
    voice = speech(lang)
    fields, faults = _FORM.read(dict(request.query_params))
    wanted = Search(**fields)
    look(office, asker, _told(office, wanted))
    found = None if faults else find(office.store, wanted, page_number(request))
    query = urlencode(wanted.stated)
    return page(
        request,
        "audit_search.html",
        lang,
        wanted=wanted,
        faults=[voice.say(one) for one in faults],
        found=found,
        query=f"{query}&" if query else "",
        **choices(office, voice),
        **words_of(voice),
    )


@router.get("/applicant")
def ask_applicant(request: Request, asker: Auditor) -> Response:
    """Show the form that asks for an applicant's number."""
    del asker  # an empty form shows nothing
    return page(request, "audit_applicant.html", language(request), found=None, fault="")


@router.post("/applicant")
async def applicant(request: Request, asker: Auditor) -> Response:
    """Show the trail of one applicant; the number is nowhere but in the body."""
    return await with_form(request, asker, _applicant)


@router.get("/decisions/{number}")
def story(request: Request, asker: Auditor, number: str) -> Response:
    """Tell one decision, with its proof."""
    return _story(request, asker, number, language(request))


@router.post("/decisions/{number}")
async def check(request: Request, asker: Auditor, number: str) -> Response:
    """Verify a decision now, or decide it again; the result stands with the story."""

    def act(request: Request, asker: Asker, fields: dict[str, str], lang: Lang) -> Response:
        wish = fields.get("do", "")
        return _story(request, asker, number, lang, wish if wish in CHECKS else "verify")

    return await with_form(request, asker, act)


@router.get("/decisions/{number}/download")
def save(request: Request, asker: Auditor, number: str) -> Response:
    """Return decision, case and proof to be saved."""
    if not re.fullmatch(NUMBER, number):
        return error_page(request, HTTPStatus.NOT_FOUND, "no_decision", number=number)
    return download(office_of(request), asker, number)


Act = Callable[[Request, Asker, dict[str, str], Lang], Response]
"""What is done with the fields of a form that was sent."""


async def with_form(request: Request, asker: Asker, then: Act) -> Response:
    """Return what is done with a form, or an error page where it cannot be read."""
    body = await read_body(request)
    if body is None:
        return error_page(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
    try:
        fields = dict(parse_qsl(body.decode("ascii"), errors="strict", max_num_fields=20))
    except ValueError:
        return error_page(request, HTTPStatus.BAD_REQUEST, "bad")
    lang = language(request, fields.get("lang"))
    return await run_in_threadpool(then, request, asker, fields, lang)


def _applicant(request: Request, asker: Asker, fields: dict[str, str], lang: Lang) -> Response:
    office, voice = office_of(request), speech(lang)
    person = fields.get("person", "").strip().upper()
    words = {**choices(office, voice), **words_of(voice)}
    if not plausible(person):
        fault = voice.say("audit.trail_bad")
        return page(request, "audit_applicant.html", lang, found=None, fault=fault, **words)
    look(office, asker, "decisions of an applicant")
    found = find(office.store, Search(person=person))
    return page(
        request,
        "audit_applicant.html",
        lang,
        found=found,
        cases=find_cases(office.store, CaseSearch(person=person)),
        fault="",
        tail=person[-4:],
        most=PAGE,
        **words,
    )


def plausible(person: str) -> bool:
    """Return whether a text can be the number of a person or company."""
    if len(person) != IDENTIFIER_LENGTH:
        return bool(person)
    return any(has_check_character(kind, person) for kind in ("natural", "legal"))


def _story(request: Request, asker: Asker, number: str, lang: Lang, wish: str = "") -> Response:
    office, voice = office_of(request), speech(lang)
    one = sealed(office.store, number) if re.fullmatch(NUMBER, number) else None
    line = find_one(office.store, number) if one else None
    if one is None or line is None:
        return error_page(request, HTTPStatus.NOT_FOUND, "no_decision", number=number)
    look(office, asker, f"{wish or 'story'} {number}")
    try:
        kept = office.store.decision(number)
    except ErasedError:
        kept = None
    return page(
        request,
        "audit_story.html",
        lang,
        line=line,
        case=case_of(office.store, number),
        told=tell(office, kept, one.door, voice) if kept else None,
        one=one,
        cosigned=_cosigned(office, one.proof.checkpoint) if one.proof else [],
        steps=verify(one, office.store.keys) if wish == "verify" else None,
        replay=_again(office, kept) if wish == "replay" and kept else None,
        checked=datetime.fromtimestamp(office.store.milliseconds() // 1000, CHINA),
        **choices(office, voice),
        **words_of(voice),
    )


def _cosigned(office: Office, checkpoint: str) -> list[Any]:
    return cosigned(Note.parse(checkpoint), office.store.keys.witnesses)


def _again(office: Office, kept: Kept) -> Any:
    return Replayer(office.store, office.decider_of).again(kept)


def _told(office: Office, wanted: Search) -> str:
    """Return a search as it is sealed: what was typed freely is named, never repeated."""
    known = office.on(_today(office))[1].decider.pack.catalogue
    safe = {"item": known.items, "organ": known.organs}
    said = [
        f"{key}={value}" if key in _CLOSED or value in safe.get(key, ()) else key
        for key, value in wanted.stated
    ]
    return " ".join(["decisions", *said])


_CLOSED: Final = frozenset({"since", "until", "ground", "number"})


def page_number(request: Request) -> int:
    """Return the page that an address asks for, the first where it asks for none."""
    text = request.query_params.get("page", "1")
    number = int(text) if re.fullmatch("[0-9]{1,7}", text) else 1
    return min(max(number, 1), MOST_PAGES)


def choices(office: Office, voice: Speech) -> dict[str, Any]:
    """Return what can be searched for, by key and name; names are those of today."""
    pack = office.on(_today(office))[1].decider.pack
    names, known = Naming(pack, voice), pack.catalogue
    return {
        "items": {key: names.item(key) for key in known.items},
        "organs": {key: names.organ(key) for key in known.organs},
        "grounds": {str(one): voice.say(f"ground.{one}") for one in Ground},
        "offices": offices(office.store),
    }


def _today(office: Office) -> date:
    return datetime.fromtimestamp(office.store.milliseconds() // 1000, CHINA).date()


def words_of(voice: Speech) -> dict[str, Any]:
    """Return how times are written: local, absolute, with the weekday."""

    def moment(at: datetime | int | None) -> str:
        if at is None:
            return ""
        local = (
            datetime.fromtimestamp(at, CHINA)
            if isinstance(at, int)
            else instant(at).astimezone(CHINA)
        )
        return f"{voice.day(local.date())} {local:%H:%M:%S}"

    def ago(seconds: int) -> str:
        for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
            if seconds >= 2 * length:
                return voice.say(f"audit.ago.{unit}", n=seconds // length)
        return voice.say("audit.ago.seconds", n=max(0, seconds))

    def said(key: str, other: str) -> str:
        """Return a text, or what stands in a row that somebody altered."""
        try:
            return voice.say(f"{key}.{other}")
        except KeyError:
            return other

    return {"moment": moment, "ago": ago, "day": voice.day, "said": said}
