"""Entries: what is sealed, as canonical JSON (RFC 8785): one value, one sequence of bytes."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from audit.error import AuditError
from audit.suite import SHA256_ED25519, Suite, suite_named

LARGEST_INTEGER = 2**53 - 1
LARGEST_CODE_POINT_OF_KEYS = "\uffff"
_DIGEST = re.compile(r"[a-z0-9]+:[0-9a-f]{64}")
_KIND = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_FIELDS = {"at", "body", "kind", "parts", "suite"}


class EntryError(AuditError):
    """A value that cannot be sealed, or bytes that are no entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One sealed event: when, of which kind, what it says, and the digests of its parts.

    The body is any JSON object without floats. Parts are bytes kept beside the leaf under their
    digest, each body once: what is large, what is shared by many entries, what is encrypted.

    NOTE: an entry, once sealed, is read for ever. Fields are never renamed, removed or given
    another meaning; there are these five and no others. A body that must change its shape gets
    a new kind; a hash or signature that must change gets a new suite.
    """

    kind: str
    at: int
    body: Mapping[str, Any]
    parts: Mapping[str, str] = field(default_factory=dict)
    suite: Suite = SHA256_ED25519

    def encoded(self) -> bytes:
        """Return the bytes of the leaf, or raise `EntryError`."""
        if not _KIND.fullmatch(self.kind) or self.at < 0:
            raise EntryError(f"kind `{self.kind}` or time `{self.at}` cannot be sealed")
        for name, digest in self.parts.items():
            if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
                raise EntryError(f"part `{name}` is not a digest: `{digest}`")
        return canonical(
            {
                "at": self.at,
                "body": dict(self.body),
                "kind": self.kind,
                "parts": dict(self.parts),
                "suite": self.suite.name,
            }
        )

    @classmethod
    def parse(cls, encoded: bytes) -> Self:
        """Return the entry of its bytes; raise `EntryError` unless they are canonical."""
        try:
            value = json.loads(encoded)
        except (ValueError, RecursionError):
            raise EntryError("the entry is not JSON") from None
        if not isinstance(value, dict) or value.keys() != _FIELDS:
            raise EntryError(f"an entry has the fields {', '.join(sorted(_FIELDS))}")
        _require_types(value)
        entry = cls(
            value["kind"],
            value["at"],
            value["body"],
            value["parts"],
            suite_named(value["suite"]),
        )
        if entry.encoded() != encoded:
            raise EntryError("the entry is not in canonical form")
        return entry


def canonical(value: Any) -> bytes:
    """Return the canonical bytes of a JSON value, or raise `EntryError`.

    Floats, integers beyond ±(2^53-1), lone surrogates and keys outside the basic plane are
    refused: on the rest, order by code point is the order of RFC 8785.
    """
    _require_exact(value)
    try:
        return json.dumps(
            value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
        ).encode()
    except UnicodeEncodeError:
        raise EntryError("a text has half a surrogate pair; mend the text") from None


def _require_exact(value: Any) -> None:
    if type(value) is str or value is None or isinstance(value, bool | str):
        return
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise EntryError(f"integer {value} is beyond 2^53-1; write it as text")
    elif isinstance(value, list | tuple):
        for each in value:
            _require_exact(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if not isinstance(key, str) or not _is_plain(key):
                raise EntryError(f"key `{key}` cannot be sealed; name it otherwise")
            if type(each) is not str:
                _require_exact(each)
    else:
        raise EntryError(f"`{value}` cannot be sealed exactly; write it as text")


def _is_plain(key: str) -> bool:
    return key.isascii() or max(key, default="") <= LARGEST_CODE_POINT_OF_KEYS


def _require_types(value: dict[str, Any]) -> None:
    texts = isinstance(value["kind"], str) and isinstance(value["suite"], str)
    objects = isinstance(value["body"], dict) and isinstance(value["parts"], dict)
    if not texts or not objects or type(value["at"]) is not int:
        raise EntryError("a field of the entry is of the wrong kind")
