"""Orders: one look-up of one source about one person, what for, and what came back."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from knowledge.fact import Fact
from knowledge.source import Source

Verdict = Literal["found_match", "found_conflict", "not_found", "unavailable", "not_authorised"]


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why a register is asked: the item, its basis in law, who asks, where, in which case."""

    item: str
    basis: str
    operator: str
    office: str
    case: str


@dataclass(frozen=True, slots=True)
class Order:
    """One look-up of one source about one person.

    `facts` are those that the answer may yield besides: what the interview still asks, and
    only where the person is the applicant.
    """

    source: Source
    subject: str
    name: str
    kind: Literal["natural", "legal"]
    materials: tuple[str, ...]
    claims: tuple[str, ...]
    purpose: Purpose
    facts: tuple[Fact, ...] = ()

    @property
    def is_lawful(self) -> bool:
        """Whether the item may ask the source, for a purpose with a basis, and just this."""
        return (
            self.source.usable_for(self.purpose.item)
            and bool(self.purpose.basis.strip())
            and {*self.materials} <= {*self.source.materials}
            and {*self.claims} <= {*self.source.claims}
        )

    @property
    def wanted(self) -> tuple[str, ...]:
        """The materials, then the claims, that are asked about."""
        return (*self.materials, *self.claims)


@dataclass(frozen=True, slots=True)
class Finding:
    """One receipt to be: a verdict on materials and claims, with the day of the data.

    `reason` is a word for it, empty where the verdict says all.
    """

    verdict: Verdict
    reason: str
    materials: tuple[str, ...]
    claims: tuple[str, ...]
    on: date


@dataclass(frozen=True, slots=True)
class Heard:
    """What an answer says: findings, facts as a case states them, licences, what to show."""

    findings: tuple[Finding, ...]
    facts: dict[str, Any] = field(default_factory=dict)
    licences: tuple[dict[str, Any], ...] = ()
    shown: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an order. `raw` is the body of the answer, `request` what was sent.

    INVARIANT (no fault waives): `found_match` and `not_found` stand only for what a signed
    answer to this very request says.
    """

    order: Order
    findings: tuple[Finding, ...]
    facts: dict[str, Any]
    licences: tuple[dict[str, Any], ...]
    shown: tuple[tuple[str, str], ...]
    asked_at: datetime
    milliseconds: int
    attempts: int
    request_digest: str
    raw: bytes = field(repr=False)
    digest: str
    request: bytes = field(default=b"", repr=False)


def of_all(order: Order, verdict: Verdict, reason: str, on: date) -> tuple[Finding, ...]:
    """Return one finding on everything that was asked, none if nothing was."""
    if not order.wanted:
        return ()
    return (Finding(verdict, reason, order.materials, order.claims, on),)
