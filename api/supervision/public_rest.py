"""What everybody may ask over REST: whether a notice is genuine, by number and check code."""

from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel

from api.accounts.permission import Public
from api.problem import problem
from api.public_log import refusals
from api.supervision.public import PLAIN, TooManyChecksError, checked

router = APIRouter(prefix="/api/v1", tags=["supervision"])


class NoticeShown(BaseModel):
    """A genuine notice in short."""

    number: str
    case: str
    as_of: date
    papers: list[str]
    items: list[str]
    applicant: str
    status: str
    due_on: date | None
    organ: str
    office: str
    handler: str
    phone: str
    digest: str


@router.get(
    "/notices/{number}",
    response_model=NoticeShown,
    responses=refusals(
        s404="No notice has this number and code.", s429="Too many checks; see Retry-After."
    ),
)
def notice(
    request: Request,
    _: Public,
    number: Annotated[str, Path(max_length=60, pattern=PLAIN)],
    code: Annotated[str, Query(min_length=1, max_length=60)],
) -> Response:
    """Return a notice in short, if number and check code belong together."""
    try:
        found = checked(request, number, code)
    except TooManyChecksError as error:
        refusal = problem(HTTPStatus.TOO_MANY_REQUESTS, str(error))
        refusal.headers["Retry-After"] = str(error.seconds)
        return refusal
    if found is None:
        detail = "no notice has this number and code; type them as they stand on the paper"
        return problem(HTTPStatus.NOT_FOUND, detail)
    told = NoticeShown(**{key: getattr(found, key) for key in NoticeShown.model_fields})
    return Response(told.model_dump_json(), media_type="application/json")
