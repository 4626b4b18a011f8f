"""Spellings: a condition printed as text, in English or in Chinese."""

from collections.abc import Callable
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
    """Return the one canonical text that parses to exactly this tree.

    Keys and choice keys in English, names and choice names in Chinese, literals alike in both.
    """
    word: Callable[[str], str] = (
        (lambda text: _CHINESE.get(text, text)) if lang == "zh" else str
    )
    return _Speller(vocabulary, lang, word).spell(condition)


class _Speller:
    def __init__(
        self, vocabulary: Vocabulary, lang: Spelling, word: Callable[[str], str]
    ) -> None:
        self.vocabulary, self.lang, self.word = vocabulary, lang, word

    def spell(self, condition: Condition) -> str:
        match condition:
            case Always(value):
                return self.word("true" if value else "false")
            case Comparison(key, "==", True) if self._fact(key).type == "boolean":
                return self._named(self._fact(key))
            case Comparison(key, sign, value):
                fact = self._fact(key)
                return f"{self._named(fact)} {self.word(sign)} {self._literal(fact, value)}"
            case Membership(key, values):
                fact = self._fact(key)
                listed = ", ".join(self._literal(fact, value) for value in values)
                return f"{self._named(fact)} {self.word('in')} [{listed}]"
            case Not(part):
                # `not not x` needs no parentheses: only what is looser than `not` does.
                return f"{self.word('not')} {self._inside(part, _TIGHTNESS[Not])}"
            case And(parts):
                return self._joined("and", parts, _TIGHTNESS[And] + 1)
            case Or(parts):
                return self._joined("or", parts, _TIGHTNESS[Or] + 1)

    def _joined(self, word: str, parts: tuple[Condition, ...], tightness: int) -> str:
        return f" {self.word(word)} ".join(self._inside(part, tightness) for part in parts)

    def _inside(self, part: Condition, tightness: int) -> str:
        text = self.spell(part)
        return text if _TIGHTNESS[type(part)] >= tightness else f"({text})"

    def _fact(self, key: str) -> Fact:
        return self.vocabulary.by_key[key]

    def _named(self, fact: Fact) -> str:
        return fact.key if self.lang == "en" else fact.name

    def _literal(self, fact: Fact, value: FactValue) -> str:
        match value:
            case bool():
                return self.word("true" if value else "false")
            case str():
                return _quoted(self._choice(fact, value) if fact.type == "choice" else value)
            case _:
                return str(value)

    def _choice(self, fact: Fact, key: str) -> str:
        choices = fact.choices or {}
        name = choices[key]
        # A choice key wins over an equal name, so such a name cannot be written.
        return key if self.lang == "en" or name in choices else name


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
