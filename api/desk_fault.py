"""Desk faults: what is wrong with an entry, beside its field, with the cure.

A faulty entry is set aside, so that the rest of the page still answers.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from api.desk_form import UNNAMED, Desk
from api.naming import Naming
from api.speech import Speech
from evaluator.case import Case
from evaluator.decide import Decider
from knowledge.fault import Fault, FaultsError

Faults = dict[str, str]
"""What is wrong, by field: `number`, `law_day`, `person.N`, `fact.KEY`, `what`, `other`."""

MOST_ROUNDS: Final = 4
"""Readings of one form: faults show in layers (form, then ids), and then none is left."""

_FACT = re.compile(r"facts\.([a-z][a-z0-9_]*)")
_PERSON = re.compile(r"parties\[(\d+)\]")


def settle(
    decider: Decider, desk: Desk, today: date, speech: Speech
) -> tuple[Case | None, Faults]:
    """Return the case without its faulty entries, and the faults; no case if none is left."""
    known = decider.pack.catalogue.vocabulary.by_key
    raw = desk.case(today.isoformat(), {key: fact.type for key, fact in known.items()})
    setting = _Setting(decider, speech, raw)
    for _ in range(MOST_ROUNDS):
        try:
            return decider.read(raw), setting.found
        except FaultsError as error:
            for fault in error.faults:
                setting.aside(fault)
            if "what" in setting.found:
                break
    return None, setting.found


class _Setting:
    """Sets faulty entries of one raw case aside."""

    def __init__(self, decider: Decider, speech: Speech, raw: dict[str, Any]) -> None:
        self._names = Naming(decider.pack, speech)
        self._known = decider.pack.catalogue
        self._say = speech.say
        self._speech, self._raw = speech, raw
        self.found: Faults = {}

    def aside(self, fault: Fault) -> None:
        """Take the entry that a fault names out of the case, and say what is wrong with it."""
        where = fault.where
        if found := _FACT.match(where):
            self._fact(found[1])
        elif found := _PERSON.match(where):
            self._person(int(found[1]), where)
        else:
            head = re.split(r"[.\[]", where, maxsplit=1)[0]
            self._aside.get(head, _Setting._other)(self, head)

    def _fact(self, key: str) -> None:
        self._raw["facts"].pop(key, None)
        fact = self._known.vocabulary.by_key.get(key)
        kind, scale = (fact.type, fact.scale) if fact else ("text", None)
        self.found[f"fact.{key}"] = self._say(f"fault.{kind}", scale=scale or 0)

    def _person(self, place: int, where: str) -> None:
        if where.endswith(".role"):
            self._raw["parties"] = tuple(
                one for one in self._raw["parties"] if one["role"] in self._roles()
            )
            self.found["other"] = self._say("fault.role")
            return
        one = self._raw["parties"][place]
        self._raw["parties"] = tuple(
            {**other, "id": f"{place}?"} if other is one else other
            for other in self._raw["parties"]
        )
        self.found[f"person.{place}"] = self._say("fault.person")

    def _roles(self) -> set[str]:
        named = list(self._raw.get("items", ()))
        if process := self._known.processes.get(self._raw.get("process", "")):
            named += [step.item for step in process.steps]
        items = self._known.items
        return {role for one in named if one in items for role in items[one].roles}

    def _applicant(self, _: str) -> None:
        self._raw["applicant"] = {**self._raw["applicant"], "id": UNNAMED}
        self.found["number"] = self._say("fault.applicant")

    def _law_day(self, _: str) -> None:
        self._raw.pop("law_day", None)
        self.found["law_day"] = self._say("fault.law_day")

    def _items(self, _: str) -> None:
        unknown = [one for one in self._raw.get("items", ()) if one not in self._known.items]
        day = date.fromisoformat(self._raw.get("law_day") or self._raw["as_of"])
        named = self._speech.join(
            [self._names.item(one) for one in self._raw.get("items", ()) if one not in unknown]
        )
        self.found["what"] = (
            self._say("fault.item")
            if unknown
            else self._say("fault.item_day", item=named, day=self._speech.day(day))
        )

    def _step(self, _: str) -> None:
        self.found["what"] = self._say("fault.step")

    def _other(self, head: str) -> None:
        """Leave out what no page of ours could have sent."""
        self._raw.pop(head, None)
        self.found["other"] = self._say("fault.generic")

    _aside: Final[dict[str, Callable[["_Setting", str], None]]] = {
        "applicant": _applicant,
        "law_day": _law_day,
        "case": _law_day,
        "items": _items,
        "step": _step,
        "process": _step,
    }
