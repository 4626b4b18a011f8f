"""Papers of cases over REST: notices, commitments and acceptances, as text and as PDF."""

import json
from dataclasses import asdict
from datetime import date, datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel

from api.accounts.permission import Who, Worker
from api.cases.door import hall_of
from api.cases.pages.papers import place_of
from api.cases.papers.document import Sheet
from api.cases.papers.noticing import Noticing, Place
from api.cases.papers.pdf import CannotPrintError, pdf
from api.cases.rest.asked import Asked, IfMatch, Number, carried_out, shown
from api.cases.rest.body import JSON, BodyError, mapping_of, taking
from api.cases.table import Notice
from api.cases.working import Act
from api.idempotency import Remember, Reply
from api.problem import problem
from api.public_log import refusals
from api.speech import Lang

router = APIRouter(prefix="/api/v1", tags=["cases"])

NoticeNumber = Annotated[
    str,
    Path(pattern=r"^[0-9]{8}-[0-9A-Z]{6}-[0-9]{1,3}$", description="The number of a notice."),
]
PaperName = Annotated[
    str, Path(max_length=200, description="A paper: `lease`, `buyer:id_card`.")
]


Papers = tuple[str, ...]


class NoticeShown(BaseModel):
    """A one-time notice: its number and check code, and what it asks for.

    `added` are papers that no earlier notice of the case named; `digest` is the hash of all
    that it says in Chinese.
    """

    number: str
    case: str
    seq: int
    code: str
    issued_at: datetime
    as_of: date
    decision: str
    digest: str
    papers: list[str]
    added: list[str]


class SheetShown(BaseModel):
    """An official paper, in finished sentences of one language."""

    kind: str
    title: str
    issuer: str
    number: str
    code: str
    day: date
    lead: str
    marks: list[tuple[str, str]]
    sections: list[dict[str, Any]]
    contest: str
    deadline: str
    contact: list[tuple[str, str]]
    signs: list[str]


_MISSING: Final = refusals(s404="There is no such paper.", s422="The request cannot be read.")
_PDF: Final[dict[int | str, dict[str, Any]]] = (
    {
        200: {
            "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
            "description": "The paper.",
        }
    }
    | _MISSING
    | refusals(s503="This machine cannot print it: a font is missing.")
)


@router.post(
    "/cases/{number}/notices",
    status_code=HTTPStatus.CREATED,
    response_model=NoticeShown,
    responses=_MISSING
    | refusals(
        s400="The body is not strict JSON, or the key is no key.",
        s409="Somebody else changed the case in the meantime.",
        s412="The case is at another version.",
        s413="The body is too large.",
        s415="The body is not JSON.",
    ),
    openapi_extra=taking({"type": "object", "additionalProperties": False}, required=False),
)
async def give(
    request: Request, who: Worker, number: Number, if_match: IfMatch = None
) -> Response:
    """Give the one-time notice: everything that is still to be brought, at once."""
    place = place_of(request)

    def work(asking: Asked) -> Response:
        if mapping_of(asking.body):
            raise BodyError("nothing can be said here; send {} or nothing")

        def act(remember: Remember) -> Reply:
            noticing = Noticing(asking.hall.desk)

            def more(row: Notice, papers: Papers) -> Act:
                keep = partial(_keep, remember, _reply(row, papers))
                return Act((), asking.expected, works=(keep,))

            worked, row = noticing.give(number, who, place, more)
            return _reply(row, worked.file.notices[-1].papers)

        return asking.once(act)

    return await carried_out(request, who, work, if_match, waits=True)


@router.get("/notices/{notice}/sheet", response_model=SheetShown, responses=_MISSING)
def notice_sheet(
    request: Request, who: Worker, notice: NoticeNumber, lang: Lang = "zh"
) -> Response:
    """Return what a notice says, as it was given."""
    return _sheet(_notice(request, notice, who, lang))


@router.get("/notices/{notice}/pdf", response_class=Response, responses=_PDF)
def notice_pdf(
    request: Request, who: Worker, notice: NoticeNumber, lang: Lang = "zh"
) -> Response:
    """Return a notice as it was given, as PDF."""
    return _printed(_notice(request, notice, who, lang))


@router.get(
    "/cases/{number}/commitments/{paper}/sheet", response_model=SheetShown, responses=_MISSING
)
def commitment_sheet(
    request: Request, who: Worker, number: Number, paper: PaperName, lang: Lang = "zh"
) -> Response:
    """Return the notice of commitment for a paper, to be read before it is signed."""
    desk = hall_of(request).desk
    place = place_of(request)
    return _sheet(Noticing(desk).commitment(desk.see(number, who), paper, who, place, lang))


@router.get("/cases/{number}/acceptance/sheet", response_model=SheetShown, responses=_MISSING)
def acceptance_sheet(
    request: Request, who: Worker, number: Number, lang: Lang = "zh"
) -> Response:
    """Return the notice of acceptance."""
    desk = hall_of(request).desk
    place: Place = place_of(request)
    return _sheet(Noticing(desk).acceptance(desk.see(number, who), who, place, lang))


def _keep(remember: Remember, reply: Reply, connection: Any) -> None:
    remember(connection, reply)


def _reply(row: Notice, papers: Papers) -> Reply:
    value = NoticeShown(
        **row.model_dump(exclude={"box", "added"}),
        papers=list(papers),
        added=json.loads(row.added),
    )
    body = orjson.dumps(value.model_dump(mode="json"))
    headers = {"content-type": JSON, "location": f"/api/v1/notices/{row.number}/sheet"}
    return Reply(HTTPStatus.CREATED, body, headers, about=row.case)


def _notice(request: Request, notice: str, who: Who, lang: Lang) -> Sheet | None:
    desk = hall_of(request).desk
    noticing = Noticing(desk)
    row = noticing.given(notice)
    if row is None:
        return None
    desk.require(desk.cases.head(row.case), who)
    return noticing.sheet(row, lang)


def _sheet(sheet: Sheet | None) -> Response:
    if sheet is None:
        return problem(HTTPStatus.NOT_FOUND, "there is no such paper; see the case")
    plain = asdict(sheet)
    value = {key: plain[key] for key in SheetShown.model_fields}
    return shown(value | {"day": sheet.day.isoformat()})


def _printed(sheet: Sheet | None) -> Response:
    if sheet is None:
        return problem(HTTPStatus.NOT_FOUND, "there is no such paper; see the case")
    try:
        body = pdf(sheet)
    except CannotPrintError as error:
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
    return Response(body, media_type="application/pdf")
