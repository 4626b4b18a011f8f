"""Naming: what the things of a pack are called in a language."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from api.speech import Speech
from knowledge.entry import Entry
from knowledge.fact import APPLICANT_KIND
from knowledge.item import APPLICANT
from knowledge.law import Law, Level
from rules.condition import Always, And, Comparison, Condition, Membership, Not, Or
from rules.pack import Pack
from rules.rule import Rule

CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class Cited:
    """Places cited in one law, for people: `full` with title and number, `short` without."""

    full: str
    short: str


class Naming:
    """Names of one pack in one language; a thing without an English name keeps its own."""

    def __init__(self, pack: Pack, speech: Speech) -> None:
        self.pack, self.speech = pack, speech
        self._known = pack.catalogue

    def entry(self, entry: Entry) -> str:
        """Return the name of an entry, its id or key where it has none."""
        own = getattr(entry, "name", None) or getattr(entry, "title", None)
        if self.speech.lang == "en" and entry.name_en:
            return entry.name_en
        return str(own or getattr(entry, "id", ""))

    def _called(self, known: Mapping[str, Any], key: str) -> str:
        """Return the name of an entry; one that the pack dropped is called by its id."""
        return self.entry(known[key]) if key in known else key

    def item(self, key: str) -> str:
        """Return the name of a service item."""
        return self._called(self._known.items, key)

    def material(self, key: str) -> str:
        """Return the name of a material."""
        return self._called(self._known.materials, key)

    def source(self, key: str) -> str:
        """Return the name of a register."""
        return self._called(self._known.sources, key)

    def organ(self, key: str) -> str:
        """Return the name of an organ."""
        return self._called(self._known.organs, key)

    def claims(self, keys: Iterable[str]) -> str:
        """Return the names of claims as one enumeration."""
        return self.speech.join([self._called(self._known.claims, key) for key in keys])

    def rule(self, key: str) -> str:
        """Return the name of any rule."""
        return self.entry(self.find_rule(key))

    def find_rule(self, key: str) -> Rule:
        """Return the rule with an id, whichever kind it is."""
        rules = self.pack.rules
        for kind in (rules.requirements, rules.reductions, rules.keeps):
            if key in kind:
                return kind[key]
        raise KeyError(key)

    def role(self, role: str, items: Iterable[str] = ()) -> str:
        """Return what a role is called in these items, or anywhere."""
        if role == APPLICANT:
            return self.speech.say("who.applicant")
        known = self._known.items
        item = next((one for one in (*items, *known) if role in known[one].roles), None)
        if self.speech.lang == "en":
            read = role.replace("_", " ").replace("-", " ")
            return known[item].roles_en.get(role, read) if item else read
        return known[item].roles[role] if item else role

    def paper(self, name: str, items: Iterable[str] = ()) -> str:
        """Return the name of a paper, with its role where that is not the applicant."""
        role, colon, material = name.rpartition(":")
        if not colon:
            return self.material(material)
        words = {"material": self.material(material), "role": self.role(role, items)}
        return self.speech.say("paper.of_role", **words)

    def step(self, process: str | None, step: str) -> str:
        """Return the name of a step: that of its item."""
        found = self._known.processes.get(process or "")
        stage = found.by_id.get(step) if found else None
        return self.item(stage.item) if stage else step

    # facts

    def fact(self, key: str) -> str:
        """Return the short name of a fact."""
        if key == CREDIT:
            return self.speech.say("credit.name")
        return self.entry(self._known.vocabulary.by_key[key])

    def question(self, key: str) -> str:
        """Return the question that asks for a fact."""
        if key == CREDIT:
            return self.speech.say("credit.question")
        fact = self._known.vocabulary.by_key[key]
        if self.speech.lang == "en":
            return fact.question_en or fact.name_en or fact.question
        return fact.question

    def answer(self, key: str, value: Any) -> str:
        """Return an answer to a question, as people say it."""
        fact = self._known.vocabulary.by_key[key]
        if isinstance(value, bool):
            return self.speech.say("answer.yes" if value else "answer.no")
        if fact.choices is not None:
            return self.choice(key, str(value))
        text = format(value, "f") if isinstance(value, Decimal) else str(value)
        unit = self.unit(key)
        return f"{text} {unit}" if unit else text

    def unit(self, key: str) -> str:
        """Return the unit of a fact, empty where it has none."""
        fact = self._known.vocabulary.by_key[key]
        english = fact.unit_en if self.speech.lang == "en" else None
        return english or fact.unit or ""

    def choice(self, key: str, choice: str) -> str:
        """Return the name of a choice; English reads the key of one without English name."""
        fact = self._known.vocabulary.by_key[key]
        if self.speech.lang == "en":
            return (fact.choices_en or {}).get(choice, choice.replace("_", " "))
        return (fact.choices or {}).get(choice, choice)

    # conditions

    def condition(self, condition: Condition) -> str:
        """Return a condition as a phrase; for the exact text see `rules.spelling`."""
        match condition:
            case Always(value):
                return self.speech.say("when.always" if value else "when.never")
            case Comparison():
                return self._comparison(condition)
            case Membership(key, values):
                either = self.speech.say("when.or").join(
                    self.answer(key, one) for one in values
                )
                return self.speech.say("when.eq", fact=self.fact(key), value=either)
            case Not(part):
                return self.speech.say("when.not", part=self.condition(part))
            case And(parts) | Or(parts):
                word = "when.and" if isinstance(condition, And) else "when.or"
                return self.speech.say(word).join(self._part(one) for one in parts)

    def _comparison(self, one: Comparison) -> str:
        if one.operator == "==" and isinstance(one.value, bool):
            word = "when.holds" if one.value else "when.holds_not"
            return self.speech.say(word, fact=self.fact(one.fact))
        words = {"fact": self.fact(one.fact), "value": self.answer(one.fact, one.value)}
        return self.speech.say(f"when.{_SIGNS[one.operator]}", **words)

    def _part(self, condition: Condition) -> str:
        text = self.condition(condition)
        nested = isinstance(condition, And | Or)
        return self.speech.say("when.nested", part=text) if nested else text

    # citations

    def cited(self, citations: Iterable[object]) -> tuple[Cited, ...]:
        """Return citations (`law-id locator`) for people, the places of one law together."""
        places: dict[str, list[str]] = {}
        for citation in dict.fromkeys(map(str, citations)):
            law, _, place = citation.partition(" ")
            places.setdefault(law, []).append(self._place(place))
        return tuple(self._cited(law, found) for law, found in places.items())

    def _cited(self, key: str, places: list[str]) -> Cited:
        law, say = self._known.laws[key], self.speech.say
        where = self.speech.join(places)
        title = self._title(law, self.entry(law))
        full = title + (say("cite.number", number=law.number) if law.number else "")
        short = self._title(law, self.entry(law).removeprefix(_STATE))
        if law.level is Level.NORMATIVE_DOCUMENT and law.number:
            short = f"{law.number} "  # what everybody calls such a document by
        words = {"places": where}
        return Cited(
            full=say("cite.at", law=full, **words),
            short=say("cite.at", law=short, **words).replace("  ", " "),
        )

    def _title(self, law: Law, title: str) -> str:
        own_english = self.speech.lang == "en" and law.name_en
        return title if own_english else f"《{title.strip('《》')}》"

    def _place(self, place: str) -> str:
        return place if self.speech.lang == "zh" else place_in_english(place)


_STATE = "中华人民共和国"
_SIGNS = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_PLACE = re.compile(
    "第([零〇一二三四五六七八九十百千0-9]+)(条|款|项|目)(?:之([一二三四五六七八九十]+))?"
)
_UNITS = {"条": "art. {}", "款": "({})", "项": "({})", "目": "({})"}
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0}
_TENS = {"十": 10, "百": 100, "千": 1000}


def place_in_english(place: str) -> str:
    """Return a locator as English lawyers write it: 第十六条第一款第三项 is `art. 16(1)(3)`.

    A locator of another make (`三(四)`) stays as it is.
    """
    parts = list(_PLACE.finditer(place))
    if not parts or "".join(part[0] for part in parts) != place:
        return place
    return "".join(
        _UNITS[part[2]].format(
            str(number(part[1])) + (f"-{number(part[3])}" if part[3] else "")
        )
        for part in parts
    )


def number(numeral: str) -> int:
    """Return the value of a Chinese numeral below ten thousand, or of digits."""
    if numeral.isascii():
        return int(numeral)
    total = digit = 0
    for sign in numeral:
        if sign in _TENS:
            total += (digit or 1) * _TENS[sign]
            digit = 0
        else:
            digit = _DIGITS[sign]
    return total + digit


def is_stated(key: str) -> bool:
    """Return whether a fact is one that a case states under its `facts`."""
    return key not in (APPLICANT_KIND.key, CREDIT)
