"""Values that durable-rules misreads or dies of: refused clearly, or answered right.

The numbers go on from `test_durable_hazards.py`: 11 types, 12 large facts, 13 patterns, 14 the
order of rules, 15 a definition that is changed, 16 a session in which nothing fired.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from evaluator.matching import Facts, Program, Truth
from evaluator.rete import compile_program, fit
from evaluator.rete_refusal import EngineLimitError, FactKindError
from evaluator.rete_worker import EngineWorker
from knowledge.fact import FactKey, FactValue
from rules.condition import And, Comparison, Condition, Not, Operator, Or

ROOT = Path(__file__).parents[2]
A, N = FactKey("a"), FactKey("n")
KINDLY = Program("kindly", (Comparison(A, "==", "x"), Comparison(N, ">", 3)))


@pytest.fixture(scope="module")
def worker() -> Iterator[EngineWorker]:
    with EngineWorker(processes=1) as worker:
        yield worker


@pytest.fixture(autouse=True)
def _the_service_still_answers(worker: EngineWorker) -> Iterator[None]:
    yield
    assert worker.match(KINDLY, {A: "x", N: 3}) == (True, False)


def program_of(*conditions: Condition) -> Program:
    return Program(repr(conditions), conditions)


def truths(program: Program, facts: Facts) -> tuple[Truth, ...]:
    return tuple(condition.truth(facts) for condition in program.conditions)


def is_value(fact: FactKey, value: FactValue) -> Comparison:
    return Comparison(fact, "==", value)


def fact_keys(number: int) -> list[FactKey]:
    return [FactKey(f"k{place}") for place in range(number)]


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        (N, True),
        (N, "1"),
        (N, 1.0),
        (N, 1e300),
        (N, float("nan")),
        (N, Decimal("NaN")),
        (N, Decimal("Infinity")),
        (A, 1),
        (A, False),
        (A, date(2024, 1, 1)),
    ],
)
def test_11_a_fact_of_another_kind_is_refused(
    worker: EngineWorker, fact: FactKey, value: FactValue
) -> None:
    with pytest.raises(FactKindError, match=f"fact `{fact}` is not a"):
        worker.match(KINDLY, {fact: value})


@pytest.mark.parametrize("value", [1e300, float("nan"), Decimal("NaN"), None, ("x",)])
def test_11_a_condition_on_what_no_fact_can_be_is_refused(value: Any) -> None:
    with pytest.raises(EngineLimitError, match="which no fact can be"):
        fit(is_value(N, value))


def test_11_one_fact_is_held_against_one_kind() -> None:
    for other in ("1", True, date(2024, 1, 1)):
        with pytest.raises(EngineLimitError, match="let them agree"):
            fit(Or((is_value(N, 1), is_value(N, other))))


def test_11_large_numbers_are_told_apart(worker: EngineWorker) -> None:
    bounds = [2**53 - 1, 2**53, 2**63 - 1, 2**63, 2**70, -(2**63), -(2**63) - 1]
    signs: list[Operator] = ["==", "<", ">="]
    program = program_of(*(Comparison(N, sign, bound) for sign in signs for bound in bounds))

    for number in [*bounds, 0, 2**63 + 1, 10**400]:
        assert worker.match(program, {N: number}) == truths(program, {N: number})


def test_11_a_decimal_is_exact_at_any_scale(worker: EngineWorker) -> None:
    bounds: list[FactValue] = [Decimal("0.1"), Decimal(50), Decimal("50.00000000000001"), 51]
    signs: list[Operator] = ["==", "!=", "<", ">"]
    program = program_of(*(Comparison(N, sign, bound) for sign in signs for bound in bounds))

    for written in [
        "0.1",
        "0.10",
        "50.000",
        "50.00000000000001",
        "50.000000000000010001",
        "51",
    ]:
        facts = {N: Decimal(written)}
        assert worker.match(program, facts) == truths(program, facts)


TEXTS = [
    "1",
    "true",
    "",
    " ",
    '"',
    "\\",
    "\\u5e02",
    "市",
    "\n",
    "\0",
    "'",
    "}",
    "𠮷",
    "e\u0301",
]


def test_11_and_13_text_is_compared_as_it_is_and_never_as_a_pattern(
    worker: EngineWorker,
) -> None:
    patterns = ["[一-龥]", "(a", ".*", r"\d", "^$", "(?i)x", "a" * 100_000]
    program = program_of(*(is_value(A, text) for text in TEXTS + patterns))

    for text in [*TEXTS, *patterns, "é", "5", "x" * 1_000_000]:
        assert worker.match(program, {A: text}) == truths(program, {A: text})


def test_12_no_text_of_a_case_reaches_the_engine() -> None:
    facts: dict[FactKey, FactValue] = {A: "11010519491231002X", N: 987_654_321}

    stated = "".join(compile_program(KINDLY).facts(facts))

    assert "11010519491231002X" not in stated
    assert "987654321" not in stated


def test_12_a_condition_that_nests_too_deep_is_refused() -> None:
    condition: Condition = is_value(A, "x")
    for _ in range(10_000):
        condition = Not(condition)

    with pytest.raises(EngineLimitError, match="condition on `a` nests more than 100 levels"):
        fit(condition)


def test_12_a_condition_may_nest_sixty_levels(worker: EngineWorker) -> None:
    condition: Condition = is_value(A, "x")
    for level in range(30):
        joint = is_value(FactKey(f"k{level}"), value=True)
        condition = Not(And((joint, condition)) if level % 2 else Or((joint, condition)))
    program = program_of(condition)

    for level in range(30):
        for rest in (True, False):
            facts: dict[FactKey, FactValue] = dict.fromkeys(fact_keys(30), rest)
            facts |= {FactKey(f"k{level}"): not rest, A: "x"}
            assert worker.match(program, facts) == truths(program, facts)
            del facts[A]
            assert worker.match(program, facts) == truths(program, facts)


def test_14_answers_come_in_the_order_of_the_conditions(worker: EngineWorker) -> None:
    conditions = [is_value(A, text) for text in "xyzw"]

    for turn in range(4):
        program = program_of(*conditions[turn:], *conditions[:turn])
        assert worker.match(program, {A: "x"}).index(True) == -turn % 4


def test_15_the_rules_do_not_depend_on_the_hash_seed() -> None:
    script = (
        "from evaluator.rete import compile_program; from evaluator.matching import Program;"
        "from rules.condition import And, Comparison, Membership, Or;"
        "parts = [Membership(key, tuple(key + each for each in 'qwertz')) for key in 'azby'];"
        "program = Program('', (And(tuple(parts)), Or((And(tuple(parts[:2])), parts[3]))));"
        "print(compile_program(program).definition)"
    )

    seen = {run(script, PYTHONHASHSEED=seed) for seed in ("1", "2")}

    assert len(seen) == 1


def test_16_a_session_in_which_no_condition_is_settled_ends_well() -> None:
    # The C library fills fresh memory with a pattern, so that what was never set shows.
    script = (
        "from evaluator.rete import compile_program; from evaluator.matching import Program;"
        "from rules.condition import Comparison; from evaluator.rete_engine import Engine;"
        "program = compile_program(Program('', (Comparison('a', '==', 'x'),)));"
        "engine = Engine(); engine.answer(b'D', '1\\n' + program.definition);"
        "fact, = program.facts({});"
        "print({engine.answer(b'M', '1\\n7\\n' + fact) for _ in range(2000)})"
    )

    assert run(script, MALLOC_PERTURB_="165") == "{'7 m0'}\n"


def run(script: str, **environment: str) -> str:
    return subprocess.run(  # noqa: S603 our own interpreter and script
        [sys.executable, "-B", "-c", script],
        cwd=ROOT,
        env=os.environ | environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
