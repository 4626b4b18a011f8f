"""The pages of tasks: what an office still has to check, verify, correct or wait for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import col

from api.accounts.permission import Permission, TaskReader, Who, Worker
from api.cases.door import hall_of, pack_today, words
from api.cases.refusal import CaseRefusedError
from api.cases.store import CaseStore
from api.cases.table import Task
from api.page import error_page, language, page
from api.speech import speech
from api.supervision.checking import OUTCOMES, Checking, NoTaskError, may_do
from api.supervision.pages import page_of
from api.supervision.said import Said

KINDS: Final = (*OUTCOMES, "promise")
PAGE: Final = 50

router = APIRouter(include_in_schema=False)


class Outcome(BaseModel):
    """How a task ended."""

    outcome: str = ""
    note: str = ""
    back: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What tasks to look for; what is empty does not matter."""

    kind: str = ""
    office: str = ""
    number: str = ""
    state: str = "open"


@dataclass(frozen=True, slots=True)
class Found:
    """A page of tasks, those that are due first; pages count from 1."""

    tasks: list[Task]
    total: int
    late: int
    page: int
    pages: int


def find(cases: CaseStore, wanted: Wanted, who: Who, today: date, page: int = 1) -> Found:
    """Return a page of the tasks of somebody's organ or office."""
    where = list(_conditions(wanted, who))
    with cases.store.database.reading() as connection:
        total: int = connection.execute(_count(where)).scalar_one()
        overdue = _count([*where, col(Task.due_on) < today])
        late: int = connection.execute(overdue).scalar_one()
    pages = max(1, -(-total // PAGE))
    page = min(page, pages)
    query = (
        select(Task)
        .where(*where)
        .order_by(col(Task.due_on).is_(None), col(Task.due_on), col(Task.id))
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return Found(cases.rows(query, Task), total, late, page, pages)


@router.get("/tasks")
def tasks(request: Request, who: TaskReader) -> Response:
    """Show the open tasks of the own organ or office, overdue ones first."""
    asked = request.query_params
    kind = asked.get("kind", "")
    mine = who.office if asked.get("office") == "mine" else ""
    state = "done" if asked.get("state") == "done" else "open"
    wanted = Wanted(kind if kind in KINDS else "", mine, state=state)
    return _page(request, who, wanted)


@router.get("/cases/{number}/tasks")
def of_case(request: Request, number: str, who: Worker) -> Response:
    """Show all tasks of a case, those that are done too."""
    hall = hall_of(request)
    hall.desk.require(hall.desk.cases.head(number), who)
    return _page(request, who, Wanted(number=number, state=""))


@router.post("/tasks/{about}")
def end(
    request: Request, about: str, who: Worker, sent: Annotated[Outcome, Form()]
) -> Response:
    """End a task with its outcome."""
    hall = hall_of(request)
    try:
        worked = Checking(hall.desk).end(about, sent.outcome, sent.note, who)
    except NoTaskError:
        return error_page(request, HTTPStatus.NOT_FOUND, "no_task")
    except CaseRefusedError as error:
        said = words(error.reasons, speech(language(request)), pack_today(hall))
        return _page(request, who, Wanted(), faults=said)
    if sent.outcome == "corrected":
        hall.looking_up.start(worked, who)
    there = f"/cases/{worked.number}/tasks" if sent.back == "case" else "/tasks?done=1"
    return RedirectResponse(there, HTTPStatus.SEE_OTHER)


def _page(request: Request, who: Who, wanted: Wanted, faults: Iterable[str] = ()) -> Response:
    lang, desk = language(request), hall_of(request).desk
    faults = list(faults)
    return page(
        request,
        "tasks.html",
        lang,
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        wanted=wanted,
        found=find(desk.cases, wanted, who, desk.today, page_of(request)),
        today=desk.today,
        kinds=KINDS,
        outcomes=OUTCOMES,
        works=who.may(Permission.WORK),
        may_do=lambda task: may_do(task, who),
        done=bool(request.query_params.get("done")),
        faults=faults,
        said=Said.of(request, lang),
    )


def _conditions(wanted: Wanted, who: Who) -> Iterable[ColumnElement[bool]]:
    if wanted.number:
        yield col(Task.number) == wanted.number
    elif who.organ:
        yield col(Task.organ) == who.organ
    for key in ("kind", "office", "state"):
        if getattr(wanted, key):
            yield col(getattr(Task, key)) == getattr(wanted, key)


def _count(conditions: Iterable[ColumnElement[bool]]) -> Select[Any]:
    return select(func.count()).select_from(Task).where(*conditions)
