"""The condition language: text in English or Chinese spelling, read into one typed tree.

    ConditionError    a text is no condition of this vocabulary; says where and what may stand there

The grammar is in `grammar.lark`, the words in `lexer.py`; types are checked here.
"""

import re
from functools import lru_cache
from importlib.resources import files
from typing import Final, cast

from lark import Lark, Token, Transformer, UnexpectedToken
from lark.parsers.lalr_interactive_parser import InteractiveParser

from knowledge.fact import Fact, FactValue, FactValueError, Vocabulary
from rules.condition import Always, And, Comparison, Condition, Membership, Not, Operator, Or
from rules.lexer import tokens

LONGEST_TEXT: Final = 20_000
"""Characters that a condition may have."""

DEEPEST: Final = 32
"""How many parentheses and `not` may stand inside one another."""

_ESCAPE: Final = re.compile(r"\\(.)")
_ORDERED: Final = frozenset(["integer", "decimal", "date"])
_STANDS_FOR: Final = {
    "FACT": "a fact",
    "TRUE": "true",
    "FALSE": "false",
    "_NOT": "not",
    "_LPAR": "(",
    "_RPAR": ")",
    "_LSQB": "[",
    "_RSQB": "]",
    "_COMMA": ",",
    "_AND": "and",
    "_OR": "or",
    "_IN": "in",
    "COMPARE": "a comparison sign",
    "TEXT": "a text in quotes",
    "WHOLE": "a number",
    "DECIMAL": "a number",
    "DAY": "a day",
    "$END": "the end",
}


class ConditionError(ValueError):
    """A text is no condition.

    `position` is the 0-based place in `text`, `column` the same for people, from 1; `found` what
    stands there, `expected` what could stand there, in words.
    """

    def __init__(
        self, text: str, position: int, found: str, expected: tuple[str, ...], message: str
    ) -> None:
        self.text, self.position, self.column = text, position, position + 1
        self.found, self.expected = found, expected
        super().__init__(message)


class _Refusal(Exception):
    """What a token cannot mean; becomes a `ConditionError` where the text is known."""

    def __init__(self, token: Token, message: str) -> None:
        self.token = token
        super().__init__(message)


class _Builder(Transformer[Token, Condition]):
    """What each rule of the grammar means."""

    def either(self, parts: list[Condition]) -> Condition:
        return Or(tuple(parts))

    def both(self, parts: list[Condition]) -> Condition:
        return And(tuple(parts))

    def negated(self, parts: list[Condition]) -> Condition:
        return Not(parts[0])

    def always(self, parts: list[Token]) -> Condition:
        return Always(value=parts[0].type == "TRUE")

    def alone(self, parts: list[Token]) -> Condition:
        fact: Fact = parts[0].value
        if fact.type != "boolean":
            raise _Refusal(
                parts[0], f"`{parts[0]}` is no yes-or-no fact; compare it with a value"
            )
        return Comparison(fact.key, "==", value=True)

    def comparison(self, parts: list[Token]) -> Condition:
        name, sign, literal = parts
        fact: Fact = name.value
        if sign.value not in ("==", "!=") and fact.type not in _ORDERED:
            raise _Refusal(sign, f"`{name}` has no order; compare it with == or !=")
        return Comparison(fact.key, cast(Operator, sign.value), _value(fact, literal))

    def membership(self, parts: list[Token]) -> Condition:
        name, *literals = parts
        fact: Fact = name.value
        return Membership(fact.key, tuple(_value(fact, literal) for literal in literals))


def _value(fact: Fact, literal: Token) -> FactValue:
    """Return the exact value that a literal states for `fact`, or raise `_Refusal`."""
    wanted = {
        "choice": ("TEXT",),
        "text": ("TEXT",),
        "boolean": ("TRUE", "FALSE"),
        "integer": ("WHOLE",),
        "decimal": ("WHOLE", "DECIMAL"),
        "date": ("DAY",),
    }[fact.type]
    if literal.type not in wanted:
        raise _Refusal(
            literal, f"`{literal}` does not fit `{fact.key}`; write {_EXAMPLE[fact.type]}"
        )
    try:
        return fact.read(_stated(fact, literal))
    except FactValueError as refused:
        raise _Refusal(literal, str(refused)) from refused


_EXAMPLE: Final = {
    "choice": "a choice in quotes",
    "text": "a text in quotes",
    "boolean": "true or false",
    "integer": "a whole number like 12",
    "decimal": "a number like 12.5",
    "date": "a day like 2024-01-31",
}


def _stated(fact: Fact, literal: Token) -> object:
    match literal.type:
        case "TEXT":
            text = _ESCAPE.sub(r"\1", literal[1:-1])
            return _choice(fact, text) if fact.type == "choice" else text
        case "TRUE" | "FALSE":
            return literal.type == "TRUE"
        case "WHOLE" if fact.type == "integer":
            return int(literal)
        case _:
            return str(literal)


def _choice(fact: Fact, written: str) -> str:
    """Return the key of the choice that is written by key or, failing that, by name."""
    choices = fact.choices or {}
    if written in choices:
        return written
    return next((key for key, name in choices.items() if name == written), written)


def _parser() -> Lark:
    grammar = files("rules").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", transformer=_Builder())


_PARSER: Final = _parser()


@lru_cache(maxsize=32_768)
def parse(text: str, vocabulary: Vocabulary) -> Condition:
    """Return the condition that `text` states, or raise `ConditionError`."""
    parser = _PARSER.parse_interactive()
    try:
        for token in tokens(text, vocabulary):
            result = parser.feed_token(token)
    except UnexpectedToken as unexpected:
        raise _unexpected(text, cast(Token, unexpected.token), parser) from None
    except _Refusal as refusal:
        place = refusal.token.start_pos or 0
        message = f"column {place + 1}: {refusal}"
        raise ConditionError(text, place, str(refusal.token), (), message) from None
    return cast(Condition, result)


def _unexpected(text: str, token: Token, parser: InteractiveParser) -> ConditionError:
    expected = tuple(dict.fromkeys(_STANDS_FOR[kind] for kind in sorted(parser.accepts())))
    found = f"`{token}`" if token else "the end"
    place = token.start_pos or 0
    message = f"column {place + 1}: {found} cannot stand here; write {' or '.join(expected)}"
    return ConditionError(text, place, str(token), expected, message)
