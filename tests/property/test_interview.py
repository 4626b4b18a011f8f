"""The interview asks what can change the list, leaves out what cannot, and comes to an end."""

from collections.abc import Iterator
from itertools import product
from math import prod
from typing import Any

import pytest

from evaluator.interview import MOST_DECISIONS, interview
from evaluator.trial import Trials, outcome
from tests.effort import tries
from tests.matters import Matter, matters
from tests.oracle.phrases import STATED
from tests.product import Json, case_of, decide

SMALL = 120
"""Completions that a small case has at most: few enough to leave room in the budget."""
CREDIT = [
    {"severe": False, "false_commitment": False},
    {"severe": True, "false_commitment": False},
]


# Beside what conditions mention, what lies between and beyond.
BESIDE: dict[str, list[Any]] = {
    "area": ["-1", "49.98", "50.01", "119.99", "121"],
    "staff": [-4, -2, 1, 12],
    "built": ["2020-01-01", "2023-01-01", "2025-01-01"],
    "area_2": ["-0.1", "0.2", "99.8", "100"],
    "remark": ["else"],
    "credit": CREDIT,
}


def answers(key: str) -> list[Any]:
    return STATED.get(key, []) + BESIDE.get(key, [])


def answered(case: Json, given: Json) -> Json:
    """Return the case with some questions answered."""
    facts = {key: value for key, value in given.items() if key != "credit"}
    credit = {"credit": given["credit"]} if "credit" in given else {}
    return case | credit | {"facts": {**case.get("facts", {}), **facts}}


def completions(matter: Matter) -> dict[tuple[int, ...], Any]:
    """Return the list for each way to answer all questions of a decision."""
    keys = matter.decision["questions"]
    found = {}
    for places in product(*(range(len(answers(key))) for key in keys)):
        given = {key: answers(key)[at] for key, at in zip(keys, places, strict=True)}
        found[places] = outcome(decide(matter.decider, answered(matter.case, given)))
    return found


def depends(lists: dict[tuple[int, ...], Any], place: int) -> bool:
    """Say whether the answer at a place can change the list, all others being equal."""
    groups: dict[Any, set[Any]] = {}
    for places, found in lists.items():
        groups.setdefault(places[:place] + places[place + 1 :], set()).add(found)
    return any(len(one) > 1 for one in groups.values())


def small_matters(name: str, packs: int) -> Iterator[Matter]:
    """Yield matters with questions, of which every completion can be tried."""
    for matter in matters(name, packs=packs):
        keys = matter.decision["questions"]
        if keys and prod(len(answers(key)) for key in keys) <= SMALL:
            yield matter


def test_the_interview_asks_exactly_what_some_completion_depends_on() -> None:
    asked = left_out = 0
    for matter in small_matters("interview", packs=60):
        keys = matter.decision["questions"]
        got = {
            one.key for one in interview(matter.decider, case_of(matter.decider, matter.case))
        }
        lists = completions(matter)
        wanted = {key for place, key in enumerate(keys) if depends(lists, place)}
        asked, left_out = asked + len(got), left_out + len(set(keys) - got)

        if wanted or set(lists.values()) == {outcome(matter.decision)}:
            assert got == wanted, matter
        else:  # every answer leads to one list, but not to the one of today
            assert got == set(keys), matter
    assert asked > tries(30)
    assert left_out > tries(10)


def test_answering_the_first_question_each_time_comes_to_the_list_of_every_completion() -> None:
    ended = 0
    for matter in matters("dialogue", packs=25):
        case = matter.case
        for _ in range(12):
            questions = interview(matter.decider, case_of(matter.decider, case))
            if not questions:
                break
            key = questions[0].key
            case = answered(case, {key: matter.rng.choice(answers(key))})
        else:
            raise AssertionError(matter)
        now = outcome(decide(matter.decider, case))
        ended += 1
        for _ in range(5):
            facts = {key: matter.rng.choice(STATED[key]) for key in STATED}
            open_ones = {
                fact["key"]: facts[fact["key"]]
                for fact in matter.pack["facts"]
                if fact["key"] not in case.get("facts", {})
            }

            assert outcome(decide(matter.decider, answered(case, open_ones))) == now, matter
    assert ended > tries(60)


def test_every_question_is_one_of_the_decision_and_says_which_rules_ask() -> None:
    for matter in matters("why", packs=25):
        rules = {
            rule["id"]
            for section in ("requirements", "reductions", "keeps")
            for rule in matter.pack[section]
        }
        for one in interview(matter.decider, case_of(matter.decider, matter.case)):
            assert one.key in matter.decision["questions"]
            assert one.rules
            assert set(one.rules) <= rules


def test_a_complete_case_has_no_interview() -> None:
    for matter in matters("no interview", packs=15):
        if matter.decision["complete"]:
            assert interview(matter.decider, case_of(matter.decider, matter.case)) == []


def test_an_interview_tries_no_more_decisions_than_its_budget(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = []
    decide_one = Trials.decide

    def counted(trials: Trials, **change: Any) -> Any:
        decision = decide_one(trials, **change)
        left.append(trials.left)
        return decision

    monkeypatch.setattr(Trials, "decide", counted)
    for matter in matters("budget", packs=20):
        interview(matter.decider, case_of(matter.decider, matter.case))

    assert 0 <= min(left) < MOST_DECISIONS
