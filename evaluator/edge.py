"""Edges: the demand for one paper in one case, what discharges it and what is doubtful of it.

Semantics 5 (discharging), 6 (struck, free), 8 (doubts).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from evaluator.case import Case
from evaluator.evidence import Evidence, Positions
from evaluator.matching import Truth
from evaluator.view import Bearer, Defeat, EdgeView, RuleView
from rules.ground import ORDER, OUTCOME, STRIKING, Ground, Outcome

_NO_GROUND = len(ORDER)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reduction that would discharge the edge if more were known.

    `defeats` are the open keep rules over it; `credit`: the applicant's credit is not stated.
    """

    bearer: Bearer
    defeats: tuple[Defeat, ...]
    credit: bool

    @property
    def place(self) -> int:
        """The place of its ground in the order of statement."""
        return ORDER[self.bearer.ground]


@dataclass(slots=True)
class Edge:
    """One edge of a rule that applies or is open."""

    view: EdgeView
    grounds: dict[Ground, Bearer] = field(default_factory=dict)
    records: Positions = field(default_factory=dict)
    kept_by: str | None = None
    doubts: list[Doubt] = field(default_factory=list)
    stated: Ground | None = None
    struck: bool = False

    @property
    def discharged(self) -> bool:
        """Whether anything discharges the edge."""
        return self.stated is not None

    @property
    def free(self) -> bool:
        """Whether the stated ground leaves nothing to do."""
        return self.stated is not None and OUTCOME[self.stated] is Outcome.REMOVED

    @property
    def place(self) -> int:
        """The place of the stated ground; after all places where nothing discharges it."""
        return _NO_GROUND if self.stated is None else ORDER[self.stated]

    def in_question(self, doubt: Doubt) -> bool:
        """Return whether settling a doubt can change this edge (semantics 8, b)."""
        if not self.discharged:
            return True
        if not self.free:
            return doubt.place < self.place
        return not self.struck and doubt.bearer.ground in STRIKING


def examine(
    rule: RuleView, view: EdgeView, case: Case, evidence: Evidence, truths: Sequence[Truth]
) -> Edge:
    """Return the edge with all the grounds that discharge it, and all doubts."""
    edge = Edge(view)
    kept: list[str] = []
    for bearer in view.bearers:
        truth = truths[bearer.condition]
        if truth is False or bearer.ground in evidence.idle:
            continue
        records = evidence.satisfies(bearer.ground, rule, view)
        asks_credit = False
        if records is None:
            asks_credit = _waits_for_credit(bearer, view, case)
            if not asks_credit:
                continue
        defeats = [one for one in bearer.defeats if truths[one.condition] is not False]
        if truth and records is not None:
            kept += [one.keep for one in defeats]
            if not defeats:
                _discharge(edge, bearer, records)
                continue
        if not any(truths[one.condition] for one in defeats):
            edge.doubts.append(Doubt(bearer, tuple(defeats), credit=asks_credit))
    edge.kept_by = min(kept, default=None)
    return edge


def _discharge(edge: Edge, bearer: Bearer, records: Positions) -> None:
    # Bearers come by ground, then id: the first on a ground is the one that is named.
    edge.grounds.setdefault(bearer.ground, bearer)
    edge.struck = edge.struck or bearer.ground in STRIKING
    if edge.stated is None:
        edge.stated, edge.records = bearer.ground, records


def _waits_for_credit(bearer: Bearer, view: EdgeView, case: Case) -> bool:
    """Return whether only the applicant's unstated credit keeps a commitment from holding."""
    return (
        bearer.ground is Ground.COMMITMENT
        and case.form.credit is None
        and view.paper in case.commitments
    )
