"""The desk page: what the clerk sees of one application, laid out in one language."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.answer import Answerer
from api.asking import Asked, put
from api.desk_choice import Choice, Choices
from api.desk_fault import Faults, settle
from api.desk_form import Desk, Noted
from api.naming import CREDIT, Naming
from api.paper_row import PaperList, paper_list
from api.speech import Speech
from api.wording import Wording
from evaluator.case import Case
from evaluator.decision import Decision
from evaluator.interview import Question, interview
from knowledge.item import APPLICANT


@dataclass(frozen=True, slots=True)
class Line:
    """A line with what the button beside it does (`key`)."""

    key: str
    name: str
    text: str = ""
    on: bool = False


@dataclass(frozen=True, slots=True)
class LookUp:
    """A register that can be asked about a person (`key` notes an answer), or was."""

    key: str
    source: str
    organ: str
    person: str
    asks_for: str
    verdict: str = ""
    day: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """What follows from what was entered."""

    papers: PaperList
    question: Asked | None
    later: list[Line]
    answered: list[Line]
    lookups: list[LookUp]
    looked_up: list[LookUp]
    choices: dict[str, list[Choice]]
    missing: list[str]
    called: list[str]
    final: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that the desk shows; `decided` is empty where the faults leave nothing to decide."""

    desk: Desk
    items: list[Line]
    organs: str
    roles: list[Line]
    faults: Faults
    today: str
    decided: Decided | None


def lay_out(answerer: Answerer, desk: Desk, today: date, speech: Speech) -> Sheet:
    """Return the desk page of an application; raises `MatchersDifferError`."""
    case, faults = settle(answerer.decider, desk, today, speech)
    names = Naming(answerer.decider.pack, speech)
    decided = _Layout(answerer, desk, case, faults, speech).decided() if case else None
    known = answerer.decider.pack.catalogue.items
    items = [key for key in (case.items if case else desk.items) if key in known]
    called = {one.role for one in desk.persons} | ({*decided.called} if decided else set())
    organs = dict.fromkeys(names.organ(known[key].organ) for key in items)
    return Sheet(
        desk=desk,
        items=[Line(key, names.item(key)) for key in items],
        organs=speech.join(list(organs)),
        roles=[
            Line(role, names.role(role, items), on=role in called)
            for role in dict.fromkeys(role for key in items for role in known[key].roles)
        ],
        faults=faults,
        today=speech.day(today),
        decided=decided,
    )


class _Layout:
    """Lays out one decided case."""

    def __init__(
        self, answerer: Answerer, desk: Desk, case: Case, faults: Faults, speech: Speech
    ) -> None:
        self._decider, self._desk, self._case = answerer.decider, desk, case
        self._known = answerer.decider.pack.catalogue
        self._faults, self._speech = faults, speech
        self._wording = Wording(answerer.decider.pack, case, speech)
        self._names = self._wording.names
        self._decision: Decision = answerer.answer(case).decision

    def decided(self) -> Decided:
        questions = self._ordered(interview(self._decider, self._case))
        papers = paper_list(
            self._decider, self._case, self._decision, self._wording, self._desk.flips
        )
        choices = Choices(self._decider, self._desk, self._case, self._decision, self._names)
        now = self._now(questions)
        later = [Line(one.key, self._names.fact(one.key)) for one in questions]
        return Decided(
            papers=papers,
            question=now,
            later=[line for line in later if now is None or line.key != now.key],
            answered=list(self._answered()),
            lookups=list(self._lookups()),
            looked_up=list(self._looked_up()),
            choices={row.paper: list(choices.about(row)) for row in papers.rows},
            missing=[
                self._names.role(role, self._case.items)
                for role in self._decision["missing_roles"]
            ],
            called=self._decision["missing_roles"],
            final=self._decision["final"],
        )

    # questions

    def _ordered(self, questions: list[Question]) -> list[Question]:
        """Return the questions, those skipped last."""
        skipped = self._desk.skipped
        return sorted(questions, key=lambda one: (one.key in skipped, skipped.index(one.key))
                      if one.key in skipped else (False, 0))  # fmt: skip

    def _now(self, questions: list[Question]) -> Asked | None:
        """Return the question to put: one with a fault, one asked again, or the best."""
        faulty = [field.removeprefix("fact.") for field in self._faults if "fact." in field]
        again = next(iter(faulty), self._desk.ask)
        found = [one for one in questions if one.key == again]
        known = again == CREDIT or again in self._known.facts
        if again and known and not found:
            found = [Question(again, (), *_NOTHING)]
        return self._asked((found or questions)[0]) if found or questions else None

    def _asked(self, question: Question) -> Asked:
        key = question.key
        stated = self._desk.facts.get(key, "")
        return put(self._wording, question, stated, self._faults.get(f"fact.{key}", ""))

    def _answered(self) -> Iterator[Line]:
        stated = self._case.form.facts
        for key, typed in self._desk.facts.items():
            if key == CREDIT and self._case.form.credit:
                yield Line(key, self._names.fact(key), self._wording.stated(key, typed))
            elif key in stated:
                value = self._case.facts[self._known.facts[key].key]
                yield Line(key, self._names.fact(key), self._names.answer(key, value))

    # registers

    def _person(self, reference: str) -> str:
        role, _, place = reference.partition(":")
        if role == APPLICANT:
            return self._speech.say("who.applicant")
        words = {"role": self._names.role(role, self._case.items), "n": place}
        return self._speech.say("desk.person_n", **words)

    def _references(self) -> dict[str, str]:
        """Return how look-ups refer to each person of the case, by identifier."""
        found = {self._case.form.applicant.id: APPLICANT}
        for place, party in enumerate(self._case.form.parties):
            before = self._case.form.parties[:place]
            nth = sum(one.role == party.role for one in before) + 1
            found.setdefault(party.id, f"{party.role}:{nth}")
        return found

    def _lookups(self) -> Iterator[LookUp]:
        references = self._references()
        for row in self._decision["lookups"]:
            person = references[row["subject"]]
            noted = Noted(
                row["source"], person, tuple(row["materials"]), tuple(row["claims"]), "", ""
            )
            yield self._look_up(noted, noted.text.removesuffix("||"))

    def _looked_up(self) -> Iterator[LookUp]:
        for place, noted in enumerate(self._desk.noted):
            if noted.source in self._known.sources and noted.person in self._desk.references():
                yield self._look_up(noted, str(place))

    def _look_up(self, noted: Noted, key: str) -> LookUp:
        known, names = self._known, self._names
        asked = [names.material(one) for one in noted.materials if one in known.materials]
        claims = [names.claims([one]) for one in noted.claims if one in known.claims]
        return LookUp(
            key=key,
            source=names.source(noted.source),
            organ=names.organ(known.sources[noted.source].organ),
            person=self._person(noted.person),
            asks_for=self._speech.join(asked or claims),
            verdict=noted.verdict,
            day=self._speech.day(date.fromisoformat(noted.on)) if noted.verdict else "",
        )


_NOTHING: tuple[Any, Any] = (0, 0)
"""What a question removes and saves that is only asked again."""
