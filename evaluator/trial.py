"""Trials: the same case with one thing changed, decided again by the reference.

Only values that conditions mention, their neighbours, and one other are tried: between two
such values no condition can tell answers apart.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from evaluator.case import Case, CaseForm, fit_case
from evaluator.decide import Decider
from evaluator.decision import Decision
from knowledge.fact import Fact, FactKey, FactValue, FactValueError
from rules.condition import Condition, values_by_fact

LIST = ("submit", "reference", "commitment", "deferred")
"""What of a decision is the list: the papers and what stands in their place."""


class Trials:
    """Decides variations of one case, at most `budget` of them."""

    def __init__(self, decider: Decider, case: Case, budget: int) -> None:
        self._decider, self._case = decider, case
        self.left = budget
        self.conditions: tuple[Condition, ...] = tuple(
            {tree: None for view in decider.views(case) for tree in view.program.conditions}
        )

    def decide(self, **change: Any) -> Decision:
        """Return the decision of the case with some of its keys changed."""
        self.left -= 1
        form: CaseForm = self._case.form.model_copy(update=change)
        return self._decider.decide(fit_case(form, self._decider.pack))

    def with_facts(self, facts: Mapping[str, Any], **change: Any) -> Decision:
        """Return the decision of the case with some facts stated, and more keys changed."""
        return self.decide(facts={**self._case.form.facts, **facts}, **change)

    def answers(self, key: str) -> list[Any]:
        """Return the answers to one question that conditions can tell apart, as JSON values."""
        fact = self._decider.pack.catalogue.vocabulary.by_key[FactKey(key)]
        mentioned: set[FactValue] = set()
        for condition in self.conditions:
            mentioned |= values_by_fact(condition).get(fact.key, frozenset())
        return list(dict.fromkeys(_representatives(fact, mentioned)))


def outcome(decision: Decision) -> tuple[tuple[str, ...], ...]:
    """Return the list that a decision gives, to be compared."""
    return tuple(tuple(decision[key]) for key in LIST)


def _representatives(fact: Fact, mentioned: set[FactValue]) -> Iterator[Any]:
    match fact.type:
        case "boolean":
            yield from (True, False)
        case "choice":
            others = [key for key in fact.choices or {} if key not in mentioned]
            yield from [key for key in fact.choices or {} if key in mentioned] + others[:1]
        case "text":
            yield from sorted(map(str, mentioned))
            yield "".join(sorted(map(str, mentioned))) + "?"
        case _:
            yield from _written(fact, _around(fact, mentioned))


def _around(fact: Fact, mentioned: Iterable[Any]) -> Iterator[Any]:
    step: Any = 1
    if fact.type == "decimal":
        step = Decimal(1).scaleb(-(fact.scale or 0))
    elif fact.type == "date":
        step = timedelta(days=1)
    for value in sorted(mentioned):
        yield from (value - step, value, value + step)


def _written(fact: Fact, values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        written = value if isinstance(value, int) else str(value)
        try:
            fact.read(written)
        except FactValueError:
            continue  # a neighbour beyond the ends of the type
        yield written
