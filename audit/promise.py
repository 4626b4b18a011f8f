"""Promises: what the log signs at once, before the entry has its place in the tree."""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Self

from audit.note import Note, NoteError, Signer, VerifierKey, sign

MERGE_DELAY = 60_000
"""Milliseconds within which a promised entry must be under a checkpoint."""

HEADER = "promise/v1"
_TEXT = re.compile(rf"{HEADER}\n([^\n]+)\n([A-Za-z0-9+/]{{43}}=)\ntime (0|[1-9][0-9]*)\n")


@dataclass(frozen=True, slots=True)
class Promise:
    """The leaf that a log has taken in, and when, in milliseconds since 1970, UTC."""

    origin: str
    leaf: bytes
    at: int

    @property
    def text(self) -> str:
        """The four lines that are signed."""
        return f"{HEADER}\n{self.origin}\n{b64encode(self.leaf).decode()}\ntime {self.at}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the promise of a text, or raise `NoteError`."""
        found = _TEXT.fullmatch(text)
        if not found:
            raise NoteError("not a promise: lines of header, origin, leaf and time")
        return cls(found[1], b64decode(found[2]), int(found[3]))

    def signed(self, signer: Signer) -> Note:
        """Return the signed note of this promise."""
        return Note(self.text, (sign(self.text, signer),))


def promised(note: Note, *keys: VerifierKey) -> Promise:
    """Return the promise of a note that one of the keys has signed, or raise `NoteError`."""
    note.verified(*keys)
    return Promise.parse(note.text)
