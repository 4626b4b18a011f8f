"""The lexer of conditions: words, names and literals, in English and in Chinese alike.

What a word is depends on where it stands: a fact begins a comparison, a literal ends one. So a
name may begin like a literal or with a word of the language, and the longest name is read.
"""

import re
from collections.abc import Iterator
from typing import Final

from lark import Token

from knowledge.fact import Fact
from knowledge.vocabulary import Vocabulary

STRANGER: Final = "STRANGER"
"""The type of a token that is no word of the language at its place."""

END: Final = "$END"
"""The type of the token after the last word."""

BEFORE_OPERAND: Final = frozenset(["_LPAR", "_NOT", "_AND", "_OR"])
BEFORE_VALUE: Final = frozenset(["COMPARE", "_LSQB", "_COMMA"])

# Possessive quantifiers keep the time linear on text that never closes its quotes.
_SPACE = re.compile(r"\s*+")
_WORD = re.compile(r"[A-Za-z0-9_]++")
_OPERAND = re.compile(
    r"(?P<_NOT>非|not(?![A-Za-z0-9_]))"
    r"|(?P<TRUE>是|true(?![A-Za-z0-9_]))"
    r"|(?P<FALSE>否|false(?![A-Za-z0-9_]))"
)
_VALUE = re.compile(
    r'(?P<TEXT>"(?:[^"\\]|\\["\\])*+"|“(?:[^”\\]|\\["\\])*+”)'
    r"|(?P<DAY>[0-9]{4}-[0-9]{2}-[0-9]{2}(?![A-Za-z0-9_.-]))"
    r"|(?P<DECIMAL>-?[0-9]++\.[0-9]++(?![A-Za-z0-9_.-]))"
    r"|(?P<WHOLE>-?[0-9]++(?![A-Za-z0-9_.-]))"
    r"|(?P<TRUE>是|true(?![A-Za-z0-9_]))"
    r"|(?P<FALSE>否|false(?![A-Za-z0-9_]))"
)
_CONNECTIVE = re.compile(
    r"(?P<COMPARE>[=＝]{1,2}|[!！<＜>＞][=＝]|[≠≤≥<＜>＞])"
    r"|(?P<_AND>且|and(?![A-Za-z0-9_]))"
    r"|(?P<_OR>或|or(?![A-Za-z0-9_]))"
    r"|(?P<_IN>属于|in(?![A-Za-z0-9_]))"
    r"|(?P<_LPAR>[(（])|(?P<_RPAR>[)）])"
    r"|(?P<_LSQB>[\[［【])|(?P<_RSQB>[\]］】])"
    # 、 is what separates the members of a list in Chinese.
    r"|(?P<_COMMA>[,，、])"
)
_STRANGER = re.compile(r"[^\s\"“”()（）\[\]［］【】,，、=＝!！≠<＜≤>＞≥]++|.", re.DOTALL)

_HALF_WIDTH = str.maketrans("＝！＜＞", "=!<>")
_SIGNS: Final = {"=": "==", "≠": "!=", "≤": "<=", "≥": ">="}


def tokens(text: str, vocabulary: Vocabulary) -> Iterator[Token]:
    """Yield the words of `text` with their 0-based places, then one of the type `END`.

    The value of a `FACT` is the `Fact`, that of a `COMPARE` the operator in English.
    """
    place, before = 0, "_AND"
    while True:
        space = _SPACE.match(text, place)
        place = space.end() if space else place
        if place == len(text):
            yield Token(END, "", place)
            return
        token = _token_at(text, place, before, vocabulary)
        yield token
        place, before = place + len(token), token.type


def _token_at(text: str, place: int, before: str, vocabulary: Vocabulary) -> Token:
    if before in BEFORE_OPERAND:
        return (
            _fact_at(text, place, vocabulary)
            or _match(_OPERAND, text, place)
            or _match(_CONNECTIVE, text, place)
            or _stranger_at(text, place)
        )
    if before in BEFORE_VALUE:
        return (
            _match(_VALUE, text, place)
            or _match(_CONNECTIVE, text, place)
            or _stranger_at(text, place)
        )
    return _match(_CONNECTIVE, text, place) or _stranger_at(text, place)


def _fact_at(text: str, place: int, vocabulary: Vocabulary) -> Token | None:
    """Return the longest key or name that stands at `place`; a key is a whole word."""
    word = _WORD.match(text, place)
    by_key = vocabulary.by_key.get(word.group()) if word else None
    name = vocabulary.name_at(text, place)
    if by_key and (name is None or len(by_key.key) >= len(name)):
        return _fact_token(by_key, by_key.key, place)
    return _fact_token(vocabulary.by_name[name], name, place) if name else None


def _fact_token(fact: Fact, written: str, place: int) -> Token:
    token = Token("FACT", written, place)
    token.value = fact
    return token


def _match(words: re.Pattern[str], text: str, place: int) -> Token | None:
    found = words.match(text, place)
    if found is None or found.lastgroup is None:
        return None
    token = Token(found.lastgroup, found.group(), place)
    if token.type == "COMPARE":
        sign = found.group().translate(_HALF_WIDTH)
        token.value = _SIGNS.get(sign, sign)
    return token


def _stranger_at(text: str, place: int) -> Token:
    found = _STRANGER.match(text, place)
    return Token(STRANGER, found.group() if found else "", place)
