"""Noting: what a registry that is not connected told somebody on a screen of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from api.cases.event import LookedUp
from api.cases.looking_up import LookingUp
from api.cases.refusal import CaseRefusedError, Reason
from api.cases.working import Worked
from evaluator.case import Receipt, Verdict


@dataclass(frozen=True, slots=True)
class Saying:
    """What a registry said of a person: materials and claims, all that it is asked if none."""

    source: str
    subject: str
    verdict: Verdict
    materials: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()


def noted(saying: Saying, worked: Worked, looking_up: LookingUp) -> LookedUp:
    """Return the event of an answer noted by hand, or raise `CaseRefusedError`.

    Noted is what the decision lets the registry be asked, no more, and nothing where the
    registry itself can be asked.
    """
    row = next(
        (
            one
            for one in worked.decision["lookups"]
            if (one["source"], one["subject"]) == (saying.source, saying.subject)
        ),
        None,
    )
    if row is None or not _listed(saying, row):
        raise CaseRefusedError([Reason("not_asked", "source")])
    if looking_up.reaches(worked.pack.catalogue.sources[saying.source]):
        raise CaseRefusedError([Reason("connected", "source")])
    everything = not (saying.materials or saying.claims)
    receipt = Receipt(
        source=saying.source,
        verdict=saying.verdict,
        on=worked.today,
        subject=saying.subject,
        materials=tuple(row["materials"]) if everything else saying.materials,
        claims=tuple(row["claims"]) if everything else saying.claims,
    )
    return LookedUp(
        source=saying.source,
        subject=saying.subject,
        receipts=(receipt,),
        reasons=("noted",),
        asked_on=worked.today,
    )


def _listed(saying: Saying, row: dict[str, Any]) -> bool:
    def all_in(named: Iterable[str], listed: Iterable[str]) -> bool:
        return {*named} <= {*listed}

    return all_in(saying.materials, row["materials"]) and all_in(saying.claims, row["claims"])
