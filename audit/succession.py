"""Successions: sealed entries of kind `key`, by which each key of a log names the next."""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from audit.entry import Entry
from audit.error import AuditError
from audit.note import Signer, VerifierKey

KIND = "key"
HEADER = "succession/v1"


class SuccessionError(AuditError):
    """A key that the key before it has not named."""


@dataclass(frozen=True, slots=True)
class Succession:
    """From `index` on, the log signs with `after`; `before` is none for the first key.

    Both keys sign: the old one that it hands over, the new one that it is held by the log.
    """

    origin: str
    before: VerifierKey | None
    after: VerifierKey
    by_before: bytes
    by_after: bytes

    @classmethod
    def signed(cls, origin: str, before: Signer | None, after: Signer) -> Self:
        """Return the handing over from one signer to the next."""
        old = before.key if before else None
        message = _message(origin, old, after.key)
        by_before = before.sign(message) if before else b""
        return cls(origin, old, after.key, by_before, after.sign(message))

    def entry(self, at: int) -> Entry:
        """Return the entry that seals it, at a time in milliseconds since 1970, UTC."""
        body: dict[str, Any] = {
            "by_from": b64encode(self.by_before).decode(),
            "by_to": b64encode(self.by_after).decode(),
            "from": str(self.before or ""),
            "origin": self.origin,
            "to": str(self.after),
        }
        return Entry(KIND, at, body)

    @classmethod
    def parse(cls, entry: Entry) -> Self:
        """Return the succession that an entry seals; nothing is verified."""
        body = entry.body
        try:
            return cls(
                body["origin"],
                VerifierKey.parse(body["from"]) if body["from"] else None,
                VerifierKey.parse(body["to"]),
                b64decode(body["by_from"], validate=True),
                b64decode(body["by_to"], validate=True),
            )
        except (KeyError, ValueError, TypeError, AttributeError):
            raise SuccessionError("the entry names no key that can be read") from None

    def follow(self, origin: str, before: VerifierKey | None) -> VerifierKey:
        """Return the next key; raise `SuccessionError` unless the one before named it."""
        message = _message(origin, before, self.after).decode()
        if (self.origin, self.before) != (origin, before):
            raise SuccessionError(f"key `{self.after}` does not follow key `{before}`")
        if before and not before.verifies(self.by_before, message):
            raise SuccessionError(f"key `{before}` has not signed for key `{self.after}`")
        if not self.after.verifies(self.by_after, message):
            raise SuccessionError(f"key `{self.after}` has not signed for itself")
        return self.after


def keys_of(origin: str, entries: Iterable[Entry]) -> list[VerifierKey]:
    """Return all keys of a log in their order, or raise `SuccessionError`."""
    keys: list[VerifierKey] = []
    for entry in entries:
        keys.append(Succession.parse(entry).follow(origin, keys[-1] if keys else None))
    return keys


def _message(origin: str, before: VerifierKey | None, after: VerifierKey) -> bytes:
    return f"{HEADER}\n{origin}\n{before or ''}\n{after}\n".encode()
