"""Tables of accounts: people, their sessions, and the tokens of their programs.

Secrets stand here as digests alone: argon2 for passwords, SHA-256 for random tokens.
"""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel


class Account(SQLModel, table=True):
    """Somebody who works with the desk; `role` is one of `api.accounts.permission.Role`.

    `organ` is an id of the pack, or empty for all organs; `office` the window or department,
    as its signs say; `phone` how a citizen reaches them.
    """

    id: int | None = Field(default=None, primary_key=True)
    login: str = Field(unique=True)
    name: str
    role: str
    organ: str
    office: str
    phone: str = ""
    password: str
    active: bool = True
    created_at: datetime


class Session(SQLModel, table=True):
    """A browser that signed in; `csrf` must come with each of its forms."""

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    account: int = Field(foreign_key="account.id", index=True)
    csrf: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


class ApiToken(SQLModel, table=True):
    """A bearer token for REST; `label` says what it is for."""

    __tablename__ = "api_token"

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    account: int = Field(foreign_key="account.id", index=True)
    label: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
