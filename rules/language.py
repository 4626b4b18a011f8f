"""The condition language: text in English or Chinese spelling, read into one typed tree.

The grammar stands in `grammar.lark`, its words in `lexer.py`; types are checked here.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Final, cast

from lark import Lark, Token, Transformer, UnexpectedToken

from knowledge.fact import Fact, FactType, FactValue, FactValueError, shown
from knowledge.vocabulary import Vocabulary
from rules.condition import Always, And, Comparison, Condition, Membership, Not, Operator, Or
from rules.lexer import STRANGER, tokens
from rules.refusal import ConditionError, MisfitError, listed, signs_of, unexpected, values_of

# Far above any condition that a person could judge, far below what could exhaust a machine.
# Both spellings of a tree have the same facts, values and depth, so each can be read again.
MOST_PARTS: Final = 500
"""Facts, values, `true` and `false` that a condition may hold in all."""

DEEPEST: Final = 32
"""Parentheses and `not` that may stand inside one another."""

LONGEST: Final = 100_000
"""Characters that a condition may have."""

_PARTS: Final = frozenset(["FACT", "TEXT", "WHOLE", "DECIMAL", "DAY", "TRUE", "FALSE"])
_LITERALS: Final[dict[FactType, frozenset[str]]] = {
    "choice": frozenset(["TEXT"]),
    "boolean": frozenset(["TRUE", "FALSE"]),
    "integer": frozenset(["WHOLE"]),
    "decimal": frozenset(["WHOLE", "DECIMAL"]),
    "date": frozenset(["DAY"]),
    "text": frozenset(["TEXT"]),
}
_ORDERED: Final = frozenset(["integer", "decimal", "date"])
_ESCAPE = re.compile(r"\\(.)")
_HALF_CHARACTER = re.compile(r"[\ud800-\udfff]")


@lru_cache(maxsize=32_768)
def parse(text: str, vocabulary: Vocabulary) -> Condition:
    """Return the condition that `text` states, or raise `ConditionError`."""
    parser = _PARSER.parse_interactive()
    read: list[Token] = []
    try:
        _check_characters(text)
        for token in _bounded(tokens(text, vocabulary)):
            read.append(token)
            condition = parser.feed_token(token)
    except UnexpectedToken:
        raise unexpected(text, read, _accepted_after(read[:-1]), vocabulary) from None
    except MisfitError as misfit:
        raise ConditionError(text, misfit) from None
    return cast(Condition, condition)


def _accepted_after(read: list[Token]) -> set[str]:
    # Asked afresh: the token that failed has already led the parser on as far as it went.
    parser = _PARSER.parse_interactive()
    for token in read:
        parser.feed_token(token)
    accepted: set[str] = parser.accepts()  # type: ignore[no-untyped-call]  # lark has no types here
    return accepted


def _check_characters(text: str) -> None:
    if len(text) > LONGEST:
        raise _refused_at(LONGEST, f"more than {LONGEST} characters", "split the rule")
    half = None if text.isascii() else _HALF_CHARACTER.search(text)
    if half:
        raise _refused_at(half.start(), "half a character stands here", "type it anew")


def _refused_at(place: int, why: str, cure: str) -> MisfitError:
    return MisfitError(Token(STRANGER, "", place), (), why, cure)


def _bounded(words: Iterator[Token]) -> Iterator[Token]:
    """Yield the words, or raise `MisfitError` at the first beyond `DEEPEST` or `MOST_PARTS`."""
    parts = depth = turns = 0
    opened: list[int] = []  # for each open parenthesis, itself and the `not` right before it
    for word in words:
        if word.type == "_NOT":
            turns += 1
        elif word.type == "_LPAR":
            opened.append(turns + 1)
            depth, turns = depth + turns + 1, 0
        elif word.type == "_RPAR" and opened:
            depth, turns = depth - opened.pop(), 0
        elif word.type in _PARTS:
            parts, turns = parts + 1, 0
        if depth + turns > DEEPEST:
            why = f"more than {DEEPEST} parentheses and `not` stand inside one another"
            raise MisfitError(word, (), why, "split the rule")
        if parts > MOST_PARTS:
            raise MisfitError(
                word, (), f"more than {MOST_PARTS} facts and values", "split the rule"
            )
        yield word


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
        name = parts[0]
        fact: Fact = name.value
        if fact.type != "boolean":
            why = f"{shown(name)} is not answered by yes or no"
            cure = f"compare it with {listed(signs_of(fact))} and a value"
            raise MisfitError(name, ("a comparison", "a yes-or-no fact"), why, cure)
        return Comparison(fact.key, "==", value=True)

    def comparison(self, parts: list[Token]) -> Condition:
        name, sign, literal = parts
        fact: Fact = name.value
        if fact.type not in _ORDERED and sign.value not in ("==", "!="):
            why = f"there is no more and less in {shown(name)}"
            raise MisfitError(sign, signs_of(fact), why)
        return Comparison(fact.key, cast(Operator, sign.value), _value(fact, literal))

    def membership(self, parts: list[Token]) -> Condition:
        name, *literals = parts
        fact: Fact = name.value
        return Membership(fact.key, tuple(_value(fact, literal) for literal in literals))


def _value(fact: Fact, literal: Token) -> FactValue:
    """Return the exact value that a literal states for `fact`, or raise `MisfitError`."""
    if literal.type not in _LITERALS[fact.type]:
        raise MisfitError(
            literal, values_of(fact), f"{shown(literal)} is no value of `{fact.key}`"
        )
    stated = _stated(fact, literal)
    if fact.choices is not None and stated not in fact.choices:
        raise MisfitError(
            literal, values_of(fact), f"{shown(literal)} is no choice of `{fact.key}`"
        )
    try:
        return fact.read(stated)
    except FactValueError as refused:
        why, _, cure = str(refused).partition("; ")
        raise MisfitError(literal, values_of(fact), why, cure) from None


def _stated(fact: Fact, literal: Token) -> object:
    """Return the literal as a case would state it."""
    match literal.type:
        case "TEXT":
            return _named(fact, _ESCAPE.sub(r"\1", literal[1:-1]))
        case "TRUE" | "FALSE":
            return literal.type == "TRUE"
        case "WHOLE" if fact.type == "integer":
            return _whole(fact, literal)
        case _:
            return str(literal)


def _named(fact: Fact, written: str) -> str:
    """Return the key of the choice with this key or, failing that, this name; else the text."""
    choices = fact.choices or {}
    if written in choices:
        return written
    return next((key for key, name in choices.items() if name == written), written)


def _whole(fact: Fact, literal: Token) -> int:
    try:
        return int(literal)
    except ValueError:  # more digits than Python will read
        raise MisfitError(literal, values_of(fact), f"{shown(literal)} is too large") from None


def _parser() -> Lark:
    grammar = files("rules").joinpath("grammar.lark").read_text(encoding="utf-8")
    # No lexer of lark's is ever asked: the words come one by one from `tokens`.
    return Lark(grammar, parser="lalr", lexer="basic", transformer=_Builder())


_PARSER: Final = _parser()
