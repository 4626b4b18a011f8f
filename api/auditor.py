"""The auditor: who looks, and the rule that every look is itself sealed.

NOTE: nobody signs in yet. `auditor` is the one place that says who asks; the service listens
on the loopback address until it can tell people apart.
"""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from api import record
from api.office import Office
from api.record import Asker

READING: Final = ("GET", "HEAD")


def auditor(request: Request) -> Asker:
    """Return who looks; what another site sends in an auditor's name is refused."""
    site = request.headers.get("sec-fetch-site")
    if request.method not in READING and site not in (None, "same-origin", "none"):
        raise HTTPException(
            HTTPStatus.FORBIDDEN, "the request comes from another site; send it from our pages"
        )
    door = "rest" if request.url.path.startswith("/api/") else "audit"
    return Asker(door=door, why="audit")


Auditor = Annotated[Asker, Depends(auditor)]
"""Whoever looks, as a parameter of a door."""


def office_of(request: Request) -> Office:
    """Return the office that a request is put to."""
    office: Office = request.app.state.office
    return office


def look(office: Office, asker: Asker, what: str) -> None:
    """Seal a look before anything is shown; `what` never holds personal data."""
    office.store.seal(record.of_look(what, asker, at=office.store.milliseconds()))
