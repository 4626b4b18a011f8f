"""Signing in and out."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from api.accounts.gate import cookie_of, secret_of
from api.accounts.permission import Public
from api.accounts.reception import Claim, Reception, TooManyError
from api.accounts.refusal import home_of, own_path
from api.page import language, page
from api.speech import speech

router = APIRouter(include_in_schema=False)


class SignIn(BaseModel):
    """What the page sends; `next` is where to go from there."""

    login: str = ""
    password: str = ""
    next: str = ""


@router.get("/login")
def ask(request: Request, who: Public, next: str = "") -> Response:  # noqa: A002 (as it is sent)
    """Show the page to sign in; who has done so goes on."""
    if who.signed_in:
        return RedirectResponse(own_path(next) or home_of(who), HTTPStatus.SEE_OTHER)
    return _page(request, SignIn(next=next))


@router.post("/login")
def enter(request: Request, _: Public, sent: Annotated[SignIn, Form()]) -> Response:
    """Sign in, and go on to where somebody wanted to go."""
    reception: Reception = request.app.state.reception
    claim = Claim(sent.login.strip().lower(), sent.password, address_of(request))
    try:
        secret = reception.sign_in(claim, instead_of=secret_of(request))
    except TooManyError as error:
        return too_many(_page(request, sent, error), error)
    if secret is None:
        return _page(request, sent, wrong=True)
    there = own_path(sent.next) or home_of(reception.who(secret, program=False))
    return with_session(request, RedirectResponse(there, HTTPStatus.SEE_OTHER), secret)


@router.post("/logout")
def leave(request: Request, _: Public) -> Response:
    """Sign out, and forget the session on both sides."""
    reception: Reception = request.app.state.reception
    reception.sign_out(secret_of(request))
    answer = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    secure = request.url.scheme == "https"
    answer.delete_cookie(cookie_of(request), secure=secure, httponly=True, samesite="lax")
    return answer


def with_session(request: Request, answer: Response, secret: str) -> Response:
    """Return the answer with the cookie of a session, which ends with the browser."""
    answer.set_cookie(
        cookie_of(request),
        secret,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return answer


def too_many(answer: Response, error: TooManyError) -> Response:
    """Return the answer with the time to wait."""
    answer.headers["Retry-After"] = str(error.seconds)
    return answer


def address_of(request: Request) -> str:
    """Return the address that a request came from."""
    return request.client.host if request.client else ""


def _page(
    request: Request, sent: SignIn, error: TooManyError | None = None, *, wrong: bool = False
) -> Response:
    lang, status, fault = language(request), HTTPStatus.OK, ""
    voice = speech(lang)
    if error is not None:
        minutes = -(-error.seconds // 60)
        fault = voice.say("accounts.fault.too_many", minutes=minutes)
        status = HTTPStatus.TOO_MANY_REQUESTS
    elif wrong:
        fault, status = voice.say("accounts.fault.wrong"), HTTPStatus.FORBIDDEN
    words = {"login": sent.login, "onward": own_path(sent.next), "fault": fault}
    return page(request, "login.html", lang, status, **words)
