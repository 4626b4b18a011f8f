"""Refusals: 401 for who has not signed in, 403 for who has the wrong role, with the cure."""

from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlsplit

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from api.accounts.permission import NotAllowedError, Permission, Who
from api.page import error_page, language, wants_page
from api.problem import MEDIA_TYPE, Problem, problem
from api.speech import speech

SIGN_IN: Final = "sign in, or send a bearer token (`jianzheng token new`)"
NO_ACCOUNT: Final = (
    "there is no account yet; make one on the machine that serves: `jianzheng account new`"
)

GUARDED: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem, "content": {MEDIA_TYPE: {}}, "description": words}
    for status, words in {
        401: "Nobody signed in, or the token is not good.",
        403: "The account has not the role that this needs.",
    }.items()
}
"""What every guarded route of the interface may answer besides, for its description."""


def refused(request: Request, error: Exception) -> Response:
    """Answer `NotAllowedError`: to the page to sign in, or with what is needed."""
    if not isinstance(error, NotAllowedError):
        raise error
    if error.who.signed_in:
        return _wrong_role(request, error)
    is_open = request.app.state.reception.is_open_just_now()
    if wants_page(request):
        if is_open:
            return error_page(request, HTTPStatus.UNAUTHORIZED, "no_account")
        return RedirectResponse(_door(request), HTTPStatus.SEE_OTHER)
    answer = problem(HTTPStatus.UNAUTHORIZED, NO_ACCOUNT if is_open else SIGN_IN)
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _wrong_role(request: Request, error: NotAllowedError) -> Response:
    if wants_page(request):
        voice = speech(language(request))
        roles = voice.join([voice.say(f"accounts.role.{one}") for one in error.roles])
        return error_page(request, HTTPStatus.FORBIDDEN, "wrong_role", roles=roles)
    return problem(HTTPStatus.FORBIDDEN, str(error))


def _door(request: Request) -> str:
    """Return the page to sign in, which leads back to what was asked for if it can be."""
    there = request.url.path if request.method == "GET" else "/"
    if request.method == "GET" and request.url.query:
        there += f"?{request.url.query}"
    return "/login" if there == "/" else f"/login?next={quote(there, safe='/')}"


def own_path(text: str) -> str:
    """Return a path of this service, or nothing for what leads anywhere else."""
    printable = text.isascii() and text.isprintable() and "\\" not in text
    if not printable or not text.startswith("/") or text.startswith("//"):
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return "" if parts.scheme or parts.netloc else text


def home_of(who: Who) -> str:
    """Return the page where somebody's work begins."""
    first = ((Permission.WORK, "/queue"), (Permission.ADMIN, "/accounts"))
    rest = ((Permission.DECIDE, "/desk"), (Permission.AUDIT, "/audit"))
    pages = (page for permission, page in (*first, *rest) if who.may(permission))
    return next(pages, "/login")
