"""The web application: the only wiring of doors to the office."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api import decisions
from api.office import Office
from api.problem import problem
from api.settings import Settings
from api.store import Store


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application over the store that the settings name."""

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncIterator[None]:
        chosen = settings or Settings.from_environment()
        app.state.office = Office(Store(chosen.database_url))
        yield
        app.state.office.close()

    app = FastAPI(title="减证 jianzheng", version="1", lifespan=living)
    app.include_router(decisions.router)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(Exception, _failed)
    return app


def _refused(_: Request, error: Exception) -> Response:
    status = HTTPStatus(error.status_code) if isinstance(error, HTTPException) else _UNKNOWN
    return problem(status, str(getattr(error, "detail", status.phrase)))


def _unreadable(_: Request, error: Exception) -> Response:
    del error
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the request cannot be read; correct it")


def _failed(_: Request, error: Exception) -> Response:
    del error
    return problem(_UNKNOWN, "the service failed; nothing was kept, try again")


_UNKNOWN = HTTPStatus.INTERNAL_SERVER_ERROR
