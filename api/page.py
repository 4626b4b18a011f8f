"""Pages: HTML from templates in the visitor's language, with the headers that keep it safe."""

from functools import cache
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.accounts.navigation import links
from api.accounts.permission import who_asks
from api.desk_form import VERDICTS
from api.foreign import marked
from api.speech import LANGS, Lang, speech

LANG_COOKIE: Final = "lang"
YEAR: Final = 365 * 24 * 3600
"""Seconds for which a browser remembers the language; nothing else is kept there."""

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


_RAW = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


class Guard:
    """A middleware that puts the safety headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, and its answer out with the headers."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                there = {name.lower() for name, _ in headers}
                message["headers"] = [*headers, *(one for one in _RAW if one[0] not in there)]
            await send(message)

        await self._app(scope, receive, guarded)


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("api", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["verdicts"] = VERDICTS
    environment.tests["match_offer"] = _is_offer
    return environment


def _is_offer(key: str) -> bool:
    """Return whether a button takes up an offer of the law, to be seen at once."""
    return key.startswith(("choose|commitments|", "choose|promised_later|"))


def language(request: Request, entered: str | None = None) -> Lang:
    """Return the language: the one just chosen, else the one chosen before, else Chinese."""
    for wish in (entered, request.query_params.get("lang"), request.cookies.get(LANG_COOKIE)):
        for lang in LANGS:
            if wish == lang:
                return lang
    return LANGS[0]


def rendered(template: str, lang: Lang, **words: Any) -> str:
    """Return the HTML of a template; every text that is put in is escaped."""
    text = _templates().get_template(template).render(t=speech(lang).say, lang=lang, **words)
    return marked(text) if lang == "en" else text


def page(
    request: Request,
    template: str,
    lang: Lang,
    status: HTTPStatus = HTTPStatus.OK,
    **words: Any,
) -> Response:
    """Return a page. It may hold personal data: no cache but the visitor's own keeps it."""
    others = [(one, request.url.include_query_params(lang=one).query) for one in LANGS]
    who = who_asks(request)
    asks = {"who": who, "csrf": who.csrf, "links": links(who, request.url.path)}
    text = rendered(template, lang, langs=others, path=request.url.path, **asks, **words)
    response = HTMLResponse(text, status)
    response.headers["Cache-Control"] = "private, no-cache"
    if request.cookies.get(LANG_COOKIE, LANGS[0]) != lang:
        response.set_cookie(LANG_COOKIE, lang, max_age=YEAR, httponly=True, samesite="lax")
    return response


def error_page(request: Request, status: HTTPStatus, key: str, **words: object) -> Response:
    """Return a page that says what did not work and what to do next."""
    lang = language(request)
    message = speech(lang).say(f"error.{key}", **words)
    return page(request, "error.html", lang, status, message=message)


def wants_page(request: Request) -> bool:
    """Return whether an error should be a page: a browser asks, and not for the interface."""
    by_browser = "text/html" in request.headers.get("accept", "")
    return by_browser and not request.url.path.startswith("/api/")
