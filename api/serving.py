"""Serving: the web server, started with one clear sentence, or refused with one."""

import errno
import gc
import socket
import sys
from collections.abc import Iterable
from typing import Final

import typer
import uvicorn
from fastapi import FastAPI

from api.accounts.demo import demo_lines
from api.app import create_app
from api.cores import keep_to_one
from api.demonstrating import sandbox_beside
from api.hubs import read_hubs
from api.opening import open_store
from api.settings import Settings
from knowledge.lookup.registries import Registries

SELDOM: Final = (20_000, 50, 20)
"""When garbage is looked for. A case leaves none: after 3,800 requests 400 objects were found,
and looking for them in Python's way took a tenth of the time and stopped all for 90 ms."""


def serve_forever(host: str, port: int, *, demo: bool = False) -> None:
    """Serve until interrupted; end with a sentence and the cure if the port is taken.

    With `demo`, make demonstration accounts where there is none, and print them; a sandbox of
    registries runs beside the service unless hubs are named.

    Raises `DatabaseError` or `KeyringError` where the record cannot be opened.
    """
    listener = listen(host, port)
    settings = Settings.from_environment()
    gc.set_threshold(*SELDOM)
    if settings.embedded and not settings.any_core:
        keep_to_one()
    registries = registries_of(settings)
    store = open_store(settings)
    if not demo:
        _serve(create_app(store, registries), host, listener)
        return
    lines = demo_lines(store, settings.demo_accounts)
    if lines:
        lines.insert(0, "demonstration accounts (login, password, role, office):")
    with sandbox_beside(settings, host) as (there, said):
        app = create_app(store, registries or registries_of(there))
        app.state.demo = True
        _serve(app, host, listener, [*lines, *([said] if said else [])])


def registries_of(settings: Settings) -> Registries | None:
    """Return what asks the registries of the settings, or none where no hub is named.

    Raises `HubsError` with everything that is wrong with the file of hubs.
    """
    hubs = read_hubs(settings.hubs)
    return Registries(hubs) if hubs else None


def serve_app(app: FastAPI, host: str, port: int) -> None:
    """Serve another application in the same way."""
    _serve(app, host, listen(host, port))


def _serve(app: FastAPI, host: str, listener: socket.socket, lines: Iterable[str] = ()) -> None:
    shown = f"[{host}]" if ":" in host else host
    sys.stdout.write(f"减证 jianzheng: http://{shown}:{listener.getsockname()[1]}/\n")
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket, or end with a sentence and the cure if the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, the event loop sets TCP_NODELAY on what it accepts; without it
    # the body of each answer waits 40 ms for the acknowledgement of its head.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        cause = (
            "is taken"
            if error.errno == errno.EADDRINUSE
            else f"cannot be used ({error.strerror})"
        )
        cure = f"choose another: --port {port + 1} (make run PORT={port + 1})"
        sys.stderr.write(f"port {port} on {host} {cause}; {cure}\n")
        raise typer.Exit(1) from error
    listener.listen()  # the address is printed next: who comes early waits
    return listener
