"""Speech: every text of the pages, the print and the command line, by language and key."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, get_args

import yaml

Lang = Literal["zh", "en"]
LANGS: Final[tuple[Lang, ...]] = get_args(Lang)
PLURALS: Final = frozenset({"one", "other"})
"""The forms of a text that counts: chosen by the word `n`."""


class Speech:
    """The texts of one language. A key that is not there raises `KeyError`."""

    def __init__(self, lang: Lang) -> None:
        self.lang: Lang = lang
        self._texts = texts(lang)

    def say(self, key: str, **words: object) -> str:
        """Return a text with its words put in; a counting text goes by the word `n`."""
        text = self._texts[key]
        if isinstance(text, Mapping):
            text = text["one" if words["n"] == 1 else "other"]
        return str(text).format_map(words)

    def join(self, parts: list[str]) -> str:
        """Return names as one enumeration."""
        return self.say("join").join(parts)

    def day(self, day: date) -> str:
        """Return a day as people write it, with its weekday."""
        return self.say(
            "day",
            year=day.year,
            day=day.day,
            month_name=self.say(f"month.{day.month}"),
            weekday=self.say(f"weekday.{day.isoweekday()}"),
        )


@cache
def speech(lang: Lang) -> Speech:
    """Return the speech of a language."""
    return Speech(lang)


@cache
def texts(lang: Lang) -> Mapping[str, Any]:
    """Return all texts of a language by dotted key, from the catalogue of each reader."""
    found: dict[str, Any] = {}
    for path in sorted((files("api") / "locale").iterdir(), key=lambda one: one.name):
        if path.name.startswith(f"{lang}.") and path.name.endswith(".yaml"):
            found |= _flat("", yaml.safe_load(path.read_text(encoding="utf-8")))
    return found


def _flat(prefix: str, tree: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping) and value.keys() != PLURALS:
            yield from _flat(f"{key}.", value)
        else:
            yield key, value
