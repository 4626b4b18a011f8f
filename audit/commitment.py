"""Commitments: a leaf can name a value without showing it, and the value be proved later."""

import hmac
from hashlib import sha256

SALT_LENGTH = 32
_HEADER = b"commitment/v1\n"


def commit(value: bytes, salt: bytes) -> str:
    """Return the commitment to a value: SHA-256 over a header, 32 random bytes, the value.

    Whoever has no salt learns nothing of the value, not even by trying all identity numbers;
    the salt is kept with the encrypted value and lost with its key.
    """
    if len(salt) != SALT_LENGTH:
        raise ValueError(f"a salt has {SALT_LENGTH} bytes")
    return "sha256:" + sha256(_HEADER + salt + value).hexdigest()


def opens(commitment: str, value: bytes, salt: bytes) -> bool:
    """Tell whether a value and its salt are what was committed to."""
    return len(salt) == SALT_LENGTH and hmac.compare_digest(commit(value, salt), commitment)
