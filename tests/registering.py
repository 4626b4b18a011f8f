"""Registries for tests: a real HTTP server whose every fault can be had, and orders for it."""

import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final

import orjson

from knowledge.day import CHINA
from knowledge.fact import Fact
from knowledge.lookup.envelope import sign
from knowledge.lookup.hub import Hub
from knowledge.lookup.order import Answer, Order, Purpose
from knowledge.source import Source

Json = dict[str, Any]
Headers = Mapping[str, str]
NONE: Final[Headers] = {}

NUMBER: Final = "11010519491231002X"
NAME: Final = "甄示例"
SECRET: Final = b"a secret of sixteen bytes or more"
PURPOSE: Final = Purpose("any.item", "某法 第一条", "clerk-1", "窗口 3", "44-1")
KIND: Final = Fact.model_validate(
    {"key": "kind", "type": "choice", "choices": {"a": "甲", "b": "乙"}, "name": "类别"}
)
AREA: Final = Fact.model_validate(
    {"key": "area", "type": "decimal", "scale": 2, "name": "面积"}
)


def source_of(name: str = "register", **lookup: Any) -> Source:
    """Return a register with an interface whose every part is described."""
    return Source.model_validate(
        {
            "id": name, "name": "某库", "organ": "office", "sharing": "conditional",
            "materials": ("card", "permit"), "claims": ("identity",),
            "lookup": {
                "hub": "city", "code": f"s_{name}",
                "request": {"number": "zjhm", "name": "xm", "kind": "lx"},
                "wants": "cxlx", "codes": {"card": "kp", "identity": "sf"},
                "echo": {"name": "xm"}, "row": "lx", "day": "sjrq",
                "status": {"field": "zt", "good": ("正常",)},
                "facts": {
                    "kind": {"field": "lb", "values": {"甲类": "a", "乙类": "b"}},
                    "area": {"field": "mj"},
                },
                "show": {"xm": "姓名", "zt": "状态"},
                **lookup,
            },
        }
    )  # fmt: skip


def order_of(source: Source | None = None, **other: Any) -> Order:
    """Return a lawful order for everything that the source knows."""
    source = source or source_of()
    known: Json = {
        "source": source, "subject": NUMBER, "name": NAME, "kind": "natural",
        "materials": source.materials, "claims": source.claims, "purpose": PURPOSE,
        "facts": (KIND, AREA),
    }  # fmt: skip
    return Order(**(known | other))


def row_of(code: str = "kp", **other: Any) -> Json:
    """Return a good row about one code."""
    today = datetime.now(CHINA).date().isoformat()
    row = {"lx": code, "zjhm": NUMBER, "xm": NAME, "zt": "正常", "sjrq": today}
    return row | {"lb": "甲类", "mj": "12.50"} | other


def all_rows() -> list[Json]:
    """Return a good row about each code that the source has."""
    return [row_of(code) for code in ("kp", "permit", "sf")]


def document_of(request_id: str, rows: list[Json] | None = None, **head: Any) -> Json:
    """Return a signed answer of now to a request."""
    rows = all_rows() if rows is None else rows
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return signed(
        {
            "head": {"status": "200", "msg": "", "requestId": request_id, "timestamp": now}
            | head,
            "data": {"cxjg": {"total": len(rows), "data": rows}},
        }
    )


def signed(document: Json) -> Json:
    """Return a document with its signature, as the hub makes it."""
    return document | {"sign": sign(document, signature="hmac-sm3", secret=SECRET)}


Behaviour = Callable[["Caller", Json], None]


class Caller(BaseHTTPRequestHandler):
    """One connection; how it is answered is up to the behaviour of the registry's code."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_POST(self) -> None:
        """Read the request and behave."""
        request = orjson.loads(self.rfile.read(int(self.headers["content-length"])))
        code = self.path.rpartition("/")[2]
        self.server.calls[code] += 1
        self.server.requests.append(request)
        self.server.of(code)(self, request)

    def reply(self, body: bytes, status: int = 200, headers: Headers = NONE) -> None:
        """Send a whole answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def cut(self) -> None:
        """End the connection by a reset."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """All registries of a hub; each behaves well unless told otherwise."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Caller)
        self.faults: dict[str, Behaviour] = {}
        self.calls: Counter[str] = Counter()
        self.requests: list[Json] = []

    def of(self, code: str) -> Behaviour:
        """Return how a registry behaves."""
        return self.faults.get(code, well)

    def handle_error(self, *_: object) -> None:
        """Let a caller who hung up go in silence."""

    @property
    def hub(self) -> Hub:
        """The hub as the settings would name it."""
        return Hub(f"http://127.0.0.1:{self.server_port}/gw", "jianzheng", SECRET)


@contextmanager
def serving() -> Iterator[Server]:
    """Run a server of registries for a while."""
    server = Server()
    thread = Thread(target=partial(server.serve_forever, poll_interval=0.02), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def well(caller: Caller, request: Json) -> None:
    """Answer with a good row about everything that was asked."""
    rows = [row_of(code) for code in request["biz_content"]["cxlx"]]
    caller.reply(orjson.dumps(document_of(request["requestId"], rows)))


def says(rows: list[Json]) -> Behaviour:
    """Answer properly, with these rows."""
    return lambda caller, request: caller.reply(
        orjson.dumps(document_of(request["requestId"], rows))
    )


def replies(body: bytes, status: int = 200, headers: Headers = NONE) -> Behaviour:
    """Answer with these bytes."""
    return lambda caller, _: caller.reply(body, status, headers)


def late(seconds: float) -> Behaviour:
    """Answer well, but late."""

    def behave(caller: Caller, request: Json) -> None:
        time.sleep(seconds)
        well(caller, request)

    return behave


def drips(caller: Caller, request: Json) -> None:
    """Answer well, one byte in a tenth of a second."""
    body = orjson.dumps(document_of(request["requestId"]))
    caller.send_response(200)
    caller.send_header("content-length", str(len(body)))
    caller.end_headers()
    for byte in body:
        caller.wfile.write(bytes([byte]))
        time.sleep(0.1)


def drips_headers(caller: Caller, _: Json) -> None:
    """Never come to the end of the headers."""
    caller.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for place in range(100):
        caller.wfile.write(f"x-{place}: slow\r\n".encode())
        time.sleep(0.1)


def huge(caller: Caller, _: Json) -> None:
    """Answer with ten million bytes whose length nobody said."""
    caller.close_connection = True
    caller.send_response(200)
    caller.end_headers()
    for _place in range(160):
        caller.wfile.write(b" " * 65536)


def resets(caller: Caller, request: Json) -> None:
    """Cut the connection in the middle of an answer."""
    body = orjson.dumps(document_of(request["requestId"]))
    caller.send_response(200)
    caller.send_header("content-length", str(len(body)))
    caller.end_headers()
    caller.wfile.write(body[: len(body) // 2])
    caller.wfile.flush()
    caller.cut()


def cuts(caller: Caller, _: Json) -> None:
    """Cut the connection without a word."""
    caller.cut()


def told(answer: Answer) -> set[tuple[str, str]]:
    """Return what an answer says, with the reasons."""
    return {(finding.verdict, finding.reason) for finding in answer.findings}
