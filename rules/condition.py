"""Conditions: the tree that says when a rule holds, and its three-valued truth.

The logic is strong Kleene: a comparison on a fact that is not stated is unknown, and more facts
never turn a truth that is settled.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from knowledge.fact import FactKey, FactValue

Facts = Mapping[FactKey, FactValue]
"""The exact values that a case states, by key; what is not stated is not there."""

Truth = bool | None
"""True, false, or None for unknown."""

Operator = Literal["==", "!=", "<", "<=", ">", ">="]

_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Always:
    """A condition that no fact changes."""

    value: bool

    @property
    def keys(self) -> frozenset[FactKey]:
        """No fact at all."""
        return frozenset()

    def truth(self, facts: Facts) -> Truth:  # noqa: ARG002 all conditions are asked alike
        """Return the value."""
        return self.value

    def unknown_part(self, facts: Facts) -> "Condition":  # noqa: ARG002 all are asked alike
        """Return itself: nothing here is unknown."""
        return self


ALWAYS = Always(value=True)
"""The condition of a rule without one."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A fact beside a value; a boolean fact alone is `fact == true`."""

    fact: FactKey
    operator: Operator
    value: FactValue

    @property
    def keys(self) -> frozenset[FactKey]:
        """The fact that is compared."""
        return frozenset((self.fact,))

    def truth(self, facts: Facts) -> Truth:
        """Return whether the stated value compares so, or None when it is not stated."""
        stated = facts.get(self.fact)
        if stated is None:
            return None
        return _TESTS[self.operator](stated, self.value)

    def unknown_part(self, facts: Facts) -> "Condition":
        """Return its truth, or itself when the fact is not stated."""
        return _left_of(self, facts)


@dataclass(frozen=True, slots=True)
class Membership:
    """A fact that is one of some values, kept in the order they are written."""

    fact: FactKey
    values: tuple[FactValue, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError(f"`{self.fact} in []` names no value; write at least one")

    @property
    def keys(self) -> frozenset[FactKey]:
        """The fact that is looked up."""
        return frozenset((self.fact,))

    def truth(self, facts: Facts) -> Truth:
        """Return whether the stated value is among them, or None when it is not stated."""
        stated = facts.get(self.fact)
        if stated is None:
            return None
        return stated in self.values

    def unknown_part(self, facts: Facts) -> "Condition":
        """Return its truth, or itself when the fact is not stated."""
        return _left_of(self, facts)


@dataclass(frozen=True, slots=True)
class And:
    """Two or more conditions that must all hold."""

    parts: "tuple[Condition, ...]"
    keys: frozenset[FactKey] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", _keys_of(self.parts, "and"))

    def truth(self, facts: Facts) -> Truth:
        """Return false when a part is false, else unknown when a part is, else true."""
        settled: Truth = True
        for part in self.parts:
            truth = part.truth(facts)
            if truth is False:
                return False
            if truth is None:
                settled = None
        return settled

    def unknown_part(self, facts: Facts) -> "Condition":
        """Return what is left to know after the stated facts are put in."""
        left: list[Condition] = []
        for part in self.parts:
            rest = part.unknown_part(facts)
            if not isinstance(rest, Always):
                left.append(rest)
            elif not rest.value:
                return rest
        if len(left) > 1:
            return And(tuple(left))
        return left[0] if left else Always(value=True)


@dataclass(frozen=True, slots=True)
class Or:
    """Two or more conditions of which one is enough."""

    parts: "tuple[Condition, ...]"
    keys: frozenset[FactKey] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", _keys_of(self.parts, "or"))

    def truth(self, facts: Facts) -> Truth:
        """Return true when a part is true, else unknown when a part is, else false."""
        settled: Truth = False
        for part in self.parts:
            truth = part.truth(facts)
            if truth is True:
                return True
            if truth is None:
                settled = None
        return settled

    def unknown_part(self, facts: Facts) -> "Condition":
        """Return what is left to know after the stated facts are put in."""
        left: list[Condition] = []
        for part in self.parts:
            rest = part.unknown_part(facts)
            if not isinstance(rest, Always):
                left.append(rest)
            elif rest.value:
                return rest
        if len(left) > 1:
            return Or(tuple(left))
        return left[0] if left else Always(value=False)


@dataclass(frozen=True, slots=True)
class Not:
    """A condition turned round."""

    part: "Condition"
    keys: frozenset[FactKey] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", self.part.keys)

    def truth(self, facts: Facts) -> Truth:
        """Return the opposite; the opposite of unknown is unknown."""
        truth = self.part.truth(facts)
        return None if truth is None else not truth

    def unknown_part(self, facts: Facts) -> "Condition":
        """Return what is left to know after the stated facts are put in."""
        rest = self.part.unknown_part(facts)
        return Always(value=not rest.value) if isinstance(rest, Always) else Not(rest)


Condition = Always | Comparison | Membership | And | Or | Not


def values_by_fact(condition: Condition) -> dict[FactKey, frozenset[FactValue]]:
    """Return the values that `condition` holds each of its facts against: its boundaries."""
    found: dict[FactKey, set[FactValue]] = {key: set() for key in condition.keys}
    waiting = [condition]
    while waiting:
        match waiting.pop():
            case Comparison(fact, _, value):
                found[fact].add(value)
            case Membership(fact, values):
                found[fact].update(values)
            case And(parts) | Or(parts):
                waiting.extend(parts)
            case Not(part):
                waiting.append(part)
            case Always():
                pass
    return {key: frozenset(values) for key, values in sorted(found.items())}


def _left_of(condition: Comparison | Membership, facts: Facts) -> Condition:
    truth = condition.truth(facts)
    return condition if truth is None else Always(value=truth)


def _keys_of(parts: Iterable[Condition], word: str) -> frozenset[FactKey]:
    parts = tuple(parts)
    if len(parts) < 2:  # noqa: PLR2004 fewer could not be written down
        raise ValueError(f"`{word}` joins two conditions or more; write the one alone")
    return frozenset().union(*(part.keys for part in parts))
