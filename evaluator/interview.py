"""The interview: which question to ask next, why, and what its answers can save.

A decision lists what is open; the interview puts it in order, the question first whose
answer removes the most uncertainty, and leaves out one whose every answer leads to the same
list, whatever the answers to the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

from evaluator.case import Case, Credit
from evaluator.decide import Decider
from evaluator.decision import Decision
from evaluator.questions import CREDIT
from evaluator.trial import Trials, outcome

MOST_DECISIONS = 256
"""Decisions that one interview step may try (the answers that conditions can tell apart)."""


@dataclass(frozen=True, slots=True)
class Question:
    """A fact (or `credit`) to ask for, the rules that it can decide, and what it can do.

    `removes` is the mean number of open questions that an answer settles, `saves` the largest
    number of papers by which an answer's list is shorter than another's; both are 0 for a
    question that no longer fitted into the budget of trials.
    """

    key: str
    rules: tuple[str, ...]
    removes: Fraction
    saves: int


@dataclass(frozen=True, slots=True)
class _Tried:
    question: Question
    inert: bool
    answers: tuple[Any, ...]


def interview(decider: Decider, case: Case) -> list[Question]:
    """Return the questions worth asking, the best first; none when nothing can change."""
    reasons = decider.reasons(case)
    trials = Trials(decider, case, MOST_DECISIONS)
    now = trials.decide()
    tried = [_try(trials, now, key, tuple(sorted(rules))) for key, rules in reasons.items()]
    useful = _deciding(trials, tried, now)
    if useful is None:  # too many combinations: those that tell something by themselves
        useful = [one for one in tried if not one.inert] or tried
    return [one.question for one in sorted(useful, key=_best_first)]


def _best_first(one: _Tried) -> tuple[Fraction, int, str]:
    return -one.question.removes, -one.question.saves, one.question.key


def _try(trials: Trials, now: Decision, key: str, rules: tuple[str, ...]) -> _Tried:
    answers = _answers(trials, key)
    if len(answers) > trials.left:
        return _Tried(Question(key, rules, Fraction(0), 0), inert=False, answers=answers)
    decisions = [_answered(trials, {key: answer}) for answer in answers]
    before = len(now["questions"])
    removed = Fraction(sum(before - len(one["questions"]) for one in decisions), len(decisions))
    sizes = [len(one["submit"]) for one in decisions]
    # An answer that leaves both the list and the other questions as they are tells nothing.
    effects = {(outcome(one), frozenset(one["questions"]) - {key}) for one in decisions}
    same = len(effects) == 1
    question = Question(key, rules, removed, max(sizes) - min(sizes))
    return _Tried(question, inert=same, answers=answers)


def _answers(trials: Trials, key: str) -> tuple[Any, ...]:
    if key == CREDIT:
        return (
            Credit(severe=False, false_commitment=False),
            Credit(severe=True, false_commitment=False),
        )
    return tuple(trials.answers(key))


def _answered(trials: Trials, answers: dict[str, Any]) -> Decision:
    change: dict[str, Any] = {}
    facts = {key: value for key, value in answers.items() if key != CREDIT}
    if CREDIT in answers:
        change["credit"] = answers[CREDIT]
    return trials.with_facts(facts, **change)


def _deciding(trials: Trials, tried: list[_Tried], now: Decision) -> list[_Tried] | None:
    """Return the questions on which the list depends, whatever the answers to the others.

    None where the combinations of answers are more than may still be tried.
    """
    if prod(len(one.answers) for one in tried) > trials.left:
        return None
    keys = [one.question.key for one in tried]
    lists = {
        answers: outcome(_answered(trials, dict(zip(keys, answers, strict=True))))
        for answers in product(*(one.answers for one in tried))
    }
    deciding = [one for place, one in enumerate(tried) if _depends(lists, place)]
    if deciding or set(lists.values()) == {outcome(now)}:
        return deciding
    return tried  # all answers lead to one list, and it is not the one we have


def _depends(lists: Mapping[tuple[Any, ...], object], place: int) -> bool:
    """Return whether two combinations that differ in one answer lead to different lists."""
    found: dict[tuple[Any, ...], object] = {}
    return any(
        found.setdefault(answers[:place] + answers[place + 1 :], result) != result
        for answers, result in lists.items()
    )
