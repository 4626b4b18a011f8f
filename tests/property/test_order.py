"""The order in which anything is written never matters."""

from random import Random
from typing import Any

from evaluator.decide import Decider
from knowledge.canonical import canonical
from rules.pack import Reader
from tests.matters import matters
from tests.product import KNOWLEDGE, RULES, Json, decide, files_of, pack_of

RECORDS = ("receipts", "collected", "history", "licences")
SETS = ("items", "parties", "commitments", "promised_later", "contested", "lacks")


def shuffled(rng: Random, mapping: Json) -> Json:
    """Return a mapping in another order of its keys."""
    return dict(rng.sample(list(mapping.items()), len(mapping)))


def rewritten(rng: Random, pack: Json) -> Json:
    """Return the pack with its sections, entries and keys in another order."""
    sections = {
        name: [shuffled(rng, entry) for entry in rng.sample(pack[name], len(pack[name]))]
        for name in (*KNOWLEDGE, *RULES)
    }
    return shuffled(rng, pack | sections)


def test_the_order_of_rules_and_entries_and_their_keys_never_matters() -> None:
    for matter in matters("order of rules", packs=25, cases=3):
        other = Decider(pack_of(rewritten(matter.rng, matter.pack)))

        assert canonical(decide(other, matter.case)) == canonical(matter.decision), matter


def test_how_a_pack_is_split_into_files_never_matters() -> None:
    for matter in matters("order of files", packs=25, cases=3):
        files: dict[str, bytes] = {"pack.yaml": files_of(matter.pack)["pack.yaml"]}
        for section in (*KNOWLEDGE, *RULES):
            folder = "rules" if section in RULES else "knowledge"
            for entry in matter.pack[section]:
                name = f"{folder}/{matter.rng.random()}.yaml"
                files[name] = canonical({section: [entry]})
        other = Decider(Reader(shuffled(matter.rng, files)).pack())

        assert canonical(decide(other, matter.case)) == canonical(matter.decision), matter


def test_the_order_of_facts_items_parties_and_papers_never_matters() -> None:
    for matter in matters("order of facts", packs=30):
        case = shuffled(matter.rng, matter.case)
        case["facts"] = shuffled(matter.rng, case.get("facts", {}))
        for key in SETS:
            if key in case:
                case[key] = matter.rng.sample(case[key], len(case[key]))

        assert canonical(decide(matter.decider, case)) == canonical(matter.decision), matter


def test_an_item_or_a_paper_named_twice_counts_once() -> None:
    for matter in matters("twice", packs=20):
        case = dict(matter.case)
        for key in SETS:
            if case.get(key):
                case[key] = [*case[key], case[key][0]]

        assert canonical(decide(matter.decider, case)) == canonical(matter.decision), matter


def test_the_order_of_records_never_matters_but_for_the_places_where_they_stand() -> None:
    for matter in matters("order of records", packs=40):
        case, moved = dict(matter.case), {}
        for key in RECORDS:
            order = matter.rng.sample(range(len(case.get(key, []))), len(case.get(key, [])))
            moved[key] = {old: new for new, old in enumerate(order)}
            if key in case:
                case[key] = [case[key][old] for old in order]
        got = decide(matter.decider, case)

        assert sorted(got.pop("receipts")) == sorted(matter.decision["receipts"])
        want = replaced(matter.decision, moved)
        want.pop("receipts")
        assert canonical(got) == canonical(want), matter


def replaced(decision: Json, moved: dict[str, dict[int, int]]) -> Json:
    """Return the decision with the evidence at its new places."""

    def evidence(old: Json) -> Json:
        return {
            key: places if isinstance(places, str) else sorted(moved[key][at] for at in places)
            for key, places in old.items()
        }

    def edges(entry: Json) -> list[Any]:
        return [edge | {"evidence": evidence(edge["evidence"])} for edge in entry["edges"]]

    entries = [entry | {"edges": edges(entry)} for entry in decision["entries"]]
    return decision | {"entries": entries}
