"""Spellings: each tree printed for a legal officer and for a programmer, and read again."""

from typing import Any

import pytest

from knowledge.fact import Fact
from knowledge.vocabulary import Vocabulary
from rules.language import parse
from rules.spelling import spell


def declared(key: str, kind: str, name: str, **more: Any) -> Fact:
    return Fact.model_validate({"key": key, "type": kind, "name": name, **more})


OFFICE = Vocabulary(
    [
        declared(
            "premises", "choice", "经营场所来源", choices={"owned": "自有", "rented": "租赁"}
        ),
        declared("swapped", "choice", "对调", choices={"x": "y", "y": "z", "z": "“z”"}),
        declared("foreign", "boolean", "是否外资"),
        declared("area", "decimal", "经营面积", scale=2),
        declared("trace", "decimal", "微量", scale=8),
        declared("built", "date", "竣工日期"),
        declared("memo", "text", "备注"),
    ]
)


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("true", "是"),
        ("false", "否"),
        ("foreign", "是否外资"),
        ("foreign == false", "是否外资 = 否"),
        ("foreign != true", "是否外资 ≠ 是"),
        (
            'premises == "rented" and not foreign',
            '经营场所来源 = "租赁" 且 非 是否外资',
        ),
        ('premises in ["owned", "rented"]', '经营场所来源 属于 ["自有", "租赁"]'),
        ('applicant_kind == "legal"', '申请人类型 = "法人"'),
        ("area >= 50.00 or area < -3.10", "经营面积 ≥ 50.00 或 经营面积 < -3.10"),
        ("area <= 1.00 and area > 0.00", "经营面积 ≤ 1.00 且 经营面积 > 0.00"),
        ("trace == 0.00000000", "微量 = 0.00000000"),
        ("built == 0999-01-31", "竣工日期 = 0999-01-31"),
        (r'memo == "a\"\\“"', r'备注 = "a\"\\“"'),
        ("foreign or foreign and foreign", "是否外资 或 是否外资 且 是否外资"),
        ("(foreign or true) and foreign", "(是否外资 或 是) 且 是否外资"),
        ("foreign and (foreign and true)", "是否外资 且 (是否外资 且 是)"),
        ("(foreign or foreign) or true", "(是否外资 或 是否外资) 或 是"),
        ("not (foreign and true)", "非 (是否外资 且 是)"),
        ("not not foreign", "非 非 是否外资"),
        # The name `y` of `x` would be read as the key `y`, so the key `x` stands in both.
        ('swapped == "x"', '对调 = "x"'),
        ('swapped == "y"', '对调 = "y"'),
        ('swapped == "z"', '对调 = "“z”"'),
    ],
)
def test_both_spellings_are_one_tree(english: str, chinese: str) -> None:
    tree = parse(english, OFFICE)

    assert parse(chinese, OFFICE) == tree
    assert spell(tree, OFFICE) == english
    assert spell(tree, OFFICE, "en") == english
    assert spell(tree, OFFICE, "zh") == chinese


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("((foreign))and not(true)", "foreign and not true"),
        ("foreign==true", "foreign"),
        ("area＝5", "area == 5.00"),
        ("经营场所来源≠“自有”", 'premises != "owned"'),
    ],
)
def test_printing_settles_what_people_write_in_many_ways(written: str, printed: str) -> None:
    assert spell(parse(written, OFFICE), OFFICE) == printed
