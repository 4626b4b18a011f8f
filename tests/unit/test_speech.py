"""The texts of the pages: the same in both languages, and nowhere else."""

import ast
import re
import string
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api.speech import PLURALS, speech, texts

API = Path(__file__).parents[2] / "api"
CHINESE = re.compile(r"[㐀-鿿]")
JINJA = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
KIND = re.compile(r"{% block kind %}.*?{% endblock %}")
"""The class of the page's body, for the stylesheet."""
TAG = re.compile(r"<[^>]*>")
SPOKEN = re.compile(r'\b(?:aria-label|placeholder|title|alt)="([^"]*[A-Za-z㐀-鿿][^"]*)"')
WORD = re.compile(r"[A-Za-z㐀-鿿]{2,}")


def placeholders(text: Any) -> set[str]:
    forms = text.values() if isinstance(text, dict) else [text]
    return {
        name
        for form in forms
        for _, name, _, _ in string.Formatter().parse(str(form))
        if name is not None
    }


def test_both_languages_have_the_same_texts() -> None:
    assert texts("zh").keys() == texts("en").keys()


def test_both_languages_fill_in_the_same_words() -> None:
    for key, text in texts("zh").items():
        assert placeholders(text) == placeholders(texts("en")[key]), key


def test_a_text_that_counts_has_a_form_for_one_and_for_others() -> None:
    for lang in ("zh", "en"):
        counting = [text for text in texts(lang).values() if isinstance(text, dict)]
        assert all(text.keys() == PLURALS for text in counting)
    assert speech("en").say("ask.more", n=1) == "1 more question"
    assert speech("en").say("ask.more", n=2) == "2 more questions"


def test_english_texts_are_english() -> None:
    own = {"seal", "nav.zh"}
    chinese = [key for key, text in texts("en").items() if CHINESE.search(str(text))]

    assert set(chinese) == own


@pytest.mark.parametrize(
    "path", sorted((API / "templates").glob("*.html")), ids=lambda one: one.name
)
def test_no_template_says_anything_of_its_own(path: Path) -> None:
    words = path.read_text(encoding="utf-8")
    shown = TAG.sub(" ", JINJA.sub(" ", KIND.sub("", words)))

    assert WORD.findall(shown) == []
    assert SPOKEN.findall(JINJA.sub("", words)) == []
    assert not CHINESE.search(words)


def test_the_printed_paper_says_nothing_of_its_own() -> None:
    assert not CHINESE.search((API / "templates" / "document.typ").read_text(encoding="utf-8"))


def test_no_script_says_anything_in_chinese() -> None:
    assert not CHINESE.search((API / "static" / "desk.js").read_text(encoding="utf-8"))


def keys_said(path: Path) -> Iterator[str]:
    """Yield the whole keys that a module asks the speech for."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            first = node.args[0] if node.args else None
            named = node.func.attr in ("say", "_say")
            if named and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def test_whatever_is_said_is_in_the_catalogue() -> None:
    for path in API.glob("*.py"):
        assert set(keys_said(path)) <= texts("zh").keys(), path.name
    for path in (API / "templates").iterdir():
        said = re.findall(r"\bt\('([a-z_.]+)'[,)]", path.read_text(encoding="utf-8"))
        assert set(said) <= texts("zh").keys(), path.name


def test_a_day_says_its_weekday() -> None:
    day = date(2026, 11, 23)
    assert speech("zh").day(day) == "2026年11月23日（周一）"
    assert speech("en").day(day) == "Mon 23 November 2026"
