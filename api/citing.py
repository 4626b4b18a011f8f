"""Citing: every citation of a pack is looked up in folders of law texts.

A text is `ID.md` or `ID.txt`, named by the law's `text` (default its id). An article begins
a line with 第…条; the term recorded for a material must stand in an article cited for it.
A law whose text no folder holds is checked against the outline that the pack records.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge.law import Basis, Citation, Law
from rules.pack import Pack

_NUMBER = "[零〇一二三四五六七八九十百千0-9]+"
_ARTICLE = re.compile(rf"^[\s　]*(第{_NUMBER}条(?:之{_NUMBER})?)", re.MULTILINE)
_LOCATOR = re.compile(rf"(第{_NUMBER}条(?:之{_NUMBER})?)")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Citations:
    """How many citations and terms were found, and what was not."""

    found: int
    terms: int
    outlined: int
    unresolved: tuple[str, ...]

    @property
    def text(self) -> str:
        """The report for people."""
        counts = (
            f"{self.found} citations found in the texts, {self.outlined} in the outline of a "
            f"text that the folders do not hold, {self.terms} terms found, "
            f"{len(self.unresolved)} unresolved"
        )
        return "\n".join([*self.unresolved, counts])


def check_citations(pack: Pack, folders: Iterable[Path]) -> Citations:
    """Return which citations of a pack, and terms of its materials, the texts bear out."""
    library = _Library(pack, list(folders))
    found = outlined = terms = 0
    unresolved = []
    for where, citation in _citations(pack):
        trouble = library.trouble(citation)
        if trouble:
            unresolved.append(f"{where}: {citation}: {trouble}")
        elif library.holds(citation.law):
            found += 1
        else:
            outlined += 1
    for where, trouble in _terms(pack, library):
        terms += not trouble
        if trouble:
            unresolved.append(f"{where}: {trouble}")
    return Citations(found, terms, outlined, tuple(dict.fromkeys(unresolved)))


class _Library:
    """The articles of the laws of a pack, read from folders when first asked for."""

    def __init__(self, pack: Pack, folders: list[Path]) -> None:
        self._laws = pack.catalogue.laws
        self._folders = folders
        self._articles: dict[str, dict[str, str] | None] = {}

    def holds(self, law: str) -> bool:
        return self.articles(law) is not None

    def articles(self, law: str) -> dict[str, str] | None:
        """Return the text of each article of a law, or None where no folder holds it."""
        if law not in self._articles:
            text = self._text(self._laws[law])
            self._articles[law] = None if text is None else _articles(text)
        return self._articles[law]

    def trouble(self, citation: Citation) -> str | None:
        """Return why a citation is not borne out, or None."""
        articles = self.articles(citation.law)
        if articles is None:
            law = self._laws[citation.law]
            if citation.locator in law.outline:
                return None
            return "no folder holds the text, and no outline of it names this place"
        article = _LOCATOR.match(citation.locator)
        if article is None:
            return "the locator does not begin with an article (第…条)"
        if article[1] not in articles:
            return f"the text has no {article[1]}"
        return None

    def says(self, citation: Citation, term: str) -> bool:
        """Return whether the cited article holds a term, white space aside."""
        articles = self.articles(citation.law) or {}
        article = _LOCATOR.match(citation.locator)
        text = articles.get(article[1], "") if article else ""
        return _SPACE.sub("", term) in text

    def _text(self, law: Law) -> str | None:
        for folder in self._folders:
            for ending in (".md", ".txt"):
                path = folder / f"{law.text or law.id}{ending}"
                if path.is_file():
                    return path.read_text(encoding="utf-8")
        return None


def _articles(text: str) -> dict[str, str]:
    starts = [*_ARTICLE.finditer(text)]
    ends = [start.start() for start in starts[1:]] + [len(text)]
    articles: dict[str, str] = {}
    for start, end in zip(starts, ends, strict=True):
        articles.setdefault(start[1], _SPACE.sub("", text[start.start() : end]))
    return articles


def _citations(pack: Pack) -> Iterator[tuple[str, Citation]]:
    for where, basis in _bases(pack):
        for citation in basis:
            yield where, citation


def _bases(pack: Pack) -> Iterator[tuple[str, Basis]]:
    rules = pack.rules
    for kind in (rules.requirements, rules.reductions, rules.keeps):
        for rule in kind.values():
            yield f"rule `{rule.id}`", rule.basis
    for demand in rules.requirements.values():
        for material, basis in demand.edge_basis.items():
            yield f"rule `{demand.id}`, `{material}`", basis
    for source in pack.catalogue.sources.values():
        yield f"source `{source.id}`", source.basis
    for item in pack.catalogue.items.values():
        if item.deadline is not None:
            yield f"item `{item.id}`, deadline", item.deadline.basis
    for profile in pack.catalogue.authority:
        yield f"authority `{profile.material_class}` from {profile.since}", profile.basis


def _terms(pack: Pack, library: _Library) -> Iterator[tuple[str, str | None]]:
    for rule in pack.rules.requirements.values():
        for material in rule.materials:
            citations = rule.edge_citations(material)
            term = rule.terms.get(material)
            where = f"rule `{rule.id}`, `{material}`"
            if not any(library.holds(citation.law) for citation in citations):
                continue  # no text in which to look
            if term is None:
                yield where, "no term is recorded for this material"
            elif any(library.says(citation, term) for citation in citations):
                yield where, None
            else:
                yield where, f"no cited article holds the term `{term}`"
