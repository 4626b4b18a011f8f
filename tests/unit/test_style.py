"""The stylesheet: enough contrast for tired eyes, in light and dark, and not too long."""

import re
from pathlib import Path

import pytest

SHEET = Path(__file__).parents[2] / "api" / "static" / "style.css"
TEXT = ["ink", "soft", "accent", "fault", "good", "blue", "amber", "violet"]
GROUNDS = ["paper", "ground"]


def schemes() -> dict[str, dict[str, str]]:
    """Return the colours of the light and the dark scheme by variable."""
    blocks = re.findall(r":root \{(.*?)\}", SHEET.read_text(encoding="utf-8"), re.DOTALL)
    light, dark = (dict(re.findall(r"--([\w-]+): (#\w+);", block)) for block in blocks[:2])
    return {"light": light, "dark": light | dark}


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    digits = colour[1:] if len(colour) > 4 else "".join(sign * 2 for sign in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_every_ground(scheme: str) -> None:
    colours = schemes()[scheme]
    pairs = [(text, ground) for text in TEXT for ground in GROUNDS]
    pairs += [("accent-ink", "accent"), ("soft", "hover"), ("ink", "hover")]

    for text, ground in pairs:
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_focus_and_the_edges_of_fields_are_seen(scheme: str) -> None:
    colours = schemes()[scheme]

    for edge in ("focus", "soft"):
        assert contrast(colours[edge], colours["ground"]) >= 3


def test_the_sheet_stays_one_sheet() -> None:
    assert len(SHEET.read_text(encoding="utf-8").splitlines()) < 600
