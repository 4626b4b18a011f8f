"""The witness: keeps the last checkpoint of a log, and cosigns only what grows from it.

It is run by others than those who run the log, with a file of its own. Requests and answers are
those of C2SP tlog-witness; `status` of a refusal is the HTTP status that goes with it.
"""

import fcntl
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from audit.checkpoint import Checkpoint, opened
from audit.entry import Entry
from audit.error import AuditError
from audit.note import Note, NoteError, Signer, VerifierKey, cosign
from audit.succession import Succession
from audit.tree import proves_consistency

MOST_PROOF_LINES = 63


class WitnessError(AuditError):
    """What the witness refuses to cosign."""

    status = 400


class UnknownLogError(WitnessError):
    """The witness watches no log of this origin."""

    status = 404


class UnsignedError(WitnessError):
    """The checkpoint is not signed by the log's key that the witness knows."""

    status = 403


class ConflictError(WitnessError):
    """The request starts from another size than the witness keeps; `size` is what it keeps."""

    status = 409

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__(f"the last cosigned checkpoint has {size} entries; prove from there")


class RollbackError(ConflictError):
    """The log is shorter than it was: an old backup is restored, or its tail is cut. Alarm."""


class ForkError(WitnessError):
    """The log signed two histories: the checkpoint does not grow from the last one. Alarm."""

    status = 422

    def __init__(self, message: str, *, same_size: bool = False) -> None:
        # The protocol answers another root for the same size with 409.
        self.status = 409 if same_size else 422
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Request:
    """A checkpoint to cosign, the size it grows from, and the proof of consistency."""

    old_size: int
    proof: tuple[bytes, ...]
    note: str

    def __str__(self) -> str:
        lines = "".join(f"{b64encode(each).decode()}\n" for each in self.proof)
        return f"old {self.old_size}\n{lines}\n{self.note}"

    @classmethod
    def parse(cls, body: str) -> Self:
        """Return the request of a body, or raise `WitnessError`."""
        head, gap, note = body.partition("\n\n")
        first, *lines = head.split("\n")
        word, _, size = first.partition(" ")
        if word != "old" or not gap or not size.isdecimal() or len(lines) > MOST_PROOF_LINES:
            raise WitnessError(
                "the request is not: `old` and a size, proof lines, a checkpoint"
            )
        try:
            proof = tuple(b64decode(line, validate=True) for line in lines)
        except ValueError:
            raise WitnessError("a proof line is not base64") from None
        return cls(int(size), proof, note)


class Witness:
    """A cosigner with a memory of one file.

    INVARIANT (one history): of each origin, every checkpoint cosigned is a prefix of the next.
    """

    def __init__(self, signer: Signer, path: Path) -> None:
        self.signer = signer
        self._path = path

    def watch(self, key: VerifierKey) -> None:
        """Begin to witness the log of a key, by decision of the witness's operator."""
        with self._memory() as logs:
            if key.name in logs:
                raise WitnessError(f"the log `{key.name}` is already watched")
            logs[key.name] = {"key": str(key), "size": 0, "note": ""}

    def follow(self, encoded: bytes) -> VerifierKey:
        """Go over to the next key of a log, as the sealed entry of kind `key` says."""
        succession = Succession.parse(Entry.parse(encoded))
        with self._memory() as logs:
            log = _watched(logs, succession.origin)
            after = succession.follow(succession.origin, VerifierKey.parse(log["key"]))
            log["key"] = str(after)
        return after

    def cosign(self, request: Request, time: int) -> str:
        """Return the cosignature line of a checkpoint at a time in seconds since 1970, UTC.

        Raise a `WitnessError` unless the log signed it and it grows from the last one. What is
        signed by the log and does not grow is kept as evidence beside the file.
        """
        with self._memory() as logs:
            note = _note(request.note)
            log = _watched(logs, note.text.partition("\n")[0])
            try:
                new = opened(note, VerifierKey.parse(log["key"]))
            except NoteError as error:
                raise UnsignedError(f"{error}") from None
            if request.old_size > new.size:
                raise WitnessError(
                    "the old size is larger than the checkpoint; a log only grows"
                )
            self._require_growth(log, request, new)
            log |= {"size": new.size, "note": request.note}
        return str(cosign(note.text, self.signer, time)) + "\n"

    def last(self, origin: str) -> str | None:
        """Return the last checkpoint cosigned for a log, or raise `UnknownLogError`."""
        with self._memory() as logs:
            return _watched(logs, origin)["note"] or None

    def _require_growth(self, log: dict[str, Any], request: Request, new: Checkpoint) -> None:
        if request.old_size != log["size"]:
            refusal = RollbackError if new.size < log["size"] else ConflictError
            raise refusal(log["size"])
        if not log["note"]:
            if request.proof:
                raise ForkError("the first checkpoint needs no proof; send none")
            return
        old = Checkpoint.parse(Note.parse(log["note"]).text)
        if not proves_consistency(old.head, new.head, request.proof):
            self._keep_evidence(log, request)
            raise ForkError(
                f"the checkpoint does not grow from that of {old.size} entries",
                same_size=old.size == new.size,
            )

    def _keep_evidence(self, log: dict[str, Any], request: Request) -> None:
        line = json.dumps(
            {"cosigned": log["note"], "refused": str(request)}, ensure_ascii=False
        )
        with self._path.with_suffix(".evidence").open("a", encoding="utf-8") as out:
            out.write(line + "\n")
            out.flush()
            os.fsync(out.fileno())

    @contextmanager
    def _memory(self) -> Iterator[dict[str, Any]]:
        """Lock and lend the memory; what changed is on the disk when this ends well."""
        with self._path.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            before = self._path.read_bytes() if self._path.exists() else b"{}"
            logs = json.loads(before)
            yield logs
            after = json.dumps(logs, ensure_ascii=False, indent=1, sort_keys=True).encode()
            if after != before:
                _replace(self._path, after)


def _replace(path: Path, body: bytes) -> None:
    """Put new content in the place of a file, all or nothing, and wait for the disk."""
    draft = path.with_suffix(".new")
    with draft.open("wb") as out:
        out.write(body)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _watched(logs: dict[str, Any], origin: str) -> dict[str, Any]:
    if origin not in logs:
        raise UnknownLogError(f"the log `{origin}` is not watched here")
    log: dict[str, Any] = logs[origin]
    return log


def _note(text: str) -> Note:
    try:
        return Note.parse(text)
    except NoteError as error:
        raise WitnessError(f"{error}") from None
