"""The auditor: who looks, and the rule that every look is itself sealed."""

from typing import Annotated

from fastapi import Depends, Request

from api import record
from api.accounts.permission import Permission, Who, requires
from api.office import Office
from api.record import Asker


def auditor(
    request: Request, who: Annotated[Who, Depends(requires(Permission.AUDIT))]
) -> Asker:
    """Return who looks, as it is sealed."""
    door = "rest" if request.url.path.startswith("/api/") else "audit"
    return Asker(user=who.login, office=who.office, door=door, why="audit")


Auditor = Annotated[Asker, Depends(auditor)]
"""Whoever looks, as a parameter of a door."""


def office_of(request: Request) -> Office:
    """Return the office that a request is put to."""
    office: Office = request.app.state.office
    return office


def look(office: Office, asker: Asker, what: str) -> None:
    """Seal a look before anything is shown; `what` never holds personal data."""
    office.store.seal(record.of_look(what, asker, at=office.store.milliseconds()))
