"""Pages of processes and their runs: the steps, each with its case or the way to open it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import col, select

from api.accounts.permission import Worker
from api.cases.file import CaseFile
from api.cases.fitting import fitted
from api.cases.line import Line
from api.cases.pages.flowchart import Flowchart, FlowStep, State, flowchart
from api.cases.pages.visit import Visit, visit
from api.cases.project import Stage, stages
from api.cases.store import NoCaseError
from api.cases.table import CaseHead
from api.cases.working import may_work
from api.desk_form import UNNAMED
from api.page import error_page
from evaluator.case import paper
from evaluator.decision import Decision
from evaluator.plan import plan
from knowledge.fault import FaultsError
from knowledge.process import Process

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class StepView:
    """One step as the page shows it: what it needs, what it takes over, and its case.

    `needs` and `inherits` are names of papers, None where nobody's answers may be read here.
    `here` says that the step is opened at this organ.
    """

    stage: Stage
    name: str
    organ: str
    here: bool
    line: Line | None
    waits_for: tuple[str, ...]
    needs: tuple[str, ...] | None = None
    inherits: tuple[str, ...] = ()
    open_questions: int = 0


@router.get("/processes")
def processes(request: Request, who: Worker) -> Response:
    """List the processes."""
    seen = visit(request, who)
    known = seen.names.pack.catalogue.processes
    rows = [
        (one.id, seen.names.entry(one), len(one.steps), _organs(seen, one))
        for one in known.values()
    ]
    return seen.page("processes.html", rows=rows)


@router.get("/processes/{process}")
def process(request: Request, process: str, who: Worker) -> Response:
    """Show the steps of a process, before anybody has begun it."""
    seen = visit(request, who)
    known = seen.names.pack.catalogue.processes.get(process)
    if known is None:
        return error_page(request, HTTPStatus.NOT_FOUND, "no_process")
    return _shown(seen, known, (), None)


@router.get("/projects/{project}")
def project(request: Request, project: str, who: Worker) -> Response:
    """Show a run of a process, each step with its case, or the way to open it."""
    seen = visit(request, who)
    heads = _heads(seen, project)
    known = seen.names.pack.catalogue.processes.get(heads[0].process) if heads else None
    if known is None:
        return error_page(request, HTTPStatus.NOT_FOUND, "no_project")
    return _shown(seen, known, heads, project)


def _heads(seen: Visit, project: str) -> list[CaseHead]:
    """Return the cases of a run, the newest first."""
    query = (
        select(CaseHead.__table__)  # type: ignore[attr-defined] # SQLModel hides its table
        .where(col(CaseHead.project) == project)
        .order_by(col(CaseHead.opened_at).desc(), col(CaseHead.number))
    )
    return seen.hall.desk.cases.rows(query, CaseHead) if project else []


def _shown(
    seen: Visit, process: Process, heads: Sequence[CaseHead], project: str | None
) -> Response:
    file = _readable(seen, heads)
    planned = _planned(seen, process, file) if file or not heads else {}
    steps = [_step(seen, process, one, planned) for one in stages(process, heads)]
    token = seen.hall.desk.cases.token(file.applicant.id).hex() if file else ""
    return seen.page(
        "project.html",
        process=process,
        name=seen.names.entry(process),
        project=project,
        steps=steps,
        applicant=file.applicant.name if file else "",
        person=token,
        chart=_chart(seen, process, steps),
    )


def _chart(seen: Visit, process: Process, steps: Sequence[StepView]) -> Flowchart:
    drawn = [
        FlowStep(
            id=one.stage.step,
            name=one.name,
            organ=one.organ,
            state=_state(one.stage),
            after=one.stage.after,
            papers=None if one.needs is None else len(one.needs),
            inherited=len(one.inherits),
            link=f"#step-{one.stage.step}",
        )
        for one in steps
    ]
    return flowchart(seen.names.entry(process), drawn, seen.speech)


def _state(stage: Stage) -> State:
    if stage.through:
        return "done"
    if not stage.openable:
        return "current"
    return "next" if stage.ready else "later"


def _step(
    seen: Visit, process: Process, stage: Stage, planned: Mapping[str, Decision]
) -> StepView:
    names = seen.names
    organ = names.pack.catalogue.items[stage.item].organ
    decision = planned.get(stage.step)
    view = StepView(
        stage=stage,
        name=names.item(stage.item),
        organ=names.organ(organ),
        here=seen.who.organ in ("", organ),
        line=seen.lines.of([stage.head])[0] if stage.head else None,
        waits_for=tuple(names.step(process.id, one) for one in stage.missing),
    )
    if decision is None:
        return view
    return StepView(
        view.stage, view.name, view.organ, view.here, view.line, view.waits_for,
        needs=tuple(names.paper(one, [stage.item]) for one in decision["submit"]),
        inherits=tuple(names.paper(one, [stage.item]) for one in inherited(decision)),
        open_questions=len(decision["questions"]),
    )  # fmt: skip


def inherited(decision: Decision) -> list[str]:
    """Return the papers that need not come again because an earlier step has them."""
    found = {
        paper(entry["party"], edge["material"])
        for entry in decision["entries"]
        for edge in entry["edges"]
        if edge["ground"] == "earlier_stage"
    }
    return sorted(found - set(decision["submit"]))


def _planned(seen: Visit, process: Process, file: CaseFile | None) -> dict[str, Decision]:
    """Return the decision of every step, by what a case says of the applicant, if any does."""
    today = seen.hall.desk.today
    raw = fitted(file.raw(today), seen.decider.pack)[0] if file else _nobody(today)
    raw = {key: value for key, value in raw.items() if key not in ("items", "law_day")}
    try:
        return dict(plan(seen.decider, process.id, raw))
    except FaultsError:  # a step that has no list today leaves the others to their own cases
        return {}


def _nobody(today: date) -> dict[str, Any]:
    return {"as_of": today.isoformat(), "applicant": {"kind": "legal", "id": UNNAMED}}


def _readable(seen: Visit, heads: Sequence[CaseHead]) -> CaseFile | None:
    """Return the newest file of a run that may be read here."""
    for head in heads:
        if may_work(head, seen.who):
            try:
                return seen.hall.desk.cases.file(head.number)[1]
            except NoCaseError:  # its personal data were erased
                continue
    return None


def _organs(seen: Visit, process: Process) -> str:
    items = seen.names.pack.catalogue.items
    organs = dict.fromkeys(items[step.item].organ for step in process.steps)
    return seen.names.speech.join([seen.names.organ(one) for one in organs])
