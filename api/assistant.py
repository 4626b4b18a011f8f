"""Assistants: a process that works answers out beside the service, over one pack.

One interpreter computes on one core at a time. To decide is a pure function of pack and case,
so another can do it: it gets the files of the release and proves by the digests of rules and
catalogue that it reads them as the service does. It has both matchers and gives nothing where
they differ. Whatever it cannot do, and all that it was asked when it ends, the service works
out itself, as if there were none.
"""

import os
import socket
import subprocess
import sys
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Final, Literal

import orjson
import structlog

from api.cores import beside
from api.workbench import pause
from evaluator.rete_frame import frame, frames
from rules.pack import Files

PATIENCE: Final = 5.0
"""Seconds that it may be silent while somebody waits."""

START_PATIENCE: Final = 60.0
"""Seconds that it may take to read a pack."""

MOST_WAITING: Final = 16
"""Cases that wait for it at once; who comes then is quicker alone."""

FILES, CASE = b"P", b"C"
"""What the service says: the files of a pack, a case."""
READY, TOLD, DIFFERS, REFUSED = b"R", b"T", b"D", b"N"
"""What the assistant says: the digests of its pack, an answer, that the matchers differ, that
it has no answer."""

_ROOM: Final = 1 << 20
_PROGRAM: Final = "import sys; sys.path[:0] = sys.argv[1:]; from api.assisting import serve; serve()"

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: canonical bytes of decision and case, and what the service needs of both."""

    encoded: bytes
    form: bytes
    matchers: Literal["both", "reference"]
    engine_fault: str | None
    items: tuple[str, ...]
    persons: tuple[str, ...]
    statutory: int


@dataclass(frozen=True, slots=True)
class Differing:
    """The matchers differ on one of the views of a case."""

    view: int
    live: Sequence[Any]
    reference: Sequence[Any]


class _Wait:
    """A case that waits for its answer; none if there will be none."""

    def __init__(self) -> None:
        self.pause = pause()
        self.told: Told | Differing | None = None


class Assistant:
    """One assistant; many threads may ask it. It is there as soon as it has read the pack."""

    def __init__(self, files: Callable[[], Files], ruleset: str, catalogue: str) -> None:
        """`ruleset` and `catalogue` are the digests that what the `files` say must have."""
        self._digests = [ruleset, catalogue]
        self._lock = Lock()
        self._waiting: deque[_Wait] = deque()
        self._ready = self._closed = False
        self._socket, theirs = socket.socketpair()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ROOM)
        with theirs:
            self._child = _started(theirs)
        Thread(target=self._attend, args=(files,), name="assistant", daemon=True).start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.pid

    @property
    def ready(self) -> bool:
        """Whether it can be asked."""
        return self._ready

    @property
    def ended(self) -> bool:
        """Whether it will never be asked again."""
        return self._closed

    def ask(self, raw: Mapping[str, Any]) -> Told | Differing | None:
        """Return what it says of a case; nothing where it cannot answer now, or not at all."""
        wait = _Wait()
        try:
            asked = frame(CASE, orjson.dumps(raw).decode())
        except TypeError:
            return None
        with self._lock:
            if not self._ready or len(self._waiting) >= MOST_WAITING:
                return None
            self._waiting.append(wait)
            try:
                self._socket.sendall(asked)
            except OSError:
                self._waiting.pop()
                return None
        wait.pause.wait()
        return wait.told

    def close(self) -> None:
        """End it; who waits is told nothing."""
        with self._lock:
            self._ready, self._closed = False, True
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._child.kill()
        self._child.wait()

    def _attend(self, files: Callable[[], Files]) -> None:
        """Bring it the pack, and then its answers to whom they are for, in order."""
        reason = "it ended"
        try:
            self._bring(files())
            for sort, text in self._said():
                if (sort, text) == (READY, "\n".join(self._digests)):
                    self._socket.settimeout(PATIENCE)
                    self._ready = True
                    continue
                wait = self._waiting[0]
                wait.told = _read(sort, text)
                self._waiting.popleft().pause.over()
        except Exception as error:  # noqa: BLE001 (whatever it is, nobody may wait for ever)
            reason = str(error) or type(error).__name__
        if not self._closed:
            _log.error("the assistant ended", reason=reason)
        self.close()
        self._socket.close()
        while self._waiting:
            self._waiting.popleft().pause.over()

    def _bring(self, files: Files) -> None:
        self._socket.settimeout(START_PATIENCE)
        texts = {name: b64encode(body).decode() for name, body in files.items()}
        self._socket.sendall(frame(FILES, orjson.dumps(texts).decode()))

    def _said(self) -> Iterator[tuple[bytes, str]]:
        """Yield what it says until it ends, or raise `OSError`; silence is no end by itself."""
        came = bytearray()
        while True:
            try:
                data = self._socket.recv(1 << 18)
            except TimeoutError:
                if self._ready and not self._waiting:
                    continue
                raise
            if not data:
                return
            came += data
            yield from frames(came)


def _read(sort: bytes, text: str) -> Told | Differing | None:
    if sort == DIFFERS:
        return Differing(*orjson.loads(text))
    if sort != TOLD:
        return None
    head, form, encoded = text.split("\n")
    matchers, fault, items, persons, statutory = orjson.loads(head)
    return Told(
        encoded.encode(),
        form.encode(),
        matchers,
        fault,
        tuple(items),
        tuple(persons),
        statutory,
    )


def _started(theirs: socket.socket) -> "subprocess.Popen[bytes]":
    paths = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # nothing of the service's secrets
    child = subprocess.Popen(  # noqa: S603 (our own interpreter and program)
        [sys.executable, "-I", "-B", "-c", _PROGRAM, str(Path(__file__).parents[1])],
        stdin=theirs.fileno(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in paths if name in os.environ},
    )
    beside(child.pid)
    return child
