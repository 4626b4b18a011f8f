"""Plans: every step of a process decided in order, so that nothing is asked for twice.

Semantics 9: each step is decided with what its ancestors hand in and issue as collected.
"""

from collections.abc import Callable
from typing import Any

from evaluator.case import Case, CaseForm, Collected, fit_case
from evaluator.decide import Decider
from evaluator.decision import Decision
from knowledge.fault import Fault, FaultsError
from knowledge.item import APPLICANT
from knowledge.process import Process


def plan(
    decider: Decider, process: str, raw: Any, answer: Callable[[Case], Decision] | None = None
) -> list[tuple[str, Decision]]:
    """Return (step, decision) for every step of a process, in topological order.

    The case's own items, process and step are ignored; roles are those of the process's
    items. `answer` decides each step (default: the decider). Raises `FaultsError`: a plan with
    a step that would be refused is refused.
    """
    known = decider.pack.catalogue.processes.get(process)
    if known is None:
        what = f"there is no process `{process}`"
        raise FaultsError([Fault("", 0, "process", what, "name a process of the pack")])
    form = _form(decider, known, raw)
    roles = {
        role for step in known.steps for role in decider.pack.catalogue.items[step.item].roles
    }
    gained: dict[str, list[Collected]] = {}
    decisions = []
    for step in known.order:
        ancestors = known.ancestry[step]
        before = [one for earlier in gained if earlier in ancestors for one in gained[earlier]]
        collected = (*form.collected, *before)
        at_step = form.model_copy(update={"step": step, "collected": collected})
        case = fit_case(at_step, decider.pack, roles)
        decision = (answer or decider.decide)(case)
        gained[step] = _gains(decider, case, step, decision)
        decisions.append((step, decision))
    return decisions


def _form(decider: Decider, process: Process, raw: Any) -> CaseForm:
    """Read the case as a bundle of all the process's items: their roles and facts are known."""
    if not isinstance(raw, dict):
        raise FaultsError([Fault("", 0, "case", "is not a mapping", "write a JSON object")])
    rest = {key: value for key, value in raw.items() if key not in ("process", "step")}
    rest["items"] = tuple(dict.fromkeys(step.item for step in process.steps))
    form = decider.read(rest).form
    return form.model_copy(update={"items": None, "process": process.id})


def _gains(decider: Decider, case: Case, step: str, decision: Decision) -> list[Collected]:
    """Return what a step hands on: the papers handed in, and what its item issues."""
    pairs = {
        (material, person)
        for name in decision["submit"]
        for role, _, material in [name.rpartition(":")]
        for person in case.persons(role or APPLICANT)
    }
    (item,) = case.items
    outputs = decider.pack.catalogue.items[item].outputs
    pairs |= {(material, case.form.applicant.id) for material in outputs}
    return [
        Collected(material=material, step=step, on=case.as_of, subject=person)
        for material, person in sorted(pairs)
    ]
