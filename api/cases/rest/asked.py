"""A request to the cases: who asks, under which key, for which version; carried out once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Final

import orjson
from fastapi import Header, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Connection

from api.accounts.permission import Who
from api.answer import MatchersDifferError
from api.cases.door import Hall, hall_of
from api.cases.refusal import CaseRefusedError
from api.cases.rest.body import JSON, BodyError, body_of
from api.cases.rest.view import list_now
from api.cases.store import CaseChangedError, Work
from api.cases.working import Act, Worked
from api.idempotency import HEADER, Once, Remember, RepeatError, Reply
from api.problem import problem
from knowledge.fault import FaultsError

NUMBER: Final = r"^[0-9A-Z-]{1,32}$"
Number = Annotated[str, Path(pattern=NUMBER, description="The number of a case.")]
IfMatch = Annotated[
    str | None,
    Header(
        pattern=r'^(?:"[0-9]{1,9}"|\*)$',
        description="The version that the act is for, as `ETag` gave it.",
    ),
]


@dataclass(frozen=True)
class Asked:
    """A request that changes something; `expected` is the version that it is for."""

    hall: Hall
    who: Who
    what: str
    body: bytes
    key: str | None
    expected: int | None

    def once(self, act: Callable[[Remember], Reply]) -> Response:
        """Carry an act out, or give the answer that it had before."""
        expected = "" if self.expected is None else str(self.expected)
        request = f"{self.what}\n{expected}\n".encode() + self.body
        store = self.hall.desk.office.store
        lost = (CaseRefusedError, CaseChangedError)
        return (
            Once(store, f"rest {self.who.login}", self.key, request)
            .carry_out(act, lost)
            .response()
        )


async def asked(request: Request, who: Who, if_match: str | None = None) -> Asked:
    """Return the request, or raise `BodyError`."""
    expected = None if if_match in (None, "*") else int(if_match.strip('"'))
    what = f"{request.method} {request.scope['path']}"
    key = request.headers.get(HEADER)
    return Asked(hall_of(request), who, what, await body_of(request), key, expected)


def answering(work: Callable[[], Response], *, expected: bool = False) -> Response:
    """Return what the work answers, or its refusal; `expected` says a version was named."""
    try:
        return work()
    except BodyError as error:
        return error.response()
    except RepeatError as error:
        return problem(error.status, str(error))
    except MatchersDifferError as error:
        return problem(HTTPStatus.CONFLICT, str(error))
    except CaseRefusedError as error:
        if expected and {one.key for one in error.reasons} == {"changed"}:
            what = "the case is at another version; load it again and repeat what you did"
            return problem(HTTPStatus.PRECONDITION_FAILED, what)
        if isinstance(error.__cause__, FaultsError):
            what = "the case cannot be decided; correct what is listed"
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, what, error.__cause__.faults)
        raise


async def carried_out(
    request: Request,
    who: Who,
    work: Callable[[Asked], Response],
    if_match: str | None = None,
    *,
    waits: bool = False,
) -> Response:
    """Return what a request is answered by some work, or its refusal.

    What `waits`, for a registry or a printer, has a thread of its own instead of the bench.
    """
    try:
        asking = await asked(request, who, if_match)
    except BodyError as error:
        return error.response()
    act = partial(answering, lambda: work(asking), expected=asking.expected is not None)
    return await (run_in_threadpool(act) if waits else asking.hall.done(act))


def along(asking: Asked, remember: Remember, status: HTTPStatus = HTTPStatus.OK) -> Any:
    """Return what goes along with an act that has a key: its reply is kept with it."""
    if asking.key is None:
        return None

    def work(worked: Worked) -> Work:
        reply = reply_of(worked, status)

        def keep(connection: Connection) -> None:
            remember(connection, reply)

        return keep

    return work


def reply_of(worked: Worked, status: HTTPStatus = HTTPStatus.OK) -> Reply:
    """Return the answer to an act: where the case stands after it."""
    headers = {"content-type": JSON, "etag": etag(worked)}
    if status == HTTPStatus.CREATED:
        headers["location"] = f"/api/v1/cases/{worked.number}"
    return Reply(status, orjson.dumps(list_now(worked)), headers, about=worked.number)


def etag(worked: Worked) -> str:
    """Return the version of a case as an entity tag."""
    return f'"{worked.file.version}"'


def shown(value: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """Return a value as JSON that nobody else keeps."""
    private = {"cache-control": "private, no-cache", **(headers or {})}
    return Response(orjson.dumps(value), media_type=JSON, headers=private)


def act_of(asking: Asked, event: Any, remember: Remember, why: str = "application") -> Act:
    """Return an act for the version that was named, with its reply."""
    return Act((event,), asking.expected, why=why, along=along(asking, remember))
