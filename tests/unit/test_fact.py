"""Facts: the exact value behind what a case states, and the refusals of what fits no fact."""

import decimal
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from knowledge.fact import APPLICANT_KIND, LARGEST, Fact, FactValueError


def fact(kind: str, **more: Any) -> Fact:
    return Fact.model_validate({"key": "thing", "type": kind, "name": "某事", **more})


PREMISES = fact("choice", choices={"owned": "自有", "rented": "租赁"})
AREA = fact("decimal", scale=2)


@pytest.mark.parametrize(
    ("of", "stated", "exact"),
    [
        (PREMISES, "rented", "rented"),
        (fact("boolean"), True, True),
        (fact("integer"), -3, -3),
        (fact("integer"), LARGEST, LARGEST),
        (AREA, "35.00", Decimal("35.00")),
        (AREA, "35", Decimal("35.00")),
        (AREA, "-0.5", Decimal("-0.50")),
        (AREA, "5".rjust(40, "0"), Decimal("5.00")),
        (fact("decimal", scale=0), "7", Decimal(7)),
        (fact("date"), "2024-02-29", date(2024, 2, 29)),
        (fact("text"), "张三 “甲”\n", "张三 “甲”\n"),
        (fact("text"), "", ""),
    ],
)
def test_a_value_is_read_exactly_as_stated(of: Fact, stated: object, exact: object) -> None:
    assert of.read(stated) == exact
    assert type(of.read(stated)) is type(exact)


def test_a_decimal_always_has_as_many_digits_as_its_scale() -> None:
    assert str(AREA.read("35")) == "35.00"
    assert str(AREA.read("-0")) == "0.00"


def test_the_largest_decimal_is_exact_whatever_the_decimal_context() -> None:
    with decimal.localcontext(prec=3):
        assert str(AREA.read("90071992547409.91")) == "90071992547409.91"


@pytest.mark.parametrize(
    ("of", "stated", "refusal"),
    [
        (AREA, None, "is null; leave it out while it is not known"),
        (
            PREMISES,
            "lent",
            "`lent` is no choice of `thing`; write `owned` (自有), `rented` (租赁)",
        ),
        (
            PREMISES,
            "租赁",
            "`租赁` is no choice of `thing`; write `owned` (自有), `rented` (租赁)",
        ),
        (PREMISES, ["rented"], "is no choice"),
        (fact("boolean"), 1, "`1` is not yes or no; write true or false"),
        (fact("boolean"), "true", "is not yes or no"),
        (
            fact("integer"),
            True,
            "`true` is not a whole number; write it like 12, without quotes",
        ),
        (fact("integer"), "12", "`12` is not a whole number; write it like 12, without quotes"),
        (fact("integer"), 1.0, "is not a whole number"),
        (fact("integer"), LARGEST + 1, "is too large; stay within ±9007199254740991"),
        (AREA, 35, '`35` is not text; write a decimal in quotes, like "12.5"'),
        (AREA, True, "`true` is not text"),
        (AREA, "35.001", "`35.001` has too many digits after the point; write at most 2"),
        (AREA, "3e1", "`3e1` is not a plain decimal; write it like 12.5 or -3"),
        (AREA, "+3", "is not a plain decimal"),
        (AREA, ".5", "is not a plain decimal"),
        (AREA, "5.", "is not a plain decimal"),
        (AREA, " 5", "is not a plain decimal"),
        (AREA, "5\n", "is not a plain decimal"),
        (AREA, "３", "is not a plain decimal"),
        (AREA, "NaN", "is not a plain decimal"),
        (AREA, "9" * 41, f"`{'9' * 40}…` is not a plain decimal"),
        (AREA, "90071992547409.92", "is too large; stay within ±90071992547409.91"),
        (fact("date"), "2024-02-30", "there is no day `2024-02-30`; correct the year"),
        (fact("date"), "2024-2-3", "`2024-2-3` is not a day; write it like 2024-01-31"),
        (fact("date"), "20240203", "is not a day"),
        (fact("date"), 20240203, "is not a day"),
        (fact("text"), 5, "`5` is not text; put it in quotes"),
        (fact("text"), "a\udc00", "`a\ufffd` holds half a character; type it anew"),
    ],
)
def test_what_fits_no_value_is_refused_with_the_cure(
    of: Fact, stated: object, refusal: str
) -> None:
    with pytest.raises(FactValueError) as refused:
        of.read(stated)

    assert refusal in str(refused.value)
    assert "; " in str(refused.value)
    assert (refused.value.fact, refused.value.value) == (of, stated)


def test_a_number_too_long_to_print_is_refused_too() -> None:
    with pytest.raises(FactValueError, match="the number is too large"):
        fact("integer").read(-(10**5000))


def test_a_fact_asks_by_its_name_and_asks_the_applicant_unless_told() -> None:
    assert fact("boolean").question == "某事"
    assert fact("boolean").answered_by == "applicant"
    assert fact("boolean", question="是吗？", answered_by="desk").question == "是吗？"


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "choice"},
        {"type": "choice", "choices": {}},
        {"type": "choice", "choices": {1: "一"}},
        {"type": "choice", "choices": {"": "无"}},
        {"type": "boolean", "choices": {"a": "甲"}},
        {"type": "decimal"},
        {"type": "decimal", "scale": -1},
        {"type": "decimal", "scale": 16},
        {"type": "integer", "scale": 0},
        {"type": "float"},
        {"type": "boolean", "key": "Big"},
        {"type": "boolean", "key": "1st"},
        {"type": "boolean", "key": "a\n"},
        {"type": "boolean", "key": "a-b"},
        {"type": "boolean", "name": ""},
        {"type": "boolean", "answered_by": "nobody"},
        {"type": "boolean", "colour": "red"},
    ],
)
def test_a_fact_that_breaks_the_contract_is_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Fact.model_validate({"key": "thing", "name": "某事", **entry})


@pytest.mark.parametrize(
    ("entry", "refusal"),
    [
        (
            {"type": "choice", "choices": {"owned": "自有"}, "choices_en": {"mine": "owned"}},
            "`mine` is no key of `choices`; write `owned` (自有)",
        ),
        (
            {"type": "boolean", "choices_en": {"yes": "yes"}},
            "`choices_en` of a boolean mean nothing; leave them out",
        ),
        (
            {"type": "integer", "choices_en": {}},
            "`choices_en` of a integer mean nothing; leave them out",
        ),
        ({"type": "choice", "choices": {"a": "甲"}, "choices_en": {"a": ""}}, "at least 1"),
        ({"type": "integer", "unit": "天", "unit_en": ""}, "at least 1"),
    ],
)
def test_an_english_name_of_no_choice_is_refused_with_the_cure(
    entry: dict[str, Any], refusal: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        Fact.model_validate({"key": "thing", "name": "某事", **entry})

    (error,) = refused.value.errors()
    assert refusal in error["msg"]
    assert error["loc"][0] in {"choices_en", "unit_en"}


def test_some_choices_may_have_english_names_and_a_spoilt_choice_is_told_once() -> None:
    some = fact("choice", choices={"a": "甲", "b": "乙"}, choices_en={"b": "second"})
    assert some.choices_en == {"b": "second"}

    with pytest.raises(ValidationError) as refused:
        fact("choice", choices={"a": ""}, choices_en={"a": "first"})
    assert [error["loc"] for error in refused.value.errors()] == [("choices", "a")]


def test_the_kind_of_applicant_is_natural_or_legal() -> None:
    assert APPLICANT_KIND.choices == {"natural": "自然人", "legal": "法人"}
    assert APPLICANT_KIND.name == "申请人类型"
