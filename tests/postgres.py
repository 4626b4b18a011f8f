"""A PostgreSQL of our own: started in a new folder, reached through a socket there."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

FOLDERS = [*map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"))), os.environ["PATH"]]


def program(name: str) -> str | None:
    """Return the path of a program of PostgreSQL, where Debian or the user put it."""
    return shutil.which(name, path=":".join(FOLDERS))


def emptied(server: Engine) -> Engine:
    """Return the server with nothing in its database."""
    with server.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    return server


@contextmanager
def postgres() -> Iterator[str]:
    """Run a server; the value is its SQLAlchemy URL. It keeps what it commits, as it should."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    as_owner: list[str] = []
    if os.getuid() == 0:
        # The server refuses to run as root.
        shutil.chown(folder, "postgres")
        as_owner = ["runuser", "-u", "postgres", "--"]
    data, owner = folder / "data", ["-U", "postgres"]

    def run(name: str, *arguments: str) -> None:
        subprocess.run(  # noqa: S603 programs of Debian's package
            [*as_owner, str(program(name)), *arguments],
            check=True,
            capture_output=True,
            cwd=folder,
        )

    run("initdb", "-D", str(data), *owner, "--no-sync", "--auth=trust", "--locale=C.UTF-8")
    options = f"-k {folder} -c listen_addresses=''"
    run("pg_ctl", "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)
