"""Shown: the forms in which cases, their lists and their stories are answered over REST."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

Paper = str
"""A paper's name, like `lease` or `spouse:id_card`."""


class AskedOf(BaseModel):
    """What a registry is to be asked about a person."""

    source: str
    subject: str
    materials: list[str] = []
    claims: list[str] = []


class ListNow(BaseModel):
    """Where a case stands: its version, and the list of papers with what can still change it.

    `decision_number` is that of the sealed decision on which the list rests; `outstanding` are
    the papers that were not received yet.
    """

    number: str
    version: int
    status: str
    decision_number: str
    submit: list[Paper]
    reference: list[Paper]
    commitment: list[Paper]
    deferred: list[Paper]
    outstanding: list[Paper]
    unmeetable: list[str]
    questions: list[str]
    lookups: list[AskedOf]
    missing_roles: list[str]
    offers: dict[str, list[Paper]]
    final: bool


class PersonShown(BaseModel):
    """A person of a case."""

    role: str
    kind: str
    id: str
    name: str
    phone: str = ""


class FactShown(BaseModel):
    """A fact that holds: by whom it was stated, and what registries say otherwise."""

    value: Any
    origin: str
    differing: Any = Field(default=None, description="What a registry says, where it differs.")


class FindingShown(BaseModel):
    """One thing that a registry said; `receipt` leads to what is kept of it."""

    verdict: str
    on: date
    materials: list[str]
    claims: list[str]
    reason: str
    receipt: str


class LookUpShown(BaseModel):
    """An answer of a registry about a person, or that there was none."""

    source: str
    subject: str
    findings: list[FindingShown]
    milliseconds: int
    asked_on: date | None
    reused: bool


class QuestionShown(BaseModel):
    """A question to ask next: the rules that it can decide, and how many papers it can save."""

    key: str
    rules: list[str]
    saves: int


class ClockShown(BaseModel):
    """The statutory clock: by when the office has to speak, and to decide."""

    state: str
    received: date
    tell_by: date
    start: date | None
    deemed: bool
    due: date | None
    item: str
    yellow_from: date | None
    left: int
    late: int


class CaseShown(ListNow):
    """A case as it stands today."""

    opened_at: datetime
    updated_at: datetime
    organ: str
    office: str
    handler: str
    channel: str
    items: list[str]
    gone: list[str] = Field(
        description="Ids that the case holds and the pack dropped: they count for nothing."
    )
    process: str
    step: str
    project: str
    cloned_from: str
    persons: list[PersonShown]
    facts: dict[str, FactShown]
    credit: dict[str, bool] | None
    looked_up: list[LookUpShown]
    pending: list[AskedOf]
    received: list[dict[str, Any]]
    contested: dict[str, str]
    lacks: list[Paper]
    commitments: list[dict[str, Any]]
    promises: dict[str, date]
    notices: list[dict[str, Any]]
    clock: ClockShown
    ended: dict[str, Any] | None
    next_questions: list[QuestionShown] | None
    decision: dict[str, Any]


class EventShown(BaseModel):
    """Something that happened in a case, by whom, and the decision sealed with it."""

    seq: int
    at: datetime
    user: str
    office: str
    decision: str
    event: dict[str, Any]


class Story(BaseModel):
    """All that happened in a case, in order."""

    number: str
    events: list[EventShown]
