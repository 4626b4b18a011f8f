"""Strict JSON: the subset of RFC 8259 that means one thing to every reader (RFC 7493).

A key twice, a fraction, NaN, an integer beyond ±(2^53-1), a lone surrogate and deep nesting
are refused. Arrays become tuples, as in documents.
"""

import json
from typing import Any

from knowledge.canonical import LARGEST_INTEGER

MOST_DEPTH = 32
MOST_DIGITS = 17
"""With its sign 2^53-1 has 17 signs; what is longer is not even converted."""


class StrictJsonError(ValueError):
    """A text that is not strict JSON; the message says what is wrong and the cure."""


def read_json(text: bytes | str) -> Any:
    """Return the value of a JSON text, or raise `StrictJsonError`."""
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        value = json.loads(
            text,
            object_pairs_hook=_mapping,
            parse_float=_no_fraction,
            parse_int=_integer,
            parse_constant=_no_constant,
        )
    except StrictJsonError:
        raise
    except UnicodeDecodeError as error:
        raise StrictJsonError("the text is not UTF-8; save it as UTF-8") from error
    except RecursionError as error:
        raise StrictJsonError("the text is nested too deeply; flatten it") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise StrictJsonError(
            f"the text is not JSON at {place}; correct it there ({error.msg.lower()})"
        ) from error
    return _frozen(value, 0)


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise StrictJsonError(f"the key `{twice}` is there twice; remove one")
    return mapping


def _no_fraction(number: str) -> Any:
    raise StrictJsonError(
        f"`{number[:40]}` is a number with a fraction or exponent; write a decimal as text"
    )


def _no_constant(word: str) -> Any:
    raise StrictJsonError(f"`{word}` is not a value of JSON; leave it out")


def _integer(digits: str) -> int:
    if len(digits) > MOST_DIGITS or abs(int(digits)) > LARGEST_INTEGER:
        raise StrictJsonError(f"`{digits[:40]}` is too large; whole numbers end at 2^53-1")
    return int(digits)


def _frozen(value: Any, depth: int) -> Any:
    if depth > MOST_DEPTH:
        raise StrictJsonError("the text is nested too deeply; flatten it")
    if isinstance(value, list):
        return tuple(_frozen(inner, depth + 1) for inner in value)
    if isinstance(value, dict):
        return {_text(key): _frozen(inner, depth + 1) for key, inner in value.items()}
    return _text(value) if isinstance(value, str) else value


def _text(text: str) -> str:
    if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        raise StrictJsonError("a text holds half of a character (a lone surrogate); correct it")
    return text
