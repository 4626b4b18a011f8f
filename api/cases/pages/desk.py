"""The page of a case: what a clerk sees of it, laid out in one language."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final

from api.accounts.permission import VISITOR
from api.asking import Asked, put
from api.cases.foresight import only_if_silent
from api.cases.looking_up import LookingUp
from api.cases.pages.form import View
from api.cases.pages.paper_act import PaperActs, Row, row_acts
from api.cases.pages.register import Register, registers
from api.cases.permitted import outstanding
from api.cases.working import Worked
from api.desk_page import Line
from api.masking import masked
from api.naming import CREDIT, Naming
from api.paper_row import PaperList, paper_list
from api.speech import Speech
from api.wording import Wording
from evaluator.interview import Question, interview
from knowledge.fact import Fact, FactValueError
from knowledge.item import APPLICANT
from knowledge.person import Person

SHOWN_LATER: Final = 30


@dataclass(frozen=True, slots=True)
class Human:
    """A person of the case: role and place, and as much of name and number as a page shows."""

    key: str
    role: str
    name: str
    number: str


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that holds: who gave it, and what a registry says otherwise."""

    key: str
    name: str
    text: str
    origin: str
    differs: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """What case it is, where it stands, and whose it is now."""

    number: str
    version: int
    status: str
    ended: bool
    items: list[str]
    organs: str
    office: str
    handler: str
    channel: str
    project: str
    step: str
    accepted: str
    stopped: bool
    today: str
    gone: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """Everyone of the case, the roles that somebody can join in, and those still missing.

    `known` has each person once, whatever their roles.
    """

    applicant: Human
    persons: list[Human]
    known: list[Human]
    roles: list[Line]
    missing: list[str]


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked of the applicant, what was answered, and what registries are asked."""

    question: Asked | None
    later: list[Line]
    answered: list[Answered]
    registers: list[Register]
    pending: bool
    again: bool
    waiting: bool
    connected: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """The list, with what can be done about each paper.

    `acts` are by paper; `silent` says of a paper which registries can still take it off;
    `more` are papers that were received beyond the list.
    """

    papers: PaperList
    acts: Mapping[str, PaperActs]
    silent: Mapping[str, str]
    more: list[Row]
    materials: list[tuple[str, str]]
    outstanding: int
    received: int
    final: bool


@dataclass(frozen=True, slots=True)
class CaseSheet:
    """All that the page of a case shows; `refused` says what was not done, and why."""

    head: Heading
    people: People
    asking: Asking
    listing: Listing
    refused: list[str]


def lay_out(
    worked: Worked, looking_up: LookingUp, view: View, speech: Speech, refused: list[str]
) -> CaseSheet:
    """Return the page of a case."""
    return _Layout(worked, looking_up, view, speech).sheet(refused)


class _Layout:
    def __init__(
        self, worked: Worked, looking_up: LookingUp, view: View, speech: Speech
    ) -> None:
        self._worked, self._looking_up = worked, looking_up
        self._view, self._speech = view, speech
        self._wording = Wording(worked.pack, worked.answer.case, speech)
        self._names = self._wording.names

    def sheet(self, refused: list[str]) -> CaseSheet:
        """Return the page."""
        head, people = self._heading(), self._people()
        return CaseSheet(head, people, self._asking(), self._listing(), refused)

    def _heading(self) -> Heading:
        worked, file, names = self._worked, self._worked.file, self._names
        known, items = worked.pack.catalogue.items, worked.answer.case.items
        organs = dict.fromkeys(names.organ(known[item].organ) for item in items)
        return Heading(
            number=worked.number,
            version=file.version,
            status=file.status,
            ended=self._ended,
            items=[names.item(item) for item in items],
            organs=self._speech.join(list(organs)),
            office=file.office,
            handler=file.handler,
            channel=self._speech.say(f"case.channel_{file.opened.channel}"),
            project=file.opened.project,
            step=file.opened.step or "",
            accepted=self._day(file.accepted.day) if file.accepted else "",
            stopped=any(until is None for _, until, _ in file.stops),
            today=self._day(worked.today),
            gone=self._speech.join(list(worked.gone)),
        )

    def _people(self) -> People:
        applicant, items = self._worked.file.applicant, self._worked.answer.case.items
        missing = self._worked.decision["missing_roles"]
        first = self._human(APPLICANT, APPLICANT, applicant, applicant.name)
        persons = list(self._persons())
        numbers = [applicant.id, *(one.id for one in self._worked.file.parties)]
        known = dict(zip(reversed(numbers), reversed([first, *persons]), strict=True))
        return People(
            applicant=first,
            persons=persons,
            known=list(known.values())[::-1],
            roles=list(self._roles()),
            missing=[self._names.role(one, items) for one in missing],
        )

    def _asking(self) -> Asking:
        questions = [] if self._ended else self._ordered()
        now = self._now(questions)
        shown = registers(self._worked, self._looking_up, self._names)
        return Asking(
            question=now,
            later=[
                Line(one.key, self._names.fact(one.key))
                for one in questions[:SHOWN_LATER]
                if now is None or one.key != now.key
            ],
            answered=list(self._answered()),
            registers=shown,
            pending=not self._ended and self._looking_up.under_way(self._worked.number),
            again=any(one.state == "unavailable" for one in shown),
            waiting=any(one.state == "waiting" and not one.key for one in shown)
            and next(self._looking_up.orders(self._worked, VISITOR), None) is not None,
            connected=self._looking_up.connected,
        )

    def _listing(self) -> Listing:
        worked, names = self._worked, self._names
        decider, case = worked.answerer.decider, worked.answer.case
        flips = self._view.flips
        papers = paper_list(decider, case, worked.decision, self._wording, flips)
        acts, more = row_acts(worked, papers, names)
        known = worked.pack.catalogue.materials
        return Listing(
            papers=papers,
            acts=acts,
            silent={} if self._ended else self._silent(),
            more=more,
            materials=sorted(
                ((key, names.material(key)) for key in known), key=lambda one: one[1]
            ),
            outstanding=len(outstanding(worked.file, worked.decision)),
            received=len(worked.file.received),
            final=worked.decision["final"],
        )

    @property
    def _ended(self) -> bool:
        return self._worked.file.ended is not None

    def _day(self, day: date) -> str:
        return self._speech.day(day)

    # persons

    def _human(self, key: str, role: str, person: Person, name: str) -> Human:
        called = self._names.role(role, self._worked.answer.case.items)
        return Human(key, called, name, masked(self._speech, person))

    def _persons(self) -> Iterator[Human]:
        for place, party in enumerate(self._worked.file.parties):
            yield self._human(str(place), party.role, party, party.name)

    def _roles(self) -> Iterator[Line]:
        """Yield the roles that somebody can join in; `on` where the case needs somebody."""
        items, known = self._worked.answer.case.items, self._worked.pack.catalogue.items
        needed = {*self._worked.decision["missing_roles"]}
        for role in dict.fromkeys(role for item in items for role in known[item].roles):
            yield Line(role, self._names.role(role, items), on=role in needed)

    # questions

    def _ordered(self) -> list[Question]:
        """Return the questions, the most telling first, those put off last."""
        put_off = self._view.skipped
        found = interview(self._worked.answerer.decider, self._worked.answer.case)
        rank = {key: at for at, key in enumerate(put_off, 1)}
        return sorted(found, key=lambda one: rank.get(one.key, 0))

    def _now(self, questions: list[Question]) -> Asked | None:
        key = self._view.ask
        known = key == CREDIT or key in self._worked.pack.catalogue.facts
        found = [one for one in questions if one.key == key]
        if key and known and not found and self._worked.file.ended is None:
            found = [Question(key, (), *_NOTHING)]
        chosen = found or questions
        if not chosen:
            return None
        value = self._worked.file.facts.get(chosen[0].key)
        return put(self._wording, chosen[0], _typed(value))

    def _answered(self) -> Iterator[Answered]:
        file, case, names = self._worked.file, self._worked.answer.case, self._names
        if file.credit is not None:
            value = "clean" if file.credit.clean else "severe"
            if file.credit.false_commitment:
                value = "false_commitment"
            said = self._speech.say(f"credit.{value}")
            yield Answered(CREDIT, names.fact(CREDIT), said, "desk")
        for key in file.stated:
            fact = self._worked.pack.catalogue.facts.get(key)
            if fact is None or fact.key not in case.facts:
                continue
            origin = file.origins.get(key, "source") if key in file.facts else "source"
            text = names.answer(key, case.facts[fact.key])
            differs = _differs(fact, file.differing.get(key), names)
            yield Answered(key, names.fact(key), text, origin, differs)

    # registries

    def _silent(self) -> dict[str, str]:
        names = self._names
        return {
            paper: self._speech.join([names.source(one) for one in sources])
            for paper, sources in only_if_silent(self._worked).items()
        }


def _differs(fact: Fact, other: Any, names: Naming) -> str:
    """Return what a registry says otherwise, empty where it is no answer any more."""
    try:
        return names.answer(fact.key, fact.read(other)) if other is not None else ""
    except FactValueError:
        return ""


def _typed(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


_NOTHING: Final = (Fraction(0), 0)
"""What a question removes and saves that is only asked again."""
