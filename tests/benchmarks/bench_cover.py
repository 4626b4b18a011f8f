"""The minimal list: real bundles of items, and components as large as they are promised."""

import json
import time
from random import Random

from evaluator.cover import Rule, _solve, least_cover
from evaluator.decide import Decider
from knowledge.strict_json import read_json
from rules.pack import Pack
from tests.benchmarks.measure import Gate
from tests.benchmarks.sample import DAY, most_demanding

MOST_RULES = 60
BUNDLES = 12
COMPONENTS, RULES_EACH = 10, 20


def bench(pack: Pack) -> tuple[list[str], list[Gate]]:
    """Return what is to be told, and the gates, of the search for the least list."""
    bundle, size = _bundles(pack)
    worst, exact = 0.0, 0
    for seed in range(5):
        rules, burdens = large(seed)
        _solve.cache_clear()
        begin = time.perf_counter()
        exact += sum(part.optimal for part in least_cover(rules, burdens).parts)
        worst = max(worst, time.perf_counter() - begin)
    lines = [
        "",
        (
            f"{BUNDLES} bundles of 6 to 8 bundled items, up to {size} requirement rules: the "
            f"slowest decision, its list found anew, takes {bundle * 1000:.1f} ms."
        ),
        "",
        (
            f"{COMPONENTS * RULES_EACH} rules in components of {RULES_EACH}, 5 problems: the "
            f"slowest takes {worst:.2f} s; {exact} of {5 * COMPONENTS} components are proved "
            "least."
        ),
    ]
    gates = [
        Gate("cover: a real bundle, slowest", bundle * 1000, 50, "ms"),
        Gate(f"cover: {COMPONENTS * RULES_EACH} rules, slowest", worst, 2, "s"),
        Gate("cover: components proved least", exact, 5 * COMPONENTS, at_least=True),
    ]
    return lines, gates


def _bundles(pack: Pack) -> tuple[float, int]:
    """Return the seconds of the slowest decision, and the rules of the largest bundle."""
    decider = Decider(pack)
    random = Random(1)  # noqa: S311 the same bundles every time
    slowest, largest = 0.0, 0
    for _ in range(BUNDLES):
        items = _bundle(pack, random)
        case = decider.read(
            read_json(
                json.dumps(
                    {
                        "as_of": DAY.isoformat(),
                        "items": items,
                        "applicant": {"kind": random.choice(("natural", "legal")), "id": "A-1"},
                        "facts": _facts(pack, random),
                    }
                )
            )
        )
        largest = max(largest, len(decider.decide(case)["entries"]))
        best = 1.0
        for _ in range(3):
            _solve.cache_clear()
            begin = time.perf_counter()
            decider.decide(case)
            best = min(best, time.perf_counter() - begin)
        slowest = max(slowest, best)
    return slowest, largest


def _bundle(pack: Pack, random: Random) -> list[str]:
    """Return 6 to 8 items with as many rules as fit into what is promised."""
    left = most_demanding(pack)[: random.choice((20, 40, 80))]
    random.shuffle(left)
    items: list[str] = []
    total = 0
    for item in left:
        number = sum(rule.live(DAY) for rule in pack.rules.demands(item))
        if number and total + number <= MOST_RULES and len(items) < 8:
            items.append(item)
            total += number
    return items


def _facts(pack: Pack, random: Random) -> dict[str, object]:
    return {
        fact.key: random.random() < 0.5
        if fact.type == "boolean"
        else random.choice(sorted(fact.choices or {}))
        for fact in pack.catalogue.facts.values()
        if fact.type in ("boolean", "choice")
    }


def large(seed: int) -> tuple[list[Rule], dict[str, int]]:
    """Return rules in components of 20, with 2 to 4 alternatives of 1 to 3 of 30 papers."""
    random = Random(seed)  # noqa: S311 the same problems every time
    rules: list[Rule] = []
    burdens: dict[str, int] = {}
    for component in range(COMPONENTS):
        papers = [f"c{component}_{at:02}" for at in range(30)]
        burdens |= {paper: random.randrange(1, 4) for paper in papers}
        for at in range(RULES_EACH):
            choices = {
                tuple(sorted(random.sample(papers, random.randrange(1, 4))))
                for _ in range(random.randrange(2, 5))
            }
            rules.append(Rule(f"c{component}_r{at:02}", tuple(sorted(choices))))
    return rules, burdens
