"""The vault: personal data under one key a case; without the key nobody can read them.

The case key is kept wrapped by a master key, which lies in a file outside the database. To
erase a person is to destroy the wrapped key; the ciphertext stays, and with it every proof.
"""

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from audit.error import AuditError

KEY_LENGTH = 32
NONCE_LENGTH = 12


class MasterKeyError(AuditError):
    """A master key file that cannot be used."""


class SealedBoxError(AuditError):
    """A ciphertext that its key does not open: another key, another label, or altered."""


@dataclass(frozen=True, slots=True, repr=False)
class MasterKey:
    """32 secret bytes; what is used are keys derived from it, one for each purpose (HKDF)."""

    secret: bytes

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make a key and keep it in a new file, in hexadecimal, for its owner alone to read."""
        path.touch(mode=0o600, exist_ok=False)
        key = cls(secrets.token_bytes(KEY_LENGTH))
        path.write_text(key.secret.hex() + "\n", encoding="ascii")
        return key

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the key of a file, or raise `MasterKeyError`."""
        if path.stat().st_mode & 0o077:
            raise MasterKeyError(f"others may read the master key; say `chmod 600 {path}`")
        try:
            secret = bytes.fromhex(path.read_text(encoding="ascii"))
        except ValueError:
            secret = b""
        if len(secret) != KEY_LENGTH:
            raise MasterKeyError(f"`{path}` does not hold 64 hexadecimal digits")
        return cls(secret)

    def derive(self, purpose: str) -> bytes:
        """Return the 32 bytes of the key for a purpose."""
        return HKDF(SHA256(), KEY_LENGTH, salt=None, info=purpose.encode()).derive(self.secret)


class Vault:
    """Locks and opens the boxes of cases.

    NOTE: a box is read as long as its key lives. Box and wrapped key are: nonce (12 bytes),
    ciphertext, tag (16 bytes), of AES-256-GCM; the label is authenticated with them.
    """

    def __init__(self, master: MasterKey) -> None:
        self._wrapping = master.derive("case key wrapping v1")
        self._blinding = master.derive("blind index v1")

    def new_key(self, case: str) -> tuple[bytes, bytes]:
        """Return a new key for a case, and the same wrapped: only the latter is kept."""
        key = AESGCM.generate_key(8 * KEY_LENGTH)
        return key, _lock(self._wrapping, key, f"case key v1\n{case}")

    def unwrap(self, case: str, wrapped: bytes) -> bytes:
        """Return the key of a case, or raise `SealedBoxError`."""
        return _open(self._wrapping, wrapped, f"case key v1\n{case}")

    def blind(self, kind: str, number: str) -> bytes:
        """Return what an identity number is looked up by: HMAC-SHA256 under a secret key.

        Equal numbers of a kind give equal bytes; nobody without the key can try numbers out.
        The caller brings numbers into one spelling first.
        """
        return hmac.digest(self._blinding, f"{kind}\n{number}".encode(), sha256)


def lock(key: bytes, plain: bytes, *, case: str, part: str) -> bytes:
    """Return a box that holds a part of a case."""
    return _lock(key, plain, f"box v1\n{case}\n{part}")


def unlock(key: bytes, box: bytes, *, case: str, part: str) -> bytes:
    """Return what a box holds, or raise `SealedBoxError`."""
    return _open(key, box, f"box v1\n{case}\n{part}")


def _lock(key: bytes, plain: bytes, label: str) -> bytes:
    nonce = secrets.token_bytes(NONCE_LENGTH)
    return nonce + AESGCM(key).encrypt(nonce, plain, label.encode())


def _open(key: bytes, box: bytes, label: str) -> bytes:
    try:
        return AESGCM(key).decrypt(box[:NONCE_LENGTH], box[NONCE_LENGTH:], label.encode())
    except (InvalidTag, ValueError):
        raise SealedBoxError("the key does not open this box; it is altered") from None
