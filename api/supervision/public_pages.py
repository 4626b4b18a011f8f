"""The public pages: check a notice by number and code, and read the published commitments."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.accounts.permission import Public
from api.page import error_page, language, page
from api.supervision.pages import page_of
from api.supervision.public import (
    TooManyChecksError,
    checked,
    items_published,
    published,
)
from api.supervision.said import Said

router = APIRouter(include_in_schema=False)

Typed = Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$")]


@router.get("/verify")
def verify(request: Request, _: Public, number: Typed = "", code: Typed = "") -> Response:
    """Say whether a notice is genuine, and what it says in short."""
    lang, asked = language(request), bool(number.strip() and code.strip())
    try:
        found = checked(request, number, code) if asked else None
    except TooManyChecksError as error:
        minutes = -(-error.seconds // 60)
        answer = error_page(
            request, HTTPStatus.TOO_MANY_REQUESTS, "too_many_checks", minutes=minutes
        )
        answer.headers["Retry-After"] = str(error.seconds)
        return answer
    return page(
        request,
        "verify.html",
        lang,
        number=number.strip(),
        asked=asked,
        found=found,
        said=Said.of(request, lang),
    )


@router.get("/publicity")
def publicity(request: Request, _: Public, item: Typed = "") -> Response:
    """Show the commitments that are published, the newest first."""
    lang = language(request)
    return page(
        request,
        "publicity.html",
        lang,
        found=published(request, item, page_of(request)),
        item=item,
        items=items_published(request),
        said=Said.of(request, lang),
    )
