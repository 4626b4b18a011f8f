"""Decisions over REST: a case in, the decision and its receipt out."""

from http import HTTPStatus
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict

from api.accounts.permission import Decider
from api.accounts.reception import asking
from api.answer import MatchersDifferError
from api.idempotency import HEADER, KEY_PARAMETER, Once, Remember, RepeatError, Reply
from api.office import Office
from api.problem import MEDIA_TYPE, Problem, problem
from api.record import Asker
from api.store import ErasedError, Kept
from evaluator.case import CaseForm
from knowledge.fault import FaultsError
from knowledge.strict_json import StrictJsonError, read_json

LARGEST_BODY = 1_000_000
"""Bytes that a case may have; the largest real one has some thousands."""

router = APIRouter(prefix="/api/v1")


class DecisionReceipt(BaseModel):
    """What proves that the decision was kept.

    `leaf` is the hash of its sealed entry, `promise` the log's signed word that the entry is
    taken in: it must be in the tree within 60 seconds.
    """

    number: str
    digest: str
    recorded_at: str
    matchers: str
    leaf: str
    promise: str


class Decided(BaseModel):
    """A decision in the public format, and its receipt."""

    model_config = ConfigDict(extra="forbid")

    decision: dict[str, Any]
    receipt: DecisionReceipt


_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "content": {MEDIA_TYPE: {}}, "description": words}
    for status, words in {
        400: "The body is not strict JSON.",
        404: "There is no such decision.",
        410: "The personal data of the decision were erased.",
        409: "The two matchers differ; no list is given.",
        413: "The body is too large.",
        415: "The body is not JSON.",
        422: "The case has faults, all of them are listed; or a key came with another case.",
        503: "The record cannot be written just now, or no witness has seen it for too long.",
    }.items()
}
_CASE_BODY = {
    "parameters": [KEY_PARAMETER],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": CaseForm.model_json_schema()}},
    },
}


@router.post(
    "/decisions",
    status_code=HTTPStatus.CREATED,
    response_model=Decided,
    responses={status: _REFUSALS[status] for status in (400, 409, 413, 415, 422, 503)},
    openapi_extra=_CASE_BODY,
)
async def decide(request: Request, who: Decider) -> Response:
    """Decide a case; the decision is kept before it is answered."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send the case as application/json")
    body = await read_body(request)
    if body is None:
        limit = f"a case has at most {LARGEST_BODY} bytes; send it without attachments"
        return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, limit)
    asker, key = asking(who, door="rest", why="application"), request.headers.get(HEADER)
    return await run_in_threadpool(_decide, request.app.state.office, asker, key, body)


async def read_body(request: Request) -> bytes | None:
    """Return the body of a request, or None as soon as it is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _decide(office: Office, asker: Asker, key: str | None, body: bytes) -> Response:
    try:
        raw = read_json(body)
    except StrictJsonError as error:
        return problem(HTTPStatus.BAD_REQUEST, str(error))

    def act(remember: Remember) -> Reply:
        _, kept = office.answer(
            raw, asker, lambda connection, kept: remember(connection, _made(kept))
        )
        return _made(kept)

    try:
        return Once(office.store, f"rest {asker.user}", key, body).carry_out(act).response()
    except RepeatError as error:
        return problem(error.status, str(error))
    except FaultsError as error:
        detail = "the case cannot be decided; correct what is listed"
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, error.faults)
    except MatchersDifferError as error:
        return problem(HTTPStatus.CONFLICT, str(error))


def _made(kept: Kept) -> Reply:
    headers = {
        "location": f"/api/v1/decisions/{kept.number}",
        "content-type": "application/json",
    }
    return Reply(HTTPStatus.CREATED, _content(kept), headers, about=kept.number)


@router.get(
    "/decisions/{number}",
    response_model=Decided,
    responses={404: _REFUSALS[404], 410: _REFUSALS[410]},
)
def read_decision(request: Request, _: Decider, number: str) -> Response:
    """Return a kept decision, byte for byte, with its receipt."""
    office: Office = request.app.state.office
    try:
        kept = office.store.decision(number)
    except ErasedError as error:
        return problem(HTTPStatus.GONE, str(error))
    if kept is None:
        return problem(HTTPStatus.NOT_FOUND, f"there is no decision `{number}`")
    return Response(_content(kept), media_type="application/json")


def _content(kept: Kept) -> bytes:
    return orjson.dumps({"decision": orjson.Fragment(kept.body), "receipt": _receipt(kept)})


def _receipt(kept: Kept) -> dict[str, str]:
    row = kept.row
    return DecisionReceipt(
        number=row.number,
        digest=kept.digest,
        recorded_at=row.recorded_at.isoformat(),
        matchers=row.matchers,
        leaf=row.leaf.hex(),
        promise=row.promise,
    ).model_dump()
