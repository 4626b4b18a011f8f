"""Explanations: for each paper its fate, why, on what basis, and what would flip it.

Derived from the decision and the rules that it names; the words are put to it elsewhere.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from evaluator.case import Case, paper
from evaluator.change import Change, Changes
from evaluator.cover import Rule, least_cover
from evaluator.decide import Decider
from evaluator.decision import Decision
from evaluator.questions import Reasons

Fate = Literal[
    "submit",
    "reference",
    "commitment",
    "deferred",
    "open",
    "unmeetable",
    "alternative",
    "moot",
    "removed",
]
"""What becomes of a paper, in the order in which a clerk has to act on it.

`open`: an answer decides whether it is demanded. `alternative`: another list was chosen.
`moot`: whether its rule applies is not known, and no answer brings it onto a list.
"""


@dataclass(frozen=True, slots=True)
class Demand:
    """One rule's demand for a paper, and what became of it.

    `basis` is the law behind the demand; `ground`, `reduction` and `relief` (its citations)
    what discharges it; `grounds` every ground that applies; `evidence` the positions in the
    case of the records it rests on, or the covering material; `kept_by` a keep rule;
    `asks` the facts that decide whether an open rule applies.
    """

    rule: str
    item: str
    outcome: str
    basis: tuple[str, ...]
    ground: str | None = None
    grounds: tuple[str, ...] = ()
    reduction: str | None = None
    relief: tuple[str, ...] = ()
    kept_by: str | None = None
    evidence: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """One paper: its fate, the demands for it, the smallest change that would flip it."""

    paper: str
    material: str
    party: str
    fate: Fate
    demands: tuple[Demand, ...]
    change: Change | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """All papers of a case, and how many the law would ask for with nothing taken off."""

    stories: tuple[Story, ...]
    statutory: int
    decision: Decision


_ORDER: tuple[Fate, ...] = (
    "submit", "reference", "commitment", "deferred",
    "open", "unmeetable", "alternative", "moot", "removed",
)  # fmt: skip


def explain(
    decider: Decider, case: Case, decision: Decision, *, with_changes: bool = True
) -> Explanation:
    """Return why each paper of a decision stays or is gone.

    `with_changes` false leaves out the search for flips, which decides again many times.
    """
    changes = Changes(decider, case, decision) if with_changes else None
    demands = _demands(decider, case, decision)
    stories = []
    for (party, material), told in sorted(demands.items()):
        name = paper(party, material)
        change = changes.flipping(name) if changes else None
        fate = _fate(name, decision, told)
        stories.append(Story(name, material, party, fate, tuple(told), change))
    stories.sort(key=lambda story: (_ORDER.index(story.fate), story.paper))
    return Explanation(tuple(stories), statutory(decider, decision), decision)


def _demands(
    decider: Decider, case: Case, decision: Decision
) -> dict[tuple[str, str], list[Demand]]:
    rules = decider.pack.rules.requirements
    reasons: Reasons = decider.reasons(case) if decision["open"] else {}
    # Final: no answer changes a list, whether these rules apply or not.
    moot = decider.unsure_edges(case) if decision["open"] and decision["final"] else {}
    found: dict[tuple[str, str], list[Demand]] = defaultdict(list)
    for entry in decision["entries"]:
        rule = rules[entry["rule"]]
        if entry["status"] == "open" and not decision["final"]:
            asks = tuple(sorted(key for key in rule.when.keys if key in reasons))
            for material in rule.materials:
                basis = tuple(map(str, rule.edge_citations(material)))
                demand = Demand(rule.id, rule.item, "open", basis, asks=asks)
                found[rule.party, material].append(demand)
        for edge in (*entry["edges"], *moot.get(rule.id, ())):
            basis = tuple(map(str, rule.edge_citations(edge["material"])))
            demand = _demand(entry, edge, basis)
            if demand not in found[rule.party, edge["material"]]:
                found[rule.party, edge["material"]].append(demand)
    return found


def _demand(entry: dict[str, Any], edge: dict[str, Any], basis: tuple[str, ...]) -> Demand:
    return Demand(
        rule=entry["rule"],
        item=entry["item"],
        outcome=edge["outcome"],
        basis=basis,
        ground=edge["ground"],
        grounds=tuple(edge["grounds"]),
        reduction=edge["reduction"],
        relief=tuple(edge["basis"]) if edge["ground"] else (),
        kept_by=edge["kept_by"],
        evidence=tuple(
            (key, (places,) if isinstance(places, str) else tuple(places))
            for key, places in sorted(edge["evidence"].items())
        ),
    )


def _fate(name: str, decision: Decision, demands: Iterable[Demand]) -> Fate:
    for fate in ("submit", "reference", "commitment", "deferred"):
        if name in decision[fate]:
            return fate
    outcomes = {demand.outcome for demand in demands} - {"moot"}
    if not outcomes:
        return "moot"
    if "open" in outcomes:
        return "open"
    if "submit" in outcomes:  # demanded, yet on no list: the rule cannot be met
        return "unmeetable"
    return "alternative" if outcomes == {"alternative"} else "removed"


def statutory(decider: Decider, decision: Decision) -> int:
    """Return the size of the least list when nothing at all is discharged or covered."""
    rules = [
        decider.pack.rules.requirements[entry["rule"]]
        for entry in decision["entries"]
        if entry["status"] == "applies"
    ]
    problem = [
        Rule(
            rule.id,
            tuple(
                tuple(sorted(paper(rule.party, one) for one in each)) for each in rule.accepts
            ),
        )
        for rule in rules
    ]
    materials = decider.pack.catalogue.materials
    burdens = {
        paper(rule.party, one): materials[one].burden
        for rule in rules
        for one in rule.materials
    }
    return len(least_cover(problem, burdens).papers)
