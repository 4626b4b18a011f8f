"""The PDF of an official paper: A4, black on white, tagged, the same bytes for the same sheet.

The sheet goes in as data: whatever it says, none of it is read as markup.
"""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

import typst

from api.cases.papers.document import Sheet, qr_code
from api.speech import speech

SANS: Final = ("Noto Sans CJK SC", "Source Han Sans SC")
SONG: Final = ("Noto Serif CJK SC", "Source Han Serif SC")
LATIN: Final = ("Libertinus Serif",)
RARE: Final = ("HanaMinA", "HanaMinB")
"""For characters of the extension blocks that the others lack, where these are installed."""

LABELS: Final = ("number", "code", "basis", "contest_title", "deadline_title")


class CannotPrintError(Exception):
    """A sheet cannot become a PDF on this machine."""


def pdf(sheet: Sheet) -> bytes:
    """Return the sheet as a PDF, or raise `CannotPrintError` with the cure."""
    fonts = _fonts()
    known = frozenset(fonts.families())
    song, sans = _installed(SONG, known), _installed(SANS, known)
    if not song or not sans:
        raise CannotPrintError(
            "this machine has no Chinese fonts to print with; apt-get install fonts-noto-cjk"
        )
    rare = _installed(RARE, known)
    # the quotation marks of Chinese fonts are too wide between Latin letters
    latin = _installed(LATIN, known) if sheet.lang == "en" else []
    content = _content(sheet, {"song": [*latin, *song, *rare], "sans": [*sans, *rare]})
    compiler = typst.Compiler(_template(), font_paths=fonts, sys_inputs={"sheet": content})
    try:
        made = compiler.compile(
            format="pdf",
            # kept for years, read aloud; a sign that no font has is refused, not left out
            pdf_standards=["a-2a", "ua-1"],
            timestamp=datetime(sheet.day.year, sheet.day.month, sheet.day.day, tzinfo=UTC),
        )
    except typst.TypstError as error:
        raise CannotPrintError(
            f"the paper cannot be printed ({error.message}); if a name has a rare character, "
            "apt-get install fonts-hanazono"
        ) from error
    if not isinstance(made, bytes):
        raise TypeError(made)
    return made


def _content(sheet: Sheet, fonts: dict[str, list[str]]) -> str:
    say = speech(sheet.lang).say
    labels = {key: say(f"papers.{key}") for key in LABELS}
    labels |= {
        "day": say("papers.sign.day"),
        "page": say("papers.page", page="{page}", pages="{pages}"),
        "semicolon": say("papers.semicolon"),
    }
    content: dict[str, Any] = asdict(sheet) | {
        "day": sheet.day.isoformat(),
        "fonts": fonts,
        "labels": labels,
        "language": sheet.lang,
        "region": "cn" if sheet.lang == "zh" else "gb",
        "qr": qr_code(sheet.target),
    }
    return json.dumps(content, ensure_ascii=False)


def _installed(wanted: tuple[str, ...], known: frozenset[str]) -> list[str]:
    return [family for family in wanted if family in known]


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts()


@cache
def _template() -> bytes:
    return files("api").joinpath("templates", "document.typ").read_bytes()
