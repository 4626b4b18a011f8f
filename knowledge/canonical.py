"""Canonical JSON (RFC 8785): one value, one sequence of bytes.

Values here are text, integers within ±(2^53-1), booleans, null, lists and mappings with
ASCII keys; on these `orjson` with sorted keys is equal to RFC 8785 (a test compares them).
"""

import hashlib
from typing import Any

import orjson

LARGEST_INTEGER = 2**53 - 1


def canonical(value: Any) -> bytes:
    """Return the canonical bytes of a JSON value, or raise `TypeError` for any other."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER)


def digest(value: Any) -> str:
    """Return `sha256:` and the hexadecimal digest of the canonical bytes of a value."""
    return "sha256:" + hashlib.sha256(canonical(value)).hexdigest()
