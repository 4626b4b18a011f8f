"""Suites: which hash and which signature an entry was sealed with."""

import hashlib
from dataclasses import dataclass

from audit.error import AuditError


@dataclass(frozen=True, slots=True)
class Suite:
    """A named pair of algorithms; `hash_name` is the name that `hashlib` knows.

    NOTE: a name, once used in a sealed entry, means the same for ever.
    """

    name: str
    hash_name: str

    def digest(self, body: bytes) -> str:
        """Return the name of the hash, a colon, and the hexadecimal digest of a body."""
        return f"{self.hash_name}:{hashlib.new(self.hash_name, body).hexdigest()}"


SHA256_ED25519 = Suite("sha256+ed25519", "sha256")
SUITES = {suite.name: suite for suite in (SHA256_ED25519,)}


class UnknownSuiteError(AuditError):
    """An entry names a suite that this program does not know."""

    def __init__(self, name: str) -> None:
        self.name = name
        known = ", ".join(f"`{each}`" for each in SUITES)
        super().__init__(f"suite `{name}` is unknown; use one of {known}, or a newer program")


def suite_named(name: str) -> Suite:
    """Return a suite by its name, or raise `UnknownSuiteError`."""
    if name not in SUITES:
        raise UnknownSuiteError(name)
    return SUITES[name]
