"""Conditions: three truths, what is still unknown, and what a condition mentions."""

import pickle
from dataclasses import FrozenInstanceError, fields
from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from knowledge.fact import FactKey
from rules.condition import (
    ALWAYS,
    Always,
    And,
    Comparison,
    Condition,
    Facts,
    Membership,
    Not,
    Operator,
    Or,
    Truth,
    values_by_fact,
)

A, B, C = FactKey("a"), FactKey("b"), FactKey("c")
IS_A = Comparison(A, "==", value=True)
IS_B = Comparison(B, "==", value=True)
NEVER = Always(value=False)
TRUTHS: tuple[Truth, ...] = (True, False, None)


def stated(**facts: Truth) -> Facts:
    return {FactKey(key): value for key, value in facts.items() if value is not None}


def test_a_fact_that_is_not_stated_is_unknown() -> None:
    assert IS_A.truth({}) is None
    assert Comparison(A, "!=", value=True).truth({B: True}) is None
    assert Membership(A, ("x", "y")).truth({}) is None


@pytest.mark.parametrize(
    ("operator", "below", "same", "above"),
    [
        ("==", False, True, False),
        ("!=", True, False, True),
        ("<", True, False, False),
        ("<=", True, True, False),
        (">", False, False, True),
        (">=", False, True, True),
    ],
)
def test_a_comparison_holds_on_its_side_of_the_boundary(
    operator: Operator, below: Truth, same: Truth, above: Truth
) -> None:
    area = Comparison(A, operator, Decimal("50.00"))
    built = Comparison(A, operator, date(2024, 2, 29))

    assert [area.truth({A: Decimal(text)}) for text in ("49.99", "50.00", "50.01")] == [
        below,
        same,
        above,
    ]
    assert [built.truth({A: date(2024, month, 29)}) for month in (1, 2, 3)] == [
        below,
        same,
        above,
    ]


def test_membership_holds_when_one_value_does() -> None:
    condition = Membership(A, ("x", "y"))

    assert condition.truth({A: "y"}) is True
    assert condition.truth({A: "z"}) is False


def test_a_stated_no_is_false_and_a_stated_nothing_is_still_stated() -> None:
    assert IS_A.truth({A: False}) is False
    assert Comparison(A, "==", 0).truth({A: 0}) is True
    assert Comparison(A, "==", "").truth({A: ""}) is True


@pytest.mark.parametrize(("left", "right"), [*product(TRUTHS, TRUTHS)])
def test_and_or_not_are_those_of_kleene(left: Truth, right: Truth) -> None:
    facts = stated(a=left, b=right)
    both = False if False in (left, right) else None if None in (left, right) else True
    either = True if True in (left, right) else None if None in (left, right) else False

    assert And((IS_A, IS_B)).truth(facts) is both
    assert Or((IS_A, IS_B)).truth(facts) is either
    assert Not(IS_A).truth(facts) is {True: False, False: True, None: None}[left]


def test_what_is_certain_by_logic_alone_is_still_unknown() -> None:
    assert Or((IS_A, Not(IS_A))).truth({}) is None


def test_always_needs_no_fact() -> None:
    assert ALWAYS.truth({}) is True
    assert NEVER.truth({}) is False


@pytest.mark.parametrize(
    ("condition", "facts", "left"),
    [
        (IS_A, {}, IS_A),
        (IS_A, {A: True}, ALWAYS),
        (IS_A, {A: False}, NEVER),
        (Membership(A, ("x",)), {}, Membership(A, ("x",))),
        (Membership(A, ("x",)), {A: "y"}, NEVER),
        (ALWAYS, {}, ALWAYS),
        (And((IS_A, IS_B)), {}, And((IS_A, IS_B))),
        (And((IS_A, IS_B)), {A: True}, IS_B),
        (And((IS_A, IS_B)), {B: False}, NEVER),
        (And((IS_A, IS_B)), {A: True, B: True}, ALWAYS),
        (Or((IS_A, IS_B)), {}, Or((IS_A, IS_B))),
        (Or((IS_A, IS_B)), {A: False}, IS_B),
        (Or((IS_A, IS_B)), {B: True}, ALWAYS),
        (Or((IS_A, IS_B)), {A: False, B: False}, NEVER),
        (Or((IS_A, NEVER)), {}, IS_A),
        (Not(IS_A), {}, Not(IS_A)),
        (Not(IS_A), {A: True}, NEVER),
        (Not(Not(IS_A)), {}, Not(Not(IS_A))),
        (Not(And((IS_A, IS_B))), {A: True}, Not(IS_B)),
        # Nothing cleverer: neither repetition nor contradiction is looked for.
        (Or((IS_A, Not(IS_A))), {}, Or((IS_A, Not(IS_A)))),
        (And((IS_A, And((IS_A, IS_B)))), {B: True}, And((IS_A, IS_A))),
    ],
)
def test_the_unknown_part_is_what_is_left_after_folding(
    condition: Condition, facts: Facts, left: Condition
) -> None:
    assert condition.unknown_part(facts) == left


def test_a_condition_names_its_facts_and_the_values_it_holds_them_against() -> None:
    small = Comparison(C, "<", 3)
    condition = Or(
        (And((Membership(B, ("x", "y")), small)), Not(Comparison(C, ">", 9)), ALWAYS)
    )

    assert condition.keys == {B, C}
    assert values_by_fact(condition) == {B: {"x", "y"}, C: {3, 9}}
    assert values_by_fact(ALWAYS) == {}
    assert ALWAYS.keys == frozenset()


def test_a_condition_that_could_not_be_written_down_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="`a in \\[\\]` names no value; write at least one"):
        Membership(A, ())
    with pytest.raises(ValueError, match="`and` joins two conditions or more"):
        And((IS_A,))
    with pytest.raises(ValueError, match="`or` joins two conditions or more"):
        Or(())


@pytest.mark.parametrize("condition", [ALWAYS, IS_A, Membership(A, ("x",)), Not(IS_A)])
def test_a_condition_never_changes(condition: Condition) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(condition, fields(condition)[0].name, IS_B)


def test_equal_conditions_are_one_in_a_set_and_survive_a_process() -> None:
    condition = Or((And((IS_A, IS_B)), Not(Membership(C, (Decimal("1.50"), Decimal("2.00"))))))
    same = Or((And((IS_A, IS_B)), Not(Membership(C, (Decimal("1.50"), Decimal("2.00"))))))

    assert len({condition, same}) == 1
    assert pickle.loads(pickle.dumps(condition)) == condition  # noqa: S301 our own bytes
    assert pickle.loads(pickle.dumps(condition)).keys == {A, B, C}  # noqa: S301 our own bytes
