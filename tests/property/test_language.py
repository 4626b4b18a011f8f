"""Random vocabularies, conditions and cases: both spellings, three truths, no surprises."""

import os
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.fact import LARGEST, Fact, FactKey, FactValue
from knowledge.vocabulary import Vocabulary, vocabulary_faults
from rules.condition import (
    Always,
    And,
    Comparison,
    Condition,
    Facts,
    Membership,
    Not,
    Operator,
    Or,
    values_by_fact,
)
from rules.language import parse
from rules.refusal import ConditionError
from rules.spelling import Spelling, spell

often = settings(
    max_examples=1_000 if "JIANZHENG_THOROUGH" in os.environ else 100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

KEYS = (
    "a",
    "aa",
    "a1",
    "area",
    "an",
    "android",
    "order",
    "or_",
    "inn",
    "nota",
    "notable",
    "true1",
)
EQUAL: tuple[Operator, ...] = ("==", "!=")
ORDERED: tuple[Operator, ...] = ("==", "!=", "<", "<=", ">", ">=")
# Words of the language, beginnings of one another, and what looks like a literal or a sign.
FRAGMENTS = (
    *("非", "且", "或", "是", "否", "属于", "not", "and", "or", "in", "true", "A", "a", "aa"),
    *("1", "12", "-3", "2024-01-01", "0.5", "_", "经营", "面积", "外资", "居民", "𠮷", "é"),
    *("《", "》", "、", "，", ",", ".", "·", "\\", "/", "&"),
)
WORDS = {
    "or": ["or", "或"],
    "and": ["and", "且"],
    "not": ["not", "非"],
    "in": ["in", "属于"],
    "true": ["true", "是"],
    "false": ["false", "否"],
    "==": ["==", "=", "＝", "＝＝"],
    "!=": ["!=", "≠", "！＝"],
    "<": ["<", "＜"],
    "<=": ["<=", "≤", "＜＝"],
    ">": [">", "＞"],
    ">=": [">=", "≥", "＞="],
    "(": ["(", "（"],
    ")": [")", "）"],
    "[": ["[", "【"],
    "]": ["]", "】"],
    ",": [",", "，", "、"],
}

names = st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=4).map("".join)
texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.text("\"\\“”' 且(）", max_size=4),
)


@st.composite
def facts(draw: st.DrawFn, key: str) -> Fact:
    kind = draw(st.sampled_from(["choice", "boolean", "integer", "decimal", "date", "text"]))
    entry: dict[str, Any] = {"key": key, "type": kind, "name": draw(names)}
    if kind == "choice":
        words = names | texts.filter(bool) | st.sampled_from(KEYS)
        pairs = st.lists(
            st.tuples(words, words), min_size=1, max_size=4, unique_by=lambda p: p[1]
        )
        entry["choices"] = dict(draw(pairs))
    if kind == "decimal":
        entry["scale"] = draw(st.integers(0, 15))
    return Fact.model_validate(entry)


@st.composite
def vocabularies(draw: st.DrawFn) -> Vocabulary:
    """Draw a vocabulary without faults, its names as nasty as the contract allows."""
    keys = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=6, unique=True))
    declared = [draw(facts(key)) for key in keys]
    while faults := vocabulary_faults(declared):
        del declared[faults[0].index]
    return Vocabulary(declared)


def values(fact: Fact) -> st.SearchStrategy[FactValue]:
    whole = st.integers(-3, 3) | st.integers(-LARGEST, LARGEST)
    match fact.type:
        case "choice":
            return st.sampled_from([*(fact.choices or {})])
        case "boolean":
            return st.booleans()
        case "integer":
            return whole
        case "decimal":
            return whole.map(lambda scaled: fact.read(as_decimal(scaled, fact.scale or 0)))
        case "date":
            return st.dates()
        case "text":
            return texts


def as_decimal(scaled: int, scale: int) -> str:
    digits = f"{abs(scaled):0{scale + 1}d}"
    sign = "-" if scaled < 0 else ""
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}" if scale else f"{sign}{digits}"


@st.composite
def leaves(draw: st.DrawFn, vocabulary: Vocabulary) -> Condition:
    fact = draw(st.sampled_from([None, *vocabulary.facts, *vocabulary.facts]))
    if fact is None:
        return Always(draw(st.booleans()))
    if draw(st.integers(0, 3)) == 0:
        members = draw(st.lists(values(fact), min_size=1, max_size=3))
        return Membership(fact.key, tuple(members))
    operators = ORDERED if fact.type in ("integer", "decimal", "date") else EQUAL
    return Comparison(fact.key, draw(st.sampled_from(operators)), draw(values(fact)))


def conditions(vocabulary: Vocabulary) -> st.SearchStrategy[Condition]:
    def joined(part: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        parts = st.lists(part, min_size=2, max_size=3).map(tuple)
        return st.one_of(part.map(Not), parts.map(And), parts.map(Or))

    return st.recursive(leaves(vocabulary), joined, max_leaves=8)


@st.composite
def cases(draw: st.DrawFn, vocabulary: Vocabulary, condition: Condition) -> Facts:
    """Draw a case that states some facts, often right at a boundary of the condition."""
    mentioned = values_by_fact(condition)
    stated: dict[FactKey, FactValue] = {}
    for fact in vocabulary.facts:
        boundary = sorted(mentioned.get(fact.key, ()), key=repr)
        value = st.one_of(st.none(), values(fact), *(st.just(each) for each in boundary))
        drawn = draw(value)
        if drawn is not None:
            stated[fact.key] = drawn
    return stated


class Scribe:
    """Writes a condition with both spellings mixed, word by word, as chance has it."""

    def __init__(self, data: st.DataObject, office: Vocabulary) -> None:
        self.data, self.office = data, office

    def write(self, tree: Condition) -> str:
        """Return a text that states `tree`."""
        return self.data.draw(st.sampled_from([" ", "\u3000", "\n  "])).join(self._tokens(tree))

    def _tokens(self, tree: Condition) -> list[str]:
        match tree:
            case Always(value):
                return [self._word(str(value).lower())]
            case Comparison(key, operator, value):
                return [self._name(key), self._word(operator), self._literal(key, value)]
            case Membership(key, members):
                listed = [
                    part
                    for each in members
                    for part in (self._word(","), self._literal(key, each))
                ]
                return [
                    self._name(key),
                    self._word("in"),
                    self._word("["),
                    *listed[1:],
                    self._word("]"),
                ]
            case Not(part):
                return [self._word("not"), *self._within(part)]
            case And(parts) | Or(parts):
                of = "and" if isinstance(tree, And) else "or"
                rest = [
                    token for part in parts for token in (self._word(of), *self._within(part))
                ]
                return rest[1:]

    def _within(self, part: Condition) -> list[str]:
        return [self._word("("), *self._tokens(part), self._word(")")]

    def _word(self, of: str) -> str:
        return self.data.draw(st.sampled_from(WORDS[of]))

    def _name(self, key: FactKey) -> str:
        return self.data.draw(st.sampled_from([key, self.office.by_key[key].name]))

    def _literal(self, key: FactKey, value: FactValue) -> str:
        if isinstance(value, bool):
            return self._word(str(value).lower())
        if not isinstance(value, str):
            return format(value, "f") if isinstance(value, Decimal) else str(value)
        choices = self.office.by_key[key].choices or {}
        name = choices.get(value, value)
        shown = self.data.draw(st.sampled_from([value, value if name in choices else name]))
        escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
        wide = "”" not in escaped and self.data.draw(st.booleans())
        return f"“{escaped}”" if wide else f'"{escaped}"'


@often
@given(st.data(), vocabularies())
def test_each_spelling_of_a_tree_reads_back_to_it(
    data: st.DataObject, office: Vocabulary
) -> None:
    tree = data.draw(conditions(office))
    spellings: tuple[Spelling, ...] = ("en", "zh")

    for lang in spellings:
        text = spell(tree, office, lang)
        assert parse(text, office) == tree
        assert spell(parse(text, office), office, lang) == text


@often
@given(st.data(), vocabularies())
def test_words_of_both_spellings_may_be_mixed_freely(
    data: st.DataObject, office: Vocabulary
) -> None:
    tree = data.draw(conditions(office))

    assert parse(Scribe(data, office).write(tree), office) == tree


@often
@given(st.data())
def test_chinese_needs_no_spaces(data: st.DataObject) -> None:
    office = Vocabulary(
        [
            Fact(key=FactKey("foreign"), type="boolean", name="是否外资"),
            Fact(key=FactKey("liable"), type="boolean", name="或有负债"),
            Fact(key=FactKey("staff"), type="integer", name="从业人数"),
            Fact(key=FactKey("area"), type="decimal", scale=2, name="经营面积"),
            Fact(key=FactKey("built"), type="date", name="竣工日期"),
        ]
    )
    tree = data.draw(conditions(office))

    assert parse(spell(tree, office, "zh").replace(" ", ""), office) == tree


@often
@given(st.data(), vocabularies())
def test_the_truth_is_that_of_strong_kleene_logic(
    data: st.DataObject, office: Vocabulary
) -> None:
    condition = data.draw(conditions(office))
    case = data.draw(cases(office, condition))

    assert condition.truth(case) is (False, None, True)[weight(condition, case)]


def weight(condition: Condition, case: Facts) -> int:
    """Weigh false as 0, unknown as 1, true as 2: `and` takes the least, `or` the greatest."""
    if isinstance(condition, And | Or):
        weights = [weight(part, case) for part in condition.parts]
        return min(weights) if isinstance(condition, And) else max(weights)
    if isinstance(condition, Not):
        return 2 - weight(condition.part, case)
    if isinstance(condition, Always):
        return 2 * condition.value
    if condition.fact not in case:
        return 1
    if isinstance(condition, Membership):
        return 2 * any(case[condition.fact] == value for value in condition.values)
    return 2 * holds(case[condition.fact], condition.operator, condition.value)


def holds(stated: Any, operator: str, value: Any) -> bool:
    place = 0 if stated == value else -1 if operator[0] in "<>" and stated < value else 1
    signs = {"<": place == -1, "=": place == 0, ">": place == 1, "!": place != 0}
    return signs["!"] if operator == "!=" else any(signs[sign] for sign in operator)


@often
@given(st.data(), vocabularies())
def test_more_knowledge_never_turns_a_settled_truth(
    data: st.DataObject, office: Vocabulary
) -> None:
    condition = data.draw(conditions(office))
    more = data.draw(cases(office, condition))
    known = dict(item for item in more.items() if data.draw(st.booleans()))

    if condition.truth(known) is not None:
        assert condition.truth(more) is condition.truth(known)


@often
@given(st.data(), vocabularies())
def test_the_unknown_part_says_all_that_is_left_to_know(
    data: st.DataObject, office: Vocabulary
) -> None:
    condition = data.draw(conditions(office))
    case = data.draw(cases(office, condition))
    known = dict(item for item in case.items() if data.draw(st.booleans()))
    later = {key: case[key] for key in case.keys() - known.keys()}

    left = condition.unknown_part(known)

    assert left.truth(later) is condition.truth(case)
    assert left.keys <= condition.keys - known.keys()
    assert isinstance(left, Always) == (condition.truth(known) is not None)
    assert left.unknown_part({}) == left


@often
@given(st.data(), vocabularies())
def test_any_text_is_a_condition_or_is_refused_at_a_place(
    data: st.DataObject, office: Vocabulary
) -> None:
    known = [spelling for spellings in WORDS.values() for spelling in spellings]
    known += [*office.by_key, *office.by_name, *FRAGMENTS, '"a"', "“", '"', "3", "2024-02-30"]
    soup = st.lists(st.sampled_from(known) | st.text(max_size=3), max_size=12)
    text = data.draw(st.sampled_from(["", " "])).join(data.draw(soup))

    refused = refusal(text, office)
    if refused is None:
        assert parse(spell(parse(text, office), office), office) == parse(text, office)
    else:
        assert 0 <= refused.position <= len(text)
        assert text.startswith(refused.found, refused.position)
        assert str(refused).isprintable()


def refusal(text: str, office: Vocabulary) -> ConditionError | None:
    try:
        parse(text, office)
    except ConditionError as refused:
        return refused
    return None
