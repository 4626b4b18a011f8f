"""A fault seeded in a matcher, the resolution or the cover is caught by the comparisons."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

import pytest

from api.answer import Answerer, MatchersDifferError
from evaluator import cover, evidence, plan, requirement, resolution, rete_formula
from evaluator.checker import verify
from evaluator.cover import least_cover
from evaluator.lawfulness import Lawfulness
from evaluator.questions import _Asking
from evaluator.reference import ReferenceMatcher
from evaluator.rete_worker import EngineWorker
from knowledge.catalogue import Catalogue
from rules.condition import Comparison, Not
from tests.covering import random_problem, witness_of
from tests.effort import dice_of
from tests.matters import Matter, matters
from tests.oracle import oracle
from tests.product import case_of, plan_steps

Patch = pytest.MonkeyPatch
Seed = Callable[[Patch], None]
ENOUGH = 60
"""Packs within which each fault has to be caught."""


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> Iterator[None]:
    cover._solve.cache_clear()  # noqa: SLF001 (a seeded fault must not outlive its test)
    yield
    cover._solve.cache_clear()  # noqa: SLF001 (nor the memory of it)


def caught_by_the_oracle(found: Iterator[Matter]) -> bool:
    """Say whether some decision differs from the oracle's, or its witness fails."""
    return any(
        verify(one.decision["submit"], one.decision["witness"])
        or any(one.decision[key] != part for key, part in wanted.items())
        for one in found
        for wanted in [oracle.decide(one.pack, one.case)]
        if "error" not in wanted
    )


def replaced(owner: Any, name: str, fault: Any) -> Seed:
    """Return the seed that puts a fault in the place of one name."""
    return lambda patch: patch.setattr(owner, name, fault)


def unknown_is_false(patch: Patch) -> None:
    match = ReferenceMatcher.match
    patch.setattr(
        ReferenceMatcher, "match", lambda *given: tuple(bool(one) for one in match(*given))
    )


def not_knows_too_much(patch: Patch) -> None:
    truth = Not.truth
    patch.setattr(Not, "truth", lambda *given: truth(*given) is not False)


def a_bound_is_off_by_one(patch: Patch) -> None:
    truth = Comparison.truth

    def off(condition: Comparison, facts: Any) -> Any:
        value = facts.get(condition.fact)
        if condition.operator == "<=" and isinstance(value, int | Decimal):
            return bool(value < condition.value)  # type: ignore[operator] # both are numbers
        return truth(condition, facts)

    patch.setattr(Comparison, "truth", off)


REFERENCE: dict[str, Seed] = {
    "what is unknown counts as false": unknown_is_false,
    "not of unknown is true": not_knows_too_much,
    "at most means less than": a_bound_is_off_by_one,
}
RESOLUTION: dict[str, Seed] = {
    "the most favourable verdict speaks": replaced(
        evidence,
        "_WORST_FIRST",
        {verdict: -place for place, verdict in enumerate(evidence._VERDICTS)},  # noqa: SLF001 (seeded)
    ),
    "every licence is live": replaced(evidence, "_live", lambda *_: True),
    "a conflict is overlooked": replaced(evidence.Evidence, "conflict", lambda *_: False),
    "every receipt is fresh": replaced(evidence.Evidence, "_is_fresh", lambda *_: True),
    "any receipt names any paper": replaced(evidence, "_names", lambda *_: True),
    "foreign law counts": replaced(Catalogue, "is_ours", lambda *_: True),
    "every reduction outranks": replaced(Lawfulness, "outranks", lambda *_: True),
    "no reduction outranks": replaced(Lawfulness, "outranks", lambda *_: False),
    "every paper is lawful": replaced(Lawfulness, "allows", lambda *_: True),
    "nothing is ever in hand": replaced(
        resolution, "_in_hand", lambda *_: defaultdict(set[str])
    ),
    "the first list that settles is chosen": replaced(requirement, "_burden", lambda _: []),
    "nothing is settled for good": replaced(requirement, "_is_for_good", lambda _: False),
    "covering is never asked about": replaced(_Asking, "_about_covering", lambda *_: iter(())),
    "doubts are never asked about": replaced(_Asking, "_about_edges", lambda *_: iter(())),
}
COVER: dict[str, Seed] = {
    "the first list found is given": replaced(
        cover._Search,  # noqa: SLF001 (the fault is seeded where the search is)
        "_branch",
        lambda *_: {"close": []},
    ),
    "rules that share papers are added up": replaced(cover, "_disjoint", list),
}


def test_without_a_fault_nothing_is_caught() -> None:
    assert not caught_by_the_oracle(matters("seeded", packs=10))


@pytest.mark.parametrize("name", REFERENCE | RESOLUTION)
def test_a_fault_in_what_decides_is_caught_by_the_oracle(name: str, monkeypatch: Patch) -> None:
    (REFERENCE | RESOLUTION)[name](monkeypatch)

    assert caught_by_the_oracle(matters("seeded", packs=ENOUGH))


@pytest.mark.parametrize("name", COVER)
def test_a_fault_in_the_cover_is_caught_by_the_checker(name: str, monkeypatch: Patch) -> None:
    COVER[name](monkeypatch)
    rng = dice_of("seeded")
    problems = [random_problem(rng, 9, 9) for _ in range(30)]

    assert any(
        verify(found.papers, witness_of(rules, burdens, found))
        for rules, burdens in problems
        for found in [least_cover(rules, burdens)]
    )


def test_a_fault_in_the_plan_is_caught_by_the_oracle(monkeypatch: Patch) -> None:
    monkeypatch.setattr(plan, "_gains", lambda *_: [])

    assert any(
        "error" not in wanted
        and [step["decision"]["submit"] for step in wanted["steps"]]
        != [step["decision"]["submit"] for step in got["steps"]]
        for one in matters("seeded plan", packs=ENOUGH, cases=1)
        for process in [one.pack["processes"][0]["id"]]
        for wanted in [oracle.plan(one.pack, process, one.case)]
        for got in [plan_steps(one.decider, process, one.case)]
    )


def differing(found: Iterator[Matter]) -> bool:
    """Say whether the two matchers differ on some case."""
    with EngineWorker(processes=1) as engine:
        for one in found:
            try:
                Answerer(one.decider.pack, engine).answer(case_of(one.decider, one.case))
            except MatchersDifferError:
                return True
    return False


def test_without_a_fault_the_matchers_do_not_differ() -> None:
    assert not differing(islice(matters("seeded", packs=10), 20))


@pytest.mark.parametrize(
    ("sign", "wrong"), [("<", ">"), ("==", "=="), (">=", "<="), ("!=", "!=")], ids=str
)
def test_a_fault_in_the_live_engine_is_caught_and_no_list_is_given(
    sign: str, wrong: str, monkeypatch: Patch
) -> None:
    contraries = rete_formula._CONTRARY  # noqa: SLF001 (the fault goes where the signs are)
    monkeypatch.setitem(contraries, sign, wrong)

    assert differing(matters("seeded engine", packs=ENOUGH))


@pytest.mark.parametrize("name", REFERENCE)
def test_a_fault_in_the_reference_is_caught_by_the_live_engine(
    name: str, monkeypatch: Patch
) -> None:
    REFERENCE[name](monkeypatch)

    assert differing(matters("seeded engine", packs=ENOUGH))
