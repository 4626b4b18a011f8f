"""Resolution: which rules are settled, covered or unmeetable, and the list (sections 6, 7)."""

from dataclasses import dataclass

from tests.oracle.cover import Alternative, least_list
from tests.oracle.edges import Edge, edge_of
from tests.oracle.evidence import GROUNDS, STRIKING
from tests.oracle.law import defeaters, reductions_of, requirements_of, selects, value
from tests.oracle.matter import Json, Matter
from tests.oracle.receipts import matched_by_name, paper_of


@dataclass(frozen=True)
class Choice:
    """What settles or meets a rule: the list at a position, or the material that covers it."""

    position: int | None = None
    cover: str | None = None


@dataclass(frozen=True)
class Resolution:
    """The applying and open rules of a matter with all their edges."""

    matter: Matter
    applying: list[Json]
    open: list[Json]
    edges: dict[tuple[str, str], Edge]

    def edge(self, rule: Json, material: str) -> Edge:
        """Return the edge of a rule and one of its materials."""
        return self.edges[rule["id"], material]

    def edges_of(self, rule: Json) -> list[Edge]:
        """Return all edges of a rule, each once."""
        return [edge for edge in self.edges.values() if edge.rule["id"] == rule["id"]]


def resolution_of(matter: Matter) -> Resolution:
    """Section 3: requirement rules apply, do not apply, or are open."""
    rules = requirements_of(matter)
    applying = [rule for rule in rules if value(matter, "requirements", rule) is True]
    unknown = [rule for rule in rules if value(matter, "requirements", rule) is None]
    edges = {
        (rule["id"], material): edge_of(matter, rule, material)
        for rule in [*applying, *unknown]
        for accepted in rule["accepts"]
        for material in accepted
    }
    return Resolution(matter, applying, unknown, edges)


def residual(known: Resolution, rule: Json, position: int) -> Alternative:
    """Section 6: the papers of a list whose edge is not discharged."""
    edges = [known.edge(rule, material) for material in rule["accepts"][position]]
    return frozenset(edge.paper for edge in edges if not edge.discharged)


def all_struck(known: Resolution, rule: Json, position: int) -> bool:
    """Section 6: every edge of the list is struck."""
    return all(known.edge(rule, material).struck for material in rule["accepts"][position])


def positions_kept(known: Resolution, rule: Json) -> list[int]:
    """Section 6: the lists not dropped; where all would be, none is."""
    everything = list(range(len(rule["accepts"])))
    left = [position for position in everything if not all_struck(known, rule, position)]
    return left or everything


def opens(matter: Matter, reduction: Json, rule: Json) -> bool:
    """Section 7: a true `covered` reduction opens a rule with claims by one accepted list."""
    return (
        reduction["ground"] == "covered"
        and value(matter, "reductions", reduction) is True
        and bool(rule["proves"])
        and any(
            all(
                selects(matter, reduction["select"], rule, material)
                and not defeaters(matter, reduction, rule, material)
                for material in accepted
            )
            for accepted in rule["accepts"]
        )
    )


def opener(matter: Matter, rule: Json) -> Json | None:
    """Section 7: the least reduction that opens the rule, or None."""
    return next((one for one in reductions_of(matter) if opens(matter, one, rule)), None)


def puts_in_hand(matter: Matter, edge: Edge) -> bool:
    """Section 7: discharged on a ground that leaves the paper itself with the office."""
    if {"e_licence", "earlier_stage", "history"} & set(edge.grounds):
        return True
    return "data_sharing" in edge.grounds and matched_by_name(matter, edge.rule, edge.material)


def in_hand(known: Resolution, party: str) -> set[str]:
    """Section 7: the materials in hand for a party; only applying rules put any there."""
    return {
        edge.material
        for rule in known.applying
        if rule["party"] == party
        for edge in known.edges_of(rule)
        if puts_in_hand(known.matter, edge)
    }


def proves_all(known: Resolution, material: str, rule: Json) -> bool:
    """Section 7: `claims(rule)` is inside `y.proves`."""
    return set(rule["proves"]) <= set(known.matter.materials[material]["proves"])


def covering_in_hand(known: Resolution, rule: Json) -> str | None:
    """Section 7: the least material in hand that meets an opened rule, or None."""
    if opener(known.matter, rule) is None:
        return None
    hand = in_hand(known, rule["party"])
    return min((one for one in hand if proves_all(known, one, rule)), default=None)


def worst_places(known: Resolution, rule: Json, position: int) -> list[int]:
    """Section 6: the places of the stated grounds of the edges not free, worst first."""
    edges = [known.edge(rule, material) for material in rule["accepts"][position]]
    places = [GROUNDS.index(edge.stated) for edge in edges if edge.stated and not edge.free]
    return sorted(places, reverse=True)


def settlement(known: Resolution, rule: Json) -> Choice | None:
    """Section 6: the list, or the covering in hand, by which a rule is settled; or None."""
    offers: list[tuple[list[int], int, Choice]] = [
        (worst_places(known, rule, position), position, Choice(position=position))
        for position in positions_kept(known, rule)
        if not residual(known, rule, position)
    ]
    cover = covering_in_hand(known, rule)
    if cover is not None:
        offers.append(([], len(rule["accepts"]), Choice(cover=cover)))
    if not offers:
        return None
    return min(offers, key=lambda offer: offer[:2])[2]


def for_good(known: Resolution, rule: Json) -> bool:
    """Section 6: settled so that no answer to any question could matter any more."""
    if covering_in_hand(known, rule) is not None:
        return True
    if all(edge.struck for edge in known.edges_of(rule)):
        return True
    choice = settlement(known, rule)
    if choice is None or choice.position is None:
        return False
    chosen = [known.edge(rule, material) for material in rule["accepts"][choice.position]]
    doubted = [
        edge
        for edge in chosen
        if not edge.struck and any(doubt.ground in STRIKING for doubt in edge.doubts)
    ]
    return all(edge.free for edge in chosen) and not doubted


def unsettled(known: Resolution) -> list[Json]:
    """Section 7: the applying rules that neither a list nor a covering in hand settles."""
    return [rule for rule in known.applying if settlement(known, rule) is None]


def residual_papers(known: Resolution, rule: Json) -> set[str]:
    """Section 7: the materials of the residuals of a rule that are not dropped."""
    return {
        material
        for position in positions_kept(known, rule)
        for material in rule["accepts"][position]
        if not known.edge(rule, material).discharged
    }


def covers(known: Resolution, rule: Json) -> list[str]:
    """Section 7: the materials of another rule's residual that would meet an opened rule."""
    if opener(known.matter, rule) is None:
        return []
    others = {
        material
        for other in unsettled(known)
        if other["id"] != rule["id"] and other["party"] == rule["party"]
        for material in residual_papers(known, other)
    }
    return sorted(material for material in others if proves_all(known, material, rule))


def alternatives(known: Resolution, rule: Json) -> list[Alternative]:
    """Section 7: what may be handed in for an unsettled rule, less what the applicant lacks."""
    residuals = [residual(known, rule, position) for position in positions_kept(known, rule)]
    singles = [frozenset({paper_of(rule, material)}) for material in covers(known, rule)]
    lacks = set(known.matter.case["lacks"])
    return [one for one in [*residuals, *singles] if not one & lacks]


def unmeetable(known: Resolution) -> list[Json]:
    """Section 7: the unsettled rules without any alternative."""
    return [rule for rule in unsettled(known) if not alternatives(known, rule)]


def list_to_hand_in(known: Resolution) -> Alternative:
    """Section 7: the set S."""
    demands = [
        alternatives(known, rule) for rule in unsettled(known) if alternatives(known, rule)
    ]
    papers = {paper for demand in demands for one in demand for paper in one}
    burden = {
        paper: int(known.matter.materials[paper.split(":")[-1]]["burden"]) for paper in papers
    }
    return least_list(demands, burden)


def choice_of(known: Resolution, rule: Json, handed_in: Alternative) -> Choice | None:
    """Section 7: the settled list, else the first list inside S, else the least cover in S."""
    settled = settlement(known, rule)
    if settled is not None:
        return settled
    if not alternatives(known, rule):
        return None
    for position in positions_kept(known, rule):
        if residual(known, rule, position) <= handed_in:
            return Choice(position=position)
    singles = [
        material for material in covers(known, rule) if paper_of(rule, material) in handed_in
    ]
    return Choice(cover=min(singles))
