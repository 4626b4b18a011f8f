"""An office with an account for each role, served here, and clients of its people."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import uvicorn
from fastapi import FastAPI

from api.accounts.book import AccountBook, Draft
from api.accounts.permission import Role
from api.accounts.reception import Reception
from api.app import create_app
from api.opening import open_store
from api.record import Asker
from api.settings import Settings
from api.store import Store

PASSWORD = "quite-a-long-word"  # noqa: S105 (of accounts that live as long as a test)
BY = Asker(door="cli", why="accounts")
OFFICES = {
    Role.CLERK: ("dg-amr", "企业登记窗口"),
    Role.LEGAL: ("dg-justice", "法制科"),
    Role.AUDITOR: ("", "监督科"),
    Role.ADMIN: ("", "信息科"),
}


@dataclass(frozen=True)
class Staffed:
    """A served office; the login of each role is its name."""

    address: str
    app: FastAPI
    store: Store

    @property
    def reception(self) -> Reception:
        """Return the reception that the server uses."""
        reception: Reception = self.app.state.reception
        return reception

    def session(self, login: str) -> tuple[str, str]:
        """Return the secret of a new session of a login, and its token for forms."""
        secret = self.reception.sessions.begin(self.reception.book.active(login))
        return secret, self.reception.who(secret, program=False).csrf

    def token(self, login: str) -> str:
        """Return a new bearer token of a login."""
        return self.reception.tokens.new(self.reception.book.active(login), "test", 1, BY)

    def visitor(self) -> httpx2.Client:
        """Return a client that nobody knows."""
        return httpx2.Client(base_url=self.address, timeout=60)

    def client(self, login: str) -> httpx2.Client:
        """Return a client in a new session of a login; its forms carry the token."""
        secret, csrf = self.session(login)
        client = self.visitor()
        client.cookies.set("session", secret)
        client.headers["x-csrf-token"] = csrf
        return client

    def program(self, login: str) -> httpx2.Client:
        """Return a client that speaks for a login by a bearer token."""
        client = self.visitor()
        client.headers["authorization"] = f"Bearer {self.token(login)}"
        return client


def open_staffed(folder: Path, roles: tuple[Role, ...] = tuple(Role)) -> Store:
    """Return the store of a new office with an account for each of some roles."""
    store = open_store(Settings.of(f"sqlite:///{folder / 'record.db'}"))
    book = AccountBook(store)
    for role in roles:
        organ, office = OFFICES[role]
        book.new(Draft(role, f"{role} 示例", role, organ, office, "0769-1"), PASSWORD, BY)
    return store


@contextmanager
def served(store: Store) -> Iterator[Staffed]:
    """Serve an office on a free port, in a thread."""
    app = create_app(store)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Staffed(f"http://127.0.0.1:{port}", app, store)
    server.should_exit = True
    thread.join()
