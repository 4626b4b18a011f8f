"""Signed notes (C2SP signed-note): a text and the signatures of named keys below it.

Kinds of signature: Ed25519 over the text (0x01), and the timestamped Ed25519 cosignature
`cosignature/v1` (0x04, C2SP tlog-cosignature) over a time and the text.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from audit.error import AuditError

ED25519 = b"\x01"
TIMESTAMPED = b"\x04"
ID_LENGTH = 4
TIME_LENGTH = 8
PUBLIC_LENGTH = 32
MOST_SIGNATURES = 64
_NAME = re.compile(r"[^\s+]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class NoteError(AuditError):
    """A note that cannot be read, or that no trusted key has signed."""


class KeyFormatError(AuditError):
    """A key that cannot be read."""


@dataclass(frozen=True)
class VerifierKey:
    """A public key under a name: what others need to check signatures.

    As text: `name+id+base64(kind || public key)`; the id is eight hexadecimal digits.
    """

    name: str
    kind: bytes
    public: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or _CONTROL.search(self.name):
            raise KeyFormatError(f"key name `{self.name}` has a space or a plus; take it out")
        if self.kind not in (ED25519, TIMESTAMPED) or len(self.public) != PUBLIC_LENGTH:
            raise KeyFormatError(f"key `{self.name}` is not an Ed25519 key of kind 1 or 4")

    @cached_property
    def id(self) -> bytes:
        """The first four bytes of SHA-256(name || newline || kind || public key)."""
        return sha256(self.name.encode() + b"\n" + self.kind + self.public).digest()[:ID_LENGTH]

    @property
    def timestamped(self) -> "VerifierKey":
        """The same key as one that signs with a time."""
        return VerifierKey(self.name, TIMESTAMPED, self.public)

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64encode(self.kind + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the key that a text names, or raise `KeyFormatError`."""
        try:
            name, key_id, encoded = text.strip().split("+", 2)
            body = b64decode(encoded, validate=True)
        except ValueError:
            raise KeyFormatError(f"`{text}` is not a key of form name+id+base64") from None
        key = cls(name, body[:1], body[1:])
        if key.id.hex() != key_id:
            raise KeyFormatError(f"key `{text}` does not give its own id; copy it again")
        return key

    def verifies(self, signature: bytes, text: str) -> bool:
        """Tell whether a signature, without its key id, is of this key over a text."""
        message = text.encode()
        if self.kind == TIMESTAMPED:
            time, signature = signature[:TIME_LENGTH], signature[TIME_LENGTH:]
            message = _timed(text, int.from_bytes(time))
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


class Signer(Protocol):
    """Whoever holds a private key; the key may lie in a file, a module or another machine."""

    @property
    def key(self) -> VerifierKey:
        """The public half, of the kind that signs plain texts."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message."""
        ...


class Ed25519Signer:
    """An Ed25519 private key under a name."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self._private = private
        public = private.public_key().public_bytes_raw()
        self._key = VerifierKey(name, ED25519, public)

    @property
    def key(self) -> VerifierKey:
        """The public half."""
        return self._key

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature of a message (RFC 8032)."""
        return self._private.sign(message)

    @classmethod
    def create(cls, name: str, path: Path) -> Self:
        """Make a key and keep it in a new file that only its owner may read (PKCS 8, PEM)."""
        private = Ed25519PrivateKey.generate()
        pem = private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(pem)
        return cls(name, private)

    @classmethod
    def read(cls, name: str, path: Path) -> Self:
        """Return the key of a file, or raise `KeyFormatError`."""
        try:
            private = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except (ValueError, TypeError):
            private = None
        if not isinstance(private, Ed25519PrivateKey):
            raise KeyFormatError(f"`{path}` holds no Ed25519 private key in PEM")
        return cls(name, private)


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature line: who signed, and the bytes of the signature without the key id."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        return f"— {self.name} {b64encode(self.key_id + self.value).decode()}"

    @classmethod
    def parse(cls, line: str) -> Self:
        """Return the signature of a line, or raise `NoteError`."""
        try:
            dash, name, encoded = line.split(" ")
            body = b64decode(encoded, validate=True)
        except ValueError:
            raise NoteError(f"`{line}` is not a signature line") from None
        if dash != "—" or not _NAME.fullmatch(name) or len(body) <= ID_LENGTH:
            raise NoteError(f"`{line}` is not a signature line")
        return cls(name, body[:ID_LENGTH], body[ID_LENGTH:])

    def is_by(self, key: VerifierKey) -> bool:
        """Tell whether this claims to be a signature of a key; nothing is verified."""
        return (self.name, self.key_id) == (key.name, key.id)

    @property
    def time(self) -> int:
        """Seconds since 1970, UTC, at which a timestamped signature says that it was made."""
        return int.from_bytes(self.value[:TIME_LENGTH])


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a newline, and the signatures below it; nothing is verified yet."""

    text: str
    signatures: tuple[Signature, ...] = ()

    def __str__(self) -> str:
        return f"{self.text}\n" + "".join(f"{each}\n" for each in self.signatures)

    @classmethod
    def parse(cls, body: str) -> Self:
        """Return the note of its encoding, or raise `NoteError`."""
        text, gap, lines = body.rpartition("\n\n")
        if not gap or not text or not lines.endswith("\n") or _CONTROL.search(body):
            raise NoteError("not a signed note: a text, an empty line and signature lines")
        signatures = tuple(map(Signature.parse, lines[:-1].split("\n")))
        if len(signatures) > MOST_SIGNATURES:
            raise NoteError(f"the note has more than {MOST_SIGNATURES} signatures")
        return cls(text + "\n", signatures)

    def with_signatures(self, signatures: Iterable[Signature]) -> "Note":
        """Return the note with more signatures, each of them once."""
        return Note(self.text, tuple(dict.fromkeys((*self.signatures, *signatures))))

    def verified(self, *keys: VerifierKey) -> tuple[Signature, ...]:
        """Return the signatures of trusted keys; unknown keys are passed over.

        Raise `NoteError` if there are none, or if one of them is false.
        """
        found = []
        for signature in self.signatures:
            for key in filter(signature.is_by, keys):
                if not key.verifies(signature.value, self.text):
                    raise NoteError(f"the signature of `{key.name}` is false")
                found.append(signature)
        if not found:
            raise NoteError(f"none of {', '.join(f'`{key}`' for key in keys)} signed the note")
        return tuple(found)


def sign(text: str, signer: Signer) -> Signature:
    """Return the signature of a text."""
    return Signature(signer.key.name, signer.key.id, signer.sign(text.encode()))


def cosign(text: str, signer: Signer, time: int) -> Signature:
    """Return the cosignature of a text at a time, in seconds since 1970, UTC."""
    key = signer.key.timestamped
    value = time.to_bytes(TIME_LENGTH) + signer.sign(_timed(text, time))
    return Signature(key.name, key.id, value)


def _timed(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()
