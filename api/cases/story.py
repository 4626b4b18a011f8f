"""The story of a case: each event as one line that a colleague understands."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import singledispatchmethod
from typing import Any

from api.cases import event as happened
from api.cases.store import Happened
from api.cases.working import Worked
from api.masking import mask_name
from api.naming import Naming
from api.speech import Speech
from knowledge.day import CHINA
from knowledge.fact import FactValueError


@dataclass(frozen=True, slots=True)
class Line:
    """One event: when, by whom, what, and the decision that was sealed with it."""

    when: str
    who: str
    what: str
    decision: str


def lines(
    events: Iterable[Happened],
    worked: Worked,
    speech: Speech,
    colleagues: Mapping[str, str],
) -> list[Line]:
    """Return the story of a case, the latest first; `colleagues` are names by login."""
    teller = _Teller(worked, speech, colleagues)
    told = [
        Line(
            when=_when(one.at.astimezone(CHINA), speech),
            who=f"{colleagues.get(one.user, one.user)} {one.office}".strip(),
            what=teller.tell(one.event),
            decision=one.decision,
        )
        for one in events
        if not _says_nothing(one.event)
    ]
    return told[::-1]


def _says_nothing(one: object) -> bool:
    """Return whether an event is that nothing was found on file."""
    return isinstance(one, happened.Found) and not (
        one.history or one.collected or one.licences
    )


def _when(at: datetime, speech: Speech) -> str:
    return f"{speech.day(at.date())} {at:%H:%M:%S}"


class _Teller:
    def __init__(self, worked: Worked, speech: Speech, colleagues: Mapping[str, str]) -> None:
        self._worked, self._speech, self._colleagues = worked, speech, colleagues
        self._names = Naming(worked.pack, speech)

    @singledispatchmethod
    def tell(self, one: Any) -> str:
        """Return what an event says by itself."""
        return self._speech.say(f"story.{one.kind}")

    @tell.register(happened.Opened)
    def _(self, _: happened.Opened) -> str:
        items = [self._names.item(item) for item in self._worked.answer.case.items]
        return self._speech.say("story.opened", items=self._speech.join(items))

    @tell.register
    def _(self, one: happened.Found) -> str:
        n = len(one.history) + len(one.collected) + len(one.licences)
        return self._speech.say("story.found", n=n)

    @tell.register
    def _(self, one: happened.Answered) -> str:
        return self._speech.say("story.answered", what="；".join(self._answers(one.facts)))

    @tell.register
    def _(self, one: happened.Forgotten) -> str:
        facts = [self._fact(key) for key in one.keys]
        return self._speech.say("story.forgotten", what=self._speech.join(facts))

    @tell.register
    def _(self, one: happened.Joined) -> str:
        return self._speech.say("story.joined", role=self._role(one.party.role))

    @tell.register
    def _(self, one: happened.Left) -> str:
        return self._speech.say("story.left", role=self._role(one.role))

    @tell.register
    def _(self, one: happened.LookedUp) -> str:
        known = self._worked.pack.catalogue.sources
        source = self._names.source(one.source) if one.source in known else one.source
        verdicts = dict.fromkeys(receipt.verdict for receipt in one.receipts)
        said = [self._speech.say(f"verdict.{verdict}") for verdict in verdicts]
        key = "story.reused" if one.reused else "story.looked_up"
        name = mask_name(self._worked.file.persons.get(one.subject, ""))
        return self._speech.say(key, source=source, verdict=self._speech.join(said), name=name)

    @tell.register
    def _(self, one: happened.Received) -> str:
        how = self._speech.say(f"case.taken_{one.how}", number="")
        words = {"paper": self._paper(one.paper), "how": how, "why": one.beyond}
        return self._speech.say("story.beyond" if one.beyond else "story.received", **words)

    @tell.register
    def _(self, one: happened.Uncontested) -> str:
        key = "story.corrected" if one.corrected else "story.uncontested"
        return self._speech.say(key, paper=self._paper(one.paper))

    @tell.register(happened.Contested)
    @tell.register(happened.Returned)
    @tell.register(happened.Committed)
    @tell.register(happened.Uncommitted)
    @tell.register(happened.Unpromised)
    def _(self, one: Any) -> str:
        return self._speech.say(f"story.{one.kind}", paper=self._paper(one.paper))

    @tell.register
    def _(self, one: happened.Lacking) -> str:
        key = "story.lacking" if one.lacks else "story.lacking_not"
        return self._speech.say(key, paper=self._paper(one.paper))

    @tell.register
    def _(self, one: happened.Promised) -> str:
        words = {"paper": self._paper(one.paper), "day": self._speech.day(one.due)}
        return self._speech.say("story.promised", **words)

    @tell.register
    def _(self, one: happened.Notified) -> str:
        return self._speech.say("story.notified", notice=one.notice, n=len(one.papers))

    @tell.register
    def _(self, one: happened.Accepted) -> str:
        key = "story.deemed" if one.deemed else "story.accepted"
        return self._speech.say(key, day=self._speech.day(one.day))

    @tell.register
    def _(self, one: happened.Decided) -> str:
        return self._speech.say(f"story.{one.result}", why=one.why)

    @tell.register
    def _(self, one: happened.HandedOver) -> str:
        handler = self._colleagues.get(one.handler, one.handler)
        words = {"office": one.office, "handler": handler, "why": one.why}
        return self._speech.say("story.handed_over", **words)

    @tell.register
    def _(self, one: happened.Noted) -> str:
        return self._speech.say("story.noted", text=one.text)

    def _answers(self, facts: dict[str, Any]) -> Iterator[str]:
        known = self._worked.pack.catalogue.facts
        for key, value in facts.items():
            if key in known:
                try:
                    said = self._names.answer(key, known[key].read(value))
                except FactValueError:  # the question has changed since
                    said = str(value)
                yield self._speech.say("kept.answer", name=self._names.fact(key), answer=said)

    def _fact(self, key: str) -> str:
        return self._names.fact(key) if key in self._worked.pack.catalogue.facts else key

    def _role(self, role: str) -> str:
        return self._names.role(role, self._worked.answer.case.items)

    def _paper(self, name: str) -> str:
        known = self._worked.pack.catalogue.materials
        if name.rpartition(":")[2] not in known:
            return name
        return self._names.paper(name, self._worked.answer.case.items)
