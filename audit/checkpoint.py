"""Checkpoints (C2SP tlog-checkpoint): the size and root of a log at a moment, signed."""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Self

from audit.note import Note, NoteError, Signer, VerifierKey, cosign, sign
from audit.tree import HASH_LENGTH

_TEXT = re.compile(r"([^\n]+)\n(0|[1-9][0-9]*)\n([A-Za-z0-9+/]{43}=)\n((?:[^\n]+\n)*)")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head: which log, how many entries, which root.

    NOTE: the log signs twice with one key: plain, as every reader of checkpoints expects, and
    with the time (`cosignature/v1`), which says when the tree had this size.
    """

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the checkpoint of a text, or raise `NoteError`; extension lines are passed."""
        found = _TEXT.fullmatch(text)
        root = b64decode(found[3]) if found else b""
        if not found or len(root) != HASH_LENGTH:
            raise NoteError("not a checkpoint: lines of origin, size and root")
        return cls(found[1], int(found[2]), root)

    @property
    def head(self) -> tuple[int, bytes]:
        """Size and root."""
        return self.size, self.root

    def signed(self, signer: Signer, time: int) -> Note:
        """Return the signed note of this checkpoint; the time is in seconds since 1970, UTC."""
        return Note(self.text, (sign(self.text, signer), cosign(self.text, signer, time)))


def opened(note: Note, *keys: VerifierKey) -> Checkpoint:
    """Return the checkpoint of a note that one of the keys has signed, or raise `NoteError`."""
    note.verified(*keys, *(key.timestamped for key in keys))
    return Checkpoint.parse(note.text)


def time_of(note: Note, key: VerifierKey) -> int:
    """Return the time, in seconds since 1970, that a key has signed, or raise `NoteError`."""
    return max(each.time for each in note.verified(key.timestamped))
