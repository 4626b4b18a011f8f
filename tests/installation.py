"""An installation to test with: a record and its keys in a folder, served by a real server."""

import io
import json
import os
import shutil
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import uvicorn

from api.app import create_app
from api.cli import main
from api.settings import DATABASE_URL, Settings

PROGRAM = Path(sys.executable).parent / "jianzheng"
COMPANY = Path(__file__).parents[1] / "docs" / "examples" / "company.json"
PATIENCE = 20


@dataclass(frozen=True)
class Ran:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Installation:
    """A folder with a record."""

    folder: Path

    @property
    def settings(self) -> Settings:
        """Where the record lies."""
        return Settings.of(f"sqlite:///{self.folder / 'record.db'}")

    def run(self, *words: object) -> Ran:
        """Run a command of ours over this record, as `main` runs it."""
        out, err = io.StringIO(), io.StringIO()
        before, arguments = os.environ.get(DATABASE_URL), sys.argv
        os.environ[DATABASE_URL] = self.settings.database_url
        sys.argv = ["jianzheng", *map(str, words)]
        try:
            with redirect_stdout(out), redirect_stderr(err):
                main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        finally:
            sys.argv = arguments
            del os.environ[DATABASE_URL]
            if before is not None:
                os.environ[DATABASE_URL] = before
        return Ran(code, out.getvalue(), err.getvalue())

    def copied(self, folder: Path) -> "Installation":
        """Return the same installation as it stands now, in another folder; not served."""
        shutil.copytree(self.folder, folder)
        return Installation(folder)

    def trust(self, key: object) -> None:
        """Take cosignatures of a witness from the next start on."""
        with (self.settings.keys / "witnesses").open("a", encoding="utf-8") as out:
            out.write(f"{key}\n")

    @contextmanager
    def served(self, port: int = 0) -> Iterator["Client"]:
        """Serve; give a client."""
        config = uvicorn.Config(create_app(self.settings), log_level="critical")
        server = uvicorn.Server(config)
        listener = socket.create_server(("127.0.0.1", port))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the server did not start"
                time.sleep(0.02)
            taken = listener.getsockname()[1]
            with httpx2.Client(base_url=f"http://127.0.0.1:{taken}", timeout=60) as http:
                yield Client(http, taken)
        finally:
            server.should_exit = True
            thread.join()
            listener.close()


@dataclass(frozen=True)
class Client:
    """Somebody who asks a served installation."""

    http: httpx2.Client
    port: int

    @property
    def url(self) -> str:
        """The address of the server."""
        return f"http://127.0.0.1:{self.port}"

    def decide(self, **changed: Any) -> dict[str, Any]:
        """Have the example decided; return the receipt, once the entry has its place."""
        case = json.loads(COMPANY.read_text(encoding="utf-8")) | changed
        answer = self.http.post("/api/v1/decisions", json=case)
        assert answer.status_code == 201, answer.text
        receipt: dict[str, Any] = answer.json()["receipt"]
        until = time.monotonic() + PATIENCE
        while self.http.get(f"/api/v1/log/proof/inclusion/{receipt['leaf']}").is_error:
            assert time.monotonic() < until, "the entry got no place"
            time.sleep(0.05)
        return receipt

    def size(self) -> int:
        """Return the size of the last checkpoint."""
        return int(self.http.get("/api/v1/log/checkpoint").text.split("\n")[1])
