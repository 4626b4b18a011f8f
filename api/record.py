"""Records: what is sealed of a decision, a release, an incident, a refusal.

NOTE: the bodies below are sealed and read for ever. A body that must change its shape gets a
new kind. Personal data never stand in a body: they lie in boxes under the key of their case,
and the body holds salted commitments to them.
"""

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from api.answer import Answer, MatchersDifferError
from api.cases.table import Alert, CreditNote
from api.table import Release
from audit.commitment import SALT_LENGTH, commit
from audit.entry import Entry
from audit.suite import SHA256_ED25519
from audit.vault import lock, unlock
from evaluator.case import CaseForm
from evaluator.decision import SEMANTICS
from knowledge.canonical import canonical
from knowledge.fault import Fault

SUITE = SHA256_ED25519
PROGRAM = version("jianzheng")
"""The version of this program, as it is sealed; looked up once, it costs a file each time."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asked, in which office, through which door, and why."""

    user: str = "anonymous"
    office: str = ""
    door: str = "rest"
    why: str = "application"

    def as_dict(self) -> dict[str, str]:
        """Return the asker as it is sealed."""
        return {"user": self.user, "office": self.office, "door": self.door, "why": self.why}


@dataclass(frozen=True, slots=True)
class Record:
    """An entry to be sealed, and the bodies of its parts."""

    entry: Entry
    bodies: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, repr=False)
class CaseKey:
    """The number of a case, and the key that its boxes are locked with."""

    number: str
    key: bytes


def of_decision(
    answer: Answer, release: Release, asker: Asker, *, at: int, key: CaseKey
) -> tuple[Record, bytes]:
    """Return the record of a decision: what is of law in the clear, what is personal boxed.

    With it come the canonical bytes of the case, as it has to be decided again.
    """
    case = answer.form
    boxes, commitments = boxed({"case": case, "decision": answer.encoded}, key)
    body = {
        "number": key.number,
        "as_of": answer.decision["as_of"],
        "law_day": answer.decision["law_day"],
        "items": list(answer.items),
        "pack": release.pack,
        "files": release.files,
        "ruleset": release.ruleset,
        "catalogue": release.catalogue,
        "semantics": SEMANTICS,
        "program": PROGRAM,
        "matchers": answer.matchers,
        "engine_fault": answer.engine_fault,
        "commitments": commitments,
        "asked": asker.as_dict(),
    }
    return _record("decision", at, body, boxes), case


def of_release(release: Release, files: bytes, *, at: int) -> Record:
    """Return the record of a release; the files are part of it, each content kept once."""
    body = {
        "pack": release.pack,
        "from_day": release.from_day.isoformat(),
        "ruleset": release.ruleset,
        "catalogue": release.catalogue,
        "program": PROGRAM,
    }
    return _record("release", at, body, {"files": files})


def of_incident(error: MatchersDifferError, asker: Asker, *, at: int, key: CaseKey) -> Record:
    """Return the record of two matchers that differ: both answers, and the case in a box."""
    case = canonical(error.case.form.model_dump(mode="json", exclude_defaults=True))
    boxes, commitments = boxed({"case": case}, key)
    body = {
        "number": key.number,
        "what": "the matchers differ",
        "items": list(error.case.items),
        "program": error.program.key,
        "live": [*error.live],
        "reference": [*error.reference],
        "commitments": commitments,
        "asked": asker.as_dict(),
    }
    return _record("incident", at, body, boxes)


def of_refusal(faults: Iterable[Fault], asker: Asker, *, at: int) -> Record:
    """Return the record of a refused case: where its faults are, never what it said."""
    where = sorted({_part_of_case(fault.where) for fault in faults})
    return _record("refusal", at, {"where": where, "asked": asker.as_dict(), **_once()}, {})


def of_look(what: str, asker: Asker, *, at: int) -> Record:
    """Return the record of an auditor's look at something."""
    return _record("look", at, {"what": what, "asked": asker.as_dict(), **_once()}, {})


def of_erasure(number: str, asker: Asker, *, at: int) -> Record:
    """Return the record of an erasure: the key of a case is destroyed."""
    return _record("erasure", at, {"number": number, "asked": asker.as_dict()}, {})


@dataclass(frozen=True, slots=True)
class Erased:
    """A case to be erased: how many events it has, and the decisions that go with it."""

    number: str
    events: int
    decisions: tuple[str, ...]


def of_case_erasure(erased: Erased, asker: Asker, *, at: int) -> Record:
    """Return the record of an erasure: the keys of a case and its decisions are destroyed."""
    body = {
        "number": erased.number,
        "events": erased.events,
        "decisions": list(erased.decisions),
        "asked": asker.as_dict(),
    }
    return _record("case_erasure", at, body, {})


@dataclass(frozen=True, slots=True)
class Step:
    """The place of an event in its case, its kind, and the decision sealed with it, if any."""

    seq: int
    kind: str
    decision: str


def of_case_event(step: Step, event: bytes, asker: Asker, *, at: int, key: CaseKey) -> Record:
    """Return the record of an event of a case: its kind in the clear, its content boxed."""
    boxes, commitments = boxed({"event": event}, key)
    body = {
        "number": key.number,
        "seq": step.seq,
        "what": step.kind,
        "decision": step.decision,
        "commitments": commitments,
        "asked": asker.as_dict(),
    }
    return _record("case_event", at, body, boxes)


def of_alert(alert: Alert) -> Record:
    """Return the record of an alert; its words name papers, sources and notices, no person."""
    body = {
        "id": alert.id,
        "what": alert.kind,
        "number": alert.number,
        "organ": alert.organ,
        "office": alert.office,
        "user": alert.user,
        "words": json.loads(alert.words),
    }
    return _record("alert", int(alert.at.timestamp() * 1000), body, {})


def of_closing(alert: Alert, remark: bytes, asker: Asker, *, key: CaseKey | None) -> Record:
    """Return the record of a closed alert; the remark is boxed under its case's key, if any."""
    boxes, commitments = boxed({"remark": remark}, key) if key else ({}, {})
    body = {
        "id": alert.id,
        "why": alert.closed_why,
        "commitments": commitments,
        "asked": asker.as_dict(),
    }
    at = alert.closed_at or alert.at
    return _record("alert_closed", int(at.timestamp() * 1000), body, boxes)


def of_repair(note: CreditNote, why: bytes, asker: Asker, *, key: CaseKey | None) -> Record:
    """Return the record of a repaired credit; why is boxed under the case's key, if any."""
    boxes, commitments = boxed({"why": why}, key) if key else ({}, {})
    body = {
        "id": note.id,
        "number": note.number,
        "commitments": commitments,
        "asked": asker.as_dict(),
    }
    return _record("credit_repaired", int(note.at.timestamp() * 1000), body, boxes)


def of_account_change(what: str, login: str, asker: Asker, *, at: int) -> Record:
    """Return the record of a change of an account; of people it holds logins alone."""
    body = {"what": what, "login": login, "asked": asker.as_dict(), **_once()}
    return _record("account", at, body, {})


def of_pulse(size: int, witness: str, *, at: int) -> Record:
    """Return the record of a witness that came again and found nothing new.

    It makes the tree grow, so that each hour of rest has a checkpoint to be cosigned.
    """
    return _record("pulse", at, {"size": size, "witness": witness}, {})


def opened(box: bytes, part: str, key: CaseKey) -> bytes:
    """Return what a box of a case holds, without the salt before it."""
    return unlock(key.key, box, case=key.number, part=part)[SALT_LENGTH:]


def _part_of_case(where: str) -> str:
    """Return the key of the case that a fault lies in; what the sender named never shows."""
    key = re.split(r"[.\[]", where, maxsplit=1)[0]
    return key if key in CaseForm.model_fields else "case"


def _once() -> dict[str, str]:
    """Tell two events apart that say the same within one millisecond: no entry comes twice."""
    return {"once": secrets.token_hex(8)}


def boxed(parts: Mapping[str, bytes], key: CaseKey) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return the parts locked under the key of a case, and salted commitments to them."""
    boxes, commitments = {}, {}
    for part, plain in parts.items():
        salt = secrets.token_bytes(SALT_LENGTH)
        commitments[part] = commit(plain, salt)
        boxes[part] = lock(key.key, salt + plain, case=key.number, part=part)
    return boxes, commitments


def _record(kind: str, at: int, body: Mapping[str, Any], bodies: Mapping[str, bytes]) -> Record:
    parts = {name: SUITE.digest(content) for name, content in bodies.items()}
    return Record(Entry(kind, at, body, parts), bodies)
