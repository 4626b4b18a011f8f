"""Passwords: kept as argon2id digests, checked in one time whether the login exists or not."""

import secrets
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 10
LONGEST: Final = 200
"""Characters of a password; the longest keeps hashing cheap enough to be harmless."""

# 50 to 100 ms on one core of today; more than OWASP calls the least (2 passes, 19 MiB).
HASHER: Final = PasswordHasher(time_cost=2, memory_cost=32 * 1024, parallelism=1)

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Nothing that is mistaken for something else when it is read aloud or typed from paper."""


def digest(password: str) -> str:
    """Return the digest to be kept."""
    return HASHER.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Return whether a password has this digest; None (no such account) takes as long."""
    try:
        good = HASHER.verify(kept or nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return good and kept is not None


@cache
def nobody() -> str:
    """Return the digest that stands for an account that is not there."""
    return digest(generate())


def is_outdated(kept: str) -> bool:
    """Return whether a digest was made with other parameters than today's."""
    return HASHER.check_needs_rehash(kept)


def generate() -> str:
    """Return a new password of 79 random bits, in groups that can be read aloud."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def fault(password: str, login: str) -> str:
    """Return what is wrong with a new password (`short`, `long`, `login`), or nothing."""
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    return "login" if login.casefold() in password.casefold() else ""
