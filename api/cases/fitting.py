"""Fitting: a case brought to a pack that may know less than the one it was opened under.

Pure. A release between two acts can drop a fact, a material, a source or a role. What the pack
no longer knows cannot be weighed: it is left out, which settles nothing, and is named.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from api.answer import Answer, Answerer
from api.cases.file import CaseFile
from api.cases.permitted import items_of
from api.cases.refusal import CaseRefusedError, Reason
from evaluator.case import Case
from evaluator.decide import Decider
from knowledge.catalogue import Catalogue
from knowledge.fact import FactValueError
from knowledge.fault import FaultsError
from knowledge.item import APPLICANT
from rules.pack import Pack

Raw = Mapping[str, Any]


def case_of(decider: Decider, file: CaseFile, today: date) -> Case:
    """Return the case of a file on a day, or raise `CaseRefusedError` where nothing fits."""
    return _read(decider, _fit(file, decider.pack, today))


def answer_of(answerer: Answerer, file: CaseFile, today: date) -> Answer:
    """Return the answer to the case of a file, or raise `CaseRefusedError` as `case_of` does.

    Raises `MatchersDifferError` too.
    """
    raw = _fit(file, answerer.decider.pack, today)
    try:
        return answerer.answer_stated(raw)
    except FaultsError as error:
        raise CaseRefusedError(_reasons(error)) from error


def _fit(file: CaseFile, pack: Pack, today: date) -> Raw:
    if not items_of(file, pack):
        raise CaseRefusedError([Reason("left_pack", "items")])
    return fitted(file.raw(today), pack)[0]


def stated_case(decider: Decider, file: CaseFile, today: date) -> Case:
    """Return a case to be opened, or raise `CaseRefusedError` for all that is not known."""
    return _read(decider, file.raw(today))


def _read(decider: Decider, raw: Raw) -> Case:
    try:
        return decider.read(raw)
    except FaultsError as error:
        raise CaseRefusedError(_reasons(error)) from error


def _reasons(error: FaultsError) -> Iterator[Reason]:
    for fault in error.faults:
        head = fault.where.partition(".")[0].partition("[")[0]
        yield Reason(
            "unfit", fault.where, {"part": head, "what": fault.what, "cure": fault.cure}
        )


def left_out(file: CaseFile, pack: Pack, today: date) -> tuple[str, ...]:
    """Return the sorted ids of what a case holds and the pack does not know any more."""
    return fitted(file.raw(today), pack)[1]


def fitted(raw: Raw, pack: Pack) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return a case without what a pack does not know, and the sorted ids of that.

    A case of which no item or step is known stays as it is: nothing is left to decide.
    """
    known, gone = pack.catalogue, set[str]()
    fit = dict(raw)
    roles = _applied_for(fit, known, gone)
    if roles is None:
        return fit, ()
    facts = _kept(raw["facts"].items(), lambda one: _is_fact(one, known), _first, gone)
    fit["facts"] = dict(facts)
    fit["parties"] = _kept(
        raw["parties"], lambda one: one["role"] in roles, lambda one: {one["role"]}, gone
    )
    for key in ("commitments", "promised_later", "contested", "lacks"):
        fit[key] = _kept(raw[key], lambda one: _is_paper(one, roles, known), _itself, gone)
    for key in ("history", "licences", "collected"):
        fit[key] = _kept(
            raw[key], lambda one: one["material"] in known.materials, _material, gone
        )
    process = known.processes.get(raw.get("process") or "")
    if process is not None:
        fit["collected"] = _kept(
            fit["collected"], lambda one: one["step"] in process.by_id, _step, gone
        )
    fit["receipts"] = tuple(_receipts(raw["receipts"], known, gone))
    return fit, tuple(sorted(gone))


def _applied_for(fit: dict[str, Any], known: Catalogue, gone: set[str]) -> set[str] | None:
    """Leave out the items that are gone; return the roles of the rest, None without any."""
    if "items" in fit:
        items = _kept(fit["items"], lambda one: one in known.items, _itself, gone)
        if items:
            fit["items"] = items
    else:
        process = known.processes.get(fit["process"])
        step = process.by_id.get(fit["step"]) if process else None
        items = (step.item,) if step else ()
    return {role for one in items for role in known.items[one].roles} if items else None


def _kept(
    values: Iterable[Any],
    known: Callable[[Any], bool],
    names: Callable[[Any], Iterable[str]],
    gone: set[str],
) -> tuple[Any, ...]:
    """Return the values that are known, and put the names of the others to what is gone."""
    kept = []
    for one in values:
        if known(one):
            kept.append(one)
        else:
            gone.update(names(one))
    return tuple(kept)


def _is_fact(stated: tuple[str, Any], known: Catalogue) -> bool:
    key, value = stated
    if key not in known.facts:
        return False
    try:
        known.facts[key].read(value)
    except FactValueError:  # the question is another one now: it is asked again
        return False
    return True


def _is_paper(name: str, roles: set[str], known: Catalogue) -> bool:
    role, colon, material = name.rpartition(":")
    mine = role in roles and role != APPLICANT if colon else True
    return mine and material in known.materials


def _receipts(receipts: Iterable[Raw], known: Catalogue, gone: set[str]) -> Iterator[Raw]:
    """Yield receipts with what is known of what they name; a conflict stays one of the rest."""
    for one in receipts:
        if one["source"] not in known.sources:
            gone.add(one["source"])
            continue
        rest = {
            key: _kept(one[key], there.__contains__, _itself, gone)
            for key, there in (("materials", known.materials), ("claims", known.claims))
            if one.get(key)
        }
        if any(rest.values()):
            yield {**one, **rest}


def _itself(one: str) -> set[str]:
    return {one}


def _first(one: tuple[str, Any]) -> set[str]:
    return {one[0]}


def _material(one: Raw) -> set[str]:
    return {one["material"]}


def _step(one: Raw) -> set[str]:
    return {one["step"]}
