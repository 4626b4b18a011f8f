"""Coverage: which rules of a pack no example would miss.

A rule is covered when some example no longer comes out as wanted once it is deleted. What no
example would miss, nobody has judged.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace

from evaluator.decide import Decider
from evaluator.example import Example, read_examples, troubles
from knowledge.fault import FaultsError
from rules.pack import Pack


def uncovered(
    pack: Pack,
    progress: Callable[[int, int], None] | None = None,
    *,
    share: tuple[int, int] = (0, 1),
) -> list[str]:
    """Return the ids of the rules that can be deleted without any example failing.

    `share` (part, parts) tries only each so many-th rule, so that several can share the work.
    """
    examples = [example for _, example in read_examples(pack)]
    near = _near(pack, examples)
    part, parts = share
    rules = [*pack.rules.requirements, *pack.rules.reductions, *pack.rules.keeps][part::parts]
    missed = []
    for number, rule in enumerate(rules, 1):
        # A requirement rule touches only the examples of its item; any other rule is tried on
        # those that name it first, and on all the others before it is blamed.
        rest = [] if rule in pack.rules.requirements else examples
        if not _is_missed(pack, rule, near[rule]) and not _is_missed(pack, rule, rest):
            missed.append(rule)
        if progress:
            progress(number, len(rules))
    return missed


def _near(pack: Pack, examples: Iterable[Example]) -> dict[str, list[Example]]:
    """Return for each rule the examples whose decisions name it."""
    near: dict[str, list[Example]] = defaultdict(list)
    decider = Decider(pack)
    for example in examples:
        try:
            decision = decider.decide(decider.read(example.case))
        except FaultsError:
            continue
        named = {entry["rule"] for entry in decision["entries"]}
        for entry in decision["entries"]:
            for edge in entry["edges"]:
                named |= {edge["reduction"], edge["kept_by"]}
        for rule in named - {None}:
            near[rule].append(example)
    return near


def _is_missed(pack: Pack, rule: str, examples: Iterable[Example]) -> bool:
    decider = Decider(replace(pack, rules=pack.rules.without(rule)))
    return any(any(troubles(decider, example)) for example in examples)
