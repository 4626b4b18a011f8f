"""Matters: random packs with cases before them, each with the decision of the product."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from evaluator.decide import Decider
from tests.effort import dice_of, tries
from tests.oracle.packs import random_case, random_pack
from tests.product import Json, decide, pack_of


@dataclass(frozen=True)
class Matter:
    """A case before a pack, decided; `rng` throws whatever a test still needs."""

    seed: str
    pack: Json
    decider: Decider
    case: Json
    decision: Json
    rng: Random


def matters(name: str, packs: int, cases: int = 5) -> Iterator[Matter]:
    """Yield decided cases; `name` keeps the matters of one test apart from another's."""
    for number in range(tries(packs)):
        seed = f"{name} {number}"
        rng = dice_of(seed)
        pack = random_pack(rng)
        decider = Decider(pack_of(pack))
        for _ in range(cases):
            case = random_case(pack, rng)
            decision = decide(decider, case)
            if "error" not in decision:
                yield Matter(seed, pack, decider, case, decision, rng)
