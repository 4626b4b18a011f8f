"""Chance that repeats: the same seed and words give the same draw, in any order, anywhere."""

from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")
_PER_MILLE = 1000


class Chance:
    """Draws that depend on nothing but a seed and the words that name the draw."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def below(self, end: int, *words: object) -> int:
        """Return a number from 0 to below `end`."""
        text = "\x1f".join([str(self.seed), *map(str, words)])
        drawn = int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
        return drawn % end

    def happens(self, per_mille: int, *words: object) -> bool:
        """Return whether something that happens so many times in 1000 does."""
        return self.below(_PER_MILLE, *words) < per_mille

    def one_of(self, things: Sequence[T], *words: object) -> T:
        """Return one of some things."""
        return things[self.below(len(things), *words)]

    def day(self, since: date, until: date, *words: object) -> date:
        """Return a day from `since` on and before `until`."""
        return since + timedelta(days=self.below((until - since).days, *words))
