"""Endings over REST: tasks end with an outcome, alerts are closed, credit is repaired.

Each is carried out once under its `Idempotency-Key`, and its answer is kept with it.
"""

from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from api.accounts.permission import CreditKeeper, Supervisor, Worker
from api.cases.door import hall_of
from api.cases.rest.asked import Asked, carried_out
from api.cases.rest.body import JSON, described, mapping_of, read, taking
from api.cases.store import Work
from api.cases.table import Alert
from api.cases.working import Worked
from api.idempotency import Remember, Reply
from api.public_log import refusals
from api.supervision.alert import Alerts, NoAlertError
from api.supervision.checking import Checking, NoTaskError
from api.supervision.credit import Credits, FalsePromise
from api.supervision.rest import AlertShown, alert_shown

router = APIRouter(prefix="/api/v1", tags=["supervision"])

About = Annotated[str, Path(pattern="^[0-9a-f]{24}$")]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
_REFUSED: Final = refusals(
    s400="The body is not strict JSON, or the key is no key.",
    s409="Somebody works on it.",
    s413="The body is too large.",
    s415="The body is not JSON.",
)


class OutcomeSent(BaseModel):
    """How a task ended, and how that was found."""

    model_config = ConfigDict(extra="forbid")

    outcome: Literal[
        "confirmed", "not_confirmed", "true", "false", "exempt", "corrected", "upheld"
    ]
    note: Text


class TaskEnded(BaseModel):
    """A task that ended, and the list of its case after it."""

    number: str
    version: int
    submit: list[str]
    deferred: list[str]


class ClosingSent(BaseModel):
    """Why an alert is closed; `other` needs a remark."""

    model_config = ConfigDict(extra="forbid")

    why: Literal["explained", "corrected", "unfounded", "other"]
    remark: Annotated[str, Field(max_length=2000)] = ""


class RepairSent(BaseModel):
    """Why a credit is repaired."""

    model_config = ConfigDict(extra="forbid")

    why: Text


class FalsePromiseShown(BaseModel):
    """A false promise by its case; nobody is named. `repaired_at` is none while it counts."""

    note: str
    number: str
    organ: str
    at: datetime
    repaired_at: datetime | None


class FalsePromisesShown(BaseModel):
    """False promises, the newest first, at most five hundred."""

    false_promises: list[FalsePromiseShown]


@router.post(
    "/tasks/{about}",
    response_model=TaskEnded,
    responses=_REFUSED | refusals(s404="There is no such task.", s422="It cannot end so."),
    openapi_extra=taking(described(OutcomeSent), required=True),
)
async def end(request: Request, who: Worker, about: About) -> Response:
    """End a task with its outcome; the event is sealed with the list that follows."""
    return await carried_out(request, who, partial(_end, about))


def _end(about: str, asking: Asked) -> Response:
    sent = read(OutcomeSent, mapping_of(asking.body))

    def act(remember: Remember) -> Reply:
        def along(worked: Worked) -> Work:
            return partial(_keep, remember, _ended(worked))

        checking = Checking(asking.hall.desk)
        try:
            worked = checking.end(about, sent.outcome, sent.note, asking.who, along)
        except NoTaskError as error:
            raise HTTPException(HTTPStatus.NOT_FOUND, str(error)) from None
        if sent.outcome == "corrected":
            asking.hall.looking_up.start(worked, asking.who)
        return _ended(worked)

    return asking.once(act)


@router.post(
    "/alerts/{about}",
    response_model=AlertShown,
    responses=_REFUSED
    | refusals(s404="There is no such alert.", s422="It cannot be closed so."),
    openapi_extra=taking(described(ClosingSent), required=True),
)
async def close(request: Request, who: Supervisor, about: About) -> Response:
    """Close an alert with a reason, once, and seal it."""
    return await carried_out(request, who, partial(_close, about))


def _close(about: str, asking: Asked) -> Response:
    sent, alerts = read(ClosingSent, mapping_of(asking.body)), Alerts(asking.hall.desk.cases)

    def act(remember: Remember) -> Reply:
        def along(closed: Alert) -> Work:
            return partial(_keep, remember, _closed(closed))

        now = datetime.now(UTC)
        try:
            closed = alerts.close(about, sent.why, sent.remark, asking.who, now, along=along)
        except NoAlertError as error:
            raise HTTPException(HTTPStatus.NOT_FOUND, str(error)) from None
        return _closed(closed)

    return asking.once(act)


@router.get("/credit")
def false_promises(request: Request, who: CreditKeeper) -> FalsePromisesShown:
    """Return the false promises on file, by case; of the own organ where there is one."""
    found = Credits(hall_of(request).desk.cases).all(who)
    return FalsePromisesShown(false_promises=[_false_promise(one) for one in found])


@router.post(
    "/credit/{about}/repair",
    response_model=FalsePromiseShown,
    responses=_REFUSED | refusals(s422="There is no such false promise that still counts."),
    openapi_extra=taking(described(RepairSent), required=True),
)
async def repair(request: Request, who: CreditKeeper, about: About) -> Response:
    """Repair the credit that a false promise cost, with a reason that is sealed."""
    return await carried_out(request, who, partial(_repair, about))


def _repair(about: str, asking: Asked) -> Response:
    sent, credits_ = read(RepairSent, mapping_of(asking.body)), Credits(asking.hall.desk.cases)

    def act(remember: Remember) -> Reply:
        def along(repaired: FalsePromise) -> Work:
            return partial(_keep, remember, _repaired(repaired))

        now = datetime.now(UTC)
        return _repaired(credits_.repair(about, sent.why, asking.who, now, along))

    return asking.once(act)


def _keep(remember: Remember, reply: Reply, connection: Connection) -> None:
    remember(connection, reply)


def _ended(worked: Worked) -> Reply:
    ended = TaskEnded(
        number=worked.number,
        version=worked.file.version,
        submit=worked.decision["submit"],
        deferred=worked.decision["deferred"],
    )
    return _reply(ended, worked.number)


def _closed(alert: Alert) -> Reply:
    return _reply(alert_shown(alert), alert.number)


def _repaired(promise: FalsePromise) -> Reply:
    return _reply(_false_promise(promise), promise.number)


def _reply(shown: BaseModel, number: str) -> Reply:
    body = shown.model_dump_json().encode()
    return Reply(HTTPStatus.OK, body, {"content-type": JSON}, about=number)


def _false_promise(one: FalsePromise) -> FalsePromiseShown:
    return FalsePromiseShown(**{key: getattr(one, key) for key in one.__slots__})
