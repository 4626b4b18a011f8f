"""Changes: the smallest thing about a case that would flip one paper.

One fact, receipt, record or choice at a time is changed and the case decided again; what is
found is a proof, not a guess. Tried are: every answer to every fact that conditions can tell
apart; the credit; every receipt of the case turned round, every record and choice of the case
taken back, every paper on the list not to be had; and for the paper itself every new receipt,
record and choice. Nothing found means that none of these does it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

from evaluator.case import Case, Collected, Credit, History, Licence, Receipt
from evaluator.decide import Decider
from evaluator.decision import Decision
from evaluator.trial import Trials
from knowledge.item import APPLICANT

Kind = Literal[
    "fact", "credit", "receipt", "licence", "history", "collected",
    "commitment", "promised_later", "contested", "lacks",
]  # fmt: skip

MOST_DECISIONS = 4096
"""Decisions that the search for all papers of one case may try; real cases need hundreds."""

_CHOICES: tuple[tuple[Kind, str], ...] = (
    ("commitment", "commitments"),
    ("promised_later", "promised_later"),
    ("contested", "contested"),
    ("lacks", "lacks"),
)
_RECORDS: tuple[tuple[Kind, str], ...] = (
    ("licence", "licences"),
    ("history", "history"),
    ("collected", "collected"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One change: of what `kind`, of which thing (`key`), and to what (`value`).

    For a fact `key` is its key and `value` the answer; for a receipt the source and the
    verdict; for a record the material and `present` or `absent`; for a choice the paper and
    `chosen` or `not chosen`; for credit `clean` or `severe`.
    """

    kind: Kind
    key: str
    value: Any


Tried = tuple[Change, Decision]
Ways = Iterator[tuple[Change, dict[str, Any]]]
"""Changes, each with the keys of the case that it sets."""


class Changes:
    """The single changes of one case, tried once each."""

    def __init__(self, decider: Decider, case: Case, decision: Decision) -> None:
        self._decider, self._case, self._decision = decider, case, decision
        self._trials = Trials(decider, case, MOST_DECISIONS)
        self._common = _Remembered(self._decided(self._of_the_case()))

    def flipping(self, paper: str) -> Change | None:
        """Return the first single change after which a paper joins or leaves the list.

        A paper that leaves it because its rule can no longer be met is demanded all the same.
        """
        on_list = paper in self._decision["submit"]
        for change, decision in chain(self._common, self._decided(self._of_the_paper(paper))):
            if on_list and paper not in decision["submit"] and self._all_met(decision):
                return change
            if not on_list and paper in decision["submit"]:
                return change
        return None

    def _all_met(self, decision: Decision) -> bool:
        return set(decision["unmeetable"]) <= set(self._decision["unmeetable"])

    def _decided(self, ways: Ways) -> Iterator[Tried]:
        for change, keys in ways:
            if self._trials.left <= 0:
                return
            yield change, self._trials.decide(**keys)

    def _of_the_case(self) -> Ways:
        yield from self._facts()
        yield from self._receipts()
        form = self._case.form
        for kind, key in _RECORDS:
            records = getattr(form, key)
            for place, record in enumerate(records):
                rest = (*records[:place], *records[place + 1 :])
                yield Change(kind, record.material, "absent"), {key: rest}
        for kind, key in _CHOICES:
            chosen = getattr(form, key)
            for name in dict.fromkeys(chosen):
                rest = tuple(one for one in chosen if one != name)
                yield Change(kind, name, "not chosen"), {key: rest}
        for name in self._decision["submit"]:
            yield Change("lacks", name, "chosen"), {"lacks": (*form.lacks, name)}

    def _facts(self) -> Ways:
        form = self._case.form
        declared = self._decider.pack.catalogue.facts
        keys = {key for tree in self._trials.conditions for key in tree.keys if key in declared}
        for key in sorted(keys):
            for value in self._trials.answers(key):
                if form.facts.get(key) != value:
                    yield Change("fact", key, value), {"facts": {**form.facts, key: value}}
        for severe in (False, True):
            credit = Credit(severe=severe, false_commitment=False)
            if form.credit is None or form.credit.clean is severe:
                change = Change("credit", "credit", "severe" if severe else "clean")
                yield change, {"credit": credit}

    def _receipts(self) -> Ways:
        """Yield the receipts of the case turned round: a match into none, all else into one."""
        receipts = self._case.form.receipts
        for place, old in enumerate(receipts):
            verdict = "not_found" if old.verdict == "found_match" else "found_match"
            new = old.model_copy(update={"verdict": verdict})
            turned = (*receipts[:place], new, *receipts[place + 1 :])
            yield Change("receipt", old.source, verdict), {"receipts": turned}

    def _of_the_paper(self, paper: str) -> Ways:
        role, _, material = paper.rpartition(":")
        for person in self._case.persons(role or APPLICANT):
            yield from self._evidence(material, person)
        form = self._case.form
        clean = form.credit or Credit(severe=False, false_commitment=False)
        for kind, key in _CHOICES[:-1]:
            chosen = getattr(form, key)
            if paper not in chosen:
                more = {"credit": clean} if kind == "commitment" else {}
                yield Change(kind, paper, "chosen"), {key: (*chosen, paper), **more}

    def _evidence(self, material: str, person: str) -> Ways:
        """Yield what could be on record of a material of a person."""
        form, day = self._case.form, self._case.as_of
        for source, naming in self._sources(material):
            receipt = Receipt(
                source=source, verdict="found_match", on=day, subject=person, **naming
            )
            change = Change("receipt", source, "found_match")
            yield change, {"receipts": (*form.receipts, receipt)}
        licence = Licence(material=material, holder=person, trust="A", status="valid")
        yield Change("licence", material, "present"), {"licences": (*form.licences, licence)}
        history = History(material=material, on=day, trust="A", subject=person)
        yield Change("history", material, "present"), {"history": (*form.history, history)}
        if form.step is not None:
            held = Collected(material=material, on=day, step=form.step, subject=person)
            change = Change("collected", material, "present")
            yield change, {"collected": (*form.collected, held)}

    def _sources(self, material: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the sources that can speak of a paper, with what a receipt has to name."""
        rules = self._decider.pack.rules.requirements
        demanding = [
            rules[entry["rule"]]
            for entry in self._decision["entries"]
            if entry["status"] != "not" and material in rules[entry["rule"]].materials
        ]
        for source in self._decider.pack.catalogue.sources.values():
            usable = [rule for rule in demanding if source.usable_for(rule.item)]
            if usable and material in source.materials:
                yield source.id, {"materials": (material,)}
            proved = {rule.proves for rule in usable if rule.proves}
            for claims in sorted(proved):
                if {*claims} <= {*source.claims}:
                    yield source.id, {"claims": claims}


class _Remembered:
    """What an iterator yields, to be gone through again and again."""

    def __init__(self, tried: Iterator[Tried]) -> None:
        self._tried, self._seen = tried, list[Tried]()

    def __iter__(self) -> Iterator[Tried]:
        yield from self._seen
        for one in self._tried:
            self._seen.append(one)
            yield one
