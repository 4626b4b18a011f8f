"""Rete programs: the conditions of a service item as rules for the durable-rules engine.

That engine is right and fast on little, and crashes, hangs or errs on the rest. So a program is
only positive rules on one flat fact of small whole numbers, each rule a chain of tests:

- no rule joins two facts, negates, counts, calculates, or looks at text
- a condition has rules for true and others for false; without either it is unknown
- what is too large for one rule is a part, known one round before and stated as a field
- a rule set has so few tests that all of them together stay below every limit of the engine
- in every rule set one rule always fires, so that a session without an answer shows, and so
  that the engine never frees a message it did not set (it does, when nothing has fired)
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count, groupby, islice
from typing import Any

from evaluator.matching import Facts, Program, Truth
from evaluator.rete_formula import MARKER, Formula, Formulary, Term, Test
from evaluator.rete_rank import Ranks, ranks_of
from evaluator.rete_refusal import EngineLimitError, EngineUnavailableError
from knowledge.fact import FactKey
from rules.condition import Condition

MOST_NODES = 60
"""How many tests a rule set has: the engine fails when 65 match, and hangs at 512."""

MOST_RULES = 120
"""How many rules a rule set has: the engine refuses 257 after one test."""

MOST_RULES_OF_ALL = 4_000
"""How many rules a program has: an engine keeps about 8 KB for each."""

_ALWAYS = frozenset((Term(),))

_OPERATORS = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}

_RESERVED = (
    *("all", "any", "count", "pri", "cap", "dist", "name", "id", "sid", "m", "$m", "$s", "$i"),
    *("$eq", "$neq", "$lt", "$lte", "$gt", "$gte", "$ex", "$nex", "$mt", "$imt", "$iall"),
    *("$iany", "$or", "$and", "$add", "$sub", "$mul", "$div", "$l", "$r", "$forward"),
)
"""The words that the engine itself looks for, by their hash alone (its `rete.c`, `state.h`)."""


def fnv1a(name: str) -> int:
    """Return the 32-bit FNV-1a hash of an ASCII name: the engine knows a name by it alone."""
    hashed = 0x811C9DC5
    for byte in name.encode("ascii"):
        hashed = (hashed ^ byte) * 0x01000193 & 0xFFFFFFFF
    return hashed


def _names() -> Iterator[str]:
    """Yield f0, f1, … without any that the engine would take for another or for its own."""
    taken = {fnv1a(word) for word in _RESERVED}
    for number in count():
        hashed = fnv1a(name := f"f{number}")
        if hashed not in taken:
            taken.add(hashed)
            yield name


FIELDS = tuple(islice(_names(), MOST_NODES))
"""The names of the fields of every fact. There are never more fields than tests."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A named chain of tests, known in a round."""

    name: str
    round: int
    tests: tuple[Test, ...]

    @property
    def nodes(self) -> set[tuple[Test, ...]]:
        """The nodes it needs; rules that begin with the same tests share them."""
        return {self.tests[:length] for length in range(1, len(self.tests) + 1)}


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules that are asked together, with one fact, in one session.

    `stated` pairs the number of each fact with its field; `carried` pairs a piece of the fact
    with the rules of which one must have fired, in an earlier round, for it to be there.
    """

    definition: str
    mark: str
    stated: tuple[tuple[int, str], ...]
    carried: tuple[tuple[str, tuple[str, ...]], ...]

    def fact(self, ranks: Mapping[int, int]) -> str:
        """Return the JSON of the fact, open at its end for what is carried."""
        fields = [
            f',"{name}":{ranks[subject]}' for subject, name in self.stated if subject in ranks
        ]
        return f'{{"sid":"s","id":"c","{FIELDS[0]}":1{"".join(fields)}'


@dataclass(frozen=True, slots=True)
class CompiledProgram:
    """A program as rule sets, in the order they are asked, and how to read what fires."""

    program: Program
    ranks: tuple[Ranks, ...]
    rule_sets: tuple[RuleSet, ...]
    meaning: Mapping[str, tuple[int, bool]]
    weight: int
    definition: str

    def facts(self, facts: Facts) -> tuple[str, ...]:
        """Return the fact to state to each rule set, or raise `FactKindError`."""
        found = {
            number: ranks.rank(value)
            for number, ranks in enumerate(self.ranks, start=1)
            if (value := facts.get(ranks.fact)) is not None
        }
        return tuple(rule_set.fact(found) for rule_set in self.rule_sets)

    def truths(self, fired: Collection[str]) -> tuple[Truth, ...]:
        """Return the truth of each condition when the rules named in `fired` have fired.

        Raise `EngineUnavailableError` when this cannot be a whole and single answer.
        """
        if not all(rule_set.mark in fired for rule_set in self.rule_sets):
            raise EngineUnavailableError("a rule that always fires did not")
        truths: list[Truth] = [None] * len(self.program.conditions)
        for name in fired:
            number, truth = self.meaning.get(name, (None, None))
            if number is None:
                continue
            if truths[number] is (not truth):
                raise EngineUnavailableError("one condition came out both true and false")
            truths[number] = truth
        return tuple(truths)


def compile_program(program: Program) -> CompiledProgram:
    """Return `program` as rule sets, or raise `EngineLimitError` at what does not fit."""
    ranks = ranks_of(program.conditions)
    formulary = Formulary(ranks)
    rules: list[Rule] = []
    meaning: dict[str, tuple[int, bool]] = {}
    for number, condition in enumerate(program.conditions):
        formula = formulary.read(condition)
        for truth in (True, False):
            own = list(_rules(f"{'tf'[not truth]}{number}", formula, truth=truth))
            meaning.update((rule.name, (number, truth)) for rule in own)
            rules += own
        if len(rules) > MOST_RULES_OF_ALL:
            ...
    return None


def fit(condition: Condition) -> None:
    """Raise `EngineLimitError` when `condition` is outside what the engine can be trusted with."""
    compile_program(Program("", (condition,)))
