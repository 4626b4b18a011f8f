"""Foresight: which papers are needed only if a registry stays silent, said beforehand.

Each registry that is still to answer is supposed to confirm what it is asked; what then drops
off the list is needed only if it does not.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from api.cases.fitting import fitted
from api.cases.working import Worked
from evaluator.decision import Decision

MOST_TRIALS: Final = 40
"""Registries that are tried one by one; with more, only all together."""


def only_if_silent(worked: Worked) -> Mapping[str, tuple[str, ...]]:
    """Return, for papers on the list, the registries that can still take them off.

    A paper that only several registries together can take off names all of them.
    """
    rows = worked.decision["lookups"]
    on_list = {*worked.decision["submit"]}
    if not rows or not on_list:
        return {}
    found: dict[str, list[str]] = {}
    every = list(dict.fromkeys(row["source"] for row in rows))
    for source in every if len(every) <= MOST_TRIALS else ():
        of_source = [row for row in rows if row["source"] == source]
        for paper in sorted(on_list - {*_supposing(worked, of_source)["submit"]}):
            found.setdefault(paper, []).append(source)
    together = sorted(on_list - {*_supposing(worked, rows)["submit"]} - found.keys())
    found |= dict.fromkeys(together, every)
    return {paper: tuple(sources) for paper, sources in found.items()}


def _supposing(worked: Worked, rows: Iterable[Mapping[str, Any]]) -> Decision:
    """Return the decision if each of these look-ups confirmed what it is asked."""
    raw, _ = fitted(worked.file.raw(worked.today), worked.pack)
    confirmed = tuple(
        {
            "source": row["source"],
            "verdict": "found_match",
            "on": worked.today.isoformat(),
            "subject": row["subject"],
            **named,
        }
        for row in rows
        for named in _each(row)
    )
    decider = worked.answerer.decider
    return decider.decide(decider.read(raw | {"receipts": (*raw["receipts"], *confirmed)}))


def _each(row: Mapping[str, Any]) -> Iterable[dict[str, tuple[str, ...]]]:
    if row["materials"]:
        yield {"materials": tuple(row["materials"])}
    if row["claims"]:
        yield {"claims": tuple(row["claims"])}
