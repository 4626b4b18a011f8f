"""The gate: finds who asks, before any route does, and refuses what other sites send.

What a form of ours sends in somebody's session must carry the token of that session (`csrf`).
The body is read for it once and handed on whole, however the route reads it.
"""

from collections.abc import Callable
from hmac import compare_digest
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.accounts.permission import AT_HOME, VISITOR, Who
from api.accounts.reception import Reception
from api.decisions import LARGEST_BODY, read_body
from api.page import error_page, wants_page
from api.problem import problem

COOKIE: Final = "session"
CSRF: Final = "csrf"
CSRF_HEADER: Final = "x-csrf-token"
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
OWN_SITES: Final = (None, "same-origin", "none")
FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip")
MOST_FIELDS: Final = 2000

Refuse = Callable[[Request, Exception], Response]


class Gate:
    """A middleware; `unavailable` answers when the database fails."""

    def __init__(self, app: ASGIApp, unavailable: Refuse) -> None:
        self._app, self._unavailable = app, unavailable

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through with who asks in its state, or answer why not."""
        if scope["type"] == "http" and not scope["path"].startswith("/static/"):
            request = Request(scope, receive)
            try:
                request.state.who = who = await _who(request)
            except SQLAlchemyError as error:
                await self._unavailable(request, error)(scope, receive, send)
                return
            if request.method not in READING:
                refusal, receive = await _refusal(request, who, receive)
                if refusal is not None:
                    await refusal(scope, receive, send)
                    return
        await self._app(scope, receive, send)


def cookie_of(request: Request) -> str:
    """Return the name of our cookie: where there is TLS, browsers see to it that it is ours."""
    return f"__Host-{COOKIE}" if request.url.scheme == "https" else COOKIE


def secret_of(request: Request) -> str:
    """Return the secret of the session that a browser holds, or nothing."""
    return request.cookies.get(cookie_of(request), "")


async def _who(request: Request) -> Who:
    reception: Reception = request.app.state.reception
    token = _bearer(request)
    secret = token if token is not None else secret_of(request)
    if secret:
        program = token is not None
        known = reception.known(secret, program=program)
        if known is not None:
            return known
        return await run_in_threadpool(reception.who, secret, program=program)
    if token is not None or not _is_at_home(request):
        return VISITOR
    is_open = reception.is_open_just_now()
    if is_open is None:
        is_open = await run_in_threadpool(reception.is_open)
    return AT_HOME if is_open else VISITOR


def _bearer(request: Request) -> str | None:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    by_token = kind.lower() == "bearer" and request.scope["path"].startswith("/api/")
    return token.strip() if by_token else None


def _is_at_home(request: Request) -> bool:
    """Return whether this machine asks itself: no proxy between, no other name in between."""
    client = request.client.host if request.client else ""
    named = request.url.hostname or ""
    forwarded = any(one in request.headers for one in FORWARDED)
    return not forwarded and _is_loopback(client) and _is_loopback(named)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


async def _refusal(
    request: Request, who: Who, receive: Receive
) -> tuple[Response | None, Receive]:
    """Return the refusal of a request that changes something, and what is left of its body."""
    if _bearer(request) is not None:
        return None, receive
    if request.headers.get("sec-fetch-site") not in OWN_SITES:
        return _refused(request, HTTPStatus.FORBIDDEN, "other_site"), receive
    if not who.csrf:
        return None, receive
    sent = request.headers.get(CSRF_HEADER, "")
    if not sent and request.headers.get("content-type", "").startswith(FORMS):
        body = await read_body(request)
        if body is None:
            return _refused(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large"), receive
        sent = await _field(Request(request.scope, _again(body, receive)))
        receive = _again(body, receive)
    if compare_digest(sent.encode(), who.csrf.encode()):
        return None, receive
    return _refused(request, HTTPStatus.FORBIDDEN, "old_page"), receive


async def _field(request: Request) -> str:
    try:
        async with request.form(max_fields=MOST_FIELDS) as form:
            value = form.get(CSRF)
    except HTTPException:
        return ""  # no form that can be read carries the token
    return value if isinstance(value, str) else ""


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a body that was read as it comes from the server; what follows it comes after."""
    rest = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return rest.pop() if rest else await receive()

    return next_message


_WORDS: Final = {
    "other_site": "the request comes from another site; send it from our pages",
    "old_page": "the form is of another session; reload the page and send it again, "
    "or send its token as X-CSRF-Token",
    "too_large": f"a request has at most {LARGEST_BODY} bytes; send it without attachments",
}


def _refused(request: Request, status: HTTPStatus, key: str) -> Response:
    if wants_page(request):
        return error_page(request, status, key)
    return problem(status, _WORDS[key])
