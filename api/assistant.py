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
from time import monotonic
from typing import Any, Final, Literal

import orjson
import structlog

from api.cores import beside
from api.workbench import pause
from evaluator.rete_frame import frame, frames
from rules.pack import Files

PATIENCE: Final = 5.0
"""Seconds that a case may wait for its answer."""

START_PATIENCE: Final = 60.0
"""Seconds that an assistant may take to read a pack."""

IDLE: Final = 900.0
"""Seconds without a case after which it goes."""

MOST_WAITING: Final = 16
"""Cases that wait for it at once; who comes then is quicker alone."""

FILES, CASE = b"P", b"C"
"""What the service says: the files of a pack, a case."""

READY, TOLD, DIFFERS, REFUSED = b"R", b"T", b"D", b"N"
"""What the assistant says: the digests of its pack, an answer, that the matchers differ, that
it has no answer."""

_LOOK: Final = 1.0
"""Seconds between two looks at how long somebody waits."""

_ROOM: Final = 1 << 20
_PROGRAM: Final = (
    "import sys; sys.path[:0] = sys.argv[1:]; from api.assisting import serve; serve()"
)

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
        self.pause, self.since = pause(), monotonic()
        self.told: Told | Differing | None = None


class Assistant:
    """One assistant; many threads may ask it. It can be asked once it has read its pack."""

    def __init__(self, files: Callable[[], Files], ruleset: str, catalogue: str) -> None:
        """`ruleset` and `catalogue` are the digests that the pack of the `files` must have."""
        self._digests = f"{ruleset}\n{catalogue}"
        self._lock = Lock()
        self._waiting: deque[_Wait] = deque()
        self._child: subprocess.Popen[bytes] | None = None
        self._ready = self._closed = self._lost = False
        self._used = monotonic()
        self._socket, self._theirs = socket.socketpair()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ROOM)
        self._thread = Thread(target=self._attend, args=(files,), name="assistant", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The id of its process, once there is one."""
        return self._child.pid if self._child else None

    @property
    def ready(self) -> bool:
        """Whether it can be asked."""
        return self._ready

    @property
    def ended(self) -> bool:
        """Whether it will never be asked again."""
        return self._closed

    @property
    def lost(self) -> bool:
        """Whether it ended though nobody wanted it to."""
        return self._lost

    def ask(self, raw: Mapping[str, Any]) -> Told | Differing | None:
        """Return what it says of a case; nothing where it cannot answer now, or not at all."""
        if not self._ready:
            return None
        try:
            asked = frame(CASE, orjson.dumps(raw).decode())
        except TypeError:  # no JSON: the service says what is wrong with it
            return None
        wait = _Wait()
        with self._lock:
            if not self._ready or len(self._waiting) >= MOST_WAITING:
                return None
            self._waiting.append(wait)
            try:
                self._socket.sendall(asked)
            except OSError:  # half a frame may be on its way: nothing can follow it
                self._waiting.pop()
                self._ready = False
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)
                return None
        wait.pause.wait()
        return wait.told

    def close(self) -> None:
        """End it; who waits is told nothing."""
        self._end()
        self._thread.join()

    def _end(self) -> None:
        with self._lock:
            self._ready, self._closed = False, True
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def _attend(self, files: Callable[[], Files]) -> None:
        """Start it, and hand its answers to whom they are for, until it ends."""
        reason = "it ended"
        try:
            with self._theirs:
                self._child = _started(self._theirs)
            self._bring(files())
            for sort, text in self._said():
                self._hear(sort, text)
        except Exception as error:  # noqa: BLE001 (whatever it is, nobody may wait for ever)
            reason = str(error) or type(error).__name__
        if not self._closed:
            self._lost = True
            _log.error("the assistant ended", reason=reason)
        self._end()
        self._socket.close()
        if self._child is not None:
            self._child.kill()
            self._child.wait()
        while self._waiting:
            self._waiting.popleft().pause.over()

    def _bring(self, files: Files) -> None:
        self._socket.settimeout(START_PATIENCE)
        texts = {name: b64encode(body).decode() for name, body in files.items()}
        self._socket.sendall(frame(FILES, orjson.dumps(texts).decode()))

    def _hear(self, sort: bytes, text: str) -> None:
        if sort == READY:
            if text != self._digests:
                raise ValueError("it reads the pack otherwise")
            self._socket.settimeout(_LOOK)
            self._ready = True
            return
        # It answers in the order in which it was asked.
        wait = self._waiting[0]
        wait.told = _read(sort, text)
        self._used = monotonic()
        self._waiting.popleft().pause.over()

    def _said(self) -> Iterator[tuple[bytes, str]]:
        """Yield what it says until it ends or has nothing to do for long."""
        came = bytearray()
        while True:
            try:
                data = self._socket.recv(1 << 18)
            except TimeoutError:
                if not self._ready or self._kept_waiting():
                    raise
                if monotonic() - self._used > IDLE:
                    self._end()
                    return
                continue
            if not data:
                return
            came += data
            yield from frames(came)

    def _kept_waiting(self) -> bool:
        with self._lock:
            return bool(self._waiting) and monotonic() - self._waiting[0].since > PATIENCE


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
        [sys.executable, "-I", "-c", _PROGRAM, str(Path(__file__).parents[1])],
        stdin=theirs.fileno(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in paths if name in os.environ},
    )
    beside(child.pid)
    return child
