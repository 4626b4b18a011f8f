"""Answering: an HTTP response to a look-up, with the fault that the registry has just now."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from fastapi import Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from api.sandbox.exchange import Exchange, RefusedError
from api.sandbox.fault import Fault
from api.sandbox.line import break_off
from api.sandbox.registry import Registry
from knowledge.canonical import canonical

BODY_LIMIT: Final = 64 * 1024
"""Bytes of a request; a look-up needs a few hundred."""
_WAITS: Final = {Fault.SLOW: 1.5, Fault.VERY_SLOW: 10.0}
"""Seconds."""
_HUGE, _CHUNK = 10 * 1024 * 1024, 64 * 1024
_DRIP: Final = 0.1
"""Seconds from one byte to the next."""
_ARRIVING: Final = 0.02
"""Seconds in which what was sent before a break gets through."""
_MOVED: Final = "moved"


async def answer(exchange: Exchange, registry: Registry, request: Request) -> Response:
    """Return the answer to a look-up, or what the registry's fault makes of it."""
    source = registry.source.id
    fault = exchange.faults.of(source)
    raw = await _body(request)
    if raw is None:
        return _refusal(413, "a look-up needs no more than 64 KiB")
    await asyncio.sleep(_WAITS.get(fault, exchange.latency(source) / 1000))
    if _MOVED not in request.query_params:  # who follows a redirect is answered: it shows
        early = _without_answer(request, fault)
        if early is not None:
            return early
    try:
        document = exchange.answer(registry, raw, datetime.now(UTC))
    except RefusedError as error:
        return _refusal(error.status, str(error))
    return _carried(request, fault, canonical(document))


async def _body(request: Request) -> bytes | None:
    raw = b""
    async for part in request.stream():
        raw += part
        if len(raw) > BODY_LIMIT:
            return None
    return raw


def _without_answer(request: Request, fault: Fault) -> Response | None:
    match fault:
        case Fault.DOWN:
            return _refusal(503, "the registry is being maintained")
        case Fault.REFUSE:
            return _Broken(request, b"")
        case Fault.REDIRECT:
            return RedirectResponse(request.url.include_query_params(moved=1), 307)
        case Fault.NOT_JSON:
            return Response("<html><body>系统维护中</body></html>", media_type="text/html")
    return None


def _carried(request: Request, fault: Fault, body: bytes) -> Response:
    match fault:
        case Fault.RESET:
            return _Broken(request, body)
        case Fault.HUGE:
            return StreamingResponse(_swollen(body), media_type=_JSON)
        case Fault.DRIP:
            return StreamingResponse(_dripping(body), media_type=_JSON)
    return Response(body, media_type=_JSON)


async def _swollen(body: bytes) -> AsyncIterator[bytes]:
    """Yield an answer in more blanks than anybody should read: it stays JSON."""
    for _ in range(_HUGE // _CHUNK):
        yield b" " * _CHUNK
        await asyncio.sleep(0)  # the server gets to see that the caller has gone
    yield body


async def _dripping(body: bytes) -> AsyncIterator[bytes]:
    for at in range(len(body)):
        yield body[at : at + 1]
        await asyncio.sleep(_DRIP)


class _Broken(Response):
    """An answer of which half arrives; of an empty one, nothing does."""

    def __init__(self, request: Request, body: bytes) -> None:
        super().__init__(body, media_type=_JSON)
        self._request = request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope
        if self.body:
            half = bytes(self.body[: len(self.body) // 2])
            start = {"status": self.status_code, "headers": self.raw_headers}
            await send({"type": "http.response.start", **start})
            await send({"type": "http.response.body", "body": half, "more_body": True})
            await asyncio.sleep(_ARRIVING)
        break_off(self._request)
        await receive()  # until the server has seen that the connection is gone


def _refusal(status: int, message: str) -> Response:
    head: dict[str, Any] = {"status": str(status), "msg": message}
    return Response(orjson.dumps({"head": head}), status, media_type=_JSON)


_JSON: Final = "application/json"
