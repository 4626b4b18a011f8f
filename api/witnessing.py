"""Witnessing: a second small service, run by others than the office, that watches its log.

It asks for the last checkpoint and the proof that it grew from the one it kept, cosigns, and
hands the cosignature to the log. A log that shrank or was rewritten gets none: that is kept as
an alarm, and stays until the witness's operator has looked.
"""

import json
import secrets
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import Request as Call
from urllib.request import urlopen

from audit.checkpoint import Checkpoint, time_of
from audit.error import AuditError
from audit.note import Ed25519Signer, Note, Signature, VerifierKey
from audit.witness import ForkError, Request, RollbackError, UnsignedError, Witness

PATIENCE: Final = 10
"""Seconds that the log may take to answer."""

LARGEST_ANSWER: Final = 1_000_000


class UnreachableError(AuditError):
    """A log that does not answer as a log does."""


class UnknownKeyError(AuditError):
    """A log whose key nobody has told this witness yet."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"this log signs with the key {key}; compare it with what its office has "
            f"published on paper, then start once with --key '{key}'"
        )


class RemoteLog:
    """A log as it can be asked over its REST."""

    def __init__(self, url: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise UnreachableError(f"`{url}` is no address; write http://host:port")
        self._url = url.rstrip("/") + "/api/v1/log"

    def checkpoint(self) -> str:
        """Return the last checkpoint."""
        return self._ask("/checkpoint").decode()

    def consistency(self, old_size: int) -> tuple[tuple[bytes, ...], str]:
        """Return the proof from an older size, and the checkpoint that it leads to."""
        answer = json.loads(self._ask(f"/proof/consistency?old_size={old_size}"))
        return tuple(b64decode(one) for one in answer["path"]), answer["checkpoint"]

    def keys(self) -> list[tuple[VerifierKey, bytes]]:
        """Return the keys of the log with the entries that name them."""
        answer = json.loads(self._ask("/keys"))
        return [(VerifierKey.parse(one["key"]), b64decode(one["entry"])) for one in answer]

    def hand_over(self, note: str) -> None:
        """Give the log a cosigned checkpoint."""
        self._ask("/cosignatures", note.encode())

    def _ask(self, path: str, body: bytes | None = None) -> bytes:
        headers = {"Content-Type": "text/plain; charset=utf-8"} if body else {}
        call = Call(self._url + path, body, headers)  # noqa: S310 (http and https only)
        try:
            with urlopen(call, timeout=PATIENCE) as answer:  # noqa: S310 (see above)
                return bytes(answer.read(LARGEST_ANSWER))
        except HTTPError as error:
            with error:
                said = _detail(error.read(LARGEST_ANSWER))
            raise UnreachableError(f"the log refuses `{path}` ({error.code}): {said}") from None
        except (URLError, OSError) as error:
            raise UnreachableError(f"the log does not answer ({error}); try again") from None


def _detail(body: bytes) -> str:
    """Return what a problem document (RFC 9457) says."""
    try:
        return str(json.loads(body)["detail"])
    except (ValueError, KeyError, TypeError):
        return "without saying why"


@dataclass
class Watch:
    """A witness at work on one log.

    `alarm` is why it refuses to sign, `trouble` why it could not ask just now.
    """

    log: RemoteLog
    witness: Witness
    folder: Path
    clock: Callable[[], int]
    origin: str = ""
    alarm: str = ""
    trouble: str = ""
    _lock: Lock = field(default_factory=Lock, repr=False)

    def begin(self, trusted: VerifierKey | None) -> None:
        """Learn which log this is; a new one is watched only by a key that was told.

        The folder remembers it, so that a log cannot come back as another one.
        """
        remembered = self.folder / "origin"
        if remembered.exists():
            self.origin = remembered.read_text(encoding="utf-8").strip()
            return
        if trusted is None:
            raise UnknownKeyError(str(self.log.keys()[-1][0]))
        self.witness.watch(trusted)
        remembered.write_text(trusted.name + "\n", encoding="utf-8")
        self.origin = trusted.name

    @property
    def cosigned(self) -> str:
        """The last checkpoint that was cosigned, with its cosignature, or nothing."""
        path = self.folder / "cosigned"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    @property
    def seen_at(self) -> int:
        """The time of the last cosignature, in seconds since 1970, UTC; 0 before the first."""
        cosigned = self.cosigned
        return time_of(Note.parse(cosigned), self.witness.signer.key) if cosigned else 0

    def once(self) -> bool:
        """Look at the log and cosign; tell whether it went well, and remember why not."""
        with self._lock:
            try:
                note = self._cosign()
                self.log.hand_over(note)
            except (RollbackError, ForkError) as error:
                self.alarm = str(error)
            except (AuditError, ValueError, KeyError, TypeError) as error:
                self.trouble = str(error)
            else:
                self.alarm = self.trouble = ""
            return not (self.alarm or self.trouble)

    def add(self, request: Request) -> str:
        """Return the cosignature of a checkpoint that the log brings itself (C2SP)."""
        with self._lock:
            line = self.witness.cosign(request, self.clock())
            self._keep(request.note, line)
            return line

    def _cosign(self) -> str:
        request = self._request()
        try:
            line = self.witness.cosign(request, self.clock())
        except UnsignedError:
            # The log may have gone over to another key since: each key names the next.
            self._follow()
            line = self.witness.cosign(request, self.clock())
        return self._keep(request.note, line)

    def _request(self) -> Request:
        last = self.witness.last(self.origin)
        kept = Checkpoint.parse(Note.parse(last).text).size if last else 0
        note = self.log.checkpoint()
        size = Checkpoint.parse(Note.parse(note).text).size
        if size < kept:  # no proof leads there: the witness says that the log rolled back
            return Request(size, (), note)
        proof, note = self.log.consistency(kept)
        return Request(kept, proof if last else (), note)

    def _follow(self) -> None:
        for _, entry in self.log.keys()[1:]:
            try:
                self.witness.follow(entry)
            except AuditError:
                continue  # a key from before the one that is known

    def _keep(self, note: str, line: str) -> str:
        signature = Signature.parse(line.strip())
        cosigned = str(Note.parse(note).with_signatures([signature]))
        draft = self.folder / "cosigned.new"
        draft.write_text(cosigned, encoding="utf-8")
        draft.replace(self.folder / "cosigned")
        return cosigned

    def run(self, stop: Event, seconds: int, told: Callable[[str], None]) -> None:
        """Look every so many seconds until told to stop; say what changed, once."""
        before: str | None = None
        while not stop.is_set():
            self.once()
            said = self.alarm or self.trouble
            if said != (before or ""):
                told(f"ALARM: {said}" if self.alarm else said or "the log is well again")
            before = said
            stop.wait(seconds)

    def status(self) -> dict[str, Any]:
        """Return how the watch stands, for people and monitors."""
        cosigned = self.cosigned
        size = Checkpoint.parse(Note.parse(cosigned).text).size if cosigned else 0
        return {
            "witness": str(self.witness.signer.key.timestamped),
            "log": self.origin,
            "size": size,
            "seen_at": self.seen_at,
            "alarm": self.alarm,
            "trouble": self.trouble,
        }


def open_witness(folder: Path, name: str = "") -> Witness:
    """Return the witness of a folder, with a key of its own that is made the first time."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    named, key = folder / "name", folder / "witness.key"
    if not key.exists():
        named.write_text((name or f"witness/{secrets.token_hex(4)}") + "\n", encoding="utf-8")
        Ed25519Signer.create(named.read_text(encoding="utf-8").strip(), key)
    signer = Ed25519Signer.read(named.read_text(encoding="utf-8").strip(), key)
    return Witness(signer, folder / "witness.json")
