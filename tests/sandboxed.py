"""A sandbox in this process: a real server on a free port, its registries and its secret."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import uvicorn

from api.bundled import load_pack
from api.sandbox.app import HUBS, create_sandbox
from api.sandbox.exchange import APP_ID, Exchange
from api.sandbox.population import Population
from api.sandbox.serving import configured
from knowledge.lookup.hub import Hub
from rules.pack import Pack

SECRET = b"0123456789abcdef0123456789abcdef"


@cache
def population() -> Population:
    """Return the population, made once."""
    return Population()


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A sandbox that is being served."""

    address: str
    exchange: Exchange

    @property
    def hubs(self) -> dict[str, Hub]:
        """Return its hubs, as settings would name them."""
        return {
            name: Hub(f"{self.address}{HUBS}/{name}", APP_ID, SECRET)
            for name in self.exchange.hubs
        }


@contextmanager
def sandboxed(pack: Pack | None = None, *, patient: bool = False) -> Iterator[Sandbox]:
    """Serve a sandbox for a pack, by default without latency."""
    pack = pack or load_pack(None)
    exchange = Exchange.of(pack, population(), SECRET, patient=patient)
    server = uvicorn.Server(configured(create_sandbox(exchange, pack)))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the sandbox did not start"
        time.sleep(0.02)
    try:
        yield Sandbox(f"http://127.0.0.1:{listener.getsockname()[1]}", exchange)
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
