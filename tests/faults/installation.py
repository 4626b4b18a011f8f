"""Installations to be broken: a real server, its database and its keys, in a folder."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from threading import Thread
from typing import Any, Self

import orjson

from api.office import Office
from api.opening import open_store, open_to_read
from api.settings import Settings
from api.store import Kept, Store
from audit.export import export
from knowledge.fault import FaultsError
from knowledge.strict_json import read_json
from rules.pack import Reader
from tests.effort import THOROUGH
from tests.ledger import Verdict, run_verifier
from tests.product import Json, files_of
from tests.small_pack import sound_case, sound_pack

PROGRAM = Path(sys.executable).parent / "jianzheng"
EVER = date(1949, 10, 1)
PATIENCE = 60


@dataclass(frozen=True)
class Acknowledged:
    """What a client was told: the number and the receipt of a decision."""

    number: str
    digest: str
    leaf: str
    promise: str

    @classmethod
    def read(cls, body: bytes) -> Self:
        """Return what an answer of 201 says."""
        receipt = orjson.loads(body)["receipt"]
        return cls(*(receipt[name] for name in ("number", "digest", "leaf", "promise")))


@dataclass
class Running:
    """A server that runs: its process and its port."""

    process: "subprocess.Popen[bytes]"
    port: int

    def connection(self) -> HTTPConnection:
        """Return a connection to the server."""
        return HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[HTTPResponse, bytes]:
        """Return the answer to one request, and its body."""
        connection = self.connection()
        connection.request(method, path, body, dict(headers or {}))
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer, text

    def post(self, case: Any) -> tuple[int, bytes]:
        """Return status and body of the answer to a case."""
        kind = {"content-type": "application/json"}
        body = case if isinstance(case, bytes) else orjson.dumps(case)
        answer, text = self.ask("POST", "/api/v1/decisions", body, kind)
        return answer.status, text

    def kill(self) -> None:
        """End the server at once: it cannot do anything about it."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)


@dataclass
class Installation:
    """A database with its keys, where the small pack is in force since ever."""

    folder: Path
    url: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.url = self.url or f"sqlite:///{self.database}"

    @property
    def database(self) -> Path:
        """The file of an SQLite database."""
        return self.folder / "record.db"

    @property
    def keys(self) -> Path:
        """The folder of the keys."""
        return self.folder / "keys"

    @property
    def settings(self) -> Settings:
        """Where the record is."""
        return Settings(self.url, self.keys)

    @property
    def environment(self) -> dict[str, str]:
        """What a process of this installation reads."""
        rest = {key: value for key, value in os.environ.items() if "JIANZHENG" not in key}
        named = {"JIANZHENG_DATABASE_URL": self.url, "JIANZHENG_KEYS": str(self.keys)}
        return {**rest, **named, **self.extra}

    def begun(self, pack: Json | None = None) -> Self:
        """Begin the record, and put a pack into force; by default the small one."""
        with self.opened() as store:
            files = files_of(pack or sound_pack())
            store.release(Reader(files).pack(), files, EVER)
        return self

    @contextmanager
    def opened(self, *, to_read: bool = False) -> Iterator[Store]:
        """Open the store in this process."""
        store = open_to_read(self.settings) if to_read else open_store(self.settings)
        try:
            yield store
        finally:
            store.close()

    def run(
        self, *words: str | Path, before: Sequence[str] = (), **surroundings: str
    ) -> "subprocess.CompletedProcess[str]":
        """Return what a command of the command line printed; words before it may confine it."""
        return subprocess.run(  # noqa: S603 (our own program)
            [*before, PROGRAM, *words],
            env=self.environment | surroundings,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE * (30 if THOROUGH else 1),
        )

    @contextmanager
    def served(
        self,
        *before: str,
        output: Path | None = None,
        program: Sequence[str | Path] = (PROGRAM, "serve"),
    ) -> Iterator[Running]:
        """Serve on a free port; words before the command may trace or confine it."""
        with (output or self.folder / "output").open("ab") as out:
            process = subprocess.Popen(  # noqa: S603 (our own program)
                [*before, *program, "--port", "0"],
                env=self.environment | {"PYTHONUNBUFFERED": "1"},
                stdout=subprocess.PIPE,
                stderr=out,
            )
            assert process.stdout is not None
            try:
                said = process.stdout.readline().decode()
                out.write(said.encode())
                assert "http://" in said, self.said
                running = Running(process, int(said.strip().rstrip("/").rpartition(":")[2]))
                _wait_until_served(running)
                yield running
            finally:
                if process.poll() is None:
                    process.terminate()
                    process.wait(PATIENCE)
                out.write(process.stdout.read())
                process.stdout.close()

    @property
    def said(self) -> str:
        """What the servers of this installation have written on both outputs."""
        return (self.folder / "output").read_text("utf-8", errors="replace")

    def decided(self, cases: Iterable[Json]) -> list[Kept]:
        """Decide and keep cases in this process, as a server would; faulty ones are refused."""
        with self.opened() as store:
            office = Office(store)
            kept = [one for case in cases if (one := _answered(office, case))]
            office.close()
        return kept

    def numbers(self) -> set[str]:
        """Return the numbers of all decisions that can be opened, each with all its bytes."""
        with self.opened(to_read=True) as store:
            return {kept.number for kept in store.decisions()}

    def placed(self) -> None:
        """Give all that waits its place, as the next server to start would."""
        with self.opened() as store:
            place(store)

    def exported(self, name: str = "export") -> Path:
        """Export into a new folder, after all that waits has its place."""
        self.placed()
        with self.opened() as store, store.log() as log:
            export(log, self.folder / name)
        return self.folder / name

    def verdict(self, acknowledged: Sequence[Acknowledged] = ()) -> Verdict:
        """Export and verify; what was promised must be in the tree, in time."""
        name = f"export-{len(list(self.folder.glob('export-*')))}"
        folder = self.exported(name)
        options: list[str] = []
        for each in acknowledged:
            path = folder.with_name(f"{name}-{each.number}")
            path.write_text(each.promise, encoding="utf-8")
            options += ["--receipt", str(path)]
        return run_verifier(folder, *options)


def _answered(office: Office, case: Json) -> Kept | None:
    try:
        return office.answer(read_json(orjson.dumps(case)))[1]
    except FaultsError:
        return None


def place(store: Store) -> None:
    """Give all that waits its place."""
    placed = True
    while placed:
        with store.log() as log:
            placed = bool(store.keys.log.sequence(log, store.milliseconds()).placed)


def _wait_until_served(running: Running) -> None:
    """Wait for the first answer: the port listens before the office is open."""
    answer, _ = running.ask("GET", "/api/v1/decisions/none")
    assert answer.status in (401, 404)  # where there are accounts, nobody else is told


class Client(Thread):
    """A client who posts cases one after another, and notes what it was told, until it fails.

    `asked` counts the requests sent, `refused` holds the answers that were no decision.
    """

    def __init__(self, running: Running, case: Callable[[], Json] = sound_case) -> None:
        super().__init__(daemon=True)
        self._connection, self._case = running.connection(), case
        self.told: list[Acknowledged] = []
        self.refused: list[tuple[int, bytes]] = []
        self.asked = 0

    def run(self) -> None:
        """Post until the connection breaks."""
        try:
            while True:
                self._post()
        except (OSError, HTTPException):
            self._connection.close()

    def _post(self) -> None:
        kind = {"content-type": "application/json"}
        self.asked += 1
        self._connection.request("POST", "/api/v1/decisions", json.dumps(self._case()), kind)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status == 201:
            self.told.append(Acknowledged.read(body))
        else:
            self.refused.append((answer.status, body))
