"""Edges: what bears on each demand for one paper, what discharges it, what doubts remain."""

from dataclasses import dataclass

from tests.oracle.evidence import GROUNDS, OUTCOME, STRIKING, Evidence, may_commit, own_test
from tests.oracle.law import defeaters, reductions_of, selects, unknown_part, value
from tests.oracle.matter import Json, Matter
from tests.oracle.receipts import paper_of


@dataclass(frozen=True)
class Doubt:
    """Section 8: a reduction that bears on an edge and might yet discharge it."""

    ground: str
    facts: frozenset[str]


@dataclass(frozen=True)
class Edge:
    """The demand of one rule for one paper.

    `grounds` gives for each ground that discharges it the reduction named, in the table's
    order; `covered` is no ground of an edge but of a rule (section 7).
    """

    rule: Json
    material: str
    paper: str
    grounds: dict[str, Json]
    evidence: Evidence
    kept_by: str | None
    doubts: tuple[Doubt, ...]

    @property
    def discharged(self) -> bool:
        """Section 5: some ground discharges it."""
        return bool(self.grounds)

    @property
    def stated(self) -> str | None:
        """Section 5: the stated ground is the first."""
        return next(iter(self.grounds), None)

    @property
    def outcome(self) -> str:
        """The outcome of the stated ground; `submit` where nothing discharges the edge."""
        return OUTCOME[self.stated] if self.stated else "submit"

    @property
    def free(self) -> bool:
        """Section 5: discharged, and the stated ground's outcome is removed."""
        return self.outcome == "removed"

    @property
    def struck(self) -> bool:
        """Section 6: discharged, among its grounds, on a striking ground."""
        return any(ground in STRIKING for ground in self.grounds)


def bears(matter: Matter, reduction: Json, rule: Json, material: str) -> bool:
    """Section 5: it takes part (the caller saw to that), selects the edge, its test holds."""
    return (
        selects(matter, reduction["select"], rule, material)
        and own_test(matter, reduction["ground"], rule, material) is not None
    )


def discharges(matter: Matter, reduction: Json, rule: Json, material: str) -> bool:
    """Section 5: it bears on the edge, its condition is true and no keep rule defeats it."""
    return (
        bears(matter, reduction, rule, material)
        and value(matter, "reductions", reduction) is True
        and not defeaters(matter, reduction, rule, material)
    )


def would_bear(matter: Matter, reduction: Json, rule: Json, material: str) -> bool:
    """Section 8: as `bears`, but for `commitment` credit that is not stated counts as clean."""
    if reduction["ground"] != "commitment":
        return bears(matter, reduction, rule, material)
    return (
        selects(matter, reduction["select"], rule, material)
        and paper_of(rule, material) in matter.case["commitments"]
        and may_commit(matter, rule)
    )


def kept_by(matter: Matter, rule: Json, material: str) -> str | None:
    """Contract: the least keep rule that defeats a true reduction bearing on the edge."""
    keeps = [
        str(keep["id"])
        for reduction in reductions_of(matter)
        if reduction["ground"] != "covered"
        and value(matter, "reductions", reduction) is True
        and bears(matter, reduction, rule, material)
        for keep in defeaters(matter, reduction, rule, material)
    ]
    return min(keeps, default=None)


def doubt(matter: Matter, reduction: Json, rule: Json, material: str) -> Doubt | None:
    """Section 8: the doubt that a reduction leaves on an edge, if it leaves one."""
    against = defeaters(matter, reduction, rule, material)
    if (
        reduction["ground"] == "covered"
        or value(matter, "reductions", reduction) is False
        or any(value(matter, "keeps", keep) is True for keep in against)
        or not would_bear(matter, reduction, rule, material)
        or discharges(matter, reduction, rule, material)
    ):
        return None
    facts = unknown_part(matter, "reductions", reduction)
    for keep in against:
        facts |= unknown_part(matter, "keeps", keep)
    if reduction["ground"] == "commitment" and matter.case["credit"] is None:
        facts |= {"credit"}
    return Doubt(reduction["ground"], frozenset(facts))


def edge_of(matter: Matter, rule: Json, material: str) -> Edge:
    """Everything about one edge that the edge alone decides."""
    reductions = reductions_of(matter)
    grounds: dict[str, Json] = {}
    for ground in GROUNDS:
        for reduction in reductions:
            # Of several on one ground the one with the least id is named; they are by id.
            if (
                reduction["ground"] == ground != "covered"
                and ground not in grounds
                and discharges(matter, reduction, rule, material)
            ):
                grounds[ground] = reduction
    stated = next(iter(grounds), None)
    doubts = [doubt(matter, reduction, rule, material) for reduction in reductions]
    return Edge(
        rule=rule,
        material=material,
        paper=paper_of(rule, material),
        grounds=grounds,
        evidence=(own_test(matter, stated, rule, material) or {}) if stated else {},
        kept_by=kept_by(matter, rule, material),
        doubts=tuple(one for one in doubts if one is not None),
    )


def may_be_offered(matter: Matter, ground: str, edge: Edge) -> bool:
    """Section 8, offers: the test would hold if the paper were in the list; it is not yet."""
    if ground == "commitment":
        possible = may_commit(matter, edge.rule)
        return possible and edge.paper not in matter.case["commitments"]
    return edge.rule["secondary"] and edge.paper not in matter.case["promised_later"]
