r"""Console sessions: the files, commands and outputs that a page of the documentation shows.

In a page, a block ```` ```yaml some/file.yaml ```` is a file that the reader writes; in a block
```` ```console ```` a line that begins with `$ ` is a command (a `\\` at its end goes on in the
next line) and what follows is its output. In an output `…` stands for anything, a line of only
`…` for any lines.
"""

import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[1]
SHOWN_ADDRESSES = {"serve": "127.0.0.1:8000", "sandbox": "127.0.0.1:8001"}
"""Where the pages say that a command listens; the tests take free ports."""
START_PATIENCE = 60
"""Seconds that a server may take to listen."""
_BLOCK = re.compile(r"^```(\w+)(?: ([^\n]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Written:
    """A file that the reader of a page writes."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a page, and the output that the page shows at `place`, an offset."""

    text: str
    shown: str
    place: int


def acts(page: str) -> Iterator[Written | Command]:
    """Yield what a page does, in its order."""
    for block in _BLOCK.finditer(page):
        kind, path, text = block.groups()
        if kind == "console":
            yield from _commands(text, block.start(3))
        elif path:
            yield Written(path, text)


def _commands(block: str, place: int) -> Iterator[Command]:
    for begin in re.finditer(r"^\$ ((?:[^\n]*\\\n)*[^\n]*)\n", block, re.MULTILINE):
        rest = block[begin.end() :]
        following = re.search(r"^\$ ", rest, re.MULTILINE)
        shown = rest[: following.start()] if following else rest
        yield Command(begin.group(1), shown, place + begin.end())


def agrees(shown: str, printed: str) -> bool:
    """Return whether a shown output is what was printed, `…` standing for anything."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + r"\n"
        for line in shown.splitlines()
    )
    return re.fullmatch(pattern, printed) is not None


def refreshed(shown: str, printed: str) -> str:
    """Return what was printed, with `…` where the page has it, if what is left still agrees."""
    lines, kept, at = printed.splitlines(), [], 0
    for chunk in re.split(r"^…\n", shown, flags=re.MULTILINE):
        old = chunk.splitlines()
        if old:
            places = range(at, len(lines))
            at = next((n for n in places if agrees(old[0] + "\n", lines[n] + "\n")), len(lines))
            new = lines[at : at + len(old)]
            kept += [
                was if agrees(was + "\n", one + "\n") else one
                for was, one in zip(old, new, strict=False)
            ]
            at += len(new)
        kept.append("…")
    text = "\n".join(kept[:-1]) + "\n"
    return text if agrees(text, printed) else printed


class Session:
    """A shell in a folder of its own, with the `jianzheng` of this environment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._addresses = {
            shown: f"127.0.0.1:{_free_port()}" for shown in SHOWN_ADDRESSES.values()
        }
        self._servers: list[subprocess.Popen[str]] = []
        for name in ("docs", "examples", "rules"):
            (folder / name).symlink_to(ROOT / name)
        (folder / ".venv").mkdir()
        (folder / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
        paths = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
        self._environment = {
            **kept,
            "PATH": paths,
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "100",
            "TERM": "dumb",
            "NO_COLOR": "1",
            "no_proxy": "*",
            "PYTHONUTF8": "1",
        }
        self._shell = self._start(["bash"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in (*self._servers, self._shell):
            process.terminate()
            process.communicate()

    def write(self, file: Written) -> None:
        """Write a file of the page."""
        path = self._folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")

    def run(self, command: str) -> str:
        """Return what a command prints on both outputs; a server goes on serving."""
        for shown, address in self._addresses.items():
            command = command.replace(shown, address)
        if command.startswith(("jianzheng serve", "make run")):
            return self._serve("serve")
        if command.startswith("jianzheng sandbox --port 8001"):
            _, _, rest = command.partition("8001")
            return self._serve("sandbox", *rest.split())
        mark = secrets.token_hex(8)
        # The exit code is handed on, so that `echo $?` may come next.
        ending = f"code=$?; printf '\\n{mark}\\n'; (exit $code)"
        shell = self._shell
        assert shell.stdin is not None
        assert shell.stdout is not None
        shell.stdin.write(f"{command}\n{ending}\n")
        shell.stdin.flush()
        printed = "".join(iter(shell.stdout.readline, f"{mark}\n"))
        printed = self._as_shown(printed).strip("\n")
        return printed and printed + "\n"

    def _serve(self, command: str, *options: str) -> str:
        port = self._addresses[SHOWN_ADDRESSES[command]].rpartition(":")[2]
        server = self._start(["jianzheng", command, "--port", port, *options])
        self._servers.append(server)
        assert server.stdout is not None
        first = server.stdout.readline()
        _wait_for(int(port))
        return self._as_shown(first)

    def _as_shown(self, printed: str) -> str:
        for shown, address in self._addresses.items():
            printed = printed.replace(address, shown)
        return printed

    def _start(self, words: list[str]) -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603 (the pages of this project)
            words,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def _wait_for(port: int) -> None:
    """Wait until somebody listens; the address is printed a moment earlier."""
    until = time.monotonic() + START_PATIENCE
    while time.monotonic() < until:
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
