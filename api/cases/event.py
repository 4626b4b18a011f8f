"""Events: what happened in a case, in the words of the desk; a case is the sum of its events.

NOTE: an event, once sealed, is read for ever. Fields are never renamed or removed; a new field
has a default. Anything else is a new kind.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import Field, TypeAdapter

from evaluator.case import Collected, Credit, History, Licence, Receipt
from knowledge.canonical import canonical
from knowledge.day import Day
from knowledge.entry import Id, Value
from knowledge.person import Party, Person

Text = Annotated[str, Field(min_length=1, max_length=2000)]
Short = Annotated[str, Field(max_length=200)]
PaperName = Annotated[str, Field(min_length=1, max_length=200)]
How = Literal["original", "copy", "number"]
Channel = Literal["window", "online", "mobile", "kiosk", "hotline", "town"]


class Named(Person):
    """The applicant, with the name that registries are asked with, and where to reach them."""

    name: Short = ""
    phone: Short = ""


class NamedParty(Party):
    """Another person of the case, with a name."""

    name: Short = ""


class _Event(Value):
    pass


class Opened(_Event):
    """A case was opened, for items or for a step of a process (`project` names its run)."""

    kind: Literal["opened"] = "opened"
    applicant: Named
    items: tuple[Id, ...] = ()
    process: Id | None = None
    step: Id | None = None
    project: Short = ""
    parties: tuple[NamedParty, ...] = ()
    facts: dict[str, Any] = Field(default_factory=dict)
    channel: Channel = "window"
    organ: Short = ""
    office: Short = ""
    handler: Short = ""
    cloned_from: Short = ""


class Found(_Event):
    """What the government has on file of the persons, as of now; it replaces what was found.

    `receipts` are answers of registries from earlier cases that may be used again.
    """

    kind: Literal["found"] = "found"
    receipts: tuple[Receipt, ...] = ()
    history: tuple[History, ...] = ()
    collected: tuple[Collected, ...] = ()
    licences: tuple[Licence, ...] = ()


class Answered(_Event):
    """Facts were stated; `origin` says by whom: the applicant, the desk, or earlier cases."""

    kind: Literal["answered"] = "answered"
    facts: dict[str, Any]
    origin: Literal["applicant", "desk", "history"] = "applicant"


class Forgotten(_Event):
    """Answers were taken back."""

    kind: Literal["forgotten"] = "forgotten"
    keys: tuple[str, ...]


class CreditStated(_Event):
    """The applicant's credit was looked at; none takes the statement back."""

    kind: Literal["credit"] = "credit"
    credit: Credit | None


class Joined(_Event):
    """A person joined in a role."""

    kind: Literal["joined"] = "joined"
    party: NamedParty


class Left(_Event):
    """A person left the case; what was looked up about them leaves with them."""

    kind: Literal["left"] = "left"
    role: Id
    id: str


class LookedUp(_Event):
    """A registry answered, or did not; `refs` are ids of the stored receipts.

    `asked_on` is the day on which it was asked, unless the answer is an earlier case's.
    `facts` are answers that the registry's record states, `shown` what the clerk may see.
    """

    kind: Literal["looked_up"] = "looked_up"
    source: Id
    subject: str
    receipts: tuple[Receipt, ...]
    refs: tuple[str, ...] = ()
    reasons: tuple[Short, ...] = ()
    facts: dict[str, Any] = Field(default_factory=dict)
    licences: tuple[Licence, ...] = ()
    shown: tuple[tuple[Short, Short], ...] = ()
    milliseconds: int = 0
    asked_on: Day | None = None
    reused: bool = False


class Contested(_Event):
    """The applicant says that a registry is wrong about a paper, and what is right."""

    kind: Literal["contested"] = "contested"
    paper: PaperName
    statement: Text


class Uncontested(_Event):
    """The applicant no longer contests, or the record was corrected.

    What the `corrected` sources said before of the paper or of `claims` counts no more.
    """

    kind: Literal["uncontested"] = "uncontested"
    paper: PaperName
    corrected: tuple[Id, ...] = ()
    claims: tuple[Id, ...] = ()


class Lacking(_Event):
    """The applicant cannot get a paper, or can after all."""

    kind: Literal["lacking"] = "lacking"
    paper: PaperName
    lacks: bool = True


class Received(_Event):
    """A paper was received: seen in the original, as a copy, or by its number alone.

    The scan stays in the hall's own system: `reference` and `digest` name it. `beyond` says
    why a paper was taken that is not on the list.
    """

    kind: Literal["received"] = "received"
    paper: PaperName
    how: How
    reference: Short = ""
    digest: Short = ""
    number: Short = ""
    until: Day | None = None
    beyond: Annotated[str, Field(max_length=2000)] = ""


class Returned(_Event):
    """A paper was given back: it counts as not received."""

    kind: Literal["returned"] = "returned"
    paper: PaperName


class Committed(_Event):
    """The applicant signed a commitment in place of a paper (告知承诺)."""

    kind: Literal["committed"] = "committed"
    paper: PaperName
    signature: Short
    text_digest: Short = ""


class Uncommitted(_Event):
    """The applicant hands in the paper instead of the commitment."""

    kind: Literal["uncommitted"] = "uncommitted"
    paper: PaperName


class Promised(_Event):
    """The applicant promised to bring a secondary paper later (容缺)."""

    kind: Literal["promised"] = "promised"
    paper: PaperName
    due: Day


class Unpromised(_Event):
    """The promise is off: the paper is needed now, or was brought."""

    kind: Literal["unpromised"] = "unpromised"
    paper: PaperName


class Notified(_Event):
    """A one-time notice was given; `added` are papers that no earlier notice named.

    `digest` is the hash of all that it says, in Chinese.
    """

    kind: Literal["notified"] = "notified"
    notice: Short
    papers: tuple[PaperName, ...]
    added: tuple[PaperName, ...] = ()
    digest: Short = ""


class Checked(_Event):
    """A task was done: an agency's own check, a verification, a correction of a record.

    `outcome`: confirmed, not_confirmed; true, false, exempt; corrected, upheld. `note` says how
    it was checked, or what the source organ replied.
    """

    kind: Literal["checked"] = "checked"
    task: Literal["agency_check", "verification", "correction"]
    paper: PaperName
    outcome: Literal[
        "confirmed", "not_confirmed", "true", "false", "exempt", "corrected", "upheld"
    ]
    note: Text


class Accepted(_Event):
    """The application was accepted: its day decides which law governs."""

    kind: Literal["accepted"] = "accepted"
    day: Day
    deemed: bool = False


class Stopped(_Event):
    """The statutory clock stands still: a hearing, a test, an expert review."""

    kind: Literal["stopped"] = "stopped"
    day: Day
    why: Literal["hearing", "test", "inspection", "review", "other"]
    basis: Short = ""


class Resumed(_Event):
    """The clock runs again from a day."""

    kind: Literal["resumed"] = "resumed"
    day: Day


class Decided(_Event):
    """The case ended: granted, refused, or withdrawn by the applicant.

    `outputs` are what its items give out; they are licences in hand from `day` on.
    """

    kind: Literal["decided"] = "decided"
    result: Literal["granted", "refused", "withdrawn"]
    day: Day
    outputs: tuple[Id, ...] = ()
    numbers: dict[str, Short] = Field(default_factory=dict)
    why: Annotated[str, Field(max_length=2000)] = ""


class HandedOver(_Event):
    """The case went to another handler, office or organ; its list stays the same."""

    kind: Literal["handed_over"] = "handed_over"
    organ: Short
    office: Short
    handler: Short
    why: Annotated[str, Field(max_length=2000)] = ""


class Noted(_Event):
    """A remark for colleagues."""

    kind: Literal["noted"] = "noted"
    text: Text


Event = Annotated[
    Opened | Found | Answered | Forgotten | CreditStated | Joined | Left | LookedUp
    | Contested | Uncontested | Lacking | Received | Returned | Committed | Uncommitted
    | Promised | Unpromised | Notified | Checked | Accepted | Stopped | Resumed | Decided
    | HandedOver | Noted,
    Field(discriminator="kind"),
]  # fmt: skip

_ADAPTER: Final[TypeAdapter[Event]] = TypeAdapter(Event)

LISTED: Final = frozenset(
    {
        "opened", "found", "answered", "forgotten", "credit", "joined", "left", "looked_up",
        "contested", "uncontested", "lacking", "committed", "uncommitted", "promised",
        "unpromised", "accepted",
    }
)  # fmt: skip
"""The kinds on which the list of papers depends: each is sealed with a new decision."""


def read_event(raw: str | bytes) -> Event:
    """Return the event that JSON text describes; raises `ValidationError` of pydantic."""
    return _ADAPTER.validate_json(raw, strict=True)


def written(event: Event) -> bytes:
    """Return the canonical bytes of an event, as it is sealed."""
    plain = event.model_dump(mode="json", exclude_defaults=True)
    return canonical({"kind": event.kind, **plain})


def event_of(raw: Any) -> Event:
    """Return the event that a JSON value describes; raises `ValidationError` of pydantic."""
    return _ADAPTER.validate_python(raw)
