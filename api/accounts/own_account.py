"""The own account: who one is here, another password, tokens for one's programs."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel

from api.accounts.book import AccountError
from api.accounts.permission import SignedIn, Who
from api.accounts.reception import Claim, Reception, TooManyError, asking
from api.accounts.sign_in import address_of, too_many, with_session
from api.page import language, page
from api.speech import Lang, speech

router = APIRouter(prefix="/account", include_in_schema=False)

DAYS = 90
"""Days that a token is good for unless somebody says otherwise."""


class NewPassword(BaseModel):
    """Another password, typed twice, and the present one."""

    present: str = ""
    new: str = ""
    again: str = ""

    def wanted(self) -> str:
        """Return the new password, or raise `AccountError` where it was mistyped."""
        if self.new != self.again:
            raise AccountError("not_the_same", "the two new passwords differ; type them again")
        return self.new


class NewToken(BaseModel):
    """What a token is for, and the days that it is good for."""

    label: str = ""
    days: str = ""


@router.get("")
def show(request: Request, who: SignedIn) -> Response:
    """Show the account."""
    return _page(request, who)


@router.post("/password")
def change(request: Request, who: SignedIn, sent: Annotated[NewPassword, Form()]) -> Response:
    """Change the password; all other sessions of the account end."""
    reception: Reception = request.app.state.reception
    try:
        claim = Claim(who.login, sent.present, address_of(request))
        secret = reception.change_password(who, claim, sent.wanted())
    except TooManyError as error:
        fault = AccountError("too_many", str(error), minutes=-(-error.seconds // 60))
        answer = _page(request, who, fault=fault, status=HTTPStatus.TOO_MANY_REQUESTS)
        return too_many(answer, error)
    except AccountError as error:
        return _page(request, who, fault=error)
    fresh = reception.who(secret, program=False)
    request.state.who = fresh
    return with_session(request, _page(request, fresh, done="password"), secret)


@router.post("/tokens")
def make(request: Request, who: SignedIn, sent: Annotated[NewToken, Form()]) -> Response:
    """Make a token and show it once."""
    reception: Reception = request.app.state.reception
    try:
        days = int(sent.days or DAYS) if sent.days.isascii() and len(sent.days) < 9 else 0  # noqa: PLR2004 (more digits than days)
        account = reception.book.active(who.login)
        token = reception.tokens.new(account, sent.label, days, asking(who))
    except ValueError:
        return _page(request, who, fault=AccountError("bad_days", "write a number", most=366))
    except AccountError as error:
        return _page(request, who, fault=error)
    return _page(request, who, token=token)


@router.post("/tokens/{key}/revoke")
def revoke(request: Request, who: SignedIn, key: str) -> Response:
    """Revoke a token of one's own."""
    reception: Reception = request.app.state.reception
    try:
        reception.revoke(key, who)
    except AccountError as error:
        return _page(request, who, fault=error)
    return _page(request, who, done="revoked")


def said(error: AccountError, lang: Lang) -> str:
    """Return what is wrong, in the visitor's language."""
    return speech(lang).say(f"accounts.fault.{error.key}", **error.words)


def _page(
    request: Request,
    who: Who,
    *,
    fault: AccountError | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    **words: Any,
) -> Response:
    reception: Reception = request.app.state.reception
    lang = language(request)
    return page(
        request,
        "account.html",
        lang,
        status,
        fault=said(fault, lang) if fault else "",
        tokens=reception.tokens.all(who.login),
        days=DAYS,
        **{"done": "", "token": "", **words},
    )
