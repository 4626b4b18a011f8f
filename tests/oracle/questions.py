"""What is still open: questions, lookups, roles and offers (section 8)."""

from tests.oracle.edges import Edge, may_be_offered
from tests.oracle.evidence import GROUNDS, STRIKING
from tests.oracle.law import defeaters, reductions_of, selects, unknown_part, value
from tests.oracle.matter import Json, Matter
from tests.oracle.receipts import conflict, fresh, names_claims, persons, usable
from tests.oracle.resolution import Resolution, for_good, in_hand, proves_all

OBTAINING = ["data_sharing", "e_licence", "earlier_stage", "history"]


def alive(known: Resolution) -> list[Json]:
    """Return the applying and open rules that are not, or would not be, settled for good."""
    return [rule for rule in [*known.applying, *known.open] if not for_good(known, rule)]


def is_open(known: Resolution, rule: Json) -> bool:
    """Whether the rule's condition is unknown."""
    return any(one["id"] == rule["id"] for one in known.open)


def not_defeated_for_sure(matter: Matter, reduction: Json, rule: Json, material: str) -> bool:
    """Section 8: no true keep rule defeats the reduction on the edge."""
    against = defeaters(matter, reduction, rule, material)
    return not any(value(matter, "keeps", keep) is True for keep in against)


def possible(matter: Matter, ground: str) -> list[Json]:
    """Return the reductions on a ground that take part and are true or open."""
    return [
        one
        for one in reductions_of(matter)
        if one["ground"] == ground and value(matter, "reductions", one) is not False
    ]


# --- questions --------------------------------------------------------------------------


def questions_of_open_rules(known: Resolution) -> set[str]:
    """Section 8 (a)."""
    return {
        fact
        for rule in alive(known)
        if is_open(known, rule)
        for fact in unknown_part(known.matter, "requirements", rule)
    }


def matters(edge: Edge, ground: str) -> bool:
    """Section 8 (b): whether a doubt on this ground could still change the edge."""
    if edge.stated is None:
        return True
    if not edge.free:
        return GROUNDS.index(ground) < GROUNDS.index(edge.stated)
    return not edge.struck and ground in STRIKING


def questions_of_doubts(known: Resolution) -> set[str]:
    """Section 8 (b)."""
    return {
        fact
        for rule in alive(known)
        for edge in known.edges_of(rule)
        for doubt in edge.doubts
        if matters(edge, doubt.ground)
        for fact in doubt.facts
    }


def lists_to_open(known: Resolution, reduction: Json, rule: Json) -> list[list[str]]:
    """Section 8 (c): the lists all selected, on none of which a true keep rule defeats it."""
    return [
        accepted
        for accepted in rule["accepts"]
        if all(
            selects(known.matter, reduction["select"], rule, material)
            and not_defeated_for_sure(known.matter, reduction, rule, material)
            for material in accepted
        )
    ]


def possible_covers(known: Resolution, rule: Json) -> set[str]:
    """Section 8 (c): Y, from the lists of applying or open rules of the same party."""
    return {
        material
        for other in [*known.applying, *known.open]
        if other["party"] == rule["party"]
        for accepted in other["accepts"]
        for material in accepted
        if proves_all(known, material, rule)
    }


def questions_of_opening(
    known: Resolution, reduction: Json, rule: Json, lists: list[list[str]]
) -> set[str]:
    """Section 8 (c): the unknown part of the reduction and of the open keep rules."""
    facts = unknown_part(known.matter, "reductions", reduction)
    for accepted in lists:
        for material in accepted:
            for keep in defeaters(known.matter, reduction, rule, material):
                facts |= unknown_part(known.matter, "keeps", keep)
    return facts


def questions_of_getting(known: Resolution, material: str, party: str) -> set[str]:
    """Section 8 (c): what would tell whether a material comes into hand."""
    facts: set[str] = set()
    for rule in [*known.applying, *known.open]:
        if rule["party"] != party or (rule["id"], material) not in known.edges:
            continue
        if is_open(known, rule):
            facts |= unknown_part(known.matter, "requirements", rule)
        for doubt in known.edge(rule, material).doubts:
            if doubt.ground in OBTAINING:
                facts |= doubt.facts
    return facts


def questions_of_covering(known: Resolution) -> set[str]:
    """Section 8 (c)."""
    facts: set[str] = set()
    for rule in alive(known):
        covers = possible_covers(known, rule)
        if not rule["proves"] or not covers:
            continue
        for reduction in possible(known.matter, "covered"):
            lists = lists_to_open(known, reduction, rule)
            if not lists:
                continue
            facts |= questions_of_opening(known, reduction, rule, lists)
            for material in covers - in_hand(known, rule["party"]):
                facts |= questions_of_getting(known, material, rule["party"])
    return facts


def questions(known: Resolution) -> list[str]:
    """Section 8: the facts, and possibly `credit`, that could still change the list."""
    return sorted(
        questions_of_open_rules(known)
        | questions_of_doubts(known)
        | questions_of_covering(known)
    )


# --- lookups, roles, offers -------------------------------------------------------------


def may_be_looked_up(known: Resolution, edge: Edge) -> bool:
    """Section 8, lookups: the edge is not free, sharing may reach it, no conflict on it."""
    reachable = any(
        selects(known.matter, reduction["select"], edge.rule, edge.material)
        and not_defeated_for_sure(known.matter, reduction, edge.rule, edge.material)
        for reduction in possible(known.matter, "data_sharing")
    )
    return reachable and not edge.free and not conflict(known.matter, edge.rule, edge.material)


def asked_for(
    known: Resolution, edge: Edge, source: Json, person: str
) -> tuple[set[str], set[str]]:
    """Return the materials and the claims about which the source may still be asked."""
    rule, receipts = edge.rule, known.matter.case["receipts"]
    answered = [receipts[one] for one in fresh(known.matter, source, rule, person)]
    materials: set[str] = set()
    claims: set[str] = set()
    if edge.material in source["materials"] and not any(
        edge.material in receipt["materials"] for receipt in answered
    ):
        materials = {edge.material}
    if names_claims(rule, source["claims"]) and not any(
        names_claims(rule, receipt["claims"]) for receipt in answered
    ):
        claims = set(rule["proves"])
    return materials, claims


def lookups(known: Resolution) -> list[Json]:
    """Section 8: what may still be asked of the government, by source and person."""
    found: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
    for rule in alive(known):
        for edge in known.edges_of(rule):
            if not may_be_looked_up(known, edge):
                continue
            for source in known.matter.pack["sources"]:
                for person in persons(known.matter, rule):
                    if usable(source, rule):
                        so_far = found.setdefault((source["id"], person), (set(), set()))
                        materials, claims = asked_for(known, edge, source, person)
                        so_far[0].update(materials)
                        so_far[1].update(claims)
    return [
        {
            "source": source,
            "subject": person,
            "materials": sorted(materials),
            "claims": sorted(claims),
        }
        for (source, person), (materials, claims) in sorted(found.items())
        if materials or claims
    ]


def missing_roles(known: Resolution) -> list[str]:
    """Section 5: the roles without a person that some applying or open rule names."""
    rules = [*known.applying, *known.open]
    return sorted({rule["party"] for rule in rules if not persons(known.matter, rule)})


def offers(known: Resolution, ground: str) -> list[str]:
    """Section 8: the papers for which a choice of the applicant would still help."""
    return sorted(
        {
            edge.paper
            for rule in alive(known)
            for edge in known.edges_of(rule)
            if not edge.free and may_be_offered(known.matter, ground, edge)
            for reduction in possible(known.matter, ground)
            if selects(known.matter, reduction["select"], rule, edge.material)
            and not_defeated_for_sure(known.matter, reduction, rule, edge.material)
        }
    )
