"""Rete programs: the conditions of a service item as rules for the durable-rules engine.

That engine is right and fast on little, and crashes, hangs or errs on the rest. So a program is
only positive rules on one flat fact of small whole numbers, each rule a chain of tests:

- no rule joins two facts, negates, counts, calculates, or looks at text
- a condition has rules for true and others for false; when none fires it is unknown
- what is too large for one rule is a part, known one round before and stated as a field
- a rule set has so few tests that all of them together stay below every limit of the engine
- in every rule set one rule always fires: a session that stops half-way shows, and the engine,
  which frees a message that it never set when a session ends where nothing fired, has set it
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count, islice

from evaluator.matching import Facts, Program, Truth
from evaluator.rete_formula import MARKER, Formula, Formulary, Term, Test
from evaluator.rete_rank import Ranks, ranks_of
from evaluator.rete_refusal import EngineLimitError, EngineUnavailableError
from rules.condition import Condition

MOST_NODES = 60
"""How many tests a rule set has: the engine fails when 65 match, and hangs at 512."""

MOST_RULES = 120
"""How many rules a rule set has: the engine refuses the 257th on one test."""

MOST_IN_PROGRAM = 5_000
"""How many rules a program has: the engine keeps about 10 KB for each."""

_OPERATORS = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}

_RESERVED = (
    *("all", "any", "count", "pri", "cap", "dist", "name", "id", "sid", "m", "$m", "$s", "$i"),
    *("$eq", "$neq", "$lt", "$lte", "$gt", "$gte", "$ex", "$nex", "$mt", "$imt", "$iall"),
    *("$iany", "$or", "$and", "$add", "$sub", "$mul", "$div", "$l", "$r", "$forward"),
)
"""The words that the engine looks for, by their hash alone (its `rete.c` and `state.h`)."""


def fnv1a(name: str) -> int:
    """Return the 32-bit FNV-1a hash of an ASCII name: the engine knows a name by it alone."""
    hashed = 0x811C9DC5
    for byte in name.encode("ascii"):
        hashed = (hashed ^ byte) * 0x01000193 & 0xFFFFFFFF
    return hashed


def _names() -> Iterator[str]:
    """Yield f0, f1, … without any that the engine would take for another, or for its own."""
    taken = {fnv1a(word) for word in _RESERVED}
    for number in count():
        name = f"f{number}"
        if fnv1a(name) not in taken:
            taken.add(fnv1a(name))
            yield name


FIELDS = tuple(islice(_names(), MOST_NODES))
"""The names of the fields of a fact: a rule set has no more of them than tests."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A named chain of tests that can be met in a round, counted from 0."""

    name: str
    round: int
    tests: tuple[Test, ...]

    @property
    def nodes(self) -> set[tuple[Test, ...]]:
        """The nodes it takes; rules that begin with the same tests share them."""
        return {self.tests[:length] for length in range(1, len(self.tests) + 1)}


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules that are asked together, with one fact in one session.

    `stated` pairs the number of a fact with its field. `carried` pairs a piece of JSON with
    rules of earlier rounds: when one of them has fired the piece is in the fact.
    """

    definition: str
    mark: str
    stated: tuple[tuple[int, str], ...]
    carried: tuple[tuple[str, tuple[str, ...]], ...]

    def fact(self, ranks: Mapping[int, int]) -> str:
        """Return the JSON of the fact, left open for what is carried."""
        fields = [
            f',"{name}":{ranks[subject]}' for subject, name in self.stated if subject in ranks
        ]
        return f'{{"sid":"s","id":"c","{FIELDS[0]}":1{"".join(fields)}'


@dataclass(frozen=True, slots=True)
class CompiledProgram:
    """A program as rule sets in the order they are asked, and the meaning of what fires.

    `meaning` gives the condition's place and its truth for a rule of a condition, and None for
    a rule of a part or a mark. `weight` is the number of rules.
    """

    program: Program
    ranks: tuple[Ranks, ...]
    rule_sets: tuple[RuleSet, ...]
    meaning: Mapping[str, tuple[int, bool] | None]
    weight: int
    definition: str

    def facts(self, facts: Facts) -> tuple[str, ...]:
        """Return the fact to state to each rule set, or raise `FactKindError`."""
        ranks = {
            subject: fact.rank(value)
            for subject, fact in enumerate(self.ranks, start=1)
            if (value := facts.get(fact.fact)) is not None
        }
        return tuple(rule_set.fact(ranks) for rule_set in self.rule_sets)

    def truths(self, fired: Collection[str]) -> tuple[Truth, ...]:
        """Return the truth of each condition, when the rules named in `fired` have fired.

        Raise `EngineUnavailableError` when that is not one whole answer.
        """
        if not all(rule_set.mark in fired for rule_set in self.rule_sets):
            raise EngineUnavailableError("a rule that always fires did not fire")
        truths: list[Truth] = [None] * len(self.program.conditions)
        for name in fired:
            if name not in self.meaning:
                raise EngineUnavailableError("a rule fired that is not in the program")
            if meaning := self.meaning[name]:
                place, truth = meaning
                if truths[place] is (not truth):
                    raise EngineUnavailableError("a condition came out both true and false")
                truths[place] = truth
        return tuple(truths)


def fit(condition: Condition) -> None:
    """Raise `EngineLimitError` when `condition` is not what the engine can be trusted with."""
    compile_program(Program("", (condition,)))


def compile_program(program: Program) -> CompiledProgram:
    """Return `program` as rule sets, or raise `EngineLimitError` at what does not fit."""
    ranks = ranks_of(program.conditions)
    formulary = Formulary(ranks)
    rules: dict[Rule, tuple[int, bool] | None] = {}
    for place, condition in enumerate(program.conditions):
        for truth, own in _rules_of(formulary.read(condition), f"{place}").items():
            rules.update(dict.fromkeys(own, (place, truth)))
        if len(rules) + 2 * len(formulary.parts) > MOST_IN_PROGRAM:
            reason = "takes more rules than are left for one item; split the item's rules up"
            raise EngineLimitError(condition, reason)
    fired_by: dict[tuple[int, int], tuple[str, ...]] = {}
    for formula, subject in formulary.parts.items():
        for truth, own in _rules_of(formula, f"p{-subject}").items():
            rules.update(dict.fromkeys(own))
            fired_by[subject, int(truth)] = tuple(rule.name for rule in own)
    rule_sets = tuple(
        _rule_set(f"m{number}", pack, fired_by) for number, pack in enumerate(_packs(rules))
    )
    return CompiledProgram(
        program,
        tuple(ranks.values()),
        rule_sets,
        {rule.name: meaning for rule, meaning in rules.items()}
        | dict.fromkeys(rule_set.mark for rule_set in rule_sets),
        len(rules) + len(rule_sets),
        json.dumps([[rule_set.definition, rule_set.carried] for rule_set in rule_sets]),
    )


def _rules_of(formula: Formula, name: str) -> dict[bool, list[Rule]]:
    return {
        truth: [
            Rule(f"{'t' if truth else 'f'}{name}_{number}", formula.round, tests)
            for number, tests in enumerate(sorted(map(_chain, terms)))
        ]
        for truth, terms in ((True, formula.true), (False, formula.false))
    }


def _chain(term: Term) -> tuple[Test, ...]:
    return tuple(sorted(term)) or (MARKER,)


def _packs(rules: Iterable[Rule]) -> Iterator[list[Rule]]:
    """Yield the rules in packs of one round that each fit a rule set, the mark included."""
    pack: list[Rule] = []
    nodes: set[tuple[Test, ...]] = set()
    for rule in sorted(rules, key=lambda rule: rule.round):
        full = len(nodes | rule.nodes) >= MOST_NODES or len(pack) + 1 >= MOST_RULES
        if pack and (full or pack[0].round != rule.round):
            yield pack
            pack, nodes = [], set()
        pack.append(rule)
        nodes |= rule.nodes
    if pack:
        yield pack


def _rule_set(
    mark: str, pack: list[Rule], fired_by: Mapping[tuple[int, int], tuple[str, ...]]
) -> RuleSet:
    subjects = {test[0] for rule in pack for test in rule.tests} - {MARKER[0]}
    fields = dict(zip([MARKER[0], *sorted(subjects)], FIELDS, strict=False))
    definition = {mark: (MARKER,)} | {rule.name: rule.tests for rule in pack}
    return RuleSet(
        json.dumps({name: _written(tests, fields) for name, tests in definition.items()}),
        mark,
        tuple((subject, name) for subject, name in fields.items() if subject > 0),
        tuple(
            (f',"{fields[subject]}":{truth}', fired_by[subject, truth])
            for subject in sorted(subjects)
            if subject < 0
            for truth in (1, 0)
        ),
    )


def _written(tests: tuple[Test, ...], fields: Mapping[int, str]) -> dict[str, object]:
    """Return a rule as the engine reads it."""
    written: list[dict[str, object]] = []
    for subject, operator, rank in tests:
        held: dict[str, object] = {fields[subject]: rank}
        written.append(held if operator == "==" else {_OPERATORS[operator]: held})
    return {"all": [{"m": {"$and": written} if len(written) > 1 else written[0]}]}
