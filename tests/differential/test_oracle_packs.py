"""The random packs and cases reach everything, and the oracle keeps its promises on them."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings

from tests.effort import dice_of, tries
from tests.oracle.evidence import GROUNDS, OUTCOME
from tests.oracle.matter import Json
from tests.oracle.oracle import decide, load_pack
from tests.oracle.packs import (
    matters,
    random_case,
    random_pack,
    random_spoilt_case,
    write_pack,
)
from tests.oracle.phrases import STATED
from tests.oracle.smallest import smallest

LISTS = ("submit", "reference", "commitment", "deferred")


def decided(name: str, packs: int, cases: int) -> Iterator[tuple[Json, Json, Json]]:
    """Yield packs, cases and decisions; refused cases are left out."""
    for number in range(packs):
        rng = dice_of(f"{name} {number}")
        pack = random_pack(rng)
        for _ in range(cases):
            case = random_case(pack, rng)
            decision = decide(pack, case)
            if "error" not in decision:
                yield pack, case, decision


def marks(decision: Json) -> set[str]:
    """Return what a decision shows: its lists, and the outcomes and grounds of its edges."""
    entries = decision["entries"]
    edges = [edge for entry in entries for edge in entry["edges"]]
    shown = {key for key, part in decision.items() if part and isinstance(part, list)}
    shown |= {edge["ground"] for edge in edges} | {edge["outcome"] for edge in edges}
    shown |= {"kept" for edge in edges if edge["kept_by"]}
    shown |= {f"offered {kind}" for kind, papers in decision["offers"].items() if papers}
    shown |= {"role" for paper in decision["submit"] if ":" in paper}
    shown |= {
        "covered in hand" if entry["settled"] else "covered by a paper handed in"
        for entry in entries
        for edge in entry["edges"]
        if edge["ground"] == "covered"
    }
    return shown | {"final"} if decision["final"] else shown


WANTED = {
    *GROUNDS, *OUTCOME.values(), *LISTS, "alternative", "unmeetable", "open", "questions",
    "lookups", "missing_roles", "kept", "role", "offered commitment", "offered tolerance",
    "covered in hand", "covered by a paper handed in", "final",
}  # fmt: skip


def test_the_random_cases_reach_every_ground_outcome_and_list_time_and_again() -> None:
    seen: Counter[str] = Counter()
    for _, _, decision in decided("reach", packs=60, cases=5):
        seen.update(marks(decision))

    assert {mark for mark in WANTED if seen[mark] < 2} == set()


def test_the_same_seed_gives_the_same_pack_and_the_same_case() -> None:
    first, second = dice_of("again"), dice_of("again")
    packs = random_pack(first), random_pack(second)

    assert packs[0] == packs[1]
    assert random_case(packs[0], first) == random_case(packs[1], second)


@pytest.mark.parametrize("bare", [False, True])
def test_a_written_pack_is_read_back_as_it_was(tmp_path: Path, *, bare: bool) -> None:
    for seed in range(5):
        pack = random_pack(dice_of(seed))
        folder = tmp_path / str(seed)
        write_pack(pack, folder, bare=bare)

        assert load_pack(folder) == pack


def test_every_spoilt_case_is_refused() -> None:
    for seed in range(150):
        rng = dice_of(f"spoilt {seed}")
        pack = random_pack(rng)
        case = random_spoilt_case(pack, rng)

        assert decide(pack, case).get("error"), case


def answered(rng: Random, pack: Json, case: Json) -> Json:
    """Return the case with some of the missing facts, and perhaps credit, stated."""
    missing = [fact["key"] for fact in pack["facts"] if fact["key"] not in case["facts"]]
    more = {key: rng.choice(STATED[key]) for key in missing if rng.random() < 0.7}
    found = {**case, "facts": {**case["facts"], **more}}
    if "credit" not in case and rng.random() < 0.7:
        found["credit"] = {"severe": rng.random() < 0.3, "false_commitment": False}
    return found


def test_when_nothing_is_left_to_ask_no_answer_changes_the_lists() -> None:
    rng = dice_of("answers")
    for pack, case, decision in decided("complete", packs=tries(60), cases=4):
        if decision["complete"]:
            later = decide(pack, answered(rng, pack, case))

            assert [later[key] for key in LISTS] == [decision[key] for key in LISTS], case


@settings(max_examples=tries(40))
@given(matters())
def test_a_drawn_matter_is_decided(matter: tuple[Json, Json]) -> None:
    pack, case = matter
    decision = decide(pack, case)

    assert decision.get("error") or set(decision["submit"]).isdisjoint(decision["deferred"])


def test_a_failing_matter_shrinks_to_what_the_failure_needs() -> None:
    def history_spares_a_paper(pack: Json, case: Json) -> bool:
        return "history" in marks(decide(pack, case))

    pack, case, _ = next(
        matter
        for matter in decided("shrink", packs=200, cases=1)
        if "history" in marks(matter[2])
    )

    pack, case = smallest(pack, case, history_spares_a_paper)

    assert [len(pack[part]) for part in ("requirements", "reductions", "materials")] == [
        1,
        1,
        1,
    ]
    assert len(case["history"]) == 1
    assert {"keeps", "authority", "facts"}.isdisjoint(pack)
