"""The express door: the busiest addresses, answered without being worked out anew each time.

FastAPI finds a route among two hundred by trying them, and what it wants from a request by
asking its dependencies: a third of what an act costs. These addresses are found at once and
carried out by the functions of their routes, with the permission that those declare. Whatever
is unusual about a request leaves it to the routes.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final

from fastapi import Request, Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from api.accounts.permission import NotAllowedError, Permission, Who, who_asks
from api.cases.rest.act import DOORS
from api.cases.rest.asked import NUMBER
from api.cases.rest.routes import act_at, opened_by, seen_by

Door = Callable[[Request, Who], Awaitable[Response]]

CASES: Final = "/api/v1/cases"
NEEDED: Final = Permission.WORK
"""What the routes of cases declare; a test compares."""

_CASE: Final = re.compile(rf"{CASES}/({NUMBER.strip('^$')})(?:/([a-z-]+))?")
_DOORS: Final = {door.path: door for door in DOORS}


class Express(BaseRoute):
    """A route of Starlette, to be tried first; it is in no description of the interface."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Take a usual request to open, to read or to change a case."""
        if scope["type"] != "http" or scope["query_string"] or scope.get("root_path"):
            return Match.NONE, {}
        door = _door(scope)
        return (Match.NONE, {}) if door is None else (Match.FULL, {"express": door})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        request = Request(scope, receive, send)
        who = who_asks(request)
        if not who.may(NEEDED):
            raise NotAllowedError(who, NEEDED)
        door: Door = scope["express"]
        response = await door(request, who)
        await response(scope, receive, send)


def _door(scope: Mapping[str, object]) -> Door | None:
    path, method = str(scope["path"]), scope["method"]
    if path == CASES:
        return opened_by if method == "POST" else None
    found = _CASE.fullmatch(path)
    if found is None:
        return None
    number, act = found.groups()
    if act is None:
        return partial(seen_by, number) if method == "GET" else None
    headers: object = scope["headers"]
    named = any(name == b"if-match" for name, _ in headers)  # type: ignore[attr-defined] # ASGI
    if act not in _DOORS or method != "POST" or named:
        return None
    return partial(act_at, _DOORS[act], number)
