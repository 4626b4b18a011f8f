"""Permissions: which role may what, and the declaration that every route must carry.

A route says `who: Worker`, or `Annotated[Who, Depends(requires(Permission.WORK))]`. Who asks
was found before (`api.accounts.gate`); here it is only compared with what is needed.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer


class Role(StrEnum):
    """What an account is for."""

    CLERK = "clerk"
    LEGAL = "legal"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Permission(StrEnum):
    """What a route needs; one word for each kind of work."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    DECIDE = "decide"
    WORK = "work"
    TASKS = "tasks"
    SUPERVISE = "supervise"
    CREDIT = "credit"
    AUDIT = "audit"
    LEGAL = "legal"
    ADMIN = "admin"


_EVERYBODY: Final = frozenset({Permission.PUBLIC})
_ACCOUNT: Final = _EVERYBODY | {Permission.SIGNED_IN}

MAY: Final = {
    Role.CLERK: _ACCOUNT | {Permission.DECIDE, Permission.WORK, Permission.TASKS},
    Role.LEGAL: _ACCOUNT | {Permission.DECIDE, Permission.LEGAL, Permission.CREDIT},
    Role.AUDITOR: _ACCOUNT | {Permission.AUDIT, Permission.SUPERVISE, Permission.TASKS},
    Role.ADMIN: _ACCOUNT
    | {Permission.ADMIN, Permission.SUPERVISE, Permission.TASKS, Permission.CREDIT},
}
"""What each role may do; what does not stand here is denied."""

WHILE_OPEN: Final = _EVERYBODY | {Permission.DECIDE, Permission.AUDIT, Permission.LEGAL}
"""What this machine itself may do as long as there is no account."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks. Without a role nobody signed in: a visitor, or this machine while it is open.

    `organ` is an id of the pack, or empty for all organs; `csrf` is empty for programs.
    """

    login: str
    name: str = ""
    role: Role | None = None
    organ: str = ""
    office: str = ""
    phone: str = ""
    csrf: str = ""

    def may(self, permission: Permission) -> bool:
        """Return whether the role allows it."""
        if self.role is not None:
            return permission in MAY[self.role]
        return permission in (WHILE_OPEN if self.login == ANONYMOUS else _EVERYBODY)

    @property
    def signed_in(self) -> bool:
        """Whether this is somebody with an account."""
        return self.role is not None


ANONYMOUS: Final = "anonymous"
VISITOR: Final = Who("")
"""Somebody unknown: only what is public."""

AT_HOME: Final = Who(ANONYMOUS)
"""This machine itself, as long as there is no account."""


_BEARER: Final = HTTPBearer(auto_error=False, description="A token of `jianzheng token new`.")
"""How programs say who they are; only described here, it is the gate that looks."""


class NotAllowedError(Exception):
    """Who asks may not do this; the doors answer 401 or 403 (`api.accounts.refusal`)."""

    def __init__(self, who: Who, permission: Permission) -> None:
        self.who, self.permission = who, permission
        self.roles = tuple(role for role in Role if permission in MAY[role])
        needed = " or ".join(self.roles)
        super().__init__(f"this needs the role {needed}; ask an administrator, or sign in anew")


class Requirement:
    """What a route declares that it needs."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission


class Open(Requirement):
    """A dependency that lets everybody in and returns who asks."""

    async def __call__(self, request: Request) -> Who:
        """Return who asks."""
        return who_asks(request)


class Guarded(Requirement):
    """A dependency that lets in who may, and returns who it is."""

    async def __call__(self, request: Request, _: Annotated[object, Security(_BEARER)]) -> Who:
        """Return who asks, or raise `NotAllowedError`."""
        who = who_asks(request)
        if not who.may(self.permission):
            raise NotAllowedError(who, self.permission)
        return who


def requires(permission: Permission) -> Open | Guarded:
    """Return the dependency that lets in only who has a permission, and says who it is."""
    return Open(permission) if permission == Permission.PUBLIC else Guarded(permission)


def who_asks(request: Request) -> Who:
    """Return who the gate found; nobody is known where no gate stands."""
    who: Who = getattr(request.state, "who", VISITOR)
    return who


Public = Annotated[Who, Depends(requires(Permission.PUBLIC))]
SignedIn = Annotated[Who, Depends(requires(Permission.SIGNED_IN))]
Decider = Annotated[Who, Depends(requires(Permission.DECIDE))]
Worker = Annotated[Who, Depends(requires(Permission.WORK))]
TaskReader = Annotated[Who, Depends(requires(Permission.TASKS))]
CreditKeeper = Annotated[Who, Depends(requires(Permission.CREDIT))]
Supervisor = Annotated[Who, Depends(requires(Permission.SUPERVISE))]
Lawyer = Annotated[Who, Depends(requires(Permission.LEGAL))]
Administrator = Annotated[Who, Depends(requires(Permission.ADMIN))]
