"""Covering problems: random rules with alternatives, and the witness of a found list."""

from random import Random

from evaluator.cover import Cover, Rule
from tests.product import Json

Burdens = dict[str, int]
Problem = tuple[list[Rule], Burdens]


def random_problem(rng: Random, rules: int, papers: int) -> Problem:
    """Return rules with one to four alternatives over some papers."""
    names = [f"m{number:02}" for number in range(papers)]
    burdens = {name: rng.choice([1, 1, 1, 2, 5]) for name in names}
    found = []
    for number in range(rules):
        sizes = [rng.choice([1, 1, 2, 2, 3]) for _ in range(rng.randint(1, 4))]
        lists = tuple(dict.fromkeys(tuple(sorted(rng.sample(names, size))) for size in sizes))
        found.append(Rule(f"r{number:02}", lists))
    return found, burdens


def witness_of(rules: list[Rule], burdens: Burdens, found: Cover) -> Json:
    """Return the witness as a decision gives it."""
    handed_in = set(found.papers)
    return {
        "alternatives": {rule.id: [list(one) for one in rule.alternatives] for rule in rules},
        "burdens": burdens,
        "uses": {
            rule.id: list(next(one for one in rule.alternatives if handed_in.issuperset(one)))
            for rule in rules
        },
        "parts": [
            {
                "rules": list(part.rules),
                "papers": list(part.papers),
                "optimal": part.optimal,
                "bound": list(part.bound),
                "proof": part.proof,
            }
            for part in found.parts
        ],
    }
