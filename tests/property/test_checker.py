"""The checker accepts every witness of the search, and rejects each that is tampered with."""

import copy
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest

from evaluator import cover
from evaluator.checker import verify
from evaluator.cover import Cover, Rule, least_cover
from tests.covering import Burdens, random_problem, witness_of
from tests.effort import dice_of, tries
from tests.product import Json

# Each takes (list, witness, dice) and spoils one thing, or returns None where it cannot.
Tamper = Callable[[list[str], Json, Random], tuple[list[str], Json] | None]


def add_a_paper(submit: list[str], witness: Json, rng: Random) -> Any:
    rest = sorted(set(witness["burdens"]) - set(submit))
    return (sorted([*submit, rng.choice(rest)]), witness) if rest else None


def drop_a_paper(submit: list[str], witness: Json, rng: Random) -> Any:
    gone = rng.choice(submit)
    return [one for one in submit if one != gone], witness


def swap_a_paper(submit: list[str], witness: Json, rng: Random) -> Any:
    rest = sorted(set(witness["burdens"]) - set(submit))
    gone = rng.choice(submit)
    swapped = [one for one in submit if one != gone]
    return (sorted([*swapped, rng.choice(rest)]), witness) if rest else None


def swap_a_paper_everywhere(submit: list[str], witness: Json, rng: Random) -> Any:
    swapped = swap_a_paper(submit, witness, rng)
    if swapped is None:
        return None
    gone, come = (set(submit) - set(swapped[0])).pop(), (set(swapped[0]) - set(submit)).pop()
    for part in witness["parts"]:
        if gone in part["papers"]:
            part["papers"] = sorted({*part["papers"], come} - {gone})
    return swapped


def name_a_paper_twice(submit: list[str], witness: Json, rng: Random) -> Any:
    return sorted([*submit, rng.choice(submit)]), witness


def raise_a_bound(submit: list[str], witness: Json, rng: Random) -> Any:
    part = rng.choice(witness["parts"])
    part["bound"] = [part["bound"][0] + 1, part["bound"][1]]
    return submit, witness


def lower_a_bound(submit: list[str], witness: Json, rng: Random) -> Any:
    part = rng.choice(witness["parts"])
    part["bound"] = [part["bound"][0], part["bound"][1] - 1]
    return submit, witness


def drop_a_branch(submit: list[str], witness: Json, rng: Random) -> Any:
    nodes = [node for node in nodes_of(witness) if len(node.get("branches", [])) > 1]
    if not nodes:
        return None
    branches = rng.choice(nodes)["branches"]
    branches.pop(rng.randrange(len(branches)))
    return submit, witness


def close_at_the_root(submit: list[str], witness: Json, rng: Random) -> Any:
    rng.choice(witness["parts"])["proof"] = {"close": []}
    return submit, witness


def count_a_closing_rule_twice(submit: list[str], witness: Json, rng: Random) -> Any:
    leaves = [node for node in nodes_of(witness) if node.get("close")]
    if not leaves:
        return None
    closing = rng.choice(leaves)["close"]
    closing.append(closing[0])
    return submit, witness


def forget_a_closing_rule(submit: list[str], witness: Json, rng: Random) -> Any:
    del rng
    roots = [part["proof"] for part in witness["parts"] if part["proof"].get("close")]
    if not roots:
        return None
    roots[0]["close"].pop()
    return submit, witness


def use_a_foreign_list(submit: list[str], witness: Json, rng: Random) -> Any:
    rule = rng.choice(sorted(witness["uses"]))
    witness["uses"][rule] = ["no_such_paper"]
    return submit, witness


def forget_a_rule(submit: list[str], witness: Json, rng: Random) -> Any:
    del witness["alternatives"][rng.choice(sorted(witness["alternatives"]))]
    return submit, witness


def forget_a_part(submit: list[str], witness: Json, rng: Random) -> Any:
    witness["parts"].pop(rng.randrange(len(witness["parts"])))
    return submit, witness


def take_everything(submit: list[str], witness: Json, rng: Random) -> Any:
    """Forge a longer list that is enough, used and divided, and call it least."""
    del rng
    dearest = {
        rule: max(lists, key=len) for rule, lists in witness["alternatives"].items() if lists
    }
    longer = sorted({paper for papers in dearest.values() for paper in papers})
    if len(longer) == len(submit):
        return None
    witness["uses"] = dearest
    for part in witness["parts"]:
        papers = sorted({paper for rule in part["rules"] for paper in dearest[rule]})
        burden = sum(witness["burdens"][paper] for paper in papers)
        part["papers"], part["bound"] = papers, [len(papers), burden]
    return longer, witness


TAMPERS: list[Tamper] = [
    add_a_paper, drop_a_paper, swap_a_paper, swap_a_paper_everywhere, name_a_paper_twice,
    raise_a_bound, lower_a_bound, drop_a_branch, close_at_the_root, count_a_closing_rule_twice,
    forget_a_closing_rule, use_a_foreign_list, forget_a_rule, forget_a_part, take_everything,
]  # fmt: skip


def nodes_of(witness: Json) -> list[Json]:
    """Return every node of every proof."""

    def below(node: Json) -> Iterator[Json]:
        yield node
        for _, under in node.get("branches", []):
            yield from below(under)

    return [node for part in witness["parts"] for node in below(part["proof"])]


@pytest.mark.parametrize("tamper", TAMPERS, ids=lambda tamper: tamper.__name__)
def test_the_checker_rejects_a_tampered_witness(tamper: Tamper) -> None:
    rng = dice_of(tamper.__name__)
    rejected = 0
    for _ in range(tries(60)):
        rules, burdens = random_problem(rng, rng.randint(2, 9), rng.randint(4, 10))
        found = least_cover(rules, burdens)
        witness = witness_of(rules, burdens, found)
        spoilt = tamper([*found.papers], copy.deepcopy(witness), rng)
        if spoilt is not None:
            rejected += 1

            assert verify(*spoilt), (rules, spoilt)
    assert rejected > tries(10)


@pytest.mark.parametrize(
    "garbage", [{}, {"parts": 1}, {"burdens": [], "uses": {}}, {"x": None}]
)
def test_the_checker_rejects_what_is_no_witness(garbage: Json) -> None:
    assert verify([], garbage)


def test_a_search_out_of_nodes_says_so_and_gives_a_bound_that_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = dice_of("budget")
    forged = 0
    for _ in range(tries(30)):
        rules, burdens = random_problem(rng, 14, 14)
        least = least_cover(rules, burdens)
        with monkeypatch.context() as patched:
            patched.setattr(cover, "NODE_BUDGET", 2)
            renamed = [Rule(f"{rule.id}/again", rule.alternatives) for rule in rules]
            found = least_cover(renamed, burdens)  # under new names: solved once is remembered
        witness = witness_of(renamed, burdens, found)

        assert verify(found.papers, witness) == []
        assert cost(least.papers, burdens) >= total_bound(found)
        for part in witness["parts"]:
            if not part["optimal"] and tuple(part["bound"]) < cost(part["papers"], burdens):
                forged += 1
                assert verify(found.papers, forge(witness, part, burdens))
    assert forged > tries(5)


def cost(papers: Any, burdens: Burdens) -> tuple[int, int]:
    """Return the number of papers and their burden."""
    return len(papers), sum(burdens[paper] for paper in papers)


def total_bound(found: Cover) -> tuple[int, int]:
    """Return what all parts together cost at least."""
    return sum(part.bound[0] for part in found.parts), sum(
        part.bound[1] for part in found.parts
    )


def forge(witness: Json, part: Json, burdens: Burdens) -> Json:
    """Return the witness with one unfinished part called least, its bound made to fit."""
    forged = copy.deepcopy(witness)
    place = witness["parts"].index(part)
    bound = list(cost(part["papers"], burdens))
    forged["parts"][place] |= {"optimal": True, "bound": bound}
    return forged
