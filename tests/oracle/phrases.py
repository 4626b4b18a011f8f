"""Phrases: random conditions in both spellings, over facts whose names are easy to misread."""

from tests.oracle.dice import Dice, chance, pick, some
from tests.oracle.matter import Json

# The names begin with words of the language or with one another on purpose.
FACTS: list[Json] = [
    {"key": "foreign", "type": "boolean", "name": "是否外资"},
    {
        "key": "premises", "type": "choice", "name": "场所",
        "choices": {"owned": "自有", "rented": "租赁", "lent": "借用"},
    },
    {"key": "area", "type": "decimal", "scale": 2, "name": "场所面积", "unit": "平方米"},
    {"key": "staff", "type": "integer", "name": "人数"},
    {"key": "built", "type": "date", "name": "竣工日期", "answered_by": "desk"},
    {"key": "resident", "type": "boolean", "name": "非居民", "question": "是不是居民？"},
    {
        "key": "use", "type": "choice", "name": "属于何种用途", "answered_by": "source",
        "choices": {"flat": "住宅", "shop": "商铺", "mixed": "shop", "yes": "自用"},
    },
    {"key": "area_2", "type": "decimal", "scale": 1, "name": "场所面积二"},
    {"key": "remark", "type": "text", "name": "备注"},
]  # fmt: skip

# What literals and cases may state, at and beside one another.
STATED: dict[str, list[str | int | bool]] = {
    "foreign": [True, False],
    "premises": ["owned", "rented", "lent"],
    "area": ["50.00", "49.99", "120", "-0.01"],
    "staff": [0, 10, 11, -3],
    "built": ["2020-06-30", "2020-07-01", "2024-02-29"],
    "resident": [True, False],
    "use": ["flat", "shop", "mixed", "yes"],
    "area_2": ["0", "0.1", "99.9"],
    "remark": ["无", '有"引号"', "a\\b", "且 或"],
    "applicant_kind": ["natural", "legal"],
}
KIND: Json = {
    "key": "applicant_kind",
    "type": "choice",
    "name": "申请人类型",
    "choices": {"natural": "自然人", "legal": "法人"},
}

CHINESE = {
    "and": ["且"], "or": ["或"], "not": ["非"], "in": ["属于"], "true": ["是"], "false": ["否"],
    "==": ["=", "＝"], "!=": ["≠"], "<=": ["≤"], ">=": ["≥"], "<": ["＜"], ">": ["＞"],
    "(": ["（"], ")": ["）"], ",": ["，"],
}  # fmt: skip


class Pen:
    """Writes one condition, all in English, all in Chinese, or changing at every word."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.chinese = pick(dice, [0, 100, 50])
        # Chinese needs no spaces between words.
        self.gap = "" if self.chinese == 100 and chance(dice, 40) else " "

    def word(self, word: str) -> str:
        """Spell a word or sign of the language."""
        return pick(self.dice, CHINESE[word]) if chance(self.dice, self.chinese) else word

    def fact(self, fact: Json) -> str:
        """Spell a fact by its key or by its name."""
        return str(fact["name"] if chance(self.dice, self.chinese) else fact["key"])

    def literal(self, fact: Json) -> str:
        """Spell one value of the fact."""
        value = pick(self.dice, STATED[fact["key"]])
        if fact["type"] == "boolean":
            return self.word("true" if value else "false")
        if fact["type"] in ("integer", "decimal", "date"):
            return str(value)
        if fact["type"] == "choice" and chance(self.dice, self.chinese):
            value = fact["choices"][value]
        text = str(value).replace("\\", "\\\\").replace('"', '\\"')
        return f"“{text}”" if chance(self.dice, self.chinese) else f'"{text}"'

    def comparison(self, fact: Json) -> str:
        """Spell one comparison."""
        name, literal = self.fact(fact), self.literal(fact)
        if fact["type"] == "boolean" and chance(self.dice, 60):
            return name
        if chance(self.dice, 20):
            literals = [literal, *[self.literal(fact) for _ in range(self.dice.number(0, 1))]]
            listed = f"{self.word(',')}{self.gap}".join(literals)
            return f"{name}{self.gap}{self.word('in')}{self.gap}[{listed}]"
        signs = ["==", "!="]
        if fact["type"] in ("integer", "decimal", "date"):
            signs = ["<=", ">=", "<", ">", "==", "!="]
        return f"{name}{self.gap}{self.word(pick(self.dice, signs))}{self.gap}{literal}"

    def phrase(self, facts: list[Json], depth: int) -> str:
        """Spell a condition."""
        if depth == 0 or chance(self.dice, 40):
            if chance(self.dice, 4):
                return self.word(pick(self.dice, ["true", "false"]))
            return self.comparison(pick(self.dice, facts))
        if chance(self.dice, 25):
            inner = self.phrase(facts, depth - 1)
            if chance(self.dice, 70):
                inner = f"{self.word('(')}{inner}{self.word(')')}"
            return f"{self.word('not')}{self.gap}{inner}"
        link = f"{self.gap}{self.word(pick(self.dice, ['and', 'or']))}{self.gap}"
        joined = link.join(self.phrase(facts, depth - 1) for _ in range(self.dice.number(2, 3)))
        # Without parentheses the order of binding decides.
        return joined if chance(self.dice, 30) else f"{self.word('(')}{joined}{self.word(')')}"


def condition(dice: Dice, facts: list[Json], always: int) -> str:
    """Return a random condition; in `always` of a hundred it is `true`."""
    if not chance(dice, 100 - always):
        return "true"
    return Pen(dice).phrase([*facts, KIND], dice.number(0, 2))


def declared(dice: Dice) -> list[Json]:
    """Return some of the facts, as a pack declares them."""
    return [dict(fact) for fact in some(dice, FACTS, 3, 6)]


def stated(dice: Dice, facts: list[Json], percent: int) -> Json:
    """Return what a case states of the facts."""
    return {
        fact["key"]: pick(dice, STATED[fact["key"]]) for fact in facts if chance(dice, percent)
    }
