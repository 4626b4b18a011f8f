"""Ranks: where a fact's value lies among the values that conditions hold it against.

The engine sees ranks and nothing else, small whole numbers: no text, float, day, large number
or personal datum of a case can reach it.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from evaluator.rete_refusal import EngineLimitError, FactKindError
from knowledge.fact import FactKey, FactValue
from rules.condition import And, Comparison, Condition, Membership, Not, Or

DEEPEST = 100
"""How many levels a condition may nest: what reads it, here as elsewhere, calls itself."""

KINDS: Mapping[type, str] = {
    bool: "boolean",
    int: "number",
    Decimal: "number",
    date: "date",
    str: "text",
}
"""The kind of a value by its exact type: `True` is not the number 1."""


@dataclass(frozen=True, slots=True)
class Ranks:
    """The values that some conditions hold one fact against, of one kind, in order.

    The one at place i (from 0) has the rank 2i + 1; what lies between two has the even rank
    between theirs. Ranks compare as their values do.
    """

    fact: FactKey
    kind: str
    boundaries: tuple[Any, ...]

    def rank(self, value: FactValue) -> int:
        """Return the rank of `value`, or raise `FactKindError` when it is of another kind."""
        if KINDS.get(type(value)) != self.kind or _is_endless(value):
            raise FactKindError(self.fact, value, kind=self.kind)
        place = bisect_left(self.boundaries, value)
        met = place < len(self.boundaries) and self.boundaries[place] == value
        return 2 * place + met


def ranks_of(conditions: Iterable[Condition]) -> dict[FactKey, Ranks]:
    """Return the ranks of every fact in `conditions`.

    Raise `EngineLimitError` at the first condition that nests too deep or holds a fact against
    a value of another kind than the rest.
    """
    kinds: dict[FactKey, str] = {}
    found: dict[FactKey, set[Any]] = {}
    for condition in conditions:
        for fact, value in _held_against(condition):
            kind = _kind(condition, fact, value)
            if kinds.setdefault(fact, kind) != kind:
                reason = f"holds `{fact}` against a {kind}, and another does a {kinds[fact]}"
                raise EngineLimitError(condition, f"{reason}; let them agree")
            found.setdefault(fact, set()).add(value)
    return {
        fact: Ranks(fact, kinds[fact], tuple(sorted(found[fact]))) for fact in sorted(found)
    }


def _held_against(condition: Condition) -> Iterator[tuple[FactKey, FactValue]]:
    """Yield every fact with each value it is held against, without calling itself."""
    waiting = [(condition, 1)]
    while waiting:
        part, depth = waiting.pop()
        if depth > DEEPEST:
            reason = f"nests more than {DEEPEST} levels deep; write it flatter, or as two rules"
            raise EngineLimitError(condition, reason)
        match part:
            case Comparison(fact, _, value):
                yield fact, value
            case Membership(fact, values):
                yield from ((fact, value) for value in values)
            case And(parts) | Or(parts):
                waiting.extend((inner, depth + 1) for inner in parts)
            case Not(inner):
                waiting.append((inner, depth + 1))


def _kind(condition: Condition, fact: FactKey, value: FactValue) -> str:
    kind = KINDS.get(type(value))
    if kind is None or _is_endless(value):
        reason = f"holds `{fact}` against `{value}`, which no fact can be; write another value"
        raise EngineLimitError(condition, reason)
    return kind


def _is_endless(value: object) -> bool:
    return isinstance(value, Decimal) and not value.is_finite()
