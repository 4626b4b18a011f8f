"""What supervision reads: alerts, tasks and figures in words, by the names of today's pack."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from fastapi import Request

from api.accounts.reception import Reception
from api.cases.door import hall_of, pack_today
from api.cases.table import Alert, Task
from api.naming import Naming
from api.search import instant
from api.speech import Lang, Speech, speech
from api.supervision.alert import LABELS
from api.supervision.figure import Figure
from api.supervision.sweep import SYSTEM
from knowledge.day import CHINA
from rules.pack import Pack

MINUTE, HOUR, DAY = 60, 3600, 86400


class Said:
    """Puts things into words; what today's pack no longer knows keeps its key."""

    def __init__(
        self, pack: Pack, voice: Speech, people: Mapping[str, str] | None = None
    ) -> None:
        """`people` are the names of everybody with an account, by login."""
        self._names, self._known, self.voice = Naming(pack, voice), pack.catalogue, voice
        self._people = people or {}

    @classmethod
    def of(cls, request: Request, lang: Lang) -> "Said":
        """Return the words of today in a language."""
        reception: Reception = request.app.state.reception
        people = {one.login: one.name for one in reception.book.all()}
        return cls(pack_today(hall_of(request)), speech(lang), people)

    def person(self, login: str) -> str:
        """Return the name of somebody with their login, which alone is of one person."""
        name = self._people.get(login)
        if name is None:
            system = login == SYSTEM.login
            return self.voice.say("supervision.system") if system else login
        return self.voice.say("supervision.person", name=name, login=login)

    def organ(self, key: str) -> str:
        """Return the name of an organ."""
        return _or_key(key, self._known.organs, self._names.organ)

    def item(self, key: str) -> str:
        """Return the name of a service item."""
        return _or_key(key, self._known.items, self._names.item)

    def source(self, key: str) -> str:
        """Return the name of a register."""
        return _or_key(key, self._known.sources, self._names.source)

    def paper(self, name: str) -> str:
        """Return the name of a paper."""
        material = name.rpartition(":")[2]
        return self._names.paper(name) if material in self._known.materials else name

    def day(self, day: date | str | None) -> str:
        """Return a day with its weekday; nothing for none."""
        if not day:
            return ""
        return self.voice.day(date.fromisoformat(day) if isinstance(day, str) else day)

    def moment(self, at: datetime | None) -> str:
        """Return a time in China; nothing for none."""
        if at is None:
            return ""
        local = instant(at).astimezone(CHINA)
        return f"{self.voice.day(local.date())} {local:%H:%M}"

    def alert(self, one: Alert) -> str:
        """Return what happened, in a sentence."""
        words: dict[str, Any] = json.loads(one.words)
        put = {
            "paper": self.paper(words.get("paper", "")),
            "papers": self.voice.join([self.paper(name) for name in words.get("papers", ())]),
            "item": self.item(words.get("item", "")),
            "source": self.source(words.get("source", "")),
            "reason": self.reason(words.get("reason", "")),
            "due": self.day(words.get("due") or words.get("day")),
            "late": words.get("late", 0),
            "notice": words.get("notice", ""),
            "cases": self.voice.join([*words.get("cases", ())]),
            "task": self.voice.say(f"tasks.kind.{words['task']}") if "task" in words else "",
        }
        return self.voice.say(f"supervision.said.{one.kind}", **put)

    def reason(self, key: str) -> str:
        """Return why a register did not answer."""
        try:
            return self.voice.say(f"reason.{key}")
        except KeyError:
            return key or self.voice.say("supervision.no_answer")

    def label(self, one: Alert) -> str:
        """Return the official label for bad reviews that says the same, if one does."""
        code = LABELS.get(one.kind)
        return self.voice.say(f"supervision.label.{code}") if code else ""

    def task(self, one: Task) -> str:
        """Return what has to be done."""
        return self.voice.say(f"tasks.todo.{one.kind}", paper=self.paper(one.paper))

    # figures

    def value(self, one: Figure) -> str:
        """Return a figure as people read it; a dash where nothing was there to count."""
        value, unit = one.value, one.kind.unit
        if value is None:
            return "–"
        if unit == "share":
            return f"{100 * value:.1f} %"
        if unit == "seconds":
            return self.span(value)
        return f"{value:,.0f}" if unit == "count" else f"{value:.2f}"

    def span(self, seconds: float) -> str:
        """Return a time that something took."""
        for unit, length in (("days", DAY), ("hours", HOUR), ("minutes", MINUTE)):
            if seconds >= 2 * length:
                return self.voice.say(f"figures.{unit}", n=f"{seconds / length:.1f}")
        return self.voice.say("figures.seconds", n=f"{seconds:.1f}")

    def group(self, by: str, key: str) -> str:
        """Return the name of a group of figures."""
        if by == "organ":
            return self.organ(key) or self.voice.say("supervision.no_organ")
        if by == "item":
            return self.item(key)
        return key or self.voice.say("supervision.no_office")


def _or_key(key: str, known: Mapping[str, Any], name: Callable[[str], str]) -> str:
    return name(key) if key in known else key
