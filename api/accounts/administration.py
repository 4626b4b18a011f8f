"""Administration: the accounts of the office, for who looks after them."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel

from api.accounts import password as passwords
from api.accounts.book import AccountError, Draft
from api.accounts.organ import names_of_organs, require_organ
from api.accounts.own_account import said
from api.accounts.permission import Administrator, Role
from api.accounts.reception import Reception, asking
from api.page import language, page
from api.speech import speech
from knowledge.day import CHINA

router = APIRouter(prefix="/accounts", include_in_schema=False)


class NewAccount(BaseModel):
    """An account to be made, as the page sends it."""

    login: str = ""
    name: str = ""
    role: str = ""
    organ: str = ""
    office: str = ""
    phone: str = ""

    def draft(self) -> Draft:
        """Return it as it is made."""
        return Draft(**self.model_dump())


@router.get("")
def show(request: Request, _: Administrator) -> Response:
    """Show all accounts."""
    return _page(request)


@router.post("")
def make(request: Request, who: Administrator, sent: Annotated[NewAccount, Form()]) -> Response:
    """Make an account with a new password, which is shown once."""
    reception: Reception = request.app.state.reception
    password = passwords.generate()
    try:
        require_organ(request, sent.organ)
        reception.book.new(sent.draft(), password, asking(who))
    except AccountError as error:
        return _page(request, fault=error, sent=sent)
    return _page(request, login=sent.login.strip(), password=password)


@router.post("/{login}/password")
def reset(request: Request, who: Administrator, login: str) -> Response:
    """Give an account a new password, which is shown once."""
    reception: Reception = request.app.state.reception
    password = passwords.generate()
    try:
        reception.book.set_password(login, password, asking(who))
    except AccountError as error:
        return _page(request, fault=error)
    return _page(request, login=login, password=password)


@router.post("/{login}/close")
def close(request: Request, who: Administrator, login: str) -> Response:
    """Close an account."""
    reception: Reception = request.app.state.reception
    try:
        reception.book.close(login, asking(who))
    except AccountError as error:
        return _page(request, fault=error)
    return _page(request, closed=login)


def _page(request: Request, *, fault: AccountError | None = None, **words: Any) -> Response:
    reception: Reception = request.app.state.reception
    lang = language(request)
    voice = speech(lang)
    return page(
        request,
        "accounts.html",
        lang,
        HTTPStatus.OK,
        accounts=reception.book.all(),
        organs=names_of_organs(request, lang),
        roles={str(role): voice.say(f"accounts.role.{role}") for role in Role},
        fault=said(fault, lang) if fault else "",
        day=lambda at: voice.day(_local(at)),
        **{"sent": NewAccount(), "login": "", "password": "", "closed": "", **words},
    )


def _local(at: datetime) -> Any:
    return at.astimezone(CHINA).date() if at.tzinfo else at.date()
