"""Visits: who looks at a page of the hall, in which language, and what pages are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool

from api.accounts.permission import Role, Who
from api.accounts.reception import Reception
from api.accounts.table import Account
from api.cases.door import Hall, hall_of
from api.cases.line import Lines
from api.cases.person import Persons
from api.desk_form import Fields
from api.form_body import form_fields
from api.naming import Naming
from api.page import error_page, language, page
from api.speech import Lang, Speech, speech
from evaluator.decide import Decider


@dataclass(frozen=True)
class Visit:
    """One request of somebody who works at the hall."""

    request: Request
    who: Who
    lang: Lang

    @cached_property
    def hall(self) -> Hall:
        """The hall that the request is put to."""
        return hall_of(self.request)

    @cached_property
    def speech(self) -> Speech:
        """The speech of the visitor's language."""
        return speech(self.lang)

    @cached_property
    def decider(self) -> Decider:
        """The decider in force today."""
        return self.hall.desk.office.on(self.hall.desk.today)[1].decider

    @cached_property
    def names(self) -> Naming:
        """The names of the pack in force today."""
        return Naming(self.decider.pack, self.speech)

    @cached_property
    def clerks(self) -> list[Account]:
        """Everybody who works cases."""
        reception: Reception = self.request.app.state.reception
        return [one for one in reception.book.all() if one.active and one.role == Role.CLERK]

    @cached_property
    def lines(self) -> Lines:
        """The maker of lines."""
        handlers = {one.login: one.name for one in self.clerks}
        return Lines(self.hall, self.names, self.who, handlers)

    @cached_property
    def persons(self) -> Persons:
        """Where persons are looked up."""
        return Persons(self.hall, self.names, self.who, self.lines)

    def organ(self, key: str) -> str:
        """Return the name of an organ, or its key where the pack does not have it."""
        known = key in self.names.pack.catalogue.organs
        return self.names.organ(key) if known else key

    def page(self, template: str, **words: Any) -> Response:
        """Return a page, with the day at the desk."""
        today = self.speech.day(self.hall.desk.today)
        shown = {"today": today, "day": self.speech.day, **words}
        return page(self.request, template, self.lang, **shown)


def visit(request: Request, who: Who, entered: str | None = None) -> Visit:
    """Return the visit of a request; `entered` is the language just chosen in a form."""
    return Visit(request, who, language(request, entered))


async def posted(
    request: Request, who: Who, then: Callable[[Visit, Fields], Response]
) -> Response:
    """Read the form of a page of ours, and go on with its fields."""
    fields = await form_fields(request)
    if fields is None:
        return error_page(request, HTTPStatus.BAD_REQUEST, "bad")
    seen = visit(request, who, dict(fields).get("lang"))
    return await run_in_threadpool(then, seen, fields)
