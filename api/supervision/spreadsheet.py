"""Spreadsheets: rows as CSV in which no cell can act as a formula, whoever typed it."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

FORMULA: Final = frozenset("=+-@|%")
"""What a spreadsheet may begin to calculate, or to call a program, at."""

MINUS: Final = "−"  # the sign; NFKC leaves it as it is

_INVISIBLE: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Cn", "Co", "Cs"})


def sheet(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return rows as CSV (RFC 4180, UTF-8 with its mark, every cell quoted)."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in (head, *rows):
        writer.writerow([cell(one) for one in row])
    return out.getvalue().encode("utf-8-sig")


def cell(value: object) -> str:
    """Return a value as one line that a spreadsheet shows and never calculates."""
    text = "".join(" " if _breaks(one) else one for one in str(value))
    bare = next((one for one in text if unicodedata.category(one) not in _INVISIBLE), "")
    return f"'{text}" if _begins_formula(bare) else text


def _breaks(one: str) -> bool:
    return unicodedata.category(one) in {"Cc", "Zl", "Zp", "Cs"}


def _begins_formula(one: str) -> bool:
    plain = unicodedata.normalize("NFKC", one)[:1]
    return plain in FORMULA or plain == MINUS if plain else False
