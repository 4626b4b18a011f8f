"""Asking: a question as it is put to somebody: why, what it is worth, how it is answered."""

from dataclasses import dataclass

from api.naming import Cited
from api.wording import Wording
from evaluator.interview import Question


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is put: why, what it is worth, and how it can be answered.

    `kind` is the type of the fact; `answers` (value, name, own name) those that can be
    chosen; `stated` the answer so far.
    """

    key: str
    kind: str
    text: str
    reason: str
    basis: tuple[Cited, ...]
    worth: str
    answers: list[tuple[str, str, str]]
    unit: str
    hint: str
    stated: str
    by_desk: bool
    fault: str


def put(wording: Wording, question: Question, stated: str = "", fault: str = "") -> Asked:
    """Return a question as it is put; `stated` is the answer so far, `fault` what is wrong."""
    key, names, speech = question.key, wording.names, wording.speech
    fact = names.pack.catalogue.facts.get(key)
    kind = fact.type if fact else "choice"
    typed = "" if kind in ("choice", "boolean") else "number" if kind == "integer" else kind
    scale = fact.scale if fact else None
    return Asked(
        key=key,
        kind=kind,
        text=names.question(key),
        reason=wording.reason(question) if question.rules else "",
        basis=wording.reason_basis(question),
        worth=wording.worth(question),
        answers=wording.answers(key),
        unit=names.unit(key) if fact else "",
        hint=speech.say(f"ask.{typed}", scale=scale) if typed else "",
        stated=stated,
        by_desk=bool(fact and fact.answered_by == "desk"),
        fault=fault,
    )
