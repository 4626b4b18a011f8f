"""Lawfulness: which rules take part and which edges are lawful on the days of a case.

Semantics 2 (which rules take part), 4 (lawful edges), 5 (what outranks what).
"""

from datetime import date

from knowledge.authority import Authority
from knowledge.catalogue import Catalogue
from knowledge.law import Citation, Level, outranks
from knowledge.material import Material
from rules.rule import Keep, Reduction, Rule

Citations = tuple[Citation, ...]


class Lawfulness:
    """The law as it stands on two days, for an applicant of a kind."""

    def __init__(self, catalogue: Catalogue, law_day: date, as_of: date, kind: str) -> None:
        self._known = catalogue
        self._law_day, self._as_of = law_day, as_of
        self._profiles = {
            day: [one for one in catalogue.authority if _matches(one, catalogue, day, kind)]
            for day in (law_day, as_of)
        }

    def takes_part(self, rule: Reduction) -> bool:
        """Return whether a reduction takes part: live and well founded on one of the days."""
        return self._founded(rule, self._law_day) or self._founded(rule, self._as_of)

    def keeps(self, rule: Keep) -> bool:
        """Return whether a keep rule takes part: on `law_day` it is live and well founded."""
        return self._founded(rule, self._law_day)

    def allows(self, citations: Citations, material: Material) -> bool:
        """Return whether these citations make the demand for a material lawful on both days."""
        return self._allows_on(self._law_day, citations, material) and (
            self._as_of == self._law_day or self._allows_on(self._as_of, citations, material)
        )

    def outranks(self, reduction: Reduction, keep: Keep) -> bool:
        """Return whether some level of a reduction outranks every level of a keep rule."""
        kept = self._levels(keep.basis, self._law_day)
        cited = self._levels(reduction.basis, self._law_day)
        cited |= self._levels(reduction.basis, self._as_of)
        return any(all(outranks(level, other) for other in kept) for level in cited)

    def _founded(self, rule: Rule, day: date) -> bool:
        return rule.live(day) and any(self._known.counts(cited, day) for cited in rule.basis)

    def _allows_on(self, day: date, citations: Citations, material: Material) -> bool:
        levels = self._levels(citations, day)
        return bool(levels) and all(
            not levels.isdisjoint(profile.levels)
            for profile in self._profiles[day]
            if profile.material_class is material.material_class
        )

    def _levels(self, citations: Citations, day: date) -> set[Level]:
        return {
            self._known.laws[cited.law].level
            for cited in citations
            if self._known.counts(cited, day)
        }


def _matches(profile: Authority, catalogue: Catalogue, day: date, kind: str) -> bool:
    return (
        profile.live(day)
        and profile.applicant in ("any", kind)
        and profile.region in catalogue.title.regions
    )
