"""Refused conditions: where the text stops making sense, what could stand there, the cure."""

import time

import pytest

from knowledge.fact import Fact
from knowledge.vocabulary import Vocabulary
from rules.language import DEEPEST, LONGEST, MOST_PARTS, parse
from rules.refusal import ConditionError

OFFICE = Vocabulary(
    [
        Fact.model_validate(entry)
        for entry in (
            {
                "key": "premises",
                "type": "choice",
                "name": "经营场所来源",
                "choices": {"owned": "自有", "rented": "租赁"},
            },
            {"key": "foreign", "type": "boolean", "name": "是否外资"},
            {"key": "area", "type": "decimal", "name": "经营面积", "scale": 2},
            {"key": "staff", "type": "integer", "name": "从业人数"},
            {"key": "built", "type": "date", "name": "竣工日期"},
            {"key": "memo", "type": "text", "name": "备注"},
        )
    ]
)
OPERAND = ("a fact", "`not` 非", "`(`", "`true` 是", "`false` 否")
CHOICES = ('`"owned"` 自有', '`"rented"` 租赁')
EQUAL = ("`==` =", "`!=` ≠")
ORDERED = (*EQUAL, "`<` ＜", "`<=` ≤", "`>` ＞", "`>=` ≥")
MORE = ("`and` 且", "`or` 或", "nothing more")


def refusal(text: str) -> ConditionError:
    with pytest.raises(ConditionError) as refused:
        parse(text, OFFICE)
    return refused.value


@pytest.mark.parametrize(
    ("text", "column", "found", "expected", "message"),
    [
        # Where a fact should begin.
        ("", 1, "", OPERAND, "the condition is empty; write `true` if it always holds"),
        (
            "foreign and ",
            13,
            "",
            OPERAND,
            "the condition ends after `and`; write a fact, `not`",
        ),
        ("and foreign", 1, "and", OPERAND, "`and` cannot stand here; write a fact, `not` 非"),
        ("非且", 2, "且", OPERAND, "`且` cannot stand here; write a fact"),
        (
            "foreigner",
            1,
            "foreigner",
            OPERAND,
            "is no fact of this pack; did you mean `foreign`",
        ),
        ("从业人员数 > 3", 1, "从业人员数", OPERAND, "did you mean `从业人数`"),
        ("foreign or xyz", 12, "xyz", OPERAND, "`xyz` is no fact of this pack; write a fact"),
        (
            "3 < staff",
            1,
            "3",
            OPERAND,
            "a comparison begins with a fact, then its value; write",
        ),
        ('"rented" == premises', 1, '"', OPERAND, "a comparison begins with a fact"),
        ("!foreign", 1, "!", OPERAND, "`!` is no word here; write `not` 非"),
        ("不是是否外资", 1, "不是是否外资", OPERAND, "is no word here; write `not` 非"),
        ("是否外资 或者 foreign", 6, "或者", OPERAND, "`或者` is no word here; write `or` 或"),
        ("TRUE", 1, "TRUE", OPERAND, "`TRUE` is no word here; write `true`"),
        # After a fact.
        (
            "premises",
            1,
            "premises",
            None,
            "`premises` is not answered by yes or no; compare it",
        ),
        (
            "not 经营面积",
            5,
            "经营面积",
            None,
            "`经营面积` is not answered by yes or no; compare",
        ),
        ("staff and foreign", 1, "staff", None, "`staff` is not answered by yes or no"),
        (
            "premises rented",
            10,
            "rented",
            (*EQUAL, "`in` 属于"),
            "cannot stand after `premises`",
        ),
        ("staff (3)", 7, "(", (*ORDERED, "`in` 属于"), "`(` cannot stand after `staff`; write"),
        (
            "foreign true",
            9,
            "true",
            (*EQUAL, "`in` 属于", *MORE),
            "cannot stand after `foreign`",
        ),
        ("从业人数大于3", 5, "大于3", (*ORDERED, "`in` 属于"), "is no word here; write `>` ＞"),
        ("从业人数 大于等于 3", 6, "大于等于", (*ORDERED, "`in` 属于"), "write `>=` ≥"),
        ("foreign && true", 9, "&&", (*EQUAL, "`in` 属于", *MORE), "no word here; write `and`"),
        ("是否外资企业", 1, "是否外资企业", ("a fact",), "did you mean `是否外资`"),
        ("是否内资", 1, "是否内资", ("a fact",), "did you mean `是否外资`"),
        # After a sign: a value.
        (
            'premises > "owned"',
            10,
            ">",
            EQUAL,
            "there is no more and less in `premises`; write",
        ),
        ("foreign < true", 9, "<", EQUAL, "there is no more and less in `foreign`"),
        ("memo >= 备注", 9, "备注", None, "`备注` is a fact, not a value"),
        (
            "area ==",
            8,
            "",
            ("a number like `12.5`",),
            "the condition ends before a value; write",
        ),
        ("staff = )", 9, ")", ("a whole number like `12`",), "`)` cannot stand here; write"),
        ("staff => 3", 8, ">", ("a whole number like `12`",), "`>` cannot stand here"),
        (
            "staff > area",
            9,
            "area",
            None,
            "`area` is a fact, not a value; write a whole number",
        ),
        ("staff > 1.0", 9, "1.0", None, "`1.0` is no value of `staff`; write a whole number"),
        ('staff > "1"', 9, '"1"', None, '`"1"` is no value of `staff`'),
        ("staff > 3x", 9, "3x", None, "`3x` is no value of `staff`"),
        ("staff > ３", 9, "３", None, "`３` is no value of `staff`; write `3`"),
        ("staff > −3", 9, "−3", None, "is no value of `staff`; write `-3`"),
        (
            "staff > 9007199254740992",
            9,
            None,
            None,
            "is too large; stay within ±9007199254740991",
        ),
        (f"staff > {'9' * 5000}", 9, None, None, "is too large; write a whole number"),
        ("area > 1.234", 8, "1.234", None, "too many digits after the point; write at most 2"),
        ("area > 1.", 8, "1.", None, "`1.` is no value of `area`; write a number like `12.5`"),
        ("area > 1e5", 8, "1e5", None, "`1e5` is no value of `area`"),
        ("built < 2024-02-30", 9, None, None, "there is no day `2024-02-30`; correct the year"),
        ("built < 2024-2-3", 9, "2024-2-3", None, "is no value of `built`; write a day like"),
        ("built < 2024", 9, "2024", None, "`2024` is no value of `built`; write a day like"),
        ('built < "2024-01-01"', 9, None, None, "is no value of `built`; write a day like"),
        ("foreign = 1", 11, "1", ("`true` 是", "`false` 否"), "`1` is no value of `foreign`"),
        (
            "premises = 租赁",
            12,
            "租赁",
            CHOICES,
            "`租赁` is no value of `premises`; put it in quotes",
        ),
        (
            'premises = "租"',
            12,
            '"租"',
            CHOICES,
            '`"租"` is no choice of `premises`; write `"own',
        ),
        (
            "memo == abc",
            9,
            "abc",
            None,
            '`abc` is no value of `memo`; put it in quotes: `"abc"`',
        ),
        ('memo == "abc', 9, '"', None, 'the text that `"` opens has no end; close it with `"`'),
        ("memo = “abc", 8, "“", None, "the text that `“` opens has no end; close it with `”`"),
        ('memo = “abc"', 8, "“", None, "close it with `”`"),
        (r'memo = "a\nb"', 8, '"', None, r"`\n` means nothing inside quotes; write `\"` for a"),
        # In a list.
        ('premises in "rented"', 13, '"', ("`[`",), '`"` cannot stand after `in`; write `[`'),
        ("premises in []", 14, "]", CHOICES, "`]` cannot stand here; write"),
        ('premises in ["owned",]', 22, "]", CHOICES, "`]` cannot stand here; write"),
        ('premises in ["owned"', 21, "", ("`,`", "`]`"), "the condition ends after"),
        (
            "staff in [1 2]",
            13,
            "2",
            ("`,`", "`]`"),
            "`2` cannot stand after `1`; write `,` or `]`",
        ),
        ('premises in ["x"]', 14, '"x"', CHOICES, "is no choice of `premises`"),
        ('premises not in ["owned"]', 10, "not", None, "write `not fact in […]`"),
        ("经营场所来源不属于[“自有”]", 7, "不属于", None, "非 … 属于"),
        # After a comparison.
        ("staff > 3 < 4", 11, "<", MORE, "`<` cannot stand after `3`; write `and` 且, `or` 或"),
        ("foreign = true staff", 16, "staff", MORE, "`staff` cannot stand after `true`"),
        ("foreign = 是否", 12, "否", MORE, "`否` cannot stand after `是`"),
        ("staff > 5。", 10, "。", MORE, "`。` cannot stand after `5`"),
        ("((foreign)", 11, "", ("`and` 且", "`or` 或", "`)`"), "the condition ends after `)`"),
        ("foreign)", 8, ")", None, "`)` closes nothing; remove it"),
        ("true AND true", 6, "AND", MORE, "`AND` is no word here; write `and`"),
        ("foreign\u200b", 8, "\u200b", (), "the invisible U+200B stands here; remove it"),
        ("fo\u202er", 3, "\u202e", (), "the invisible U+202E stands here; remove it"),
        ("foreign and a\ud800", 14, "", (), "half a character stands here; type it anew"),
    ],
)
def test_a_refusal_says_where_what_and_what_else(
    text: str, column: int, found: str | None, expected: tuple[str, ...] | None, message: str
) -> None:
    refused = refusal(text)

    assert (refused.column, refused.position) == (column, column - 1)
    assert str(refused).startswith(f"column {column}: ")
    assert message in str(refused)
    assert str(refused).count("; ") == 1
    assert refused.text == text
    assert found is None or refused.found == found
    assert text.startswith(refused.found, refused.position)
    assert expected is None or refused.expected == expected


def test_what_is_too_deep_is_refused_where_it_becomes_so() -> None:
    assert refusal("(" * (DEEPEST + 1) + "foreign" + ")" * (DEEPEST + 1)).position == DEEPEST
    assert refusal("not " * (DEEPEST + 1) + "foreign").position == 4 * DEEPEST
    assert "split the rule" in str(refusal("非（" * DEEPEST))


def test_what_came_before_does_not_make_a_condition_less_or_more_deep() -> None:
    before = "not (foreign) and " * 100
    deepest = "(" * DEEPEST + "foreign" + ")" * DEEPEST

    assert parse(before + deepest, OFFICE).keys == {"foreign"}
    assert refusal(before + f"({deepest})").position == len(before) + DEEPEST


def test_of_very_many_choices_only_the_first_are_offered() -> None:
    choices = {f"k{number}": f"第{number}" for number in range(9)}
    entry = {"key": "kind", "type": "choice", "name": "种类", "choices": choices}
    few = {**entry, "choices": dict([*choices.items()][:8])}

    with pytest.raises(ConditionError, match=r'`"k7"` 第7, …\Z'):
        parse('kind = "x"', Vocabulary([Fact.model_validate(entry)]))
    with pytest.raises(ConditionError, match=r'第6 or `"k7"` 第7\Z'):
        parse('kind = "x"', Vocabulary([Fact.model_validate(few)]))


def test_what_is_too_long_is_refused_where_it_becomes_so() -> None:
    long = " and ".join(["foreign"] * (MOST_PARTS + 1))
    wide = "staff in [" + "1, " * MOST_PARTS + "1]"

    assert refusal(long).position == len(" and foreign") * MOST_PARTS
    assert f"more than {MOST_PARTS} facts and values; split the rule" in str(refusal(wide))
    assert refusal(" " * (LONGEST + 1)).position == LONGEST
    assert "is empty" in str(refusal(" " * LONGEST))


def test_a_refusal_shows_little_of_a_long_word() -> None:
    assert len(str(refusal("x" * LONGEST))) < 200


@pytest.mark.parametrize(
    "hostile",
    [
        "(" * LONGEST,
        "not " * (LONGEST // 4),
        '"' * LONGEST,
        'memo == "' + "a" * (LONGEST - 10),
        'memo == "' + '\\"' * (LONGEST // 2 - 10),
        "memo == “" + "\\\\" * (LONGEST // 2 - 10) + "\\x",
        "是" * LONGEST,
        "x" * LONGEST,
        " " * LONGEST,
        "staff > " + "9" * (LONGEST - 10),
        "staff > " + "-9." * (LONGEST // 3 - 10),
        "foreign or " * (LONGEST // 11),
        "staff in [" + "1," * (LONGEST // 2 - 10),
        "非（" * (LONGEST // 2),
    ],
)
def test_hostile_text_is_refused_soon(hostile: str) -> None:
    begun = time.process_time()
    refusal(hostile)

    assert time.process_time() - begun < 0.5
