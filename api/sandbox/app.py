"""The sandbox's application: the hubs where registries are asked, the faults, and its page."""

from http import HTTPStatus
from importlib.resources import files
from typing import Annotated

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel

from api.problem import problem
from api.sandbox import answering
from api.sandbox.exchange import Exchange
from api.sandbox.fault import Fault, UnknownFaultError
from api.sandbox.standing_page import show
from rules.pack import Pack

HUBS = "/hubs"


class Wish(BaseModel):
    """The fault that a registry is to have."""

    fault: str


def create_sandbox(exchange: Exchange, pack: Pack) -> FastAPI:
    """Return the application; it has to be served over `Line`, so that it can break off."""
    app = FastAPI(title="减证 sandbox", version="1", docs_url=None, redoc_url=None)
    app.mount("/static", StaticFiles(directory=str(files("api") / "static")))
    _add_hubs(app, exchange)
    _add_faults(app, exchange)

    @app.get("/", include_in_schema=False)
    def page(request: Request, number: str = "", source: str = "") -> Response:
        """Show every registry and its state, the cast, and what is held about a number."""
        return show(request, exchange, pack, number.strip(), source)

    return app


def _add_hubs(app: FastAPI, exchange: Exchange) -> None:
    @app.post(HUBS + "/{hub}/{code}")
    async def ask(hub: str, code: str, request: Request) -> Response:
        """Answer a look-up, signed."""
        registry = exchange.registry(hub, code)
        if registry is None:
            return problem(HTTPStatus.NOT_FOUND, "this hub has no such interface")
        return await answering.answer(exchange, registry, request)


def _add_faults(app: FastAPI, exchange: Exchange) -> None:
    faults = exchange.faults

    @app.get("/faults")
    def every() -> dict[str, Fault]:
        """Tell the fault of each registry."""
        return faults.every()

    @app.put("/faults/{source}")
    def put(source: str, wish: Wish) -> Response:
        """Give a registry, or `all`, a fault from now on; `none` restores it."""
        try:
            faults.put(source, wish.fault)
        except UnknownFaultError as error:
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    @app.post("/", include_in_schema=False)
    def set_by_form(
        request: Request, source: Annotated[str, Form()], fault: Annotated[str, Form()]
    ) -> Response:
        """Give a fault by the form of the page."""
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return problem(HTTPStatus.FORBIDDEN, "send the form from the sandbox's own page")
        answer = put(source, Wish(fault=fault))
        if answer.status_code != HTTPStatus.NO_CONTENT:
            return answer
        return RedirectResponse("/#registries", HTTPStatus.SEE_OTHER)
