"""Tallies: what is counted of a case for the figures, kept beside it with each act."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, insert
from sqlmodel import col

from api.cases.file import CaseFile
from api.cases.permitted import items_of
from api.cases.row import Rows
from api.cases.store import Work
from api.cases.table import CaseHead, CaseSaving, CaseTally
from api.search import CHINA, instant
from evaluator.case import paper
from evaluator.decision import Decision
from rules.ground import ORDER, Ground
from rules.pack import Pack

_TALLIES: Final = Rows(CaseTally)
ONLINE: Final = frozenset({"online", "mobile"})
SAVED: Final = frozenset({"removed", "reference", "commitment", "deferred"})
"""What becomes of a paper that does not have to be handed in now."""


def saved(decision: Decision) -> dict[str, int]:
    """Return how many papers each ground takes off a list; a paper counts once.

    Where several rules let go of one paper, the ground counts that is stated first.
    """
    found: dict[str, str] = {}
    for entry in decision["entries"]:
        for edge in entry["edges"]:
            name = paper(entry["party"], edge["material"])
            if edge["ground"] is None or edge["outcome"] not in SAVED:
                continue
            if name in decision["submit"]:
                continue
            known = found.get(name, edge["ground"])
            found[name] = min(known, edge["ground"], key=lambda one: ORDER[Ground(one)])
    grounds = list(found.values())
    return {one: grounds.count(one) for one in sorted(set(grounds))}


def tallying(
    head: CaseHead, file: CaseFile, decision: Decision, pack: Pack, before: Decision | None
) -> Work:
    """Return the work that counts a case as it stands; `before` is its last decision."""
    values = _values(head, file, pack)
    once = _once(head, file)
    new = before is None
    savings = saved(decision)
    moved = before is None or saved(before) != savings

    def work(connection: Connection) -> None:
        here = {"number": head.number}
        if new:
            _TALLIES.add(connection, {**values, **once, **here})
        else:
            _TALLIES.rewrite(connection, {**values, **once}, here, first=once)
        if moved:
            _save(connection, head.number, savings)

    return work


def _values(head: CaseHead, file: CaseFile, pack: Pack) -> dict[str, Any]:
    handed_in = [one for one in file.received.values() if one.how != "number"]
    ended = file.ended.day if file.ended else None
    return {
        "day": instant(head.opened_at).astimezone(CHINA).date(),
        "item": items_of(file, pack)[0],
        "organ": head.organ,
        "office": head.office,
        "online": head.channel in ONLINE,
        "status": head.status,
        "statutory": head.statutory,
        "submit": head.submit,
        "final": head.final,
        "deemed": bool(file.accepted and file.accepted.deemed),
        "late": bool(ended and head.due_on and ended > head.due_on),
        "cloned": bool(file.opened.cloned_from),
        "stated": len(file.facts),
        "prefilled": sum(file.origins.get(key) == "history" for key in file.facts),
        "papers": len(handed_in),
        "originals": sum(one.how == "original" for one in handed_in),
        "notices": len(file.notices),
    }


def _once(head: CaseHead, file: CaseFile) -> dict[str, int | None]:
    """Return the seconds to what is reached now; the first time counts."""
    passed = _seconds(head.opened_at, head.updated_at)
    return {
        "listed_after": passed if head.final else None,
        "accepted_after": passed if file.accepted else None,
    }


def _seconds(since: datetime, until: datetime) -> int:
    return max(0, round((instant(until) - instant(since)).total_seconds()))


def _save(connection: Connection, number: str, savings: dict[str, int]) -> None:
    connection.execute(delete(CaseSaving).where(col(CaseSaving.number) == number))
    if savings:
        rows = [
            {"number": number, "ground": ground, "papers": papers}
            for ground, papers in savings.items()
        ]
        connection.execute(insert(CaseSaving), rows)
