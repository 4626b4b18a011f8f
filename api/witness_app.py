"""The witness's own doors: its last cosigned checkpoint, how it stands, what to cosign."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from threading import Event, Thread
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse

from api.decisions import read_body
from api.problem import problem
from api.witnessing import Watch
from audit.error import AuditError
from audit.witness import ConflictError, WitnessError
from audit.witness import Request as Asked

_log = structlog.get_logger()


def create_witness_app(watch: Watch, seconds: int) -> FastAPI:
    """Return the application of a witness that looks every so many seconds."""

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        stop = Event()
        thread = Thread(target=watch.run, args=(stop, seconds, _say), daemon=True)
        thread.start()
        yield
        stop.set()
        await run_in_threadpool(thread.join)

    app = FastAPI(
        title="减证 witness", version="1", lifespan=living, docs_url=None, redoc_url=None
    )

    @app.get("/")
    def status() -> dict[str, Any]:
        """Tell which log is watched, up to where, and what is wrong."""
        return watch.status()

    @app.get("/checkpoint", response_class=PlainTextResponse)
    def checkpoint() -> Response:
        """Return the last checkpoint that this witness has cosigned."""
        note = watch.cosigned
        if not note:
            return problem(HTTPStatus.NOT_FOUND, "nothing has been cosigned yet")
        return PlainTextResponse(note, headers={"Cache-Control": "no-store"})

    @app.post("/add-checkpoint", response_class=PlainTextResponse)
    async def add_checkpoint(request: Request) -> Response:
        """Cosign a checkpoint that a log brings (C2SP tlog-witness)."""
        body = await read_body(request)
        if body is None:
            return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "a checkpoint is a few lines")
        return await run_in_threadpool(_add, watch, body)

    return app


def _add(watch: Watch, body: bytes) -> Response:
    try:
        return PlainTextResponse(watch.add(Asked.parse(body.decode())))
    except ConflictError as error:
        kind = "text/x.tlog.size"  # C2SP tlog-witness: a conflict answers with the size
        return Response(f"{error.size}\n", HTTPStatus.CONFLICT, media_type=kind)
    except (AuditError, UnicodeDecodeError) as error:
        status = HTTPStatus(error.status if isinstance(error, WitnessError) else 400)
        return problem(status, str(error))


def _say(text: str) -> None:
    _log.warning(text)
