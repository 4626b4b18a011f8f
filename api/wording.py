"""Wording: why a paper stays or is gone, and what would change it, as sentences.

Every sentence is a text of the catalogue filled from the proof that the decision carries.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final, Literal

from api.naming import CREDIT, Cited, Naming
from api.speech import Speech
from evaluator.case import Case, Receipt
from evaluator.change import Change
from evaluator.explanation import Demand, Story
from evaluator.interview import Question
from rules.ground import Ground
from rules.pack import Pack

Word = Literal[
    "submit", "reference", "commitment", "agency", "later", "open",
    "unmeetable", "alternative", "moot", "removed", "not_applicable",
]  # fmt: skip
"""The word for the fate of a paper: what is deferred is with the agency, or comes later."""

HANDED_IN: Final = ("submit", "unmeetable")
STANDS: Final[tuple[Word, ...]] = (
    "submit", "unmeetable", "reference", "commitment", "agency", "later", "open"
)  # fmt: skip
"""The fates above the line: something is still to be done, or to be known."""

MOST_CITED: Final = 3
"""Citations named in a question's reason; the rules name them all."""


class Wording:
    """The sentences about one case, in one language."""

    def __init__(self, pack: Pack, case: Case, speech: Speech) -> None:
        self.names = Naming(pack, speech)
        self.speech = speech
        self._pack, self._case = pack, case

    # papers

    def paper(self, story: Story) -> str:
        """Return the name of a story's paper."""
        return self.names.paper(story.paper, self._case.items)

    def word(self, story: Story) -> Word:
        """Return the word for the fate of a paper."""
        if story.fate != "deferred":
            return story.fate
        grounds = {one.ground for one in story.demands if one.outcome == "deferred"}
        return "later" if grounds == {Ground.TOLERANCE} else "agency"

    def telling(self, story: Story) -> Demand:
        """Return the demand that tells a paper's fate: the one whose outcome it is."""
        fate = "submit" if story.fate == "unmeetable" else story.fate
        telling = [one for one in story.demands if one.outcome == fate] or [*story.demands]
        if fate == "moot":  # what would discharge it, where anything would
            telling.sort(key=lambda one: one.ground is None)
        return telling[0]

    def why(self, story: Story) -> str:
        """Return the one sentence that says why a paper has its fate."""
        demand = self.telling(story)
        match story.fate:
            case "submit":
                return self._why_submit(story, demand)
            case "open":
                facts = [self.names.fact(key) for key in demand.asks]
                return self._say(
                    "why.open" if facts else "why.open_any", facts=self._join(facts)
                )
            case "unmeetable":
                return self._say("why.unmeetable")
            case "moot" if demand.ground is None:
                return self._say("why.moot")
            case "alternative" if demand.ground is None:
                return self._say("why.alternative")
            case _:
                return self._why_reduced(story.party, demand)

    def basis(self, story: Story) -> tuple[Cited, ...]:
        """Return the law behind a fate: what discharges the paper, else what demands it."""
        demand = self.telling(story)
        return self.names.cited(demand.relief or demand.basis)

    def _why_submit(self, story: Story, demand: Demand) -> str:
        if story.paper in self._case.contested:
            return self._say("why.contested")
        for receipt in self._spoken(story):
            if receipt.verdict in ("found_conflict", "not_found"):
                source = self.names.source(receipt.source)
                return self._say(f"why.{receipt.verdict}", source=source)
        if demand.kept_by:
            return self._say("why.kept", rule=self.names.rule(demand.kept_by))
        rule = self._pack.rules.requirements[demand.rule]
        words = {"item": self.names.item(demand.item), "claims": self.names.claims(rule.proves)}
        key = "why.submit" if rule.proves else "why.submit_plain"
        return self._say(key + "_for" * (len(self._case.items) > 1), **words)

    def _spoken(self, story: Story) -> Iterator[Receipt]:
        """Yield the receipts that speak of a paper, the newest first."""
        persons = self._case.persons(story.party)
        claims = {
            claim
            for demand in story.demands
            for claim in self._pack.rules.requirements[demand.rule].proves
        }
        for receipt in sorted(self._case.form.receipts, key=lambda one: one.on, reverse=True):
            named = story.material in receipt.materials or claims & {*receipt.claims}
            if receipt.subject in persons and named:
                yield receipt

    def _why_reduced(self, party: str, demand: Demand) -> str:
        ground = demand.ground or Ground.EXEMPT
        words = self._evidence_words(party, demand)
        if ground == Ground.DATA_SHARING and words.pop("verdict", None) == "not_found":
            return self._say("why.data_sharing_none", **words)
        return self._say(f"why.{ground}", **words)

    def _evidence_words(self, party: str, demand: Demand) -> dict[str, Any]:
        """Return the words of a ground's sentence, from the first record it rests on."""
        words: dict[str, Any] = {"source": "", "day": "", "step": "", "material": ""}
        form, names = self._case.form, self.names
        for key, places in demand.evidence:
            first = places[0]
            if key == "material":
                words["material"] = names.paper(
                    first if party == "applicant" else f"{party}:{first}", self._case.items
                )
                continue
            record = getattr(form, key)[first]
            if key == "receipts":
                words |= {"source": names.source(record.source), "verdict": record.verdict}
            if key == "collected":
                words["step"] = names.step(form.process, record.step)
            if key != "licences":
                words["day"] = self.speech.day(record.on)
        return words

    # the demands behind a paper

    def evidence(self, demand: Demand) -> list[str]:
        """Return each record that a ground rests on: what, when, its number."""
        return [self._record(key, one) for key, places in demand.evidence for one in places]

    def _record(self, key: str, place: Any) -> str:
        if key == "material":
            return self._say("evidence.material", material=self.names.material(place))
        record = getattr(self._case.form, key)[place]
        if key == "receipts":
            return self._say(
                "evidence.receipts",
                n=place + 1,
                source=self.names.source(record.source),
                day=self.speech.day(record.on),
                verdict=self._say(f"verdict.{record.verdict}"),
            )
        material = self.names.material(record.material)
        if key == "licences":
            number = record.number or self._say("evidence.no_number")
            return self._say("evidence.licences", material=material, number=number)
        day = self.speech.day(record.on)
        if key == "collected":
            step = self.names.step(self._case.form.process, record.step)
            return self._say("evidence.collected", material=material, step=step, day=day)
        return self._say("evidence.history", material=material, day=day)

    def outcome(self, party: str, demand: Demand) -> str:
        """Return what became of one rule's demand, as a sentence."""
        if demand.outcome == "open":
            facts = [self.names.fact(key) for key in demand.asks]
            return self._say("why.open" if facts else "why.open_any", facts=self._join(facts))
        if demand.ground is None:
            return self._say(f"demand.{demand.outcome}")
        return self._why_reduced(party, demand)

    def grounds(self, demand: Demand) -> list[str]:
        """Return the names of every other ground that applies to a demand."""
        others = [ground for ground in demand.grounds if ground != demand.ground]
        return [self._say(f"ground.{ground}") for ground in others]

    # what would change it

    def change(self, story: Story) -> str:
        """Return the smallest single change that would flip a paper, or the word for none."""
        if story.change is None:
            return self._say("change.none")
        then = "off" if story.fate == "submit" else "on"
        words = {"cause": self._cause(story.change), "then": self._say(f"change.then_{then}")}
        return self._say("change.sentence", **words)

    def _cause(self, change: Change) -> str:
        names = self.names
        if change.kind == "fact":
            words = {
                "fact": names.fact(change.key),
                "value": names.answer(change.key, change.value),
            }
            return self._say("change.fact", **words)
        value = str(change.value).replace(" ", "_")
        if change.kind == "receipt":
            return self._say(f"change.receipt_{value}", source=names.source(change.key))
        if change.kind == "credit":
            return self._say(f"change.credit_{value}")
        paper = names.paper(change.key, self._case.items)
        return self._say(f"change.{change.kind}_{value}", paper=paper)

    # questions

    def reason(self, question: Question) -> str:
        """Return why a question is asked: the rules that it decides, and their law."""
        names = list(dict.fromkeys(self.names.rule(rule) for rule in question.rules))
        return self._say("ask.reason", rules=self._join(names), n=len(names))

    def reason_basis(self, question: Question) -> tuple[Cited, ...]:
        """Return the law behind a question, at most `MOST_CITED` places."""
        rules = [self.names.find_rule(rule) for rule in question.rules]
        return self.names.cited(cited for rule in rules for cited in rule.basis)[:MOST_CITED]

    def worth(self, question: Question) -> str:
        """Return what answering a question can save."""
        parts = []
        if question.saves:
            parts.append(self._say("ask.saves", n=question.saves))
        if question.removes > 1:
            parts.append(self._say("ask.removes", n=tenths(question.removes)))
        return self._say("between_sentences").join(parts)

    def answers(self, key: str) -> list[tuple[str, str, str]]:
        """Return (value, name, name in the pack's own language) of each answer to choose.

        None for an answer that is typed; the third is empty where it says nothing more.
        """
        if key == CREDIT:
            values = ("clean", "severe", "false_commitment")
            return [(value, self._say(f"credit.{value}"), "") for value in values]
        fact = self._pack.catalogue.vocabulary.by_key[key]
        if fact.type == "boolean":
            return [
                ("true", self._say("answer.yes"), ""),
                ("false", self._say("answer.no"), ""),
            ]
        own = self.speech.lang == "zh"
        return [
            (one, self.names.choice(key, one), "" if own else name)
            for one, name in (fact.choices or {}).items()
        ]

    def stated(self, key: str, value: Any) -> str:
        """Return an answer that the case states, as people say it."""
        if key == CREDIT:
            return self._say(f"credit.{value}")
        return self.names.answer(key, value)

    def _say(self, key: str, **words: object) -> str:
        return self.speech.say(key, **words)

    def _join(self, parts: list[str]) -> str:
        return self.speech.join(parts)


def tenths(number: Fraction) -> str:
    """Return a number with one digit after the point where it needs one."""
    whole, tenth = divmod(round(number * 10), 10)
    return f"{whole}.{tenth}" if tenth else str(whole)
