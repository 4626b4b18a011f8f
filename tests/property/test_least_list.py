"""The list equals a solver's optimum and the best of all sets of papers."""

from itertools import combinations

import highspy
import pytest

from evaluator.checker import verify
from evaluator.cover import Rule, least_cover
from tests.covering import Burdens, random_problem, witness_of
from tests.effort import dice_of, tries
from tests.matters import matters


class Solver:
    """HiGHS on one problem: a column for each paper and for each alternative of a rule."""

    def __init__(self, rules: list[Rule], burdens: Burdens) -> None:
        self.model = highspy.Highs()  # type: ignore[no-untyped-call] # highspy has no types
        self.model.silent()
        self.model.setOptionValue("mip_rel_gap", 0.0)
        self.papers = {
            name: self.model.addBinary()
            for name in sorted({p for rule in rules for one in rule.alternatives for p in one})
        }
        self.burdens = burdens
        for rule in rules:
            chosen = [self.model.addBinary() for _ in rule.alternatives]
            self.model.addConstr(sum(chosen) >= 1)
            for one, alternative in zip(chosen, rule.alternatives, strict=True):
                for name in alternative:
                    self.model.addConstr(self.papers[name] >= one)

    def least(self) -> list[str]:
        """Return the least list: by number, by burden, then by each name in its order."""
        self.fix(dict.fromkeys(self.papers, 1))
        self.fix({name: self.burdens[name] for name in self.papers})
        for name in self.papers:  # the earlier name, if it can stand in a least list
            self.fix({name: -1})
        return [name for name in self.papers if self.model.val(self.papers[name]) > 0.5]

    def fix(self, weights: Burdens) -> None:
        """Minimise a weight and hold it at its least from now on."""
        goal = sum(weight * self.papers[name] for name, weight in weights.items())
        self.model.minimize(goal)
        least = round(self.model.getObjectiveValue())
        self.model.addConstr(goal == least)


@pytest.mark.parametrize("shape", [(3, 5), (6, 8), (12, 12), (25, 40)], ids=str)
def test_the_list_is_the_one_that_a_solver_finds(shape: tuple[int, int]) -> None:
    rng = dice_of(f"solver {shape}")
    for _ in range(tries(6 if shape[0] > 20 else 15)):
        rules, burdens = random_problem(rng, *shape)
        found = least_cover(rules, burdens)

        assert found.optimal
        assert list(found.papers) == Solver(rules, burdens).least(), rules
        assert verify(found.papers, witness_of(rules, burdens, found)) == [], rules


def test_the_list_of_a_decision_is_the_one_that_a_solver_finds() -> None:
    solved = 0
    for matter in matters("solver", packs=20):
        witness = matter.decision["witness"]
        rules = [
            Rule(rule, tuple(tuple(one) for one in lists))
            for rule, lists in witness["alternatives"].items()
        ]
        if rules:
            solved += 1

            assert matter.decision["submit"] == Solver(rules, witness["burdens"]).least()
    assert solved > tries(30)


def test_the_list_is_the_best_of_all_sets_of_papers() -> None:
    rng = dice_of("all sets")
    for _ in range(tries(60)):
        rules, burdens = random_problem(rng, rng.randint(1, 6), 7)

        assert least_cover(rules, burdens).papers == best_of_all(rules, burdens), rules


def best_of_all(rules: list[Rule], burdens: Burdens) -> tuple[str, ...]:
    """Return the least of all sets of papers that meet every rule."""
    sets = (one for size in range(len(burdens) + 1) for one in combinations(burdens, size))
    enough = [
        papers
        for papers in sets
        if all(any(set(one) <= set(papers) for one in rule.alternatives) for rule in rules)
    ]
    return min(
        enough, key=lambda papers: (len(papers), sum(burdens[one] for one in papers), papers)
    )
