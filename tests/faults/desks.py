"""Desks to be broken: a real server with the bundled pack, its clerk, and registries to ask."""

import socket
import threading
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from fastapi import FastAPI

from api.accounts.book import AccountBook, Draft
from api.accounts.permission import Role
from api.accounts.reception import Reception
from api.bundled import load_pack
from api.office import Office
from api.opening import open_store
from api.sandbox.app import create_sandbox
from api.sandbox.cast import member
from api.sandbox.exchange import Exchange
from api.sandbox.population import Population
from api.sandbox.serving import configured, secret_beside, write_hubs
from tests.faults.installation import Installation, Running
from tests.halls import COMPANY
from tests.product import Json
from tests.reception import BY, PASSWORD

CASES = "/api/v1/cases"


@dataclass
class Registers:
    """Registers that are being served, and the lines and headers of all they were sent."""

    exchange: Exchange
    hubs: Path
    lines: list[str] = field(default_factory=list)


@contextmanager
def registers(folder: Path, population: Population) -> Iterator[Registers]:
    """Serve registers over a population, and write the hubs file that leads to them."""
    assert population.residents  # made before anybody is asked
    folder.mkdir(parents=True, exist_ok=True)
    pack, hubs = load_pack(None), folder / "hubs.yaml"
    exchange = Exchange.of(pack, population, secret_beside(hubs), patient=False)
    made = Registers(exchange, hubs)
    app = create_sandbox(exchange, pack)
    _listen_in(app, made.lines)
    server = uvicorn.Server(configured(app))
    listener = socket.create_server(("127.0.0.1", 0))
    write_hubs(hubs, exchange, f"http://127.0.0.1:{listener.getsockname()[1]}")
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        yield made
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _listen_in(app: FastAPI, lines: list[str]) -> None:
    class Listening:
        def __init__(self, inner: Any) -> None:
            self._inner = inner

        async def __call__(
            self, scope: MutableMapping[str, Any], receive: Any, send: Any
        ) -> None:
            if scope["type"] == "http":
                lines.append(f"{scope['raw_path']!r} {scope['query_string']!r}")
                lines.extend(f"{name!r}: {value!r}" for name, value in scope["headers"])
            await self._inner(scope, receive, send)

    app.add_middleware(Listening)


@dataclass(frozen=True)
class Desked:
    """An installation with a clerk, in a session and by a token."""

    office: Installation
    token: str
    session: str
    csrf: str

    def ask(
        self, running: Running, method: str, path: str, body: Any = None
    ) -> tuple[int, Json, bytes]:
        """Return status, value and bytes of an answer to the clerk's program."""
        headers = {
            "authorization": f"Bearer {self.token}", "content-type": "application/json",
        }  # fmt: skip
        raw = None if body is None else orjson.dumps(body)
        answer, text = running.ask(method, path, raw, headers)
        kind = answer.headers.get("content-type", "")
        return answer.status, orjson.loads(text) if "json" in kind else {}, text

    def page(
        self, running: Running, method: str, path: str, body: bytes | None = None
    ) -> tuple[int, bytes]:
        """Return status and bytes of an answer to the clerk's browser."""
        headers = {
            "cookie": f"session={self.session}", "accept": "text/html",
            "x-csrf-token": self.csrf, "content-type": "application/x-www-form-urlencoded",
        }  # fmt: skip
        answer, text = running.ask(method, path, body, headers)
        return answer.status, str(answer.headers).encode() + text


def desked(folder: Path, hubs: Path) -> Desked:
    """Begin an installation that asks the registers of a hubs file."""
    office = Installation(folder, extra={"JIANZHENG_HUBS": str(hubs)})
    store = open_store(office.settings)
    began = Office(store)
    reception = Reception(store)
    draft = Draft("clerk", "康示例", Role.CLERK, "dg-amr", "企业登记窗口")
    AccountBook(store).new(draft, PASSWORD, BY)
    account = reception.book.active("clerk")
    token = reception.tokens.new(account, "test", 1, BY)
    session = reception.sessions.begin(account)
    csrf = reception.who(session, program=False).csrf
    began.close()
    return Desked(office, token, session, csrf)


def company_of(applicant: Json, partner: Json, **more: Any) -> Json:
    """Return the opening of the case of a company that two persons found."""
    return {
        "applicant": applicant,
        "items": ["b.company_setup"],
        "facts": COMPANY,
        "parties": [
            {"role": "founder", **applicant},
            {"role": "founder", **partner},
            {"role": "officer", **partner},
        ],
        **more,
    }


def of_the_cast(key: str) -> Json:
    """Return a member of the cast as REST takes persons."""
    one = member(key)
    return {"kind": one.kind, "id": one.number, "name": one.name}
