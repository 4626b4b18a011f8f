"""Matching: which conditions hold on a case's facts, whatever engine finds it out.

Matching is apart from resolution: every matcher gives truths, one piece of code resolves them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rules.condition import Condition, Facts, Truth

__all__ = ["Facts", "Matcher", "Program", "Truth"]


@dataclass(frozen=True, slots=True)
class Program:
    """The distinct conditions of one service item that take part on the days of a case.

    `key` is the digest of their canonical text: equal programs have equal keys.
    """

    key: str
    conditions: tuple[Condition, ...]


class Matcher(Protocol):
    """One engine that finds the truth of every condition of a program, in its order."""

    def match(self, program: Program, facts: Facts) -> Sequence[Truth]:
        """Return one truth for each condition of `program`."""
