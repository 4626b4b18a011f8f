"""Documents: YAML 1.2 core text as plain values, with the line of every place in it.

`on`, `yes` and `no` are text, a day is text, a float is refused, sequences become tuples.
JSON text reads the same. Lines are found only when a fault has to be shown.
"""

import json
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import yaml

from knowledge.fault import Path

# Far above any real pack, far below what could exhaust a machine: a pack is 10^6 values.
MOST_DEPTH = 64
MOST_VALUES = 5_000_000

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z|[-+]?\.(inf|Inf|INF)\Z|\.(nan|NaN|NAN)\Z"
)
_MAYBE_NUMBER = frozenset("+-.0123456789")


Problem = tuple[int, str, str]
"""What may not stand in a document: its line, what is wrong, and the cure."""


class UnreadableError(Exception):
    """A text that is no document: `line`, what is wrong and the cure."""

    def __init__(self, line: int, what: str, cure: str) -> None:
        self.line, self.what, self.cure = line, what, cure
        super().__init__(f"line {line}: {what}; {cure}")


class Document:
    """One YAML text; `value` is its content: dicts, tuples, text, integers, booleans, None.

    `problems` holds what may not stand in a document and yet leaves the rest readable.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines: dict[Path, int] | None = None
        self.problems: list[Problem] = []
        self.value = self._read()

    def line(self, path: Path) -> int:
        """Return the 1-based line of the nearest place above `path` that the text has."""
        while path and path not in self._places:
            path = path[:-1]
        return self._places.get(path, 1)

    @cached_property
    def _places(self) -> dict[Path, int]:
        self._lines = {}
        self._read()
        return self._lines

    def _read(self) -> Any:
        try:
            reader = _Reader(self._text, self._lines)
            value = reader.document()
        except yaml.MarkedYAMLError as error:
            value = self._as_json()
            if value is not None:
                return value
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            problem = error.problem or "the text is not YAML"
            raise UnreadableError(line, problem, "correct the YAML at this line") from error
        except yaml.YAMLError as error:
            raise UnreadableError(
                1, "the text holds a character that YAML does not allow", "remove it"
            ) from error
        self.problems = reader.problems
        return value

    def _as_json(self) -> Any:
        # JSON may hold what the YAML 1.1 scanner refuses: tabs, surrogate pairs in escapes.
        if not self._text.lstrip().startswith("{"):
            return None
        try:
            return _tuples(json.loads(self._text, object_pairs_hook=_once, parse_float=_refuse))
        except (ValueError, RecursionError):
            return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise ValueError("a key twice")
    return mapping


def _refuse(number: str) -> Any:
    raise ValueError(number)


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _tuples(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return tuple(_tuples(inner) for inner in value)
    return value


class _Reader:
    """Builds the value from the parser's events, so that no tree of nodes is kept."""

    def __init__(self, text: str, lines: dict[Path, int] | None) -> None:
        self._events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
        self._lines = lines
        self._anchors: dict[str, Any] = {}
        self._count = 0
        self.problems: list[Problem] = []

    def document(self) -> Any:
        next(self._events)  # the start of the stream
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            return None
        value = self._value(next(self._events), (), 0)
        next(self._events)  # the end of the document
        rest = next(self._events)
        if not isinstance(rest, yaml.StreamEndEvent):
            raise UnreadableError(
                _line(rest), "a second document begins here", "put it into a file of its own"
            )
        return value

    def _value(self, event: Any, path: Path, depth: int) -> Any:
        self._count += 1
        if depth > MOST_DEPTH or self._count > MOST_VALUES:
            raise UnreadableError(
                _line(event), "the text is nested too deeply or too large", "split it"
            )
        if self._lines is not None:
            self._lines.setdefault(path, _line(event))
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise UnreadableError(
                    _line(event), f"there is no anchor `{event.anchor}`", "write the value out"
                )
            return self._anchors[event.anchor]
        if event.tag is not None and event.tag != "!":
            self.problems.append((_line(event), f"a tag `{event.tag}`", "remove the tag"))
        value = self._inner(event, path, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = value
        return value

    def _inner(self, event: Any, path: Path, depth: int) -> Any:
        if isinstance(event, yaml.ScalarEvent):
            return self._plain(event) if event.implicit[0] else event.value
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path, depth)
        return self._mapping(path, depth)

    def _sequence(self, path: Path, depth: int) -> tuple[Any, ...]:
        values: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            values.append(self._value(event, (*path, len(values)), depth + 1))
        return tuple(values)

    def _mapping(self, path: Path, depth: int) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            line = _line(event)
            key = self._value(event, path, depth + 1)
            if not isinstance(key, str):
                self.problems.append((line, "a key that is not text", "put it into quotes"))
                key = str(key)
            if key in mapping:
                self.problems.append((line, f"the key `{key}` is there twice", "remove one"))
            inner = (*path, key)
            if self._lines is not None:
                self._lines[inner] = line
            mapping[key] = self._value(next(self._events), inner, depth + 1)
        return mapping

    def _plain(self, event: Any) -> Any:
        """Return what an unquoted word means in the YAML 1.2 core schema."""
        word: str = event.value
        if word in _NULL:
            return None
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
        if word[0] in _MAYBE_NUMBER:
            if _INTEGER.match(word):
                return self._integer(word, event)
            if _FLOAT.match(word):
                cure = 'quote it: a decimal is text, "12.50"'
                self.problems.append((_line(event), f"`{word}` is a float", cure))
        return word

    def _integer(self, word: str, event: Any) -> int:
        if len(word) > 20:  # noqa: PLR2004 (2^64 has 20 digits; no quantity is longer)
            cure = "quote it if it is an identifier"
            self.problems.append((_line(event), "the number is too long", cure))
            return 0
        return int(word, 0) if word[:2] in ("0o", "0x") else int(word)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
