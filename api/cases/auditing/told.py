"""What an auditor is told of a case: events, look-ups, papers, notices, tasks, alerts."""

from dataclasses import dataclass
from datetime import datetime

from api.wording import Word


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer within a look-up: what was asked for, how it ended and why."""

    asked_for: str
    verdict: str
    said: str
    reason: str
    day: str


@dataclass(frozen=True, slots=True)
class Look:
    """One look-up: of whom, for what, on which basis, by whom, and what came back.

    `refs` are the receipts whose raw answers can be opened.
    """

    source: str
    organ: str
    person: str
    item: str
    basis: str
    asked_at: datetime | None
    milliseconds: int
    attempts: int
    digest: str
    reused: bool
    findings: tuple[Finding, ...]
    shown: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """One event: when, who, where, through which door, why, and what; `what` is a sentence."""

    seq: int
    at: datetime
    kind: str
    what: str
    user: str
    office: str
    door: str
    why: str
    decision: str
    leaf: str
    look: Look | None = None
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """A paper's fate from an event on: the word for it, and why."""

    seq: int
    decision: str
    word: Word
    why: str
    grounds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one paper, over time; `idle`: it turned out that nobody needs it."""

    paper: str
    name: str
    turns: tuple[Turn, ...]
    idle: bool


@dataclass(frozen=True, slots=True)
class Given:
    """A notice that was given: `says` holds the lines of the paper, as it was given."""

    number: str
    day: str
    papers: tuple[str, ...]
    added: tuple[str, ...]
    digest: str
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Duty:
    """A task that followed, and what became of it."""

    what: str
    organ: str
    opened: str
    due: str
    state: str
    outcome: str
    closed_by: str


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert that was raised, and whether it is closed."""

    what: str
    at: str
    state: str
    closed_by: str


@dataclass(frozen=True, slots=True)
class Promised:
    """A commitment, or a paper to be brought later: `how`, and the day of its publication."""

    paper: str
    how: str
    published: str


@dataclass(frozen=True, slots=True)
class CaseTold:
    """A case as one story; where nothing can be read, only who did what when."""

    number: str
    status: str
    items: tuple[str, ...]
    organ: str
    persons: tuple[tuple[str, str], ...]
    channel: str
    events: tuple[Told, ...]
    papers: tuple[Fate, ...]
    notices: tuple[Given, ...]
    promises: tuple[Promised, ...]
    tasks: tuple[Duty, ...]
    alerts: tuple[Raised, ...]
