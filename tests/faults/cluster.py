"""A PostgreSQL that can be killed and started again, in a folder of its own, fsync on."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.postgres import program

OWNER = "postgres"
PATIENCE = 30


class Cluster:
    """A server in a new folder, which it leaves behind when it is killed."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="cluster-"))
        self.data = self.folder / "data"
        self._as_owner: list[str] = []
        if os.getuid() == 0:
            # The server refuses to run as root.
            shutil.chown(self.folder, OWNER)
            self._as_owner = ["runuser", "-u", OWNER, "--"]
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port = int(listener.getsockname()[1])
        self._run(
            "initdb", "-D", str(self.data), "-U", OWNER, "--auth=trust", "--locale=C.UTF-8"
        )

    def url(self, name: str, role: str = OWNER) -> str:
        """Return the address of a database, as `JIANZHENG_DATABASE_URL` wants it."""
        return f"postgresql+psycopg://{role}@127.0.0.1:{self.port}/{name}"

    def address(self, name: str, role: str = OWNER) -> str:
        """Return the address of a database, as PostgreSQL's own library wants it."""
        return f"host=127.0.0.1 port={self.port} dbname={name} user={role}"

    def start(self) -> None:
        """Start, and recover if it was killed."""
        options = f"-k {self.folder} -p {self.port} -c listen_addresses=127.0.0.1 -c fsync=on"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.data), "-o", options, "-l", log, "-w", "start")

    def kill(self) -> None:
        """Kill the server and all that work for it, as a power cut would."""
        first = int((self.data / "postmaster.pid").read_text().split()[0])
        family = subprocess.run(  # noqa: S603 (the children of our own server)
            ["ps", "--ppid", str(first), "-o", "pid="],  # noqa: S607 (Debian's)
            capture_output=True,
            text=True,
            check=False,
        )
        killed = (first, *map(int, family.stdout.split()))
        for one in killed:
            _signalled(one, signal.SIGKILL)
        until = time.monotonic() + PATIENCE
        while any(_signalled(one, 0) for one in killed) and time.monotonic() < until:
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop, and remove the folder."""
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder)

    def execute(self, statement: str, name: str = "postgres", role: str = OWNER) -> None:
        """Run a statement outside a transaction."""
        with psycopg.connect(self.address(name, role), autocommit=True) as connection:
            connection.execute(statement.encode())

    def new(self, name: str) -> str:
        """Make a database, and return its address."""
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def _run(self, name: str, *arguments: str) -> None:
        subprocess.run(  # noqa: S603 (programs of Debian's package)
            [*self._as_owner, str(program(name)), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
        )


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Run a server of our own."""
    cluster = Cluster()
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()


def _signalled(process: int, number: int) -> bool:
    """Send a signal; tell whether there was such a process."""
    try:
        os.kill(process, number)
    except ProcessLookupError:
        return False
    return True
