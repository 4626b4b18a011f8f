"""Changes: the smallest thing about a case that would flip one paper.

One fact, receipt, record or choice at a time is changed and the case decided again; what is
found is a proof, not a guess. Nothing found means: no single change does it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from evaluator.case import Case, Collected, Credit, History, Licence, Receipt
from evaluator.decide import Decider
from evaluator.decision import Decision
from evaluator.trial import Trials
from knowledge.item import APPLICANT

MOST_DECISIONS = 512
"""Decisions that the search for all papers of one case may try."""

Kind = Literal[
    "fact", "credit", "receipt", "licence", "history", "collected",
    "commitment", "promised_later", "contested",
]  # fmt: skip


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


class Changes:
    """The single changes of one case, tried once each."""

    def __init__(self, decider: Decider, case: Case, decision: Decision) -> None:
        self._decider, self._case, self._decision = decider, case, decision
        self._trials = Trials(decider, case, MOST_DECISIONS)
        self._common: list[tuple[Change, Decision]] | None = None

    def flipping(self, paper: str) -> Change | None:
        """Return the first single change after which a paper joins or leaves the list."""
        on_list = paper in self._decision["submit"]
        for change, decision in self._tried(paper, on_list=on_list):
            if (paper in decision["submit"]) is not on_list:
                return change
        return None

    def _tried(self, paper: str, *, on_list: bool) -> Iterator[tuple[Change, Decision]]:
        if self._common is None:
            self._common = list(self._decided(self._of_facts()))
        yield from self._common
        role, _, material = paper.rpartition(":")
        own = self._adding if on_list else self._taking
        yield from self._decided(own(paper, role or APPLICANT, material))

    def _decided(
        self, changes: Iterator[tuple[Change, dict[str, Any]]]
    ) -> Iterator[tuple[Change, Decision]]:
        for change, keys in changes:
            if self._trials.left <= 0:
                return
            yield change, self._trials.decide(**keys)

    def _of_facts(self) -> Iterator[tuple[Change, dict[str, Any]]]:
        form = self._case.form
        declared = self._decider.pack.catalogue.facts
        keys = {key for tree in self._trials.conditions for key in tree.keys if key in declared}
        for key in sorted(keys):
            for value in self._trials.answers(key):
                if form.facts.get(key) != value:
                    yield Change("fact", key, value), {"facts": {**form.facts, key: value}}
        severe = form.credit is not None and not form.credit.clean
        credit = Credit(severe=not severe, false_commitment=False)
        yield Change("credit", "credit", "clean" if severe else "severe"), {"credit": credit}

    def _adding(
        self, paper: str, role: str, material: str
    ) -> Iterator[tuple[Change, dict[str, Any]]]:
        """Yield what could take a paper off the list."""
        form, day = self._case.form, self._case.as_of
        for person in self._case.persons(role):
            for source, naming in self._sources(material):
                receipt = Receipt(
                    source=source, verdict="found_match", on=day, subject=person, **naming
                )
                change = Change("receipt", source, "found_match")
                yield change, {"receipts": (*form.receipts, receipt)}
            licence = Licence(material=material, holder=person, trust="A", status="valid")
            change = Change("licence", material, "present")
            yield change, {"licences": (*form.licences, licence)}
            history = History(material=material, on=day, trust="A", subject=person)
            change = Change("history", material, "present")
            yield change, {"history": (*form.history, history)}
            if form.step is not None:
                held = Collected(material=material, on=day, step=form.step, subject=person)
                change = Change("collected", material, "present")
                yield change, {"collected": (*form.collected, held)}
        clean = form.credit or Credit(severe=False, false_commitment=False)
        yield (
            Change("commitment", paper, "chosen"),
            {"commitments": (*form.commitments, paper), "credit": clean},
        )
        change = Change("promised_later", paper, "chosen")
        yield change, {"promised_later": (*form.promised_later, paper)}

    def _taking(
        self, paper: str, role: str, material: str
    ) -> Iterator[tuple[Change, dict[str, Any]]]:
        """Yield what could put a paper on the list."""
        form = self._case.form
        for key, place in self._evidence(role, material):
            records = list(getattr(form, key))
            if key == "receipts":
                old: Receipt = records[place]
                records[place] = old.model_copy(update={"verdict": "not_found"})
                yield Change("receipt", old.source, "not_found"), {key: tuple(records)}
            else:
                del records[place]
                kind: Kind = "licence" if key == "licences" else key
                yield Change(kind, material, "absent"), {key: tuple(records)}
        for kind in ("commitment", "promised_later"):
            key = "commitments" if kind == "commitment" else kind
            chosen = getattr(form, key)
            if paper in chosen:
                rest = tuple(one for one in chosen if one != paper)
                yield Change(kind, paper, "not chosen"), {key: rest}
        yield Change("contested", paper, "chosen"), {"contested": (*form.contested, paper)}

    def _sources(self, material: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the sources that can speak of a paper, with what a receipt has to name."""
        rules = self._decider.pack.rules.requirements
        for source in self._decider.pack.catalogue.sources.values():
            for entry in self._decision["entries"]:
                rule = rules[entry["rule"]]
                demanded = any(edge["material"] == material for edge in entry["edges"])
                if not demanded or not source.usable_for(rule.item):
                    continue
                if material in source.materials:
                    yield source.id, {"materials": (material,)}
                elif rule.proves and {*rule.proves} <= {*source.claims}:
                    yield source.id, {"claims": rule.proves}

    def _evidence(self, role: str, material: str) -> Iterator[tuple[Any, int]]:
        """Yield the records that some edge of the paper rests on, each once."""
        seen = {
            (key, place)
            for entry in self._decision["entries"]
            if entry["party"] == role
            for edge in entry["edges"]
            if edge["material"] == material
            for key, places in edge["evidence"].items()
            if key != "material"
            for place in places
        }
        yield from sorted(seen)
