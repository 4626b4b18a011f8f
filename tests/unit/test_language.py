"""The condition language: one tree for every way of writing it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from knowledge.fact import Fact, FactKey
from knowledge.vocabulary import LANGUAGE_WORDS, Vocabulary
from rules import lexer
from rules.condition import Always, And, Comparison, Condition, Membership, Not, Or
from rules.language import DEEPEST, MOST_PARTS, parse
from rules.refusal import ConditionError


def declared(key: str, kind: str, name: str, **more: Any) -> Fact:
    return Fact.model_validate({"key": key, "type": kind, "name": name, **more})


OFFICE = Vocabulary(
    [
        declared(
            "premises", "choice", "经营场所来源", choices={"owned": "自有", "rented": "租赁"}
        ),
        declared("foreign", "boolean", "是否外资"),
        declared("order", "boolean", "或有负债"),
        declared("area", "decimal", "经营面积", scale=2),
        declared("staff", "integer", "从业人数"),
        declared("built", "date", "竣工日期"),
        declared("memo", "text", "备注"),
    ]
)
PREMISES, AREA, STAFF = FactKey("premises"), FactKey("area"), FactKey("staff")
FOREIGN = Comparison(FactKey("foreign"), "==", value=True)
ORDER = Comparison(FactKey("order"), "==", value=True)
RENTED = Comparison(PREMISES, "==", "rented")
MANY = Comparison(STAFF, ">", 3)


def memo(text: str) -> Condition:
    return Comparison(FactKey("memo"), "==", text)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("true", Always(value=True)),
        ("否", Always(value=False)),
        ("foreign", FOREIGN),
        ("foreign == true", FOREIGN),
        ("是否外资 = 是", FOREIGN),
        ("foreign != false", Comparison(FactKey("foreign"), "!=", value=False)),
        ("foreign in [true, 否]", Membership(FactKey("foreign"), (True, False))),
        ('premises == "rented"', RENTED),
        ('经营场所来源 = "租赁"', RENTED),
        ("premises＝“租赁”", RENTED),
        ('经营场所来源 属于 ["自有", "rented"]', Membership(PREMISES, ("owned", "rented"))),
        ("经营场所来源属于【“自有”、“租赁”】", Membership(PREMISES, ("owned", "rented"))),
        ("premises in［“owned”，“owned”］", Membership(PREMISES, ("owned", "owned"))),
        ('申请人类型 = "法人"', Comparison(FactKey("applicant_kind"), "==", "legal")),
        ('applicant_kind != "natural"', Comparison(FactKey("applicant_kind"), "!=", "natural")),
        ("staff > -3", Comparison(STAFF, ">", -3)),
        ("staff in [1, 2]", Membership(STAFF, (1, 2))),
        ("area >= 12.5", Comparison(AREA, ">=", Decimal("12.50"))),
        ("area <= -12", Comparison(AREA, "<=", Decimal("-12.00"))),
        ("经营面积≥50", Comparison(AREA, ">=", Decimal("50.00"))),
        ("built < 2024-02-29", Comparison(FactKey("built"), "<", date(2024, 2, 29))),
        ("竣工日期＝2024-01-01", Comparison(FactKey("built"), "==", date(2024, 1, 1))),
    ],
)
def test_a_comparison_is_read_with_its_exact_value(text: str, tree: Condition) -> None:
    assert parse(text, OFFICE) == tree


def test_a_decimal_is_kept_with_all_the_digits_of_its_scale() -> None:
    tree = parse("area == 5", OFFICE)

    assert isinstance(tree, Comparison)
    assert str(tree.value) == "5.00"


@pytest.mark.parametrize(
    ("signs", "operator"),
    [
        ("== = ＝ ＝＝ =＝", "=="),
        ("!= ≠ ！= !＝ ！＝", "!="),
        ("< ＜", "<"),
        ("<= ≤ ＜= <＝ ＜＝", "<="),
        ("> ＞", ">"),
        (">= ≥ ＞= >＝ ＞＝", ">="),
    ],
)
def test_a_sign_may_be_narrow_or_wide(signs: str, operator: Any) -> None:
    for sign in signs.split():
        assert parse(f"staff {sign} 3", OFFICE) == Comparison(STAFF, operator, 3)
        assert parse(f"从业人数{sign}3", OFFICE) == Comparison(STAFF, operator, 3)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("foreign or order and staff > 3", Or((FOREIGN, And((ORDER, MANY))))),
        ("(foreign or order) and staff > 3", And((Or((FOREIGN, ORDER)), MANY))),
        ("not foreign and order", And((Not(FOREIGN), ORDER))),
        ("not (foreign and order)", Not(And((FOREIGN, ORDER)))),
        ("not not foreign", Not(Not(FOREIGN))),
        ("not staff > 3", Not(MANY)),
        ('not premises in ["rented"]', Not(Membership(PREMISES, ("rented",)))),
        ("foreign and order and staff > 3", And((FOREIGN, ORDER, MANY))),
        ("(foreign and order) and staff > 3", And((And((FOREIGN, ORDER)), MANY))),
        ("foreign and (order and staff > 3)", And((FOREIGN, And((ORDER, MANY))))),
        ("foreign or (order or staff > 3)", Or((FOREIGN, Or((ORDER, MANY))))),
        ("((foreign))", FOREIGN),
        (
            "经营面积≥50且非是否外资",
            And((Comparison(AREA, ">=", Decimal("50.00")), Not(FOREIGN))),
        ),
        ("非（是否外资或或有负债）", Not(Or((FOREIGN, ORDER)))),
        ("是否外资 and 非 order", And((FOREIGN, Not(ORDER)))),
        ("是否外资and not或有负债", And((FOREIGN, Not(ORDER)))),
        ("\u3000foreign\n  且\torder ", And((FOREIGN, ORDER))),
        ("是且否", And((Always(value=True), Always(value=False)))),
        ("(foreign)and(order)or not(order)", Or((And((FOREIGN, ORDER)), Not(ORDER)))),
    ],
)
def test_or_and_not_bind_tighter_in_this_order(text: str, tree: Condition) -> None:
    assert parse(text, OFFICE) == tree


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'memo == ""', ""),
        (r'memo == "a\"b\\c"', r"a\"b\c".replace(r"\"", '"')),
        (r"备注 = “a\"b\\c”", r"a\"b\c".replace(r"\"", '"')),
        (r'memo == "\\\""', '\\"'),
        ('memo == “say "no"”', 'say "no"'),
        ('memo == "说“不”"', "说“不”"),
        ('memo == " and ( "', " and ( "),
        ('memo == "a\nb"', "a\nb"),
        ('memo == "；; 2024-01-01"', "；; 2024-01-01"),
    ],
)
def test_quotes_keep_a_text_as_it_is(text: str, value: str) -> None:
    assert parse(text, OFFICE) == memo(value)


def test_the_words_that_names_must_avoid_are_the_words_that_are_read() -> None:
    patterns = lexer._OPERAND.pattern + lexer._CONNECTIVE.pattern  # noqa: SLF001 its words
    read = {word for word in LANGUAGE_WORDS if word in patterns}

    assert read == LANGUAGE_WORDS
    for word in LANGUAGE_WORDS - {"true", "false", "是", "否"}:
        with pytest.raises(ConditionError):
            parse(word, OFFICE)


NESTED = Vocabulary(
    [
        declared("a", "boolean", "居民"),
        declared("b", "boolean", "非居民"),
        declared("c", "boolean", "居民且成年"),
        declared("d", "boolean", "居民A"),
        declared("e", "integer", "2024-01-01"),
        declared("f", "integer", "-3"),
        declared("ab", "boolean", "a类"),
        declared("order", "boolean", "or类"),
        declared("g", "boolean", "某《证》，甲"),
        declared("h", "choice", "证", choices={"x": "y", "y": "z"}),
    ]
)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("居民", "a"),
        ("非居民", "b"),
        ("居民且成年", "c"),
        ("居民A", "d"),
        ("a", "a"),
        ("ab", "ab"),
        ("a类", "ab"),
        ("order", "order"),
        ("or类", "order"),
        ("某《证》，甲", "g"),
    ],
)
def test_the_longest_name_is_read_first(text: str, key: str) -> None:
    assert parse(text, NESTED) == Comparison(FactKey(key), "==", value=True)


def test_a_space_ends_a_name() -> None:
    a = Comparison(FactKey("a"), "==", value=True)

    assert parse("非 居民", NESTED) == Not(a)
    assert parse("居民 且 order", NESTED).keys == {"a", "order"}
    assert parse("居民且order", NESTED).keys == {"a", "order"}


def test_a_name_may_look_like_a_number_because_the_fact_stands_first() -> None:
    assert parse("2024-01-01 > -3 且 -3 = -3", NESTED) == And(
        (Comparison(FactKey("e"), ">", -3), Comparison(FactKey("f"), "==", -3))
    )


def test_a_choice_key_wins_over_an_equal_name() -> None:
    assert parse('h == "y"', NESTED) == Comparison(FactKey("h"), "==", "y")
    assert parse('h == "z"', NESTED) == Comparison(FactKey("h"), "==", "y")


def test_a_condition_may_be_as_deep_and_as_long_as_people_can_judge() -> None:
    deep = "not (" * (DEEPEST // 2) + "foreign" + ")" * (DEEPEST // 2)
    wide = " and ".join(["foreign"] * MOST_PARTS)

    assert parse(deep, OFFICE).keys == {"foreign"}
    assert parse(wide, OFFICE) == And((FOREIGN,) * MOST_PARTS)


def test_depth_counts_what_stands_inside_one_another_only() -> None:
    text = " and ".join(["not not (not foreign)"] * (MOST_PARTS // 2))

    assert parse(text, OFFICE).keys == {"foreign"}


def test_a_text_is_read_once_for_a_vocabulary() -> None:
    assert parse("staff > 3", OFFICE) is parse("staff > 3", OFFICE)
    other = Vocabulary([declared("staff", "decimal", "人数", scale=1)])
    assert parse("staff > 3", other) == Comparison(STAFF, ">", Decimal("3.0"))
