"""Vocabularies: facts by key and by name, and the names that no condition could read."""

import pytest

from knowledge.fact import APPLICANT_KIND, Fact
from knowledge.vocabulary import Vocabulary, vocabulary_faults


def yes_or_no(key: str, name: str) -> Fact:
    return Fact.model_validate({"key": key, "type": "boolean", "name": name})


def choice(key: str, name: str, **choices: str) -> Fact:
    entry = {"key": key, "type": "choice", "name": name, "choices": choices}
    return Fact.model_validate(entry)


def messages(*facts: Fact) -> list[tuple[int, str, str]]:
    return [(fault.index, fault.field, fault.message) for fault in vocabulary_faults(facts)]


def test_facts_are_found_by_key_and_by_name_beside_the_kind_of_applicant() -> None:
    foreign = yes_or_no("foreign", "是否外资")
    vocabulary = Vocabulary([foreign])

    assert vocabulary.facts == (APPLICANT_KIND, foreign)
    assert vocabulary.by_key["foreign"] is vocabulary.by_name["是否外资"] is foreign
    assert vocabulary.by_key["applicant_kind"] is vocabulary.by_name["申请人类型"]


def test_the_longest_name_is_found_and_an_ascii_word_is_never_cut() -> None:
    vocabulary = Vocabulary(
        [yes_or_no("a", "面积"), yes_or_no("b", "面积A"), yes_or_no("c", "面")]
    )

    assert vocabulary.name_at("经营面积A>3", 2) == "面积A"
    assert vocabulary.name_at("面积AB", 0) == "面积"
    assert vocabulary.name_at("面积ABC", 0) == "面积"
    assert vocabulary.name_at("面A", 0) == "面"
    assert vocabulary.name_at("A", 0) is None
    assert vocabulary.name_at("", 0) is None


@pytest.mark.parametrize("key", ["or", "and", "not", "in", "true", "false"])
def test_a_word_of_the_language_is_no_key(key: str) -> None:
    assert messages(yes_or_no(key, "某事")) == [
        (0, "key", f"`{key}` is a word of the condition language; choose another key")
    ]


@pytest.mark.parametrize("key", ["credit", "applicant_kind"])
def test_a_key_with_a_meaning_of_its_own_is_taken(key: str) -> None:
    assert messages(yes_or_no(key, "某事")) == [
        (0, "key", f"`{key}` has its own meaning in every pack; choose another key")
    ]


@pytest.mark.parametrize(
    "separator",
    [
        *" \t\n\u3000\u00a0\"'“”‘’「」()[]{}（）［］｛｝【】〔〕=<>!＝＜＞！≠≤≥",
        "\u200b",
        "\x07",
        "\ue000",
    ],
)
def test_a_name_holds_nothing_that_ends_a_word(separator: str) -> None:
    ((index, field, message),) = messages(yes_or_no("a", f"某{separator}事"))

    assert (index, field) == (0, "name")
    assert "could not be read in a condition; leave out spaces" in message


@pytest.mark.parametrize(
    "name", ["某《许可证》", "面积，平方米", "2024-01-01", "-3", "非居民", "A.b", "𠮷"]
)
def test_a_name_may_hold_what_ends_no_word(name: str) -> None:
    assert messages(yes_or_no("a", name)) == []


@pytest.mark.parametrize("name", ["且", "或", "非", "属于", "是", "否", "and", "true"])
def test_a_word_of_the_language_is_no_name(name: str) -> None:
    assert messages(yes_or_no("a", name)) == [
        (0, "name", f"`{name}` is a word of the condition language; choose another name")
    ]


def test_a_name_is_no_key_of_any_fact() -> None:
    assert messages(yes_or_no("a", "b"), yes_or_no("b", "applicant_kind")) == [
        (0, "name", "`b` is the key of a fact; choose another name"),
        (1, "name", "`applicant_kind` is the key of a fact; choose another name"),
    ]


def test_the_kind_of_applicant_keeps_its_name() -> None:
    assert messages(yes_or_no("a", "申请人类型")) == [
        (
            0,
            "name",
            "`申请人类型` names the kind of applicant in every pack; choose another name",
        )
    ]


def test_no_two_facts_share_a_name() -> None:
    assert messages(yes_or_no("a", "某事"), yes_or_no("b", "某事"), yes_or_no("c", "某事")) == [
        (1, "name", "`a` is named `某事` too; rename one of them"),
        (2, "name", "`a` is named `某事` too; rename one of them"),
    ]


def test_no_two_choices_of_a_fact_share_a_name() -> None:
    assert messages(choice("a", "某事", x="甲", y="乙", z="甲")) == [
        (0, "choices", "the choices `x` and `z` share a name; rename one of them")
    ]


def test_choices_are_free_where_quotes_keep_them_apart() -> None:
    one = choice("a", "某事", x="y", y="有限公司（自然人独资）", z="是")
    other = choice("b", "他事", x="y", y="a")

    assert messages(one, other) == []


def test_all_faults_are_found_at_once() -> None:
    facts = [
        yes_or_no("in", "某 事"),
        yes_or_no("ok", "好"),
        choice("credit", "且", x="甲", y="甲"),
    ]

    assert [(index, field) for index, field, _ in messages(*facts)] == [
        (0, "key"),
        (0, "name"),
        (2, "key"),
        (2, "name"),
        (2, "choices"),
    ]
