"""Problems: refusals as RFC 9457 problem documents, one entry for each fault."""

from collections.abc import Iterable
from http import HTTPStatus

import orjson
from fastapi import Response
from pydantic import BaseModel

from knowledge.fault import Fault

MEDIA_TYPE = "application/problem+json"


class ProblemEntry(BaseModel):
    """One fault: where in the request, what is wrong, and the cure."""

    where: str
    what: str
    cure: str


class Problem(BaseModel):
    """A refusal (RFC 9457). `errors` holds every fault at once."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[ProblemEntry] = []


def problem(status: HTTPStatus, detail: str, faults: Iterable[Fault] = ()) -> Response:
    """Return a refusal with all its faults."""
    errors = [ProblemEntry(where=one.where, what=one.what, cure=one.cure) for one in faults]
    body = Problem(title=status.phrase, status=status, detail=detail, errors=errors)
    return Response(orjson.dumps(body.model_dump()), status, media_type=MEDIA_TYPE)
