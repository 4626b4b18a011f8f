"""Rete programs: what conditions compile to, and how what fires is read."""

import json
from decimal import Decimal

import pytest

from evaluator.matching import Program
from evaluator.rete import CompiledProgram, compile_program, fit
from evaluator.rete_formula import MOST_TERMS, MOST_TESTS, Formula, Formulary
from evaluator.rete_rank import ranks_of
from evaluator.rete_refusal import EngineLimitError, EngineUnavailableError
from knowledge.fact import FactKey
from rules.condition import ALWAYS, Always, And, Comparison, Condition, Membership, Not, Or

PREMISES, AREA, FOREIGN = FactKey("premises"), FactKey("area"), FactKey("foreign")
RENTED = Comparison(PREMISES, "==", "rented")
LARGE = Comparison(AREA, ">", Decimal(50))
IS_FOREIGN = Comparison(FOREIGN, "==", value=True)


def compiled(*conditions: Condition) -> CompiledProgram:
    return compile_program(Program(repr(conditions), conditions))


def rules(*conditions: Condition) -> dict[str, object]:
    [rule_set] = compiled(*conditions).rule_sets
    return {name: rule["all"][0]["m"] for name, rule in json.loads(rule_set.definition).items()}


def test_a_comparison_has_a_rule_for_true_and_one_for_false() -> None:
    assert rules(RENTED) == {
        "m0": {"f0": 1},
        "t0_0": {"f1": 1},
        "f0_0": {"$neq": {"f1": 1}},
    }


def test_both_together_are_one_rule_and_its_contrary_is_two() -> None:
    assert rules(And((RENTED, LARGE))) == {
        "m0": {"f0": 1},
        "t0_0": {"$and": [{"$gt": {"f1": 1}}, {"f2": 1}]},
        "f0_0": {"$lte": {"f1": 1}},
        "f0_1": {"$neq": {"f2": 1}},
    }


def test_a_condition_that_no_fact_changes_is_matched_like_any_other() -> None:
    assert rules(ALWAYS, Not(ALWAYS)) == {
        "m0": {"f0": 1},
        "t0_0": {"f0": 1},
        "f1_0": {"f0": 1},
    }


def test_values_are_told_to_the_engine_as_ranks_among_the_literals() -> None:
    small = Comparison(AREA, "<", Decimal("12.50"))
    program = compiled(RENTED, LARGE, small)

    def fact(area: str) -> str:
        [stated] = program.facts({AREA: Decimal(area)})
        return stated

    assert fact("12.49").endswith(',"f1":0')
    assert fact("12.50").endswith(',"f1":1')
    assert fact("12.51").endswith(',"f1":2')
    assert fact("50").endswith(',"f1":3')
    assert fact("50.01").endswith(',"f1":4')


def test_a_fact_that_no_condition_mentions_is_not_told() -> None:
    assert compiled(RENTED).facts({AREA: Decimal(1)}) == ('{"sid":"s","id":"c","f0":1',)


def test_what_fires_is_read_as_true_false_or_unknown() -> None:
    program = compiled(RENTED, LARGE, IS_FOREIGN)

    assert program.truths({"m0", "t0_0", "f2_0"}) == (True, None, False)


@pytest.mark.parametrize(
    ("fired", "reason"),
    [
        (set(), "a rule that always fires did not fire"),
        ({"t0_0"}, "a rule that always fires did not fire"),
        ({"m0", "t0_0", "f0_0"}, "a condition came out both true and false"),
        ({"m0", "t7_0"}, "a rule fired that is not in the program"),
    ],
)
def test_an_answer_that_cannot_be_is_not_believed(fired: set[str], reason: str) -> None:
    with pytest.raises(EngineUnavailableError, match=reason):
        compiled(RENTED).truths(fired)


def test_no_term_is_long_and_no_formula_has_many() -> None:
    keys = [FactKey(f"k{number}") for number in range(60)]
    leaves = [Membership(key, tuple("abcdefghijklmnopqr")) for key in keys]
    pairs = [Or(pair) for pair in zip(leaves[::2], leaves[1::2], strict=True)]
    condition = And((*pairs, Not(And(tuple(pairs))), Or(tuple(leaves))))
    formulary = Formulary(ranks_of([condition]))

    formulas = [formulary.read(condition), *formulary.parts]

    assert len(formulas) > 60
    assert all(is_small(formula) for formula in formulas)


def is_small(formula: Formula) -> bool:
    return all(
        len(terms) <= MOST_TERMS and all(len(term) <= MOST_TESTS for term in terms)
        for terms in (formula.true, formula.false)
    )


def test_a_part_is_known_in_a_round_before_what_it_is_part_of() -> None:
    values = tuple(f"v{number}" for number in range(200))
    program = compiled(Membership(PREMISES, values))
    seen: set[str] = set()

    for rule_set in program.rule_sets:
        for _, names in rule_set.carried:
            assert seen.issuperset(names)
        seen.update(json.loads(rule_set.definition))

    assert any(rule_set.carried for rule_set in program.rule_sets)


def test_equal_conditions_in_another_order_make_equal_rules() -> None:
    assert rules(And((RENTED, LARGE))) == rules(And((LARGE, RENTED)))


def test_a_program_without_conditions_asks_nothing() -> None:
    assert compiled().rule_sets == ()
    assert compiled().truths(set()) == ()


def test_a_condition_that_fits_is_not_refused() -> None:
    fit(Or((RENTED, Not(And((LARGE, Always(value=False), IS_FOREIGN))))))


def test_a_refusal_names_the_facts_of_the_condition() -> None:
    mixed = Or((RENTED, Comparison(PREMISES, "==", 1), LARGE))

    with pytest.raises(EngineLimitError) as refusal:
        fit(mixed)

    assert refusal.value.condition is mixed
    assert str(refusal.value) == (
        "the condition on `area`, `premises` holds `premises` against a text, and another "
        "does a number; let them agree"
    )
