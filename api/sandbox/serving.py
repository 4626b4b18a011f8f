"""Serving the sandbox: hubs file and secret for those who ask, then the server itself."""

import secrets
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvicorn
import yaml
from fastapi import FastAPI

from api.sandbox.app import HUBS, create_sandbox
from api.sandbox.exchange import APP_ID, Exchange
from api.sandbox.line import Line
from api.sandbox.population import Population
from api.serving import listen
from rules.pack import Pack

_SECRET_BYTES: Final = 32
_OWNER_ONLY: Final = 0o600
_KEEP_ALIVE: Final = 75
"""Seconds for which an idle connection stays open."""
_LAST_ANSWERS: Final = 1
"""Seconds that answers may still take when the server is to end; some would take for ever."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a sandbox is to be served; faults as `SOURCE=FAULT`, `patient` with latency."""

    host: str
    port: int
    faults: tuple[str, ...]
    seed: int
    hubs: Path | None
    patient: bool


def serve_sandbox(pack: Pack, wishes: Wishes) -> None:
    """Serve until interrupted, after one line with the address.

    Raises `UnknownFaultError`, and `OSError` where the hubs file cannot be written.
    """
    secret = secret_beside(wishes.hubs)
    population = Population(wishes.seed)
    exchange = Exchange.of(pack, population, secret, patient=wishes.patient)
    exchange.faults.put_all(wishes.faults)
    listener = listen(wishes.host, wishes.port)
    address = _address(wishes.host, listener)
    _ = population.residents  # made now, so that the first caller does not wait for it
    if wishes.hubs is not None:
        write_hubs(wishes.hubs, exchange, address)
    sys.stdout.write(f"减证 sandbox: {address}/\n")
    sys.stdout.flush()
    uvicorn.Server(configured(create_sandbox(exchange, pack))).run(sockets=[listener])


def _address(host: str, listener: socket.socket) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listener.getsockname()[1]}"


def configured(app: FastAPI) -> uvicorn.Config:
    """Return the configuration: quiet, patient with idle callers, able to break off."""
    return uvicorn.Config(
        app,
        http=Line,
        log_level="critical",
        access_log=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_LAST_ANSWERS,
    )


def secret_beside(hubs: Path | None) -> bytes:
    """Return the secret kept beside a hubs file, a new one if there is none yet."""
    if hubs is None:
        return secrets.token_hex(_SECRET_BYTES).encode()
    place = _secret_of(hubs)
    if not place.exists():
        place.touch(_OWNER_ONLY)
        place.write_text(secrets.token_hex(_SECRET_BYTES), encoding="ascii")
    return place.read_bytes().strip()


def write_hubs(hubs: Path, exchange: Exchange, address: str) -> None:
    """Write the hubs file by which the program finds this sandbox; the secret by reference."""
    entry = {"app_id": APP_ID, "secret": f"file:{_secret_of(hubs).name}"}
    text = {hub: {"address": f"{address}{HUBS}/{hub}", **entry} for hub in exchange.hubs}
    hubs.write_text(yaml.safe_dump(text, allow_unicode=True), encoding="utf-8")


def _secret_of(hubs: Path) -> Path:
    return hubs.with_name(f"{hubs.name}.secret")
