"""Dice: the one source of choice behind random packs and cases, seeded or drawn.

The same generator serves a fast seeded run and Hypothesis. Every number shrinks to its least
value, so the plainest option stands first everywhere; a list loses its elements one by one.
"""

import random
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from hypothesis import strategies as st

Option = TypeVar("Option")


class Dice(Protocol):
    """Whatever can choose; bounds are included."""

    def number(self, low: int, high: int) -> int:
        """Return a number, `low` being the plainest."""
        ...

    def places(self, count: int, low: int, high: int) -> list[int]:
        """Return between `low` and `high` different numbers below `count`, sorted."""
        ...

    def many(self, low: int, high: int, make: "Callable[[Dice], Option]") -> list[Option]:
        """Make between `low` and `high` things; `low` is what a seeded run makes at least."""
        ...


class SeededDice:
    """Dice for hundreds of packs a second."""

    def __init__(self, rng: random.Random) -> None:
        self._random = rng.random

    def number(self, low: int, high: int) -> int:
        """Return a number, each equally likely."""
        return low + int(self._random() * (high - low + 1))

    def places(self, count: int, low: int, high: int) -> list[int]:
        """Return different numbers, each as likely as another."""
        left = list(range(count))
        wanted = self.number(low, high)
        return sorted(left.pop(self.number(0, len(left) - 1)) for _ in range(wanted))

    def many(self, low: int, high: int, make: Callable[[Dice], Option]) -> list[Option]:
        """Make things with these dice."""
        return [make(self) for _ in range(self.number(low, high))]


class DrawnDice:
    """Dice that Hypothesis throws and shrinks."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def number(self, low: int, high: int) -> int:
        """Return a number that Hypothesis chose."""
        return low if low == high else self._draw(st.integers(low, high))

    def places(self, count: int, low: int, high: int) -> list[int]:
        """Return different numbers that Hypothesis chose."""
        if high == 0:
            return []
        numbers = st.integers(0, count - 1)
        return sorted(self._draw(st.lists(numbers, min_size=low, max_size=high, unique=True)))

    def many(self, low: int, high: int, make: Callable[[Dice], Option]) -> list[Option]:
        """Make things that Hypothesis may take away again, down to one, or none."""
        return self._draw(st.lists(thrown(make), min_size=min(low, 1), max_size=high))


@st.composite
def thrown(draw: st.DrawFn, make: Callable[[Dice], Option]) -> Option:
    """Draw a thing that is made with dice."""
    return make(DrawnDice(draw))


def chance(dice: Dice, percent: int) -> bool:
    """Say yes in about so many of a hundred; no is the plain answer."""
    return dice.number(0, 99) >= 100 - percent


def pick(dice: Dice, options: Sequence[Option]) -> Option:
    """One of the options; the first is the plainest."""
    return options[dice.number(0, len(options) - 1)]


def some(dice: Dice, options: Sequence[Option], low: int, high: int) -> list[Option]:
    """Between `low` and `high` different options (as many as there are), in their order."""
    count = len(options)
    return [options[place] for place in dice.places(count, min(low, count), min(high, count))]
