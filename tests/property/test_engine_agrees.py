"""The live engine and the conditions themselves agree, on any typed facts."""

import os
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluator.matching import Program
from evaluator.rete_worker import EngineWorker
from knowledge.fact import FactKey, FactValue
from rules.condition import Always, And, Comparison, Condition, Membership, Not, Or

EXAMPLES = 20_000 if os.environ.get("JIANZHENG_THOROUGH") else 300

# Few values, so that facts and literals meet often; odd ones, because they are facts too.
VALUES: Mapping[str, st.SearchStrategy[FactValue]] = {
    "premises": st.sampled_from(["owned", "rented", "lent"]),
    "costarring": st.sampled_from(["", "x", "X", "东莞", '"', "\\u5e02", "\n", "'", "1"]),
    "liquid": st.text(max_size=3),
    "foreign": st.booleans(),
    "staff": st.integers(-2, 3) | st.sampled_from([2**53 - 1, -(2**53) + 1, 2**63, 10**30]),
    "area": st.integers(-300, 300).map(lambda whole: Decimal(whole).scaleb(-2)),
    "built": st.integers(0, 5).map(lambda days: date(2024, 2, 27) + timedelta(days)),
}
KEYS = [FactKey(key) for key in VALUES]
ORDERED = {"staff", "area", "built"}


@st.composite
def comparisons(draw: st.DrawFn) -> Condition:
    key = draw(st.sampled_from(KEYS))
    if draw(st.integers(0, 3)) == 0:
        values = draw(st.lists(VALUES[key], min_size=1, max_size=20))
        return Membership(key, tuple(values))
    signs = ["==", "!=", "<", "<=", ">", ">="] if key in ORDERED else ["==", "!="]
    return Comparison(key, draw(st.sampled_from(signs)), draw(VALUES[key]))


def joined(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    parts = st.lists(inner, min_size=2, max_size=6).map(tuple)
    return parts.map(And) | parts.map(Or) | inner.map(Not)


conditions = st.recursive(comparisons() | st.booleans().map(Always), joined, max_leaves=25)
programs = st.lists(conditions, min_size=1, max_size=8).map(tuple)
facts = st.fixed_dictionaries({}, optional={FactKey(key): VALUES[key] for key in VALUES})
cases = st.lists(facts, min_size=1, max_size=4)


@pytest.fixture(scope="module")
def worker() -> Iterator[EngineWorker]:
    with EngineWorker(processes=1) as worker:
        yield worker


def program_of(*conditions: Condition) -> Program:
    return Program(sha256(repr(conditions).encode()).hexdigest(), conditions)


many = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
some = settings(many, max_examples=max(100, EXAMPLES // 10))


@many
@given(conditions=programs, cases=cases)
def test_the_engine_finds_the_truth_of_every_condition(
    worker: EngineWorker,
    conditions: tuple[Condition, ...],
    cases: list[dict[FactKey, FactValue]],
) -> None:
    program = program_of(*conditions)

    found = worker.match_many([(program, facts) for facts in cases])

    assert found == [tuple(each.truth(facts) for each in conditions) for facts in cases]


@some
@given(conditions=programs, facts=facts, data=st.data())
def test_neither_the_order_of_facts_nor_that_of_conditions_matters(
    worker: EngineWorker,
    conditions: tuple[Condition, ...],
    facts: dict[FactKey, FactValue],
    data: st.DataObject,
) -> None:
    places = data.draw(st.permutations(range(len(conditions))))
    stated = dict(data.draw(st.permutations(list(facts.items()))))

    turned = worker.match(program_of(*(conditions[place] for place in places)), stated)

    in_order = worker.match(program_of(*conditions), facts)
    assert turned == tuple(in_order[place] for place in places)


@some
@given(conditions=programs, facts=facts, more=facts)
def test_more_facts_never_turn_a_settled_truth(
    worker: EngineWorker,
    conditions: tuple[Condition, ...],
    facts: dict[FactKey, FactValue],
    more: dict[FactKey, FactValue],
) -> None:
    program = program_of(*conditions)

    before, after = worker.match(program, facts), worker.match(program, {**more, **facts})

    assert all(old is None or old is new for old, new in zip(before, after, strict=True))
