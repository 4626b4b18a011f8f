"""The papers of a case as pages and PDF: notices, commitments to be signed, acceptances."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from api.accounts.permission import Who, Worker
from api.cases import event as happened
from api.cases.door import hall_of, words
from api.cases.papers.document import Sheet, qr_code
from api.cases.papers.noticing import Noticing, Place
from api.cases.papers.pdf import CannotPrintError, pdf
from api.cases.refusal import CaseRefusedError
from api.cases.working import Act, Worked
from api.form_body import form_fields
from api.page import error_page, language, page
from api.speech import Lang, speech

router = APIRouter(include_in_schema=False)

SHEET: Any = {"sign": None, "back": "", "pdf": "", "faults": ()}
Name = Annotated[str, Path(pattern=r"^[0-9]{8}-[0-9A-Z]{6}-[0-9]{1,3}$")]


@router.post("/cases/{number}/notices")
def give(request: Request, number: str, who: Worker) -> Response:
    """Give the one-time notice of a case, and lead to it."""
    _, notice = Noticing(hall_of(request).desk).give(number, who, place_of(request))
    return RedirectResponse(f"/notices/{notice.number}", HTTPStatus.SEE_OTHER)


@router.get("/notices/{notice}")
def notice(request: Request, notice: Name, who: Worker) -> Response:
    """Show a notice as it was given, to be printed."""
    lang = language(request)
    sheet, case = _notice(request, notice, who, lang)
    if sheet is None:
        return error_page(request, HTTPStatus.NOT_FOUND, "no_notice", number=notice)
    pdf_address = f"/notices/{notice}/pdf?lang={lang}"
    return _shown(request, sheet, lang, back=f"/cases/{case}", pdf=pdf_address)


@router.get("/notices/{notice}/pdf")
def notice_pdf(request: Request, notice: Name, who: Worker) -> Response:
    """Return a notice as it was given, as PDF."""
    sheet, _ = _notice(request, notice, who, language(request))
    if sheet is None:
        return error_page(request, HTTPStatus.NOT_FOUND, "no_notice", number=notice)
    return _pdf(request, sheet)


@router.get("/cases/{number}/commitments/{paper}")
def commitment(request: Request, number: str, paper: str, who: Worker) -> Response:
    """Show the notice of commitment for a paper, to be read and signed."""
    return _commitment(request, number, paper, who, [])


@router.get("/cases/{number}/commitments/{paper}/pdf")
def commitment_pdf(request: Request, number: str, paper: str, who: Worker) -> Response:
    """Return the notice of commitment as PDF."""
    noticing, worked = _at(request, number, who)
    lang = language(request)
    sheet = noticing.commitment(worked, paper, who, place_of(request), lang)
    if sheet is None:
        return error_page(request, HTTPStatus.NOT_FOUND, "no_commitment")
    return _pdf(request, sheet)


@router.post("/cases/{number}/commitments/{paper}")
async def sign(request: Request, number: str, paper: str, who: Worker) -> Response:
    """Record that the applicant signed a commitment, and go back to the case."""
    fields = dict(await form_fields(request) or ())
    return await run_in_threadpool(_sign, request, number, paper, (who, fields))


@router.get("/cases/{number}/acceptance")
def acceptance(request: Request, number: str, who: Worker) -> Response:
    """Show the notice of acceptance."""
    noticing, worked = _at(request, number, who)
    lang = language(request)
    sheet = noticing.acceptance(worked, who, place_of(request), lang)
    if sheet is None:
        return error_page(request, HTTPStatus.NOT_FOUND, "not_accepted", number=number)
    base = f"/cases/{number}"
    return _shown(request, sheet, lang, back=base, pdf=f"{base}/acceptance/pdf?lang={lang}")


@router.get("/cases/{number}/acceptance/pdf")
def acceptance_pdf(request: Request, number: str, who: Worker) -> Response:
    """Return the notice of acceptance as PDF."""
    noticing, worked = _at(request, number, who)
    sheet = noticing.acceptance(worked, who, place_of(request), language(request))
    if sheet is None:
        return error_page(request, HTTPStatus.NOT_FOUND, "not_accepted", number=number)
    return _pdf(request, sheet)


def place_of(request: Request) -> Place:
    """Return where papers given out by this service are checked."""
    return Place(address=f"{request.url.scheme}://{request.url.netloc}/verify")


def _at(request: Request, number: str, who: Who) -> tuple[Noticing, Worked]:
    desk = hall_of(request).desk
    return Noticing(desk), desk.see(number, who)


def _notice(request: Request, notice: str, who: Who, lang: Lang) -> tuple[Sheet | None, str]:
    desk = hall_of(request).desk
    noticing = Noticing(desk)
    row = noticing.given(notice)
    if row is None:
        return None, ""
    desk.require(desk.cases.head(row.case), who)
    return noticing.sheet(row, lang), row.case


def _commitment(
    request: Request, number: str, paper: str, who: Who, faults: list[str]
) -> Response:
    noticing, worked = _at(request, number, who)
    lang = language(request)
    sheet = noticing.commitment(worked, paper, who, place_of(request), lang)
    if sheet is None:
        return error_page(request, HTTPStatus.NOT_FOUND, "no_commitment")
    base = f"/cases/{number}"
    signed = paper in worked.file.commitments or worked.file.ended is not None
    here = f"{base}/commitments/{paper}"
    shown = {"back": base, "pdf": f"{here}/pdf?lang={lang}", "faults": faults}
    return _shown(request, sheet, lang, **shown, sign="" if signed else here)


def _sign(
    request: Request, number: str, paper: str, said: tuple[Who, dict[str, str]]
) -> Response:
    who, fields = said
    noticing, worked = _at(request, number, who)
    sheet = noticing.commitment(worked, paper, who, place_of(request), "zh")
    signed = happened.Committed(
        paper=paper,
        signature=fields.get("signature", "").strip()[:200],
        text_digest=sheet.digest if sheet else "",
    )
    try:
        done = hall_of(request).desk.act(number, who, Act((signed,)))
    except CaseRefusedError as error:
        voice = speech(language(request))
        return _commitment(
            request, number, paper, who, words(error.reasons, voice, worked.pack)
        )
    hall_of(request).looking_up.start(done, who)
    return RedirectResponse(f"/cases/{number}", HTTPStatus.SEE_OTHER)


def _shown(request: Request, sheet: Sheet, lang: Lang, **more: Any) -> Response:
    shown = {**SHEET, "sheet": sheet, "qr": qr_code(sheet.target) if sheet.code else "", **more}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if more.get("faults") else HTTPStatus.OK
    return page(request, "document.html", lang, status, **shown)


def _pdf(request: Request, sheet: Sheet) -> Response:
    try:
        body = pdf(sheet)
    except CannotPrintError:
        return error_page(request, HTTPStatus.SERVICE_UNAVAILABLE, "no_fonts")
    name = f"{sheet.kind}-{sheet.number}.pdf"
    headers = {
        "Content-Disposition": f'inline; filename="{name}"',
        "Cache-Control": "private, no-store",
    }
    return Response(body, media_type="application/pdf", headers=headers)
