"""Dice: the one source of choice behind random packs and cases, seeded or drawn.

The same generator serves a fast seeded run and Hypothesis. Every choice is a whole number
that shrinks to its least value, so the plainest option stands first everywhere.
"""

import random
from collections.abc import Sequence
from typing import Protocol, TypeVar

from hypothesis import strategies as st

Option = TypeVar("Option")


class Dice(Protocol):
    """Whatever can name a whole number between two bounds, both included."""

    def number(self, low: int, high: int) -> int:
        """Return a number, `low` being the plainest."""
        ...


class SeededDice:
    """Dice for hundreds of packs a second."""

    def __init__(self, rng: random.Random) -> None:
        self._random = rng.random

    def number(self, low: int, high: int) -> int:
        """Return a number, each equally likely."""
        return low + int(self._random() * (high - low + 1))


class DrawnDice:
    """Dice that Hypothesis throws and shrinks."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def number(self, low: int, high: int) -> int:
        """Return a number that Hypothesis chose."""
        return low if low == high else self._draw(st.integers(low, high))


def chance(dice: Dice, percent: int) -> bool:
    """Say yes in about so many of a hundred; no is the plain answer."""
    return dice.number(0, 99) >= 100 - percent


def pick(dice: Dice, options: Sequence[Option]) -> Option:
    """One of the options; the first is the plainest."""
    return options[dice.number(0, len(options) - 1)]


def some(dice: Dice, options: Sequence[Option], low: int, high: int) -> list[Option]:
    """Between `low` and `high` different options (as many as there are), in their order."""
    left = list(range(len(options)))
    wanted = dice.number(min(low, len(left)), min(high, len(left)))
    taken = [left.pop(dice.number(0, len(left) - 1)) for _ in range(wanted)]
    return [options[place] for place in sorted(taken)]
