"""Formulas: a condition as the terms that make it true and the terms that make it false.

A fact that is not stated meets no test. So true and false are found apart, each from tests that
hold (strong Kleene logic as two monotone sets of rules); neither found means unknown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import prod

from evaluator.rete_rank import Ranks
from knowledge.fact import FactKey, FactValue
from rules.condition import And, Comparison, Condition, Membership, Not, Or

MOST_TERMS = 12
"""How many terms make a formula true, and how many false."""

MOST_TESTS = 12
"""How many tests a term has: the engine fails at 17 in one rule."""

Test = tuple[int, str, int]
"""The number of a subject, an operator, and the rank that the subject is held against.

The number of a fact is above 0, that of a part below; the marker, which is 1 always, has 0.
"""

MARKER: Test = (0, "==", 1)

Term = frozenset[Test]
"""Tests that must all hold; with none, it always holds."""

_CONTRARY = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


@dataclass(frozen=True, slots=True)
class Formula:
    """The terms of which one makes a condition true, and those of which one makes it false.

    `round` counts from 0 the rounds of parts that must be known before it.
    """

    true: frozenset[Term]
    false: frozenset[Term]
    round: int = 0

    @property
    def contrary(self) -> "Formula":
        """The formula turned round."""
        return Formula(self.false, self.true, self.round)

    @property
    def width(self) -> int:
        """The number of tests in the longest of the terms for true."""
        return max(map(len, self.true), default=0)

    @property
    def weight(self) -> int:
        """How much it adds to what it is joined into."""
        return sum(len(term) for term in self.true) + sum(len(term) for term in self.false)

    @property
    def is_test(self) -> bool:
        """Whether it is a single test."""
        return len(self.true) == len(self.false) == 1 and self.weight == 2  # noqa: PLR2004 one each


@dataclass(slots=True)
class Formulary:
    """Reads conditions as formulas, and sets apart as `parts` what would make one too large.

    A part is a subject with the number that `parts` gives it: 1 when it is true, 0 when it is
    false, and not stated when it is unknown.
    """

    ranks: Mapping[FactKey, Ranks]
    parts: dict[Formula, int] = field(default_factory=dict)
    _subjects: dict[FactKey, int] = field(init=False)
    _read: dict[Condition, Formula] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._subjects = {fact: number for number, fact in enumerate(self.ranks, start=1)}

    def read(self, condition: Condition) -> Formula:
        """Return the formula of `condition`, the same for an equal one."""
        found = self._read.get(condition)
        if found is None:
            found = self._read[condition] = self._reading(condition)
        return found

    def _reading(self, condition: Condition) -> Formula:
        match condition:
            case Comparison(fact, operator, value):
                return self._test(fact, operator, value=value)
            case Membership(fact, values):
                return self._either([self._test(fact, "==", value=value) for value in values])
            case And(parts):
                return self._both([self.read(part) for part in parts])
            case Or(parts):
                return self._either([self.read(part) for part in parts])
            case Not(part):
                return self.read(part).contrary
            case always:
                surely = Formula(frozenset((Term(),)), frozenset())
                return surely if always.value else surely.contrary

    def _test(self, fact: FactKey, operator: str, *, value: FactValue) -> Formula:
        subject, rank = self._subjects[fact], self.ranks[fact].rank(value)
        return Formula(
            frozenset((Term(((subject, operator, rank),)),)),
            frozenset((Term(((subject, _CONTRARY[operator], rank),)),)),
        )

    def _either(self, formulas: list[Formula]) -> Formula:
        return self._both([formula.contrary for formula in formulas]).contrary

    def _both(self, formulas: list[Formula]) -> Formula:
        """Return the formula that is true when all `formulas` are."""
        formulas = sorted(set(formulas), key=_by_weight)
        while not _fit(formulas):
            if not formulas[-1].is_test:
                formulas = sorted({*formulas[:-1], self._apart(formulas[-1])}, key=_by_weight)
            else:
                formulas = [
                    self._apart(_joined(formulas[start : start + MOST_TESTS]))
                    for start in range(0, len(formulas), MOST_TESTS)
                ]
        return _joined(formulas)

    def _apart(self, formula: Formula) -> Formula:
        """Set `formula` apart, and return the test of it as a part."""
        if formula.is_test:
            return formula
        subject = self.parts.setdefault(formula, -len(self.parts) - 1)
        return Formula(
            frozenset((Term(((subject, "==", 1),)),)),
            frozenset((Term(((subject, "==", 0),)),)),
            formula.round + 1,
        )


def _by_weight(formula: Formula) -> tuple[bool, int, list[list[Test]], list[list[Test]]]:
    """Order single tests first, then by weight and content: equal conditions, equal rules."""
    terms = _in_order(formula.true), _in_order(formula.false)
    return not formula.is_test, formula.weight, *terms


def _in_order(terms: Iterable[Term]) -> list[list[Test]]:
    return sorted(sorted(term) for term in terms)


def _fit(formulas: list[Formula]) -> bool:
    return (
        prod(len(formula.true) for formula in formulas) <= MOST_TERMS
        and sum(len(formula.false) for formula in formulas) <= MOST_TERMS
        and sum(formula.width for formula in formulas) <= MOST_TESTS
    )


def _joined(formulas: list[Formula]) -> Formula:
    return Formula(
        frozenset(Term().union(*terms) for terms in product(*(each.true for each in formulas))),
        frozenset().union(*(each.false for each in formulas)),
        max(each.round for each in formulas),
    )
