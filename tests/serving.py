"""A real server on a database of its own, as an installation would run it."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PROGRAM = Path(sys.executable).parent / "jianzheng"


def environment(database: Path) -> Mapping[str, str]:
    """Return the environment of an installation whose database is this file."""
    rest = {key: value for key, value in os.environ.items() if "JIANZHENG" not in key}
    return rest | {"JIANZHENG_DATABASE_URL": f"sqlite:///{database}"}


def release(pack: Path, day: str, database: Path) -> str:
    """Put a pack into force from a day, and return what the clerk sees."""
    done = subprocess.run(  # noqa: S603 (our own program)
        [PROGRAM, "release", pack, "--from", day],
        env=environment(database),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def served(database: Path) -> Iterator[str]:
    """Serve on a free port, and give the address without a slash at the end."""
    server = subprocess.Popen(  # noqa: S603 (our own program)
        [PROGRAM, "serve", "--port", "0"],
        env=environment(database),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        said = server.stdout.readline()
        yield "http" + said.strip().partition("http")[2].rstrip("/")
    finally:
        server.terminate()
        server.wait(timeout=20)
        server.stdout.close()
