"""The auditor's pages of cases: search, and one case as one story with its checks."""

import re
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api.auditor import Auditor, look, office_of
from api.cases.auditing.deciding_again import decide_again
from api.cases.auditing.rest import download, raw_answer
from api.cases.auditing.sealed import sealed_case
from api.cases.auditing.search import NUMBER, STANDINGS, Search, find
from api.cases.auditing.story import tell_case
from api.cases.auditing.verifying import verify
from api.cases.door import hall_of
from api.inspection import choices, page_number, plausible, with_form, words_of
from api.office import Office
from api.page import error_page, language, page
from api.record import Asker
from api.search_form import SearchForm
from api.speech import Lang, speech
from api.supervision.said import Said
from knowledge.day import CHINA

router = APIRouter(prefix="/audit/cases", include_in_schema=False)

CHECKS: Final = ("verify", "replay", "raw")
_FORM: Final = SearchForm(
    NUMBER,
    "auditcase.error_number",
    ("status", STANDINGS),
    ("item", "organ", "office", "handler"),
)
_CLOSED: Final = frozenset({"since", "until", "status", "number"})


@router.get("")
def search(request: Request, asker: Auditor) -> Response:
    """Search cases; everything in the address is looked for, nothing personal is there."""
    fields, faults = _FORM.read(dict(request.query_params))
    wanted = Search(**fields)
    look(office_of(request), asker, _told(office_of(request), wanted, language(request)))
    return _found(request, language(request), wanted, faults)


@router.post("")
async def of_person(request: Request, asker: Auditor) -> Response:
    """Find the cases of a person; the number is nowhere but in the body."""

    def act(request: Request, asker: Asker, fields: dict[str, str], lang: Lang) -> Response:
        person = fields.get("person", "").strip().upper()
        if not plausible(person):
            return _found(request, lang, Search(), ["audit.trail_bad"])
        look(office_of(request), asker, "cases of an applicant")
        return _found(request, lang, Search(person=person), [])

    return await with_form(request, asker, act)


@router.get("/{number}")
def story(request: Request, asker: Auditor, number: str) -> Response:
    """Tell one case."""
    return _story(request, asker, number, {}, language(request))


@router.post("/{number}")
async def check(request: Request, asker: Auditor, number: str) -> Response:
    """Verify a case now, decide it again, or open a raw answer of a registry."""

    def act(request: Request, asker: Asker, fields: dict[str, str], lang: Lang) -> Response:
        return _story(request, asker, number, fields, lang)

    return await with_form(request, asker, act)


@router.get("/{number}/download")
def save(request: Request, asker: Auditor, number: str) -> Response:
    """Return the whole case with all proofs, to be saved."""
    if not re.fullmatch(NUMBER, number):
        return error_page(request, HTTPStatus.NOT_FOUND, "audit_no_case", number=number)
    return download(office_of(request), asker, number)


def _story(
    request: Request, asker: Asker, number: str, fields: dict[str, str], lang: Lang
) -> Response:
    office, voice, desk = office_of(request), speech(lang), hall_of(request).desk
    one = sealed_case(office.store, number) if re.fullmatch(NUMBER, number) else None
    if one is None:
        return error_page(request, HTTPStatus.NOT_FOUND, "audit_no_case", number=number)
    wish, _, ref = fields.get("do", "").partition("|")
    wish = wish if wish in CHECKS else ""
    known = ref if wish == "raw" and ref in {row.id for row in one.receipts} else ""
    look(office, asker, " ".join(filter(None, (wish or "case", number, known))))
    return page(
        request,
        "audit_case.html",
        lang,
        one=one,
        told=tell_case(one, office, Said.of(request, lang)),
        steps=verify(one, desk) if wish == "verify" else None,
        again=decide_again(one, office) if wish == "replay" else None,
        raw=(known, raw_answer(one, known)) if known else None,
        checked=datetime.fromtimestamp(office.store.milliseconds() // 1000, CHINA),
        **choices(office, voice),
        **words_of(voice),
    )


def _found(request: Request, lang: Lang, wanted: Search, faults: list[str]) -> Response:
    office, voice = office_of(request), speech(lang)
    query = urlencode(wanted.stated)
    return page(
        request,
        "audit_cases.html",
        lang,
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        wanted=wanted,
        tail=wanted.person[-4:],
        faults=[voice.say(one) for one in faults],
        found=None if faults else find(office.store, wanted, page_number(request)),
        query=f"{query}&" if query else "",
        statuses=[(one, voice.say(f"auditcase.status.{one}")) for one in STANDINGS],
        **choices(office, voice),
        **words_of(voice),
    )


def _told(office: Office, wanted: Search, lang: Lang) -> str:
    """Return a search as it is sealed: what was typed freely is named, never repeated."""
    known: dict[str, Any] = choices(office, speech(lang))
    safe = {"item": known["items"], "organ": known["organs"]}
    said = [
        f"{key}={value}" if key in _CLOSED or value in safe.get(key, ()) else key
        for key, value in wanted.stated
    ]
    return " ".join(["cases", *said])
