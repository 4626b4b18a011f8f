"""Conditions: a recursive descent over the text, and strong Kleene logic (section 3)."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

Datum = bool | int | Decimal | dt.date | str


@dataclass(frozen=True)
class Constant:
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True)
class Comparison:
    """A fact beside literals; the sign is one of == != < <= > >= in."""

    fact: str
    sign: str
    literals: tuple[Datum, ...]


@dataclass(frozen=True)
class Not:
    """The contrary of its part."""

    part: "Tree"


@dataclass(frozen=True)
class And:
    """Both parts."""

    left: "Tree"
    right: "Tree"


@dataclass(frozen=True)
class Or:
    """One part or both."""

    left: "Tree"
    right: "Tree"


Tree = Constant | Comparison | Not | And | Or


@dataclass(frozen=True)
class Word:
    """One fact as the condition language sees it; `choices` maps key to name."""

    key: str
    type: str
    name: str
    choices: Mapping[str, str]


APPLICANT_KIND = Word(
    "applicant_kind", "choice", "申请人类型", {"natural": "自然人", "legal": "法人"}
)

# contract, Conditions: "Chinese spelling is the same language".
SAME = {
    "且": "and", "或": "or", "非": "not", "属于": "in", "是": "true", "否": "false",
    "=": "==", "＝": "==", "≠": "!=", "≤": "<=", "≥": ">=", "＜": "<", "＞": ">",
    "（": "(", "）": ")", "，": ",",
}  # fmt: skip
SIGNS = ["==", "!=", "<=", ">=", "<", ">", "(", ")", "[", "]", ","]
CLOSING = {'"': '"', "“": "”"}


@dataclass(frozen=True)
class Token:
    """One token: its kind is word, fact, text, date or number."""

    kind: str
    text: str


def quoted(text: str, at: int) -> tuple[str, int]:
    """Read the quoted text that opens at `at`; say where it ends."""
    closing, content, at = CLOSING[text[at]], "", at + 1
    while text[at] != closing:
        if text[at] == "\\":
            at += 1
        content += text[at]
        at += 1
    return content, at + 1


def next_token(text: str, at: int, keys: Mapping[str, str]) -> tuple[Token, int]:
    """Read one token; `keys` maps every fact key and fact name to the key."""
    if text[at] in CLOSING:
        content, end = quoted(text, at)
        return Token("text", content), end
    # "The longest declared name is read first."
    found = [word for word in keys if text.startswith(word, at)]
    ascii_word = re.compile(r"[a-z][a-z0-9_]*").match(text, at)
    if ascii_word:
        found = [word for word in found if len(word) >= len(ascii_word[0])]
    if found:
        longest = max(found, key=len)
        return Token("fact", keys[longest]), at + len(longest)
    if ascii_word:
        return Token("word", ascii_word[0]), ascii_word.end()
    for kind, pattern in (("date", r"\d{4}-\d\d-\d\d"), ("number", r"-?\d+(\.\d+)?")):
        digits = re.compile(pattern).match(text, at)
        if digits:
            return Token(kind, digits[0]), digits.end()
    for sign in [*SIGNS, *SAME]:
        if text.startswith(sign, at):
            return Token("word", SAME.get(sign, sign)), at + len(sign)
    raise ValueError(f"cannot read `{text[at:]}` in `{text}`")


def tokens(text: str, words: list[Word]) -> list[Token]:
    """Split a condition into tokens."""
    keys = {word.key: word.key for word in words} | {word.name: word.key for word in words}
    found, at = [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
        else:
            token, at = next_token(text, at, keys)
            found.append(token)
    return found


class Parser:
    """Recursive descent over the tokens of one condition."""

    def __init__(self, text: str, words: list[Word]) -> None:
        self.words = {word.key: word for word in words}
        self.rest = tokens(text, words)

    def next_is(self, word: str) -> bool:
        """Say whether a word of the language comes next."""
        return bool(self.rest) and self.rest[0] == Token("word", word)

    def take(self, word: str) -> None:
        """Step over a word that must come next."""
        if not self.next_is(word):
            raise ValueError(f"`{word}` is missing before {self.rest}")
        self.rest.pop(0)

    def either(self) -> Tree:
        """Read `or`, which binds loosest."""
        tree = self.both()
        while self.next_is("or"):
            self.take("or")
            tree = Or(tree, self.both())
        return tree

    def both(self) -> Tree:
        """Read `and`."""
        tree = self.contrary()
        while self.next_is("and"):
            self.take("and")
            tree = And(tree, self.contrary())
        return tree

    def contrary(self) -> Tree:
        """Read `not`, which binds tightest."""
        if self.next_is("not"):
            self.take("not")
            return Not(self.contrary())
        return self.atom()

    def atom(self) -> Tree:
        """Read parentheses, a constant or a comparison."""
        if self.next_is("("):
            self.take("(")
            tree = self.either()
            self.take(")")
            return tree
        first = self.rest.pop(0)
        if first.kind == "fact":
            return self.comparison(self.words[first.text])
        return Constant({"true": True, "false": False}[first.text])

    def comparison(self, fact: Word) -> Tree:
        """Read what follows a fact; nothing need follow a boolean one."""
        for sign in ("==", "!=", "<=", ">=", "<", ">"):
            if self.next_is(sign):
                self.take(sign)
                return Comparison(fact.key, sign, (self.literal(fact),))
        if self.next_is("in"):
            self.take("in")
            return Comparison(fact.key, "in", self.literals(fact))
        return Comparison(fact.key, "==", (True,))

    def literals(self, fact: Word) -> tuple[Datum, ...]:
        """Read a list of at least one literal."""
        self.take("[")
        values = [self.literal(fact)]
        while self.next_is(","):
            self.take(",")
            values.append(self.literal(fact))
        self.take("]")
        return tuple(values)

    def literal(self, fact: Word) -> Datum:
        """Read one literal as a value of the fact's type."""
        token = self.rest.pop(0)
        if token.kind == "word":
            return {"true": True, "false": False}[token.text]
        return datum(fact, token.text)


def datum(fact: Word, text: str) -> Datum:
    """Read the text of a literal or of a case's value as a value of the fact's type."""
    if fact.type == "choice" and text not in fact.choices:
        # A choice key wins over an equal name.
        return next(key for key, name in fact.choices.items() if name == text)
    if fact.type == "integer":
        return int(text)
    if fact.type == "decimal":
        return Decimal(text)
    if fact.type == "date":
        return dt.date.fromisoformat(text)
    return text


def parse(text: str, words: list[Word]) -> Tree:
    """Parse one condition; `words` are all facts with `applicant_kind`."""
    parser = Parser(text, words)
    tree = parser.either()
    if parser.rest:
        raise ValueError(f"cannot read {parser.rest} in `{text}`")
    return tree


def compare(sign: str, left: Datum, literals: tuple[Datum, ...]) -> bool:
    """Compare values of one type, which the pack's check saw to."""
    right = literals[0]
    if sign == "in":
        return left in literals
    if sign in ("==", "!="):
        return (left == right) == (sign == "==")
    less = bool(left < right)  # type: ignore[operator] # both are numbers or both dates
    if sign in ("<", ">="):
        return less == (sign == "<")
    return (less or left == right) == (sign == "<=")


def fold(tree: Tree, facts: Mapping[str, Datum]) -> Tree:
    """Section 8: put the known comparisons in, fold `and`, `or`, `not`; nothing cleverer."""
    if isinstance(tree, Comparison) and tree.fact in facts:
        return Constant(compare(tree.sign, facts[tree.fact], tree.literals))
    if isinstance(tree, Not):
        part = fold(tree.part, facts)
        return Constant(not part.value) if isinstance(part, Constant) else Not(part)
    if isinstance(tree, And | Or):
        return fold_pair(tree, fold(tree.left, facts), fold(tree.right, facts))
    return tree


def fold_pair(tree: And | Or, left: Tree, right: Tree) -> Tree:
    """Fold `and` and `or`: a false part decides the one, a true part the other."""
    decisive = Constant(isinstance(tree, Or))
    if decisive in (left, right):
        return decisive
    if isinstance(left, Constant):
        return right
    if isinstance(right, Constant):
        return left
    return type(tree)(left, right)


def facts_in(tree: Tree) -> set[str]:
    """Return the facts that a tree names."""
    if isinstance(tree, Constant):
        return set()
    if isinstance(tree, Comparison):
        return {tree.fact}
    if isinstance(tree, Not):
        return facts_in(tree.part)
    return facts_in(tree.left) | facts_in(tree.right)


def value(tree: Tree, facts: Mapping[str, Datum]) -> bool | None:
    """Section 3: true, false, or None for unknown."""
    folded = fold(tree, facts)
    return folded.value if isinstance(folded, Constant) else None


def unknown_part(tree: Tree, facts: Mapping[str, Datum]) -> set[str]:
    """Return the facts left after folding (section 8); none when the value is known."""
    return facts_in(fold(tree, facts))
