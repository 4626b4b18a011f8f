"""The lexer of conditions: words, names and literals, in English and in Chinese alike.

What a word is depends on where it stands: a fact begins a comparison, a literal ends one.
"""

import re
from collections.abc import Iterator
from typing import Final

from lark import Token

from knowledge.fact import Fact, Vocabulary

_SPACE: Final = re.compile(r"\s*")
_WORD: Final = re.compile(r"[A-Za-z0-9_]+")
_BEGINNING: Final = re.compile(
    r"(?P<_NOT>非|not(?![A-Za-z0-9_]))"
    r"|(?P<TRUE>是|true(?![A-Za-z0-9_]))"
    r"|(?P<FALSE>否|false(?![A-Za-z0-9_]))"
    r"|(?P<_LPAR>[(（])"
)
_LITERAL: Final = re.compile(
    r'(?P<TEXT>"(?:[^"\\]|\\["\\])*"|“(?:[^”\\]|\\["\\])*”)'
    r"|(?P<DAY>[0-9]{4}-[0-9]{2}-[0-9]{2}(?![A-Za-z0-9_.-]))"
    r"|(?P<DECIMAL>-?[0-9]+\.[0-9]+(?![A-Za-z0-9_.-]))"
    r"|(?P<WHOLE>-?[0-9]+(?![A-Za-z0-9_.-]))"
    r"|(?P<TRUE>是|true(?![A-Za-z0-9_]))"
    r"|(?P<FALSE>否|false(?![A-Za-z0-9_]))"
)
_AFTER: Final = re.compile(
    r"(?P<COMPARE>[=＝]{1,2}|[!！][=＝]|≠|[<＜][=＝]|≤|[>＞][=＝]|≥|[<＜>＞])"
    r"|(?P<_AND>且|and(?![A-Za-z0-9_]))"
    r"|(?P<_OR>或|or(?![A-Za-z0-9_]))"
    r"|(?P<_IN>属于|in(?![A-Za-z0-9_]))"
    r"|(?P<_LPAR>[(（])|(?P<_RPAR>[)）])"
    r"|(?P<_LSQB>[\[［【])|(?P<_RSQB>[\]］】])"
    r"|(?P<_COMMA>[,，、])"
)
_STRANGER: Final = re.compile(r"[^\s\"“”()（）\[\]［］【】,，、=＝!！≠<＜≤>＞≥]+|.", re.DOTALL)

_BEGINS: Final = frozenset(["_LPAR", "_NOT", "_AND", "_OR"])
_ASKS_VALUE: Final = frozenset(["COMPARE", "_LSQB", "_COMMA"])

_OPERATORS: Final = str.maketrans("＝！＜＞", "=!<>")
_SPELLINGS: Final = {"=": "==", "≠": "!=", "≤": "<=", "≥": ">="}


def tokens(text: str, vocabulary: Vocabulary) -> Iterator[Token]:
    """Yield the tokens of `text`; one that is no word here has the type `STRANGER`.

    The value of a `FACT` is the `Fact`, of a `COMPARE` the operator in English; the start of
    each is its 0-based place in `text`. The last token has the type `$END`.
    """
    place, before = 0, "_AND"
    while True:
        place = _SPACE.match(text, place).end()  # type: ignore[union-attr]  # \s* always matches
        if place == len(text):
            yield Token("$END", "", place)
            return
        token = _token_at(text, place, before, vocabulary)
        yield token
        place, before = place + len(token), token.type


def _token_at(text: str, place: int, before: str, vocabulary: Vocabulary) -> Token:
    if before in _BEGINS:
        return _fact_at(text, place, vocabulary) or _matched(text, place, _BEGINNING, _AFTER)
    if before in _ASKS_VALUE:
        return _matched(text, place, _LITERAL, _AFTER)
    return _matched(text, place, _AFTER, _AFTER)


def _fact_at(text: str, place: int, vocabulary: Vocabulary) -> Token | None:
    """Return the longest key or name at `place`; a key is a whole word."""
    word = _WORD.match(text, place)
    key = word.group() if word and word.group() in vocabulary.by_key else ""
    name = vocabulary.name_at(text, place) or ""
    if not key and not name:
        return None
    fact = vocabulary.by_key[key] if len(key) >= len(name) else vocabulary.by_name[name]
    return _fact_token(fact, max(key, name, key=len), place)


def _fact_token(fact: Fact, written: str, place: int) -> Token:
    token = Token("FACT", written, place)
    token.value = fact
    return token


def _matched(text: str, place: int, *words: re.Pattern[str]) -> Token:
    for pattern in words:
        found = pattern.match(text, place)
        if found and found.lastgroup:
            token = Token(found.lastgroup, found.group(), place)
            if found.lastgroup == "COMPARE":
                plain = found.group().translate(_OPERATORS)
                token.value = _SPELLINGS.get(plain, plain)
            return token
    stranger = _STRANGER.match(text, place)
    return Token("STRANGER", stranger.group() if stranger else "", place)
