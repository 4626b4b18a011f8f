"""Refusals of conditions: where a text stops making sense, and what could stand there.

ConditionError    a text is no condition of the vocabulary it is read with
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from typing import Final

from lark import Token

from knowledge.fact import Fact, FactType, shown
from knowledge.vocabulary import Vocabulary
from rules.lexer import BEFORE_OPERAND, BEFORE_VALUE, END, STRANGER

# In the order in which they are offered.
_WORDS: Final = {
    "FACT": "a fact",
    "COMPARE": "a comparison",
    "_IN": "`in` 属于",
    "_LSQB": "`[`",
    "_NOT": "`not` 非",
    "_LPAR": "`(`",
    "TRUE": "`true` 是",
    "FALSE": "`false` 否",
    "_COMMA": "`,`",
    "_RSQB": "`]`",
    "_AND": "`and` 且",
    "_OR": "`or` 或",
    "_RPAR": "`)`",
    END: "nothing more",
}
_VALUES: Final[dict[FactType, tuple[str, ...]]] = {
    "choice": (),
    "boolean": (_WORDS["TRUE"], _WORDS["FALSE"]),
    "integer": ("a whole number like `12`",),
    "decimal": ("a number like `12.5`",),
    "date": ("a day like `2024-01-31`",),
    "text": ('a text in quotes like `"…"`',),
}
# What people write for a word of the language; a longer one before its own beginning.
_MEANT_BEFORE: Final = {
    "不是": "`not` 非",
    "不": "`not` 非",
    "!": "`not` 非",
    "！": "`not` 非",
    "NOT": "`not`",
    "True": "`true`",
    "TRUE": "`true`",
    "False": "`false`",
    "FALSE": "`false`",
    "或者": "`or` 或",
}
_MEANT_AFTER: Final = {
    "大于等于": "`>=` ≥",
    "大于或等于": "`>=` ≥",
    "不小于": "`>=` ≥",
    "不少于": "`>=` ≥",
    "小于等于": "`<=` ≤",
    "小于或等于": "`<=` ≤",
    "不大于": "`<=` ≤",
    "不超过": "`<=` ≤",
    "大于": "`>` ＞",
    "小于": "`<` ＜",
    "不等于": "`!=` ≠",
    "不属于": "`not fact in […]` 非 … 属于",
    "等于": "`==` =",
    "不是": "`!=` ≠",
    "是": "`==` =",
    "为": "`==` =",
    "并且": "`and` 且",
    "而且": "`and` 且",
    "以及": "`and` 且",
    "同时": "`and` 且",
    "与": "`and` 且",
    "和": "`and` 且",
    "&": "`and`",
    "AND": "`and`",
    "|": "`or`",
    "OR": "`or`",
    "IN": "`in`",
    "not": "`not fact in […]`",
    "≧": "`>=` ≥",
    "≦": "`<=` ≤",
    "《": "`<` ＜",
    "》": "`>` ＞",
}
_NUMBER_OR_TEXT = re.compile(r"[-0-9\"“”']")
_BAD_ESCAPE = re.compile(r"[\"“](?:[^\"”\\]|\\[\"\\])*+(\\[^\"\\])", re.DOTALL)
_MOST_OFFERED = 8


class ConditionError(ValueError):
    """A text is no condition.

    `position` is the 0-based place in `text`, `column` the same for people, from 1; `found` is
    what stands there, empty at the end; `expected` is what could, in words.
    """

    def __init__(self, text: str, misfit: "MisfitError") -> None:
        self.text, self.position = text, misfit.token.start_pos or 0
        self.column = self.position + 1
        self.found, self.expected = str(misfit.token), tuple(misfit.expected)
        super().__init__(f"column {self.column}: {misfit}")


class MisfitError(Exception):
    """A token that the grammar allows but the vocabulary does not."""

    def __init__(self, token: Token, expected: Sequence[str], why: str, cure: str = "") -> None:
        self.token, self.expected = token, expected
        super().__init__(f"{why}; {cure or f'write {listed(expected)}'}")


def listed(words: Iterable[str]) -> str:
    """Return `a, b or c`; of very many only the first."""
    words = list(words)
    if len(words) > _MOST_OFFERED:
        words = [*words[:_MOST_OFFERED], "…"]
        return ", ".join(words)
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def values_of(fact: Fact) -> tuple[str, ...]:
    """Return what may be written as a value of `fact`, in words."""
    if fact.type == "choice":
        return tuple(f'`"{key}"` {name}' for key, name in (fact.choices or {}).items())
    return _VALUES[fact.type]


def signs_of(fact: Fact) -> tuple[str, ...]:
    """Return the comparison signs that may stand after `fact`, in words."""
    equal = ("`==` =", "`!=` ≠")
    ordered = ("`<` ＜", "`<=` ≤", "`>` ＞", "`>=` ≥")
    return equal + ordered if fact.type in ("integer", "decimal", "date") else equal


def unexpected(
    text: str, read: Sequence[Token], accepted: Collection[str], vocabulary: Vocabulary
) -> ConditionError:
    """Return the refusal of the last token `read`, in whose place `accepted` types could be."""
    found = read[-1]
    hidden = next((at for at, sign in enumerate(found) if not sign.isprintable()), None)
    if found.type == STRANGER and hidden is not None:
        return ConditionError(text, _hidden(found, hidden))
    before = read[-2] if len(read) > 1 else None
    fact = next((token.value for token in reversed(read) if token.type == "FACT"), None)
    if before is None or before.type in BEFORE_OPERAND:
        misfit = _no_operand(found, before, vocabulary, _words(accepted))
    elif before.type in BEFORE_VALUE and fact is not None:
        misfit = _no_value(text, found, fact, vocabulary)
    else:
        misfit = _no_connective(read, fact, vocabulary, accepted)
    return ConditionError(text, misfit)


def _hidden(found: Token, at: int) -> MisfitError:
    sign = Token(STRANGER, found[at], (found.start_pos or 0) + at)
    return MisfitError(sign, (), f"the invisible U+{ord(sign):04X} stands here", "remove it")


def _words(accepted: Collection[str]) -> tuple[str, ...]:
    return tuple(word for kind, word in _WORDS.items() if kind in accepted)


def _no_operand(
    found: Token, before: Token | None, vocabulary: Vocabulary, expected: tuple[str, ...]
) -> MisfitError:
    if found.type == END and before is None:
        return MisfitError(
            found, expected, "the condition is empty", "write `true` if it always holds"
        )
    if found.type == END:
        return MisfitError(found, expected, f"the condition ends after {shown(before)}")
    if found.type != STRANGER:
        return MisfitError(found, expected, f"{shown(found)} cannot stand here")
    if _NUMBER_OR_TEXT.match(found):
        return MisfitError(found, expected, "a comparison begins with a fact, then its value")
    for word in (_joined(before, found), found):
        if word is not None and (meant := _meant(word, _MEANT_BEFORE)):
            return MisfitError(
                word, expected, f"{shown(word)} is no word here", f"write {meant}"
            )
    return _no_fact(found, vocabulary, expected)


def _no_value(text: str, found: Token, fact: Fact, vocabulary: Vocabulary) -> MisfitError:
    expected = values_of(fact)
    if found.type == END:
        return MisfitError(found, expected, "the condition ends before a value")
    if found.type != STRANGER:
        return MisfitError(found, expected, f"{shown(found)} cannot stand here")
    if found in ('"', "“"):
        return _no_end(text, found, expected)
    if found in vocabulary.by_key or found in vocabulary.by_name:
        return MisfitError(found, expected, f"{shown(found)} is a fact, not a value")
    cure = _meant_value(found, fact)
    return MisfitError(found, expected, f"{shown(found)} is no value of `{fact.key}`", cure)


def _no_end(text: str, found: Token, expected: tuple[str, ...]) -> MisfitError:
    escape = _BAD_ESCAPE.match(text, found.start_pos or 0)
    if escape:
        why = f"{shown(escape.group(1))} means nothing inside quotes"
        return MisfitError(found, expected, why, r"write `\"` for a quote and `\\` for `\`")
    closing = "”" if found == "“" else '"'
    why = f"the text that {shown(found)} opens has no end"
    return MisfitError(found, expected, why, f"close it with `{closing}`")


def _meant_value(found: Token, fact: Fact) -> str:
    choices = fact.choices or {}
    if fact.type == "text" or found in choices or found in choices.values():
        return f'put it in quotes: `"{found}"`'
    narrow = unicodedata.normalize("NFKC", found).replace("\N{MINUS SIGN}", "-")
    return f"write `{narrow}`" if narrow != found and narrow.isascii() else ""


def _no_connective(
    read: Sequence[Token], fact: Fact | None, vocabulary: Vocabulary, accepted: Collection[str]
) -> MisfitError:
    before, found = read[-2:]
    expected = _words(accepted)
    if before.type == "FACT" and fact is not None:
        more = expected[1:] if fact.type == "boolean" else (_WORDS["_IN"],)
        expected = signs_of(fact) + more
    if found.type == "_RPAR" and found.type not in accepted:
        return MisfitError(found, expected, f"{shown(found)} closes nothing", "remove it")
    if found.type == END:
        return MisfitError(found, expected, f"the condition ends after {shown(before)}")
    if found.type == STRANGER:
        if meant := _meant(found, _MEANT_AFTER):
            return MisfitError(
                found, expected, f"{shown(found)} is no word here", f"write {meant}"
            )
        is_value = len(read) > 2 and read[-3].type in BEFORE_VALUE  # noqa: PLR2004 one before both
        whole = _joined(before, found)
        if whole is not None and before.type in ("FACT", "TRUE", "FALSE") and not is_value:
            return _no_fact(whole, vocabulary, (_WORDS["FACT"],))
    return MisfitError(found, expected, f"{shown(found)} cannot stand after {shown(before)}")


def _no_fact(word: Token, vocabulary: Vocabulary, expected: tuple[str, ...]) -> MisfitError:
    known = [*vocabulary.by_key, *vocabulary.by_name]
    close = get_close_matches(word[:40], known, n=1)
    cure = f"did you mean `{close[0]}`" if close else ""
    return MisfitError(word, expected, f"{shown(word)} is no fact of this pack", cure)


def _joined(before: Token | None, found: Token) -> Token | None:
    """Return both as one word where nothing stands between them."""
    if before is None or before.start_pos is None:
        return None
    if before.start_pos + len(before) != found.start_pos:
        return None
    return Token(STRANGER, before + found, before.start_pos)


def _meant(word: Token, meanings: dict[str, str]) -> str | None:
    for written, meant in meanings.items():
        is_latin = written.isascii() and written.isalpha()
        if word == written or (not is_latin and word.startswith(written)):
            return meant
    return None
