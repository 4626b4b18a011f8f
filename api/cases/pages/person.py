"""The page of a person: cases, papers on file, licences, answers of registries, credit."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from api import record
from api.accounts.permission import Worker
from api.accounts.reception import asking
from api.cases.pages.visit import visit
from api.masking import mask_number
from api.page import error_page

router = APIRouter(include_in_schema=False)

_TOKEN_BYTES = 64
"""No blind token is longer; anything else is an address somebody made up."""


@router.get("/people/{token}")
def person(request: Request, token: str, who: Worker) -> Response:
    """Show one person in one view; that somebody looked is sealed first."""
    seen = visit(request, who)
    found = seen.persons.view(_bytes(token))
    if not found.lines:
        return error_page(request, HTTPStatus.NOT_FOUND, "no_person")
    store = seen.hall.desk.office.store
    asker = asking(who, why="application")
    store.seal(record.of_look("person", asker, at=store.milliseconds()))
    return seen.page("person.html", person=found, masked=mask_number(found.identity))


def _bytes(token: str) -> bytes:
    try:
        return bytes.fromhex(token[: 2 * _TOKEN_BYTES])
    except ValueError:
        return b""
