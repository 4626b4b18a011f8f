"""Tallies: what is counted of a case for the figures, kept beside it with each act."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection

from api.cases.consequence import AGENCY_CHECK
from api.cases.event import Event, LookedUp
from api.cases.file import CaseFile
from api.cases.permitted import items_of
from api.cases.row import Rows
from api.cases.store import Work
from api.cases.table import CaseHead, CaseTally
from api.search import instant
from evaluator.case import paper
from evaluator.decision import Decision
from knowledge.canonical import canonical
from knowledge.day import CHINA
from rules.ground import ORDER, Ground

if TYPE_CHECKING:
    from api.cases.working import Worked

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


def tallying(worked: "Worked", before: CaseHead | None, events: Sequence[Event]) -> Work:
    """Return the work that counts a case after some events; `before` is none for a new one."""
    head, file = worked.head, worked.file
    values = _values(worked)
    once, more = _once(head, file), _more(events)
    new = before is None

    def work(connection: Connection) -> None:
        here = {"number": head.number}
        if new:
            _TALLIES.add(connection, {**values, **once, **more, **here})
            return
        all_values = {**values, **once, **more}
        del all_values["day"]  # it never changes, and its index would be rewritten
        _TALLIES.rewrite(connection, all_values, here, first=once, more=more)

    return work


def _values(worked: "Worked") -> dict[str, Any]:
    head, file = worked.head, worked.file
    handed_in = [one for one in file.received.values() if one.how != "number"]
    ended = file.ended.day if file.ended else None
    return {
        "day": instant(head.opened_at).astimezone(CHINA).date(),
        "item": items_of(file, worked.pack)[0],
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
        "savings": canonical(saved(worked.decision)).decode(),
    }


def _more(events: Sequence[Event]) -> dict[str, int]:
    """Return what was asked of registries; what an agency checked itself does not count."""
    looks = [
        one
        for one in events
        if isinstance(one, LookedUp) and not one.reused and AGENCY_CHECK not in one.reasons
    ]
    verdicts = [receipt.verdict for one in looks for receipt in one.receipts]
    return {
        "look_ups": len(verdicts),
        "hits": verdicts.count("found_match"),
        "milliseconds": sum(one.milliseconds * len(one.receipts) for one in looks),
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
