"""Views: a case put into the forms of REST; who is in it is masked unless wanted whole."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from api.cases.clock import Clock
from api.cases.door import Hall
from api.cases.event import LookedUp
from api.cases.file import CaseFile
from api.cases.permitted import outstanding
from api.cases.store import Happened
from api.cases.working import Worked
from api.masking import mask_name, mask_number
from api.search import instant
from evaluator.interview import interview


def list_now(worked: Worked, *, full: bool = False) -> dict[str, Any]:
    """Return `ListNow`."""
    made, head = worked.decision, worked.head
    return {
        "number": worked.number,
        "version": worked.file.version,
        "status": worked.file.status,
        "decision_number": head.decision,
        **{key: made[key] for key in ("submit", "reference", "commitment", "deferred")},
        "outstanding": outstanding(worked.file, made),
        "lookups": _asked_of(made["lookups"], full=full),
        **{
            key: made[key]
            for key in ("unmeetable", "questions", "missing_roles", "offers", "final")
        },
    }


def case_shown(
    worked: Worked, hall: Hall, *, full: bool = False, questions: bool = False
) -> dict[str, Any]:
    """Return `CaseShown`, ready for JSON."""
    file, head = worked.file, worked.head
    lookups = _asked_of(worked.decision["lookups"], full=full)
    pending = sorted(hall.looking_up.pending(worked.number))
    clock = hall.desk.courses.clock(head, file, worked.pack)
    return {
        **list_now(worked, full=full),
        "opened_at": instant(head.opened_at),
        "updated_at": instant(head.updated_at),
        "organ": head.organ,
        "office": head.office,
        "handler": head.handler,
        "channel": head.channel,
        "items": list(worked.standing.items),
        "gone": list(worked.gone),
        "process": head.process,
        "step": head.step,
        "project": head.project,
        "cloned_from": file.opened.cloned_from,
        **_of_file(file, full=full),
        "pending": [_about(source, one, full=full) for source, one in pending],
        "clock": _clock(clock),
        "next_questions": _questions(worked) if questions else None,
        "decision": {**worked.decision, "lookups": lookups},
    }


def event_shown(one: Happened, *, full: bool) -> dict[str, Any]:
    """Return `EventShown`, ready for JSON."""
    plain = one.event.model_dump(mode="json", exclude_defaults=True)
    return {
        "seq": one.seq,
        "at": instant(one.at),
        "user": one.user,
        "office": one.office,
        "decision": one.decision,
        "event": {"kind": one.event.kind, **(plain if full else _hidden(plain))},
    }


def person_shown(role: str, person: Any, *, full: bool) -> dict[str, str]:
    """Return `PersonShown`."""
    return {
        "role": role,
        "kind": person.kind,
        "id": person.id if full else mask_number(person.id),
        "name": person.name if full else mask_name(person.name, person.kind),
        "phone": getattr(person, "phone", "") if full else "",
    }


def _hidden(plain: Any) -> Any:
    """Return a value in which nobody can be read who is named in it."""
    if isinstance(plain, list):
        return [_hidden(one) for one in plain]
    if not isinstance(plain, dict):
        return plain
    return {
        key: _HIDING[key](value)
        if key in _HIDING and isinstance(value, str)
        else _hidden(value)
        for key, value in plain.items()
        if key != "shown"
    }


_HIDING: Final[dict[str, Callable[[str], str]]] = {
    **dict.fromkeys(("id", "subject", "holder"), mask_number),
    "name": mask_name,
    "phone": lambda _: "",
}


def _of_file(file: CaseFile, *, full: bool) -> dict[str, Any]:
    plain: dict[str, Any] = {"mode": "json", "exclude": {"kind"}}
    persons = [("applicant", file.applicant), *((one.role, one) for one in file.parties)]
    return {
        "persons": [person_shown(role, one, full=full) for role, one in persons],
        "facts": _facts(file),
        "credit": file.credit.model_dump() if file.credit else None,
        "looked_up": [_looked_up(one, full=full) for one in file.lookups],
        "received": [one.model_dump(**plain) for one in file.received.values()],
        "contested": file.contested,
        "lacks": file.lacks,
        "commitments": [one.model_dump(**plain) for one in file.commitments.values()],
        "promises": file.promises,
        "notices": [one.model_dump(**plain) for one in file.notices],
        "ended": file.ended.model_dump(**plain) if file.ended else None,
    }


def _facts(file: CaseFile) -> dict[str, Any]:
    return {
        key: {
            "value": value,
            "origin": file.origins.get(key, "applicant") if key in file.facts else "registry",
            "differing": file.differing.get(key),
        }
        for key, value in file.stated.items()
    }


def _looked_up(look: LookedUp, *, full: bool) -> dict[str, Any]:
    nothing = ("",) * len(look.receipts)
    findings = zip(
        look.receipts, look.reasons or nothing, look.refs or nothing, strict=False
    )  # an answer of an earlier program may say fewer reasons
    return {
        "source": look.source,
        "subject": look.subject if full else mask_number(look.subject),
        "findings": [
            {
                "verdict": one.verdict,
                "on": one.on,
                "materials": one.materials,
                "claims": one.claims,
                "reason": reason,
                "receipt": ref,
            }
            for one, reason, ref in findings
        ],
        "milliseconds": look.milliseconds,
        "asked_on": look.asked_on,
        "reused": look.reused,
    }


def _asked_of(rows: Iterable[Mapping[str, Any]], *, full: bool) -> list[dict[str, Any]]:
    return [{**one, **_about(one["source"], one["subject"], full=full)} for one in rows]


def _about(source: str, subject: str, *, full: bool) -> dict[str, Any]:
    return {"source": source, "subject": subject if full else mask_number(subject)}


def _clock(clock: Clock) -> dict[str, Any]:
    return {
        "state": clock.state,
        "received": clock.received,
        "tell_by": clock.tell_by.day,
        "start": clock.start,
        "deemed": clock.deemed,
        "due": clock.due.day if clock.due else None,
        "item": clock.item,
        "yellow_from": clock.yellow_from,
        "left": clock.left,
        "late": clock.late,
    }


def _questions(worked: Worked) -> list[dict[str, Any]]:
    found = interview(worked.answerer.decider, worked.answer.case)
    return [{"key": one.key, "rules": one.rules, "saves": one.saves} for one in found]
