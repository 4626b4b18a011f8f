"""The product and the oracle, which share no line of code, come to the same decisions."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from evaluator.checker import verify
from evaluator.decide import Decider
from tests.effort import dice_of, tries
from tests.oracle import oracle
from tests.oracle.packs import matters, random_case, random_pack, random_spoilt_case
from tests.product import Json, decide, pack_of, plan_steps

SHARDS = range(8)
CASES = 10


def seeds(shard: int, usual: int) -> Iterator[int]:
    """Return the seeds of one shard."""
    return iter(range(shard, tries(usual) * len(SHARDS), len(SHARDS)))


def differences(got: Json, want: Json) -> list[tuple[str, Any, Any]]:
    """Return (key, what the product says, what the oracle says) where they differ."""
    if "error" in got or "error" in want:
        agreed = ("error" in got) == ("error" in want)
        return [] if agreed else [("error", got.get("error"), want.get("error"))]
    return [(key, got.get(key), want[key]) for key in want if got.get(key) != want[key]]


@pytest.mark.parametrize("shard", SHARDS)
def test_every_decision_is_the_one_that_the_specification_gives(shard: int) -> None:
    for seed in seeds(shard, usual=14):
        rng = dice_of(seed)
        pack = random_pack(rng)
        decider = Decider(pack_of(pack))
        for _ in range(CASES):
            throw = random_spoilt_case if rng.random() < 0.15 else random_case
            case = throw(pack, rng)
            got = decide(decider, case)

            assert not differences(got, oracle.decide(pack, case)), (seed, case)
            assert "error" in got or not verify(got["submit"], got["witness"]), (seed, case)


@pytest.mark.parametrize("shard", SHARDS)
def test_every_plan_is_the_one_that_the_specification_gives(shard: int) -> None:
    for seed in seeds(shard, usual=12):
        rng = dice_of(f"plan {seed}")
        pack = random_pack(rng)
        case = random_case(pack, rng)
        process = pack["processes"][0]["id"]
        got = plan_steps(Decider(pack_of(pack)), process, case)
        want = oracle.plan(pack, process, case)

        assert differences_of_plans(got, want) == [], (seed, case)


def differences_of_plans(got: Json, want: Json) -> list[Any]:
    """Return where two plans differ."""
    if "error" in got or "error" in want:
        return differences(got, want)
    steps = [[one["step"] for one in plan["steps"]] for plan in (got, want)]
    if steps[0] != steps[1]:
        return steps
    pairs = zip(got["steps"], want["steps"], strict=True)
    return [row for a, b in pairs for row in differences(a["decision"], b["decision"])]


@settings(max_examples=tries(25))
@given(matters())
def test_a_drawn_matter_is_decided_as_the_specification_says(matter: tuple[Json, Json]) -> None:
    pack, case = matter

    got = decide(Decider(pack_of(pack)), case)

    assert differences(got, oracle.decide(pack, case)) == []
