"""Foreign words: Chinese that is left on an English page, marked so that voices and fonts know.

Names of people, offices and documents of the law have no English; a screen reader reads them
right only where the page says that they are Chinese.
"""

import re
from typing import Final

_HAN: Final = "\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SIGNS: Final = "\u3000-\u303f\uff00-\uffef·"
_RUN: Final = re.compile(rf"[{_HAN}](?:[{_HAN}{_SIGNS}\d *-]*[{_HAN}])?")
_PART: Final = re.compile(r"<(?P<end>/?)(?P<tag>[a-z0-9]+)[^>]*>|(?P<text>[^<>]+)")
_UNMARKED: Final = frozenset({"title", "option", "textarea", "script", "style"})
"""Elements that hold nothing but text."""


def marked(html: str) -> str:
    """Return an English page with `lang="zh"` around every run of Chinese in its text.

    INVARIANT (same text): what is added are elements around text; no text changes.
    """
    if not _RUN.search(html):
        return html
    within = ""

    def part(found: re.Match[str]) -> str:
        nonlocal within
        tag = found["tag"]
        if tag in _UNMARKED:
            within = "" if found["end"] else tag
        if tag or within:
            return found[0]
        return _RUN.sub(r'<span lang="zh">\g<0></span>', found[0])

    return _PART.sub(part, html)
