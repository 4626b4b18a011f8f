"""Explanations: every paper with its fate, its law, and what would change it."""

from collections.abc import Iterator

from evaluator.case import paper
from evaluator.decide import Decider
from evaluator.explanation import Explanation, Story, explain
from tests.matters import Matter, matters
from tests.product import Json, case_of, decide, pack_of
from tests.small_pack import sound_case, sound_pack


def explained(decider: Decider, case: Json) -> Explanation:
    """Return the explanation of a case, without the search for changes."""
    decision = decide(decider, case)
    return explain(decider, case_of(decider, case), decision, with_changes=False)


def told(name: str) -> Iterator[tuple[Matter, Explanation]]:
    """Yield matters with their explanations."""
    for matter in matters(name, packs=25, cases=3):
        yield matter, explained(matter.decider, matter.case)


def by_fate(stories: tuple[Story, ...], fate: str) -> list[str]:
    return sorted(story.paper for story in stories if story.fate == fate)


def test_the_papers_of_each_list_of_the_decision_are_explained_as_such() -> None:
    for matter, explanation in told("fates"):
        for fate in ("submit", "reference", "commitment", "deferred"):
            got = by_fate(explanation.stories, fate)
            assert set(got) <= set(matter.decision[fate])
        assert by_fate(explanation.stories, "submit") == matter.decision["submit"]


def test_every_edge_of_the_decision_is_told_once() -> None:
    for matter, explanation in told("edges"):
        edges = {
            (entry["rule"], edge["material"])
            for entry in matter.decision["entries"]
            for edge in entry["edges"]
        }
        stories = {
            (demand.rule, story.material)
            for story in explanation.stories
            for demand in story.demands
            if demand.outcome not in ("open", "moot")
        }

        assert stories == edges


def test_what_is_removed_is_told_with_its_ground_reduction_and_law() -> None:
    for _, explanation in told("grounds"):
        for story in explanation.stories:
            for demand in story.demands:
                assert (demand.ground is None) == (demand.reduction is None)
                assert (demand.ground is None) == (not demand.relief)


def test_an_open_rule_says_which_facts_decide_it() -> None:
    case = sound_case() | {"facts": {}}
    explanation = explained(Decider(pack_of(sound_pack())), case)

    story = next(one for one in explanation.stories if one.paper == "lease")
    assert story.fate == "open"
    assert story.demands[0].asks == ("premises",)


def test_a_paper_that_no_answer_brings_onto_a_list_does_not_depend_on_any() -> None:
    fates: dict[bool, set[str]] = {True: set(), False: set()}
    told_with_law: set[bool] = set()
    for matter, explanation in told("moot"):
        rules = matter.decider.pack.rules.requirements
        unsure = {
            paper(rules[one].party, material)
            for one in matter.decision["open"]
            for material in rules[one].materials
        }
        fates[matter.decision["final"]] |= {
            story.fate for story in explanation.stories if story.paper in unsure
        }

        told_with_law |= {
            bool(demand.relief)
            for story in explanation.stories
            for demand in story.demands
            if story.fate == "moot"
        }

    assert True in told_with_law
    assert "open" not in fates[True]
    assert "moot" in fates[True]
    assert "open" in fates[False]
    assert "moot" not in fates[False]


def test_the_statutory_list_is_never_shorter_than_the_one_to_hand_in() -> None:
    for matter, explanation in told("statutory"):
        met = len(matter.decision["submit"])

        assert explanation.statutory >= met - len(matter.case.get("lacks", []))
