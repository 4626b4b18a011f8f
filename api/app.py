"""The web application: the only wiring of doors to the office."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from importlib.resources import files

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from api import decisions, inspection, inspection_rest, intake, public_log
from api.accounts import administration, own_account, rest, sign_in
from api.accounts.declared import require_declared
from api.accounts.gate import Gate
from api.accounts.permission import NotAllowedError
from api.accounts.recent import Recent
from api.accounts.reception import Reception
from api.accounts.refusal import GUARDED, refused
from api.cases import door
from api.cases.auditing import pages as case_inspection
from api.cases.auditing import rest as case_inspection_rest
from api.cases.door import open_hall
from api.cases.looking_up import Registries
from api.cases.pages import case as case_pages
from api.cases.pages import handing_over
from api.cases.pages import opening as opening_page
from api.cases.pages import papers as paper_pages
from api.cases.pages import person as person_page
from api.cases.pages import process as process_page
from api.cases.pages import queue as queue_page
from api.cases.rest import paper as papers_rest
from api.cases.rest import routes as cases_rest
from api.cases.rest.express import Express
from api.database import reason
from api.office import Office
from api.opening import open_store
from api.page import HEADERS, Guard, error_page, wants_page
from api.problem import problem
from api.settings import Settings
from api.store import Store
from api.supervision import (
    credit_pages,
    ending_rest,
    figure_pages,
    public_pages,
    public_rest,
    task_pages,
)
from api.supervision import pages as supervision_pages
from api.supervision import rest as supervision_rest
from api.supervision.public import Checks
from api.supervision.sweep import Sweep
from api.witness_stop import WitnessStopError

_log = structlog.get_logger()

_GUARDED = (
    cases_rest, decisions, papers_rest, inspection_rest, case_inspection_rest, rest,
    supervision_rest, ending_rest,
)  # fmt: skip
"""The doors of other systems, which all need a permission; the busiest first."""

# `/cases/new` comes before `/cases/{number}`
_PAGES = (
    public_log, public_rest, intake, inspection, case_inspection,
    queue_page, opening_page, person_page, process_page, handing_over,
    sign_in, own_account, administration, case_pages, paper_pages,
    supervision_pages, figure_pages, task_pages, credit_pages, public_pages,
)  # fmt: skip


def create_app(
    kept_in: Store | Settings | None = None, registries: Registries | None = None
) -> FastAPI:
    """Return the application over a store, or the one that settings or environment name."""

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncIterator[None]:
        if isinstance(kept_in, Store):
            store = kept_in
        else:
            store = open_store(kept_in or Settings.from_environment())
        app.state.office = Office(store)
        app.state.reception = Reception(store)
        app.state.hall = open_hall(app.state.office, registries)
        app.state.checks, app.state.figures = Checks(), Recent(figure_pages.FRESH)
        sweep = Sweep(app.state.hall.desk)
        sweep.start()
        yield
        sweep.close()
        app.state.hall.close()
        app.state.office.close()

    app = FastAPI(
        title="减证 jianzheng", version="1", lifespan=living, docs_url=None, redoc_url=None
    )
    app.add_middleware(Gate, unavailable=_unavailable)
    app.add_middleware(Guard)
    for doors in _GUARDED:
        app.include_router(doors.router, responses=GUARDED)
    for doors in _PAGES:
        app.include_router(doors.router)
    app.mount("/static", StaticFiles(directory=str(files("api") / "static")))
    door.install(app)
    app.add_exception_handler(NotAllowedError, refused)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(SQLAlchemyError, _unavailable)
    app.add_exception_handler(WitnessStopError, _stopped)
    app.add_exception_handler(Exception, _failed)
    require_declared(app)
    app.router.routes.insert(0, Express())
    return app


def _refused(request: Request, error: Exception) -> Response:
    status = HTTPStatus(error.status_code) if isinstance(error, HTTPException) else _UNKNOWN
    if wants_page(request):
        missing = status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
        return error_page(request, status, "not_found" if missing else "bad")
    return problem(status, str(getattr(error, "detail", status.phrase)))


def _unreadable(request: Request, error: Exception) -> Response:
    del error
    if wants_page(request):
        return error_page(request, HTTPStatus.UNPROCESSABLE_ENTITY, "bad")
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the request cannot be read; correct it")


def _unavailable(request: Request, error: Exception) -> Response:
    """Refuse: the database has not said that it kept anything, though it may have."""
    if isinstance(error, SQLAlchemyError):
        _log.error("the database failed", reason=reason(error))
    if wants_page(request):
        return error_page(request, HTTPStatus.SERVICE_UNAVAILABLE, "unavailable")
    return problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "the record cannot be written just now, so no decision is given; try again in a "
        "moment, and let the operator look at the disk and the database",
    )


def _stopped(request: Request, error: Exception) -> Response:
    """Refuse: no witness has seen the record for too long."""
    if wants_page(request) and isinstance(error, WitnessStopError):
        words = {"since": error.moment, "hours": error.hours}
        return error_page(request, HTTPStatus.SERVICE_UNAVAILABLE, "stopped", **words)
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error))


def _failed(request: Request, error: Exception) -> Response:
    del error
    refusal = (
        error_page(request, _UNKNOWN, "failed")
        if wants_page(request)
        else problem(_UNKNOWN, "the service failed; nothing was kept, try again")
    )
    refusal.headers.update(HEADERS)  # the guard does not see what fails
    return refusal


_UNKNOWN = HTTPStatus.INTERNAL_SERVER_ERROR
