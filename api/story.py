"""Stories: one decision told to an auditor: what was asked, looked up, ruled, and decided."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson

from api.masking import masked
from api.naming import Cited
from api.office import Office
from api.paper_row import PaperList, paper_list
from api.search import instant
from api.speech import Speech
from api.store import Kept
from api.wording import Wording
from evaluator.case import Case, Receipt
from evaluator.decision import Decision
from knowledge.day import CHINA
from knowledge.strict_json import read_json


@dataclass(frozen=True, slots=True)
class Stated:
    """Something that the case states: its name, its value, and where it comes from."""

    name: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class LookedUp:
    """One answer of a register, or one that was open to be asked and was not.

    `verdict` is empty where nobody asked.
    """

    source: str
    organ: str
    person: str
    asked_for: str
    verdict: str = ""
    said: str = ""
    day: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Fired:
    """One rule of an item: whether it applies to the case, on which condition and law."""

    rule: str
    name: str
    item: str
    party: str
    status: str
    condition: str
    basis: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A decision as a story. Persons are masked: an auditor finds one by the whole number.

    Of the decision, `papers` holds the list alone: its look-ups name persons in full.
    """

    items: tuple[str, ...]
    organs: tuple[str, ...]
    day: str
    law_day: str
    recorded: str
    persons: tuple[Stated, ...]
    stated: tuple[Stated, ...]
    looked_up: tuple[LookedUp, ...]
    not_asked: tuple[LookedUp, ...]
    rules: tuple[Fired, ...]
    papers: PaperList
    questions: tuple[str, ...]
    final: bool
    optimal: bool
    digest: str

    def of(self, status: str) -> list[Fired]:
        """Return the rules of a status: `applies`, `open` or `not`."""
        return [one for one in self.rules if one.status == status]


def tell(office: Office, kept: Kept, door: str, speech: Speech) -> Told:
    """Return a kept decision as a story, by the release that decided it.

    `door` is the one that the case came in by, as it was sealed.
    """
    decider = office.decider_of(kept.row.release)
    case = decider.read(read_json(kept.case))
    decision: Decision = orjson.loads(kept.body)
    wording = Wording(decider.pack, case, speech)
    papers = paper_list(decider, case, decision, wording)
    teller = _Teller(case, decision, wording, door)
    at = instant(kept.row.recorded_at).astimezone(CHINA)
    return Told(
        items=tuple(wording.names.item(item) for item in case.items),
        organs=tuple(teller.organs()),
        day=speech.day(case.as_of),
        law_day=speech.day(case.law_day),
        recorded=f"{speech.day(at.date())} {at:%H:%M:%S}",
        persons=tuple(teller.persons()),
        stated=(*teller.facts(), *teller.records(), *teller.wishes()),
        looked_up=tuple(teller.looked_up()),
        not_asked=tuple(teller.not_asked()),
        rules=tuple(teller.rules()),
        papers=replace(papers, decision={"submit": decision["submit"]}),
        questions=tuple(wording.names.question(key) for key in decision["questions"]),
        final=decision["final"],
        optimal=decision["optimal"],
        digest=kept.digest,
    )


class _Teller:
    """The parts of one story."""

    def __init__(self, case: Case, decision: Decision, wording: Wording, door: str) -> None:
        self._case, self._decision, self._door = case, decision, door
        self._wording, self._names = wording, wording.names
        self._say = wording.speech.say

    def organs(self) -> list[str]:
        """Return the organs of the items, each once."""
        known = self._names.pack.catalogue.items
        named = [self._names.organ(known[item].organ) for item in self._case.items]
        return list(dict.fromkeys(named))

    def persons(self) -> Iterator[Stated]:
        """Yield everyone in the case, the applicant first."""
        form, names = self._case.form, self._names
        origin = self._origin("desk")
        yield Stated(names.role("applicant"), masked(names.speech, form.applicant), origin)
        for party in form.parties:
            role = names.role(party.role, self._case.items)
            yield Stated(role, masked(names.speech, party), origin)

    def facts(self) -> Iterator[Stated]:
        """Yield what was answered, each with who answers such a question."""
        names, known = self._names, self._names.pack.catalogue.facts
        for key in self._case.form.facts:
            fact = known[key]
            value = names.answer(key, self._case.facts[fact.key])
            yield Stated(names.fact(key), value, self._origin(fact.answered_by))
        credit = self._case.form.credit
        if credit is not None:
            bad = [key for key in ("severe", "false_commitment") if getattr(credit, key)]
            said = [self._say(f"credit.{key}") for key in bad or ["clean"]]
            yield Stated(
                self._say("credit.name"), names.speech.join(said), self._origin("source")
            )

    def records(self) -> Iterator[Stated]:
        """Yield what was already on file: collected, of earlier cases, electronic licences."""
        form, names, speech = self._case.form, self._names, self._names.speech
        for one in form.collected:
            value = self._say("audit.collected", step=names.step(form.process, one.step))
            yield Stated(names.material(one.material), value, speech.day(one.on))
        for old in form.history:
            value = self._say("audit.history", trust=old.trust)
            yield Stated(names.material(old.material), value, speech.day(old.on))
        for licence in form.licences:
            value = self._say(f"audit.licence_{licence.status}")
            number = licence.number or self._say("evidence.no_number")
            origin = self._say("audit.licence_origin", number=number, trust=licence.trust)
            yield Stated(names.material(licence.material), value, origin)

    def wishes(self) -> Iterator[Stated]:
        """Yield what the applicant chose or said: commitments, promises, objections."""
        form, origin = self._case.form, self._origin("applicant")
        for key in ("commitments", "promised_later", "contested", "lacks"):
            for name in getattr(form, key):
                paper = self._names.paper(name, self._case.items)
                yield Stated(paper, self._say(f"audit.{key}"), origin)

    def looked_up(self) -> Iterator[LookedUp]:
        """Yield every answer of a register, in the order in which the case holds them."""
        for place, receipt in enumerate(self._case.form.receipts, 1):
            yield LookedUp(
                **self._asked(receipt.source, receipt.subject, self._wanted(receipt)),
                verdict=receipt.verdict,
                said=self._say(f"verdict.{receipt.verdict}"),
                day=self._names.speech.day(receipt.on),
                number=place,
            )

    def not_asked(self) -> Iterator[LookedUp]:
        """Yield what could have been looked up to save a paper, and was not."""
        for row in self._decision["lookups"]:
            materials = [self._names.material(one) for one in row["materials"]]
            wanted = self._names.speech.join(materials) or self._names.claims(row["claims"])
            yield LookedUp(**self._asked(row["source"], row["subject"], wanted))

    def rules(self) -> Iterator[Fired]:
        """Yield every rule of the items, as it came out."""
        rules, names = self._names.pack.rules.requirements, self._names
        for entry in self._decision["entries"]:
            rule = rules[entry["rule"]]
            yield Fired(
                rule=rule.id,
                name=names.rule(rule.id),
                item=names.item(rule.item),
                party=names.role(rule.party, self._case.items),
                status=entry["status"],
                condition=names.condition(rule.when),
                basis=names.cited(rule.basis),
            )

    def _wanted(self, receipt: Receipt) -> str:
        materials = [self._names.material(one) for one in receipt.materials]
        return self._names.speech.join(materials) or self._names.claims(receipt.claims)

    def _asked(self, source: str, subject: str, wanted: str) -> dict[str, Any]:
        names, known = self._names, self._names.pack.catalogue.sources
        roles = [role for role, ids in self._case.parties.items() if subject in ids]
        people = [names.role(role, self._case.items) for role in dict.fromkeys(roles)]
        return {
            "source": names.source(source),
            "organ": names.organ(known[source].organ),
            "person": names.speech.join(people) or self._say("audit.someone"),
            "asked_for": wanted,
        }

    def _origin(self, answered_by: str) -> str:
        return self._say(f"audit.given.{answered_by}", door=self._say(self._door_key()))

    def _door_key(self) -> str:
        known = ("desk", "rest", "cli")
        return f"audit.door.{self._door if self._door in known else 'rest'}"
