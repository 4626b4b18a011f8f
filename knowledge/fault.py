"""Faults: what is wrong with a pack or a case, where, and the cure.

All faults are reported at once, sorted by place; nothing is half loaded.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

Path = tuple[str | int, ...]

LONGEST_PART = 1000
"""Signs that each part of a fault may have: it quotes what was sent, and people read it."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault: `file` and 1-based `line` (empty and 0 in a case), `where`, `what`, `cure`."""

    file: str
    line: int
    where: str
    what: str
    cure: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.file else ""
        return f"{place}{self.where}: {self.what}; {self.cure}"

    def as_dict(self) -> dict[str, str | int]:
        """Return the fault as the plain mapping that `--json` and REST print."""
        place: dict[str, str | int] = (
            {"file": self.file, "line": self.line} if self.file else {}
        )
        return place | {"where": self.where, "what": self.what, "cure": self.cure}


class FaultsError(Exception):
    """A text is refused; `faults` holds every reason, in order."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted({_readable(fault) for fault in faults}))
        super().__init__("\n".join(map(str, self.faults)))


def _readable(fault: Fault) -> Fault:
    where, what, cure = map(_cut, (fault.where, fault.what, fault.cure))
    return replace(fault, where=where, what=what, cure=cure)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_PART else text[:LONGEST_PART] + "…"


def spell_path(path: Path) -> str:
    """Return a path as people write it: `basis[0]`, `select.items[2]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


# What pydantic found, as a refusal that a legal officer can act on: (what, cure).
_WORDS: dict[str, tuple[str, str]] = {
    "missing": ("is missing", "add it"),
    "extra_forbidden": ("is not a key of this entry", "remove it or correct its spelling"),
    "string_type": ("is not text", "write text (quoted if it looks like a number)"),
    "string_too_short": ("is empty", "fill it in or leave it out"),
    "string_pattern_mismatch": (
        "is not an id",
        "use lower-case letters, digits, and . _ / - after the first character",
    ),
    "bool_type": ("is neither true nor false", "write true or false"),
    "int_type": ("is not a whole number", "write a whole number"),
    "tuple_type": ("is not a list", "write a list: [..]"),
    "list_type": ("is not a list", "write a list: [..]"),
    "dict_type": ("is not a mapping", "write a mapping: {key: value}"),
    "mapping_type": ("is not a mapping", "write a mapping: {key: value}"),
    "model_type": ("is not a mapping", "write a mapping: {key: value}"),
    "model_attributes_type": ("is not a mapping", "write a mapping: {key: value}"),
    "too_short": ("is empty", "name at least one"),
}


def describe(error: ValidationError) -> list[tuple[Path, str, str]]:
    """Return (path, what is wrong, cure) for everything a validation found."""
    return [_describe_one(one) for one in error.errors(include_url=False)]


def _describe_one(one: Any) -> tuple[Path, str, str]:
    path = tuple(part for part in one["loc"] if part != "[key]")
    kind = one["type"]
    if kind in _WORDS:
        return path, *_WORDS[kind]
    if kind in ("literal_error", "enum"):
        return path, "is not one of the words known here", f"write {one['ctx']['expected']}"
    if kind in ("greater_than_equal", "less_than_equal", "greater_than"):
        return path, "is out of range", str(one["msg"]).replace("Input should be", "it must be")
    message = str(one["ctx"]["error"]) if "error" in one.get("ctx", {}) else str(one["msg"])
    what, _, cure = message.partition("; ")
    return path, what, cure or "correct it"
