"""The page of credit: false promises on file, and their repair by legal staff."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.accounts.permission import CreditKeeper, Who
from api.cases.door import hall_of, pack_today, words
from api.cases.refusal import CaseRefusedError
from api.page import language, page
from api.speech import speech
from api.supervision.credit import Credits
from api.supervision.said import Said

router = APIRouter(prefix="/credit", include_in_schema=False)


@router.get("")
def false_promises(request: Request, who: CreditKeeper) -> Response:
    """Show the false promises on file."""
    return _page(request, who)


@router.post("/{about}/repair")
def repair(
    request: Request, about: str, who: CreditKeeper, why: Annotated[str, Form()] = ""
) -> Response:
    """Repair a credit."""
    hall = hall_of(request)
    try:
        Credits(hall.desk.cases).repair(about, why, who, datetime.now(UTC))
    except CaseRefusedError as error:
        said = words(error.reasons, speech(language(request)), pack_today(hall))
        return _page(request, who, said)
    return RedirectResponse("/credit", HTTPStatus.SEE_OTHER)


def _page(request: Request, who: Who, faults: list[str] | None = None) -> Response:
    lang = language(request)
    return page(
        request,
        "supervision_credit.html",
        lang,
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        found=Credits(hall_of(request).desk.cases).all(who),
        faults=faults or [],
        said=Said.of(request, lang),
    )
