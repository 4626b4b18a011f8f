"""Evidence: what the records of a case settle about one paper (semantics 5, receipts)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import ClassVar

from evaluator.case import Case, Licence, Receipt
from evaluator.view import EdgeView, RuleView
from knowledge.catalogue import Catalogue
from knowledge.source import Source
from rules.ground import Ground

Positions = dict[str, list[int]]
"""Where in the case the records stand that satisfy a test: `{"receipts": [0]}`."""

Held = Mapping[tuple[str, str], list[int]]
"""The positions of the records of one kind that count, by material and person."""

# From the least favourable to the most (semantics 5).
_VERDICTS = ("found_conflict", "not_authorised", "unavailable", "not_found", "found_match")
_WORST_FIRST = {verdict: place for place, verdict in enumerate(_VERDICTS)}

Test = Callable[["Evidence", RuleView, EdgeView], Positions | None]
"""A ground's own test; it gives the records that satisfy it, or None."""


@dataclass(frozen=True, slots=True)
class Speech:
    """What one source says of an edge about one person, and by which receipts."""

    source: Source
    verdict: str
    receipts: tuple[int, ...]


class Evidence:
    """The records of one case, by person."""

    def __init__(self, case: Case, catalogue: Catalogue) -> None:
        self._case = case
        self._sources = catalogue.sources
        self._receipts: dict[str, list[int]] = defaultdict(list)
        for place, receipt in enumerate(case.form.receipts):
            self._receipts[receipt.subject].append(place)
        self._speeches: dict[tuple[str, str, str], list[Speech]] = {}

    @cached_property
    def idle(self) -> frozenset[Ground]:
        """The grounds that hold for no paper: the case has no record or choice for them."""
        records = {
            Ground.DATA_SHARING: self._receipts,
            Ground.AGENCY_CHECK: self._receipts,
            Ground.E_LICENCE: self._licences,
            Ground.EARLIER_STAGE: self._collected,
            Ground.HISTORY: self._past,
            Ground.COMMITMENT: self._case.commitments,
            Ground.TOLERANCE: self._case.promised_later,
        }
        return frozenset([ground for ground, held in records.items() if not held])

    def satisfies(self, ground: Ground, rule: RuleView, edge: EdgeView) -> Positions | None:
        """Return the records that satisfy a ground's own test, or None if it does not hold.

        What the view has tested already (the edge is unlawful, the rule is secondary, …) is
        not tested again.
        """
        test = self._TESTS.get(ground)
        return test(self, rule, edge) if test else {}

    # receipts

    def conflict(self, rule: RuleView, edge: EdgeView) -> bool:
        """Return whether a source contradicts the paper, or the applicant contests one."""
        if edge.paper in self._case.contested:
            return True
        return bool(self._receipts) and any(
            speech.verdict == "found_conflict"
            for person in self._persons(rule)
            for speech in self.speeches(rule, edge.material.id, person)
        )

    def fresh(self, item: str, person: str) -> list[int]:
        """Return the receipts about a person that are fresh and may be used for an item."""
        about = self._receipts.get(person, ())
        return [place for place in about if self._is_fresh(place, item)]

    def _is_fresh(self, place: int, item: str) -> bool:
        receipt = self._case.form.receipts[place]
        source = self._sources[receipt.source]
        age = (self._case.as_of - receipt.on).days
        return source.usable_for(item) and 0 <= age <= source.max_age_days

    def speeches(self, rule: RuleView, material: str, person: str) -> list[Speech]:
        """Return what each source says of an edge about a person, each with one verdict."""
        if person not in self._receipts:
            return []
        key = (rule.rule.id, material, person)
        if key not in self._speeches:
            self._speeches[key] = self._hear(rule, material, person)
        return self._speeches[key]

    def _hear(self, rule: RuleView, material: str, person: str) -> list[Speech]:
        receipts = self._case.form.receipts
        naming: dict[str, list[int]] = defaultdict(list)
        for place in self.fresh(rule.item.id, person):
            receipt = receipts[place]
            if _names(receipt, self._sources[receipt.source], material, rule.claims):
                naming[receipt.source].append(place)
        speeches = []
        for source, places in naming.items():
            newest = max(receipts[place].on for place in places)
            speaking = tuple(place for place in places if receipts[place].on == newest)
            verdict = min(
                (receipts[one].verdict for one in speaking), key=_WORST_FIRST.__getitem__
            )
            speeches.append(Speech(self._sources[source], verdict, speaking))
        return speeches

    def _settling(self, speech: Speech, claims: frozenset[str]) -> list[int]:
        """Return the receipts by which a source settles an edge, none if it does not."""
        receipts = self._case.form.receipts
        if speech.verdict == "found_match":
            return list(speech.receipts)
        if speech.verdict == "not_found" and claims and claims <= {*speech.source.complete_for}:
            negative = [one for one in speech.receipts if receipts[one].verdict == "not_found"]
            if all(claims <= {*receipts[one].claims} for one in negative):
                return negative
        return []

    def _data_sharing(self, rule: RuleView, edge: EdgeView) -> Positions | None:
        places: list[int] = []
        for person in self._persons(rule):
            settling = [
                place
                for speech in self.speeches(rule, edge.material.id, person)
                for place in self._settling(speech, rule.claims)
            ]
            if not settling:
                return None
            places += settling
        if not places or self.conflict(rule, edge):
            return None
        return {"receipts": sorted(set(places))}

    def _agency_check(self, rule: RuleView, edge: EdgeView) -> Positions | None:
        places: list[int] = []
        out_of_reach = False
        for person in self._persons(rule):
            found: list[int] = []
            for speech in self.speeches(rule, edge.material.id, person):
                found += self._settling(speech, rule.claims)
                if speech.verdict == "unavailable" and speech.source.on_unavailable == "defer":
                    out_of_reach = True
                    found += [
                        place
                        for place in speech.receipts
                        if self._case.form.receipts[place].verdict == "unavailable"
                    ]
            if not found:
                return None
            places += found
        if not out_of_reach or self.conflict(rule, edge):
            return None
        return {"receipts": sorted(set(places))}

    def matched_itself(self, rule: RuleView, edge: EdgeView) -> bool:
        """Return whether for each person a source found this very paper (semantics 7).

        Only a receipt and a source that name the material itself count: a proof of its
        claims, or of their absence, puts no paper in hand.
        """
        material, receipts = edge.material.id, self._case.form.receipts
        return all(
            any(
                speech.verdict == "found_match"
                and material in speech.source.materials
                and any(material in receipts[place].materials for place in speech.receipts)
                for speech in self.speeches(rule, material, person)
            )
            for person in self._persons(rule)
        )

    # other records

    @cached_property
    def _licences(self) -> Held:
        day = self._case.as_of
        return _filed(
            (one.material, one.holder, place)
            for place, one in enumerate(self._case.form.licences)
            if one.status == "valid" and one.trust in ("A", "B") and _live(one, day)
        )

    @cached_property
    def _spoilt(self) -> Held:
        """The licences that are not valid or not live."""
        day = self._case.as_of
        return _filed(
            (one.material, one.holder, place)
            for place, one in enumerate(self._case.form.licences)
            if one.status != "valid" or not _live(one, day)
        )

    @cached_property
    def _past(self) -> Held:
        day = self._case.as_of
        return _filed(
            (one.material, one.subject, place)
            for place, one in enumerate(self._case.form.history)
            if one.on <= day
            and (one.until is None or day < one.until)
            and (one.trust in ("A", "B") or (one.trust == "D" and one.reconfirmed))
        )

    @cached_property
    def _collected(self) -> Held:
        form, day = self._case.form, self._case.as_of
        if form.process is None:
            return {}
        steps = self._case.ancestors | {form.step}
        return _filed(
            (one.material, form.applicant.id if one.subject is None else one.subject, place)
            for place, one in enumerate(form.collected)
            if one.step in steps and one.on <= day and (one.until is None or day < one.until)
        )

    def _e_licence(self, rule: RuleView, edge: EdgeView) -> Positions | None:
        places = self._for_each_person(rule, edge, self._licences)
        return {"licences": places} if places and not self.conflict(rule, edge) else None

    def _history(self, rule: RuleView, edge: EdgeView) -> Positions | None:
        places = self._for_each_person(rule, edge, self._past)
        return {"history": places} if places and not self.conflict(rule, edge) else None

    def _earlier_stage(self, rule: RuleView, edge: EdgeView) -> Positions | None:
        places = self._for_each_person(rule, edge, self._collected)
        return {"collected": places} if places else None

    def _own_issued(self, rule: RuleView, edge: EdgeView) -> Positions | None:
        persons = self._persons(rule)
        if any((edge.material.id, person) in self._spoilt for person in persons):
            return None
        return {} if persons and not self.conflict(rule, edge) else None

    def _commitment(self, _: RuleView, edge: EdgeView) -> Positions | None:
        credit = self._case.form.credit
        chosen = edge.paper in self._case.commitments
        return {} if chosen and credit is not None and credit.clean else None

    def _tolerance(self, _: RuleView, edge: EdgeView) -> Positions | None:
        return {} if edge.paper in self._case.promised_later else None

    def _persons(self, rule: RuleView) -> tuple[str, ...]:
        return self._case.persons(rule.rule.party)

    def _for_each_person(self, rule: RuleView, edge: EdgeView, held: Held) -> list[int]:
        """Return the records of all persons about a paper, none where one person has none."""
        places: set[int] = set()
        for person in self._persons(rule):
            found = held.get((edge.material.id, person))
            if not found:
                return []
            places.update(found)
        return sorted(places)

    # A ground that is not here has no test of its own beyond what the view has tested.
    _TESTS: ClassVar[dict[Ground, Test]] = {
        Ground.DATA_SHARING: _data_sharing,
        Ground.E_LICENCE: _e_licence,
        Ground.EARLIER_STAGE: _earlier_stage,
        Ground.HISTORY: _history,
        Ground.OWN_ISSUED: _own_issued,
        Ground.COMMITMENT: _commitment,
        Ground.AGENCY_CHECK: _agency_check,
        Ground.TOLERANCE: _tolerance,
    }


def _filed(records: Iterable[tuple[str, str, int]]) -> Held:
    held: dict[tuple[str, str], list[int]] = defaultdict(list)
    for material, person, place in records:
        held[material, person].append(place)
    return held


def _live(licence: Licence, day: date) -> bool:
    since, until = licence.since, licence.until
    return (since is None or since <= day) and (until is None or day < until)


def _names(receipt: Receipt, source: Source, material: str, claims: frozenset[str]) -> bool:
    """Return whether a receipt names an edge: by its material, or by all the rule's claims."""
    if material in receipt.materials and material in source.materials:
        return True
    return bool(claims) and claims <= {*receipt.claims} and claims <= {*source.claims}
