"""Tables of cases: the events, which are only added to, and what is worked out from them.

Nothing personal stands in the clear: persons are found by blind tokens, events and raw answers
lie in boxes under the key of their case. `case_file`, `holding`, `task` and `alert` can be made
again from the events.
"""

from datetime import date, datetime

from sqlalchemy import Index, LargeBinary, text
from sqlmodel import Field, SQLModel


class CaseEvent(SQLModel, table=True):
    """Something that happened in a case; `box` is the digest of its locked content in the log.

    `decision` is the number of the decision that was sealed with it, empty if the list did not
    depend on it.
    """

    __tablename__ = "case_event"

    number: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    at: datetime = Field(index=True)
    kind: str = Field(index=True)
    user: str
    office: str
    leaf: bytes = Field(sa_type=LargeBinary)
    box: str
    decision: str = ""

    __table_args__ = (
        Index(
            "case_event_by_decision",
            "decision",
            sqlite_where=text("decision <> ''"),
            postgresql_where=text("decision <> ''"),
        ),
    )


class CaseHead(SQLModel, table=True):
    """Where a case stands, for queues and search; `items` is a JSON list of item ids.

    `version` is the `seq` of its last event; `status` one of `api.cases.file.STATUSES`, or
    `erased`, then with version 0: whoever works on it at that moment is too late;
    `project` names the run of a process that a step belongs to; counts are papers.
    """

    __tablename__ = "case_file"
    __table_args__ = (
        Index("case_file_of_handler", "handler", "status", "opened_at"),
        Index("case_file_of_office", "office", "status", "opened_at"),
        Index("case_file_of_organ", "organ", "status", "opened_at"),
    )

    number: str = Field(primary_key=True)
    opened_at: datetime = Field(index=True)
    updated_at: datetime
    version: int
    status: str = Field(index=True)
    organ: str
    office: str
    handler: str
    channel: str
    items: str
    process: str = ""
    step: str = ""
    project: str = Field(default="", index=True)
    decision: str = ""
    statutory: int = 0
    submit: int = 0
    outstanding: int = 0
    final: bool = False
    accepted_on: date | None = None
    due_on: date | None = Field(default=None, index=True)


class CasePerson(SQLModel, table=True):
    """A person of a case, found by a blind token of the identity number."""

    __tablename__ = "case_person"

    token: bytes = Field(primary_key=True, sa_type=LargeBinary)
    number: str = Field(primary_key=True, index=True)
    role: str = Field(primary_key=True)


class StoredReceipt(SQLModel, table=True):
    """The answer of a registry, for reuse while it is fresh; the raw answer lies in `box`.

    `day` is the day of the data, `digest` that of the raw answer; `item`, `purpose` and
    `operator` say why and by whom it was asked. `token` is empty once its case was erased.
    """

    __tablename__ = "receipt"

    id: str = Field(primary_key=True)
    number: str = Field(index=True)
    token: bytes = Field(sa_type=LargeBinary, index=True)
    source: str = Field(index=True)
    verdict: str
    reason: str = ""
    materials: str
    claims: str
    day: date
    asked_at: datetime
    milliseconds: int
    attempts: int
    item: str
    purpose: str
    operator: str
    office: str
    digest: str
    box: str


class Holding(SQLModel, table=True):
    """A paper that the government now has, of a person: evidence for later steps and cases.

    `how` is `original`, `copy`, `number` or `issued`; `trust` after 国办函〔2016〕108号;
    `day` to `until` is half-open; `void` where it was taken back.
    """

    id: str = Field(primary_key=True)
    token: bytes = Field(sa_type=LargeBinary, index=True)
    number: str = Field(index=True)
    project: str = Field(default="", index=True)
    step: str = ""
    item: str
    material: str
    how: str
    trust: str
    day: date
    until: date | None = None
    void: bool = False


class Task(SQLModel, table=True):
    """Something that an office still has to do; `state` is `open` or `done`.

    `kind`: `agency_check`, `verification`, `correction`, `promise`.
    """

    id: str = Field(primary_key=True)
    kind: str = Field(index=True)
    number: str = Field(index=True)
    paper: str
    organ: str = Field(index=True)
    office: str = ""
    opened_at: datetime
    due_on: date | None = Field(default=None, index=True)
    state: str = Field(default="open", index=True)
    outcome: str = ""
    closed_at: datetime | None = None
    closed_by: str = ""


class Alert(SQLModel, table=True):
    """Something that supervision should see; `words` (JSON) go into the text of its kind.

    `closed_why` is one of `api.supervision.alert.WHYS`; what was remarked lies in `box`.
    """

    id: str = Field(primary_key=True)
    kind: str = Field(index=True)
    number: str = Field(index=True)
    organ: str = Field(index=True)
    office: str
    user: str
    at: datetime = Field(index=True)
    words: str = "{}"
    state: str = Field(default="open", index=True)
    closed_at: datetime | None = None
    closed_by: str = ""
    closed_why: str = ""
    box: str = ""


class Notice(SQLModel, table=True):
    """A one-time notice that was given out; anybody who has `number` and `code` can check it.

    `added` (JSON) lists the papers that no earlier notice of the case named; what it says
    lies in `box`, and `digest` is the hash of it.
    """

    number: str = Field(primary_key=True)
    case: str = Field(index=True)
    seq: int
    code: str
    issued_at: datetime = Field(index=True)
    as_of: date
    decision: str
    digest: str
    box: str = ""
    added: str = "[]"


class Publicity(SQLModel, table=True):
    """The published entry of a commitment (公示): who, masked; what for; from when."""

    id: str = Field(primary_key=True)
    number: str = Field(index=True)
    item: str
    material: str
    masked: str
    organ: str
    day: date = Field(index=True)
    outcome: str = ""


class CaseTally(SQLModel, table=True):
    """What is counted of a case for the figures; it can be made again from the events.

    `item` is the first one, `day` that of the opening in China. `listed_after` and
    `accepted_after` are seconds from the opening to the first final list and to acceptance;
    `stated` counts the facts, `prefilled` those of them that came from earlier cases.
    `papers` were handed in, `originals` of them in the original; `late`: ended after its time.
    `savings` (JSON) says how many papers each ground took off; few cases differ in it, so it
    can be grouped by. `look_ups` were asked, `hits` of them confirmed, in `milliseconds`.
    """

    __tablename__ = "case_tally"

    number: str = Field(primary_key=True)
    day: date = Field(index=True)
    item: str
    organ: str
    office: str
    online: bool
    status: str
    statutory: int
    submit: int
    final: bool
    listed_after: int | None = None
    accepted_after: int | None = None
    deemed: bool = False
    late: bool = False
    cloned: bool = False
    stated: int = 0
    prefilled: int = 0
    papers: int = 0
    originals: int = 0
    notices: int = 0
    savings: str = "{}"
    look_ups: int = 0
    hits: int = 0
    milliseconds: int = 0


class CreditNote(SQLModel, table=True):
    """A false promise of a person, or its repair; effective in all later cases."""

    __tablename__ = "credit_note"

    id: str = Field(primary_key=True)
    token: bytes = Field(sa_type=LargeBinary, index=True)
    number: str
    kind: str
    at: datetime


class Idempotency(SQLModel, table=True):
    """A reply that was given under a key, to be given again to the same request.

    `key` and `digest` (of the request) are blinded, `body` is boxed; `about` is the number of
    the decision or case that it tells, with which it is erased.
    """

    key: str = Field(primary_key=True)
    caller: str = Field(primary_key=True)
    digest: str
    status: int
    headers: str
    body: bytes = Field(sa_type=LargeBinary)
    about: str = Field(index=True)
    at: datetime = Field(index=True)
