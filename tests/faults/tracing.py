"""Tracing: what a server asks of the kernel, and what the kernel is made to answer."""

import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WRITES = "pwrite64,write,fdatasync,fsync,ftruncate"
_LINE = re.compile(r"(?P<task>\d+) +(?P<rest>.*)", re.DOTALL)
PATIENCE = 20


def strace() -> str:
    """Return the path of strace, which `tests/setup-postgresql` installs."""
    found = shutil.which("strace")
    assert found, "install strace: tests/setup-postgresql"
    return found


@contextmanager
def traced(process: int, path: Path, *options: str) -> Iterator[None]:
    """Trace a running process with all its threads into a file."""
    said = path.with_suffix(".said")
    with said.open("wb") as out:
        tracer = subprocess.Popen(  # noqa: S603 (Debian's strace on our own server)
            [strace(), "-f", "-y", "-o", str(path), *options, "-p", str(process)], stderr=out
        )
        try:
            _wait_until_attached(process, tracer, said)
            yield
        finally:
            tracer.send_signal(signal.SIGINT)
            tracer.wait(PATIENCE)


def _wait_until_attached(process: int, tracer: "subprocess.Popen[bytes]", said: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and tracer.poll() is None:
        status = [one / "status" for one in Path(f"/proc/{process}/task").iterdir()]
        if all(f"TracerPid:\t{tracer.pid}\n" in one.read_text() for one in status):
            return
        time.sleep(0.01)
    raise AssertionError(f"strace could not attach: {said.read_text()}")


@dataclass(frozen=True)
class Call:
    """One system call: the lines at which it began and ended (-1: never), and its text."""

    task: int
    began: int
    ended: int
    text: str

    def is_(self, *names: str) -> bool:
        """Tell whether it is a call of one of these names."""
        return self.text.startswith(tuple(f"{name}(" for name in names))


def calls(path: Path) -> list[Call]:
    """Return the calls of a trace; those that were interrupted by other lines are joined."""
    found: list[Call] = []
    open_calls: dict[int, tuple[int, str]] = {}
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines):
            match = _LINE.match(line)
            if match is None or match["rest"].startswith(("---", "+++")):
                continue
            task, rest = int(match["task"]), match["rest"].rstrip("\n")
            if rest.endswith("<unfinished ...>"):
                open_calls[task] = number, rest.removesuffix("<unfinished ...>")
            elif rest.startswith("<... "):
                began, head = open_calls.pop(task, (number, ""))
                found.append(Call(task, began, number, head + rest.partition(" resumed>")[2]))
            else:
                found.append(Call(task, number, number, rest))
    found += [Call(task, began, -1, text) for task, (began, text) in open_calls.items()]
    return sorted(found, key=lambda call: call.began)
