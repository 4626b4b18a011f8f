"""Spellings: a condition printed as text, in English or in Chinese."""

from decimal import Decimal
from typing import Final, Literal

from knowledge.fact import Fact, FactValue
from knowledge.vocabulary import Vocabulary
from rules.condition import Always, And, Comparison, Condition, Membership, Not, Or

Spelling = Literal["en", "zh"]

_CHINESE: Final = {
    "or": "或",
    "and": "且",
    "not": "非",
    "in": "属于",
    "==": "=",
    "!=": "≠",
    "<=": "≤",
    ">=": "≥",
    "true": "是",
    "false": "否",
}
# How tightly each kind of condition holds together; a looser one inside needs parentheses.
_TIGHTNESS: Final = {Or: 0, And: 1, Not: 2, Comparison: 3, Membership: 3, Always: 3}


def spell(condition: Condition, vocabulary: Vocabulary, lang: Spelling = "en") -> str:
    """Return the canonical text that parses to exactly this tree.

    Keys and choice keys in English, names and choice names in Chinese, literals alike in both.
    """
    return _Speller(vocabulary, lang).spell(condition)


class _Speller:
    def __init__(self, vocabulary: Vocabulary, lang: Spelling) -> None:
        self._vocabulary, self._lang = vocabulary, lang

    def spell(self, condition: Condition) -> str:
        match condition:
            case Always(value):
                return self._word("true" if value else "false")
            case Comparison():
                return self._comparison(condition)
            case Membership(key, values):
                fact = self._vocabulary.by_key[key]
                listed = ", ".join(self._literal(fact, value) for value in values)
                return f"{self._name(fact)} {self._word('in')} [{listed}]"
            case Not(part):
                return f"{self._word('not')} {self._inside(part, at_least=_TIGHTNESS[Not])}"
            case And(parts):
                return self._joined("and", parts, _TIGHTNESS[And])
            case Or(parts):
                return self._joined("or", parts, _TIGHTNESS[Or])

    def _comparison(self, comparison: Comparison) -> str:
        fact = self._vocabulary.by_key[comparison.fact]
        if comparison.operator == "==" and comparison.value is True:
            return self._name(fact)
        sign = self._word(comparison.operator)
        return f"{self._name(fact)} {sign} {self._literal(fact, comparison.value)}"

    def _joined(self, word: str, parts: tuple[Condition, ...], tightness: int) -> str:
        # `a and (b and c)` is another tree than `a and b and c`: its parentheses are kept.
        inside = (self._inside(part, at_least=tightness + 1) for part in parts)
        return f" {self._word(word)} ".join(inside)

    def _inside(self, part: Condition, *, at_least: int) -> str:
        text = self.spell(part)
        return text if _TIGHTNESS[type(part)] >= at_least else f"({text})"

    def _word(self, word: str) -> str:
        return _CHINESE.get(word, word) if self._lang == "zh" else word

    def _name(self, fact: Fact) -> str:
        return fact.name if self._lang == "zh" else fact.key

    def _literal(self, fact: Fact, value: FactValue) -> str:
        match value:
            case bool():
                return self._word("true" if value else "false")
            case str():
                return _quoted(self._choice(fact, value))
            case Decimal():
                return format(value, "f")  # never 0E-7
            case _:
                return str(value)

    def _choice(self, fact: Fact, value: str) -> str:
        choices = fact.choices or {}
        name = choices.get(value, value)
        # A choice key wins over an equal name, so such a name would be read as that other key.
        return name if self._lang == "zh" and name not in choices else value


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
