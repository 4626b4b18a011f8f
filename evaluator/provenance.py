"""Provenance: what a decision rests on: the facts, the receipts, the rules that fired.

Semantics 10. Receipts stand in a decision by their digests alone: what they say of a person
stays in the case.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from evaluator.case import APPLICANT_KIND, Case
from evaluator.matching import Truth
from evaluator.view import ItemView
from knowledge.canonical import digest
from knowledge.fact import FactValue
from knowledge.vocabulary import Vocabulary


def provenance(
    case: Case,
    vocabulary: Vocabulary,
    views: Sequence[ItemView],
    truths: Sequence[Sequence[Truth]],
) -> dict[str, Any]:
    """Return the parts of a decision that say what it rests on."""
    return {
        "facts": {
            key: {"value": written(value), "from": vocabulary.by_key[key].answered_by}
            for key, value in case.facts.items()
            if key != APPLICANT_KIND
        },
        "receipts": [digest(one.model_dump(mode="json")) for one in case.form.receipts],
        "fired": fired(views, truths),
    }


def written(value: FactValue) -> str | bool | int:
    """Return a fact's value as a case writes it: decimals and days as text."""
    if isinstance(value, Decimal | date):
        return str(value)
    return value


def fired(views: Sequence[ItemView], truths: Sequence[Sequence[Truth]]) -> dict[str, list[str]]:
    """Return the ids of the rules whose condition is true, by section, sorted."""
    found: dict[str, set[str]] = {"requirements": set(), "reductions": set(), "keeps": set()}
    for view, values in zip(views, truths, strict=True):
        for named, value in zip(view.named, values, strict=True):
            for section, rule in named if value else ():
                found[section].add(rule)
    return {section: sorted(rules) for section, rules in found.items()}
