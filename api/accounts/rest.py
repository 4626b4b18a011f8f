"""Accounts over REST: the same as on the administrator's pages."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from api.accounts import password as passwords
from api.accounts.book import LOGIN, AccountError, Draft
from api.accounts.organ import require_organ
from api.accounts.permission import Administrator, Role
from api.accounts.reception import Reception, asking
from api.public_log import refusals

router = APIRouter(prefix="/api/v1/accounts", tags=["accounts"])

Login = Annotated[str, Path(pattern=f"^{LOGIN.pattern}$", description="The login.")]
Word = Annotated[str, Field(max_length=100)]
_FAULTS = refusals(
    s404="There is no such active account.",
    s409="The login is taken, or the last administrator would be gone.",
    s422="The request cannot be read.",
)


class Shown(BaseModel):
    """An account; `organ` is empty for all organs."""

    login: str
    name: str
    role: Role
    organ: str
    office: str
    phone: str
    active: bool
    created_at: datetime


class Shows(BaseModel):
    """All accounts, by login."""

    accounts: list[Shown]


class Wanted(BaseModel):
    """An account to be made."""

    model_config = ConfigDict(extra="forbid")

    login: Annotated[str, Field(pattern=f"^{LOGIN.pattern}$")]
    name: Annotated[str, Field(min_length=1, max_length=100)]
    role: Role
    organ: Word = ""
    office: Word = ""
    phone: Word = ""


class Made(BaseModel):
    """The password of an account, shown this once."""

    login: str
    password: str


class Closed(BaseModel):
    """An account that is closed."""

    login: str


@router.get("")
def accounts(request: Request, _: Administrator) -> Shows:
    """Return all accounts, active and closed."""
    rows = _reception(request).book.all()
    keys = Shown.model_fields
    return Shows(accounts=[Shown(**{key: getattr(row, key) for key in keys}) for row in rows])


@router.post("", status_code=HTTPStatus.CREATED, responses=_FAULTS)
def make(request: Request, who: Administrator, wanted: Wanted) -> Made:
    """Make an account with a new password."""
    password = passwords.generate()
    try:
        require_organ(request, wanted.organ)
        draft = Draft(**wanted.model_dump(mode="json"))
        _reception(request).book.new(draft, password, asking(who, door="rest"))
    except AccountError as error:
        raise _refusal(error) from None
    return Made(login=wanted.login, password=password)


@router.post("/{login}/password", responses=_FAULTS)
def reset(request: Request, who: Administrator, login: Login) -> Made:
    """Give an account a new password; its sessions end."""
    password = passwords.generate()
    try:
        _reception(request).book.set_password(login, password, asking(who, door="rest"))
    except AccountError as error:
        raise _refusal(error) from None
    return Made(login=login, password=password)


@router.post("/{login}/close", responses=_FAULTS)
def close(request: Request, who: Administrator, login: Login) -> Closed:
    """Close an account; its sessions and tokens end."""
    try:
        _reception(request).book.close(login, asking(who, door="rest"))
    except AccountError as error:
        raise _refusal(error) from None
    return Closed(login=login)


def _reception(request: Request) -> Reception:
    reception: Reception = request.app.state.reception
    return reception


def _refusal(error: AccountError) -> HTTPException:
    statuses = {"missing": HTTPStatus.NOT_FOUND}
    conflicts = dict.fromkeys(("taken", "last_admin"), HTTPStatus.CONFLICT)
    status = (statuses | conflicts).get(error.key, HTTPStatus.UNPROCESSABLE_ENTITY)
    return HTTPException(status, str(error))
