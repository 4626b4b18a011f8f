"""What kills durable-rules, hangs it or makes it err: refused clearly, or answered right.

Each hazard was seen in durable-rules 2.0.28. The numbers: 1 joined facts, 2 negation, 3 many
tests (it hangs), 4 many matches, 5 many rules on one test, 6 many tests in one rule, 7 sessions
left over, 8 leaks, 9 threads, 10 names known by their hash, 12 large facts. The others are in
`test_durable_values.py`.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from evaluator.matching import Facts, Program, Truth
from evaluator.rete import (
    FIELDS,
    MOST_IN_PROGRAM,
    MOST_NODES,
    MOST_RULES,
    CompiledProgram,
    compile_program,
    fnv1a,
)
from evaluator.rete_refusal import (
    EngineLimitError,
    EngineUnavailableError,
)
from evaluator.rete_worker import EngineWorker
from knowledge.fact import FactKey, FactValue
from rules.condition import Always, And, Comparison, Condition, Membership, Not, Or

ROOT = Path(__file__).parents[2]
A, B, N = FactKey("a"), FactKey("b"), FactKey("n")
KINDLY = Program("kindly", (Comparison(A, "==", "x"), Comparison(N, ">", 3)))

# Definitions that no condition compiles to, each seen to do what it says.
CRASHES = '{"t": {"all": [{"m": {"$mt": {"f1": "[一-龥]"}}}]}}'
HANGS = json.dumps({f"t{i}": {"all": [{"m": {"f1": i}}]} for i in range(600)})


@pytest.fixture(scope="module")
def worker() -> Iterator[EngineWorker]:
    with EngineWorker(processes=1) as worker:
        yield worker


@pytest.fixture(autouse=True)
def _the_service_still_answers(worker: EngineWorker) -> Iterator[None]:
    yield
    assert worker.match(KINDLY, {A: "x", N: 3}) == (True, False)


def hostile(program: Program) -> CompiledProgram:
    """Compile, but give the engine what the key of a program says in place of its rules."""
    definitions = {"crashes": CRASHES, "hangs": HANGS}
    compiled = compile_program(program)
    if program.key not in definitions:
        return compiled
    return replace(compiled, definition=json.dumps([[definitions[program.key], []]]))


def unfit(key: str) -> Program:
    return Program(key, KINDLY.conditions)


def program_of(*conditions: Condition) -> Program:
    return Program(repr(conditions), conditions)


def truths(program: Program, facts: Facts) -> tuple[Truth, ...]:
    return tuple(condition.truth(facts) for condition in program.conditions)


def is_value(fact: FactKey, value: FactValue) -> Comparison:
    return Comparison(fact, "==", value)


def fact_keys(number: int) -> list[FactKey]:
    return [FactKey(f"k{place}") for place in range(number)]


def either_of_pairs(pairs: int) -> Condition:
    """Return a condition that is false in 2**pairs ways."""
    keys = fact_keys(2 * pairs)
    return Or(
        tuple(
            And((is_value(one, value=True), is_value(other, value=True)))
            for one, other in zip(keys[::2], keys[1::2], strict=True)
        )
    )


LARGE = program_of(
    *(is_value(A, f"v{i}") for i in range(600)),
    *(Comparison(N, ">", i) for i in range(100)),
    *(And((is_value(B, "x"), Or((Always(value=True), is_value(N, i))))) for i in range(300)),
    And(tuple(is_value(key, value=True) for key in fact_keys(40))),
    Or(tuple(Not(is_value(key, value=True)) for key in fact_keys(600))),
    Membership(A, tuple(f"v{i}" for i in range(300))),
    either_of_pairs(30),
)
LARGE_FACTS: list[dict[FactKey, FactValue]] = [
    {},
    {A: "v599", N: 1_000, B: "x"},
    {A: "v0", N: 50, B: "y", **dict.fromkeys(fact_keys(600), True)},
    {A: "none of them", N: -1, **dict.fromkeys(fact_keys(599), True)},
    dict.fromkeys(fact_keys(60)[::2], False),
    {FactKey("k59"): False, **dict.fromkeys(fact_keys(40), True)},
]


def rules_of(program: Program) -> Iterator[dict[str, Any]]:
    for rule_set in compile_program(program).rule_sets:
        yield from json.loads(rule_set.definition).values()


# --- 1 to 6: the shape of rules -----------------------------------------------------------


def test_1_a_rule_joins_no_facts_and_holds_only_tests_of_numbers() -> None:
    for rule in rules_of(LARGE):
        [antecedent] = rule.pop("all")
        assert rule == {}
        assert list(antecedent) == ["m"]
        for test in antecedent["m"].get("$and", [antecedent["m"]]):
            [(name, held)] = test.items()
            if name in {"$neq", "$lt", "$lte", "$gt", "$gte"}:
                [(name, held)] = held.items()
            assert name in FIELDS
            assert type(held) is int


def test_1_rules_that_crash_the_engine_cost_their_own_case_only() -> None:
    with EngineWorker(processes=1, compiler=hostile) as worker:
        found = worker.match_many(
            [(KINDLY, {A: "x"}), (unfit("crashes"), {}), (KINDLY, {N: 9}), (KINDLY, {})]
        )

    assert found[0] == (True, None)
    assert isinstance(found[1], EngineUnavailableError)
    assert found[1].reason == "it died of SIGSEGV, 2 times"
    assert found[2:] == [(None, True), (None, None)]


def test_2_a_negation_does_not_depend_on_the_order_of_facts(worker: EngineWorker) -> None:
    program = program_of(And((is_value(A, "x"), Not(is_value(B, "x")))))
    for facts in ({A: "x", B: "x"}, {A: "x", B: "y"}, {A: "x"}, {B: "x"}):
        backwards = dict(reversed(facts.items()))

        assert worker.match(program, facts) == truths(program, facts)
        assert worker.match(program, backwards) == truths(program, facts)


def test_3_rules_that_hang_the_engine_cost_their_own_case_only() -> None:
    with EngineWorker(processes=1, patience=1.0, compiler=hostile) as worker:
        found = worker.match_many([(unfit("hangs"), {}), (KINDLY, {N: 9})])

        assert isinstance(found[0], EngineUnavailableError)
        assert found[0].reason == "it was silent for 1 s, 2 times"
        assert found[1] == (None, True)
        with pytest.raises(EngineUnavailableError, match="ended it before"):
            worker.match(unfit("hangs"), {})


@pytest.mark.parametrize("facts", LARGE_FACTS)
def test_3_to_6_and_12_a_thousand_conditions_on_hundreds_of_facts_are_found_right(
    worker: EngineWorker, facts: dict[FactKey, FactValue]
) -> None:
    assert worker.match(LARGE, facts) == truths(LARGE, facts)


def test_3_to_6_no_rule_set_comes_near_a_limit_of_the_engine() -> None:
    assert MOST_NODES <= 64
    assert MOST_RULES <= 255
    for rule_set in compile_program(LARGE).rule_sets:
        definition = json.loads(rule_set.definition)
        chains = [
            tuple(map(json.dumps, rule["all"][0]["m"].get("$and", [rule["all"][0]["m"]])))
            for rule in definition.values()
        ]
        nodes = {chain[: end + 1] for chain in chains for end in range(len(chain))}
        assert len(nodes) <= MOST_NODES
        assert len(definition) <= MOST_RULES
        assert max(map(len, chains)) <= 12


def test_4_a_fact_may_meet_every_test_of_a_rule_set(worker: EngineWorker) -> None:
    program = program_of(*(Comparison(N, ">", bound) for bound in range(500)))

    assert worker.match(program, {N: 1_000}) == (True,) * 500


def test_6_a_program_that_would_fill_the_engine_is_refused_by_its_condition() -> None:
    conditions = tuple(is_value(A, f"v{i}") for i in range(MOST_IN_PROGRAM))

    with pytest.raises(EngineLimitError, match="takes more rules than are left") as refusal:
        compile_program(Program("full", conditions))

    assert refusal.value.condition == conditions[MOST_IN_PROGRAM // 2]


# --- 7 to 10: sessions, memory, threads, names --------------------------------------------


def test_7_sessions_end(worker: EngineWorker) -> None:
    cases: list[tuple[Program, Facts]] = [(KINDLY, {N: number}) for number in range(1_100)]

    assert worker.match_many(cases) == [(None, number > 3) for number in range(1_100)]


def test_8_two_thousand_programs_pass_without_growth() -> None:
    with EngineWorker(processes=1) as worker:

        def pass_through(start: int) -> int:
            for number in range(start, start + 1_000):
                program = program_of(Comparison(N, ">", number), Not(is_value(A, f"{number}")))
                assert worker.match(program, {N: 1_000, A: "500"}) == (
                    number < 1_000,
                    number != 500,
                )
            return psutil.Process(worker.pids[0]).memory_info().rss

        assert pass_through(1_000) - pass_through(0) < 2_000_000


def test_9_no_thread_is_ever_started(worker: EngineWorker) -> None:
    before = psutil.Process().num_threads()

    worker.match_many([(KINDLY, {N: number}) for number in range(50)])

    assert psutil.Process().num_threads() == before
    assert [psutil.Process(pid).num_threads() for pid in worker.pids] == [1]


def test_10_facts_whose_names_the_engine_would_confuse_are_told_apart(
    worker: EngineWorker,
) -> None:
    costarring, liquid = FactKey("costarring"), FactKey("liquid")
    assert fnv1a(costarring) == fnv1a(liquid)
    program = program_of(is_value(costarring, value=True), is_value(liquid, value=True))

    assert worker.match(program, {costarring: True}) == (True, None)
    assert worker.match(program, {liquid: True, costarring: False}) == (False, True)


def test_10_no_name_that_the_engine_is_given_has_the_hash_of_another() -> None:
    own = ["id", "sid", "m", "$s", "$m", "$and", "$neq", "$lt", "$lte", "$gt", "$gte", "all"]

    assert len({fnv1a(name) for name in [*FIELDS, *own]}) == len(FIELDS) + len(own)


def test_15_compiling_changes_nothing_and_gives_the_same_each_time() -> None:
    before = repr(LARGE)

    assert compile_program(LARGE) == compile_program(LARGE)
    assert repr(LARGE) == before
