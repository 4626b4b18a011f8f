"""Verifying a case: every row of it against the log, and every box against what was sealed.

Whoever can change the database can change each row; nobody without the keys can change what
the rows are compared with here. Every step lists all that is wrong.
"""

import json
from base64 import b64decode
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from api.cases.auditing.sealed import SealedCase, SealedEvent
from api.cases.event import LookedUp, Notified
from api.cases.evidence import RECEIPT
from api.cases.file import ENDED, CaseFile
from api.cases.papers.noticing import PART
from api.cases.permitted import items_of, outstanding
from api.cases.table import Notice, StoredReceipt
from api.cases.working import Desk
from api.proof import State, Step, sealed
from api.proof import verify as verify_decision
from api.search import instant
from api.store import ErasedError, Store
from api.witness_stop import cosigned
from audit.checkpoint import Checkpoint, opened
from audit.commitment import SALT_LENGTH, opens
from audit.error import AuditError
from audit.log import Proof
from audit.note import Note
from audit.suite import SHA256_ED25519 as SUITE
from audit.tree import leaf_hash, proves_inclusion
from evaluator.explanation import statutory
from knowledge.item import APPLICANT

_UNREADABLE: Final = (
    ValueError, KeyError, TypeError, AttributeError, IndexError, SQLAlchemyError,
)  # fmt: skip
"""What rows raise that hold what this program never wrote."""

AT_ONCE: Final = timedelta(minutes=5)
"""What one act writes may have times that are so far apart, and no further."""


def verify(one: SealedCase, desk: Desk) -> list[Step]:
    """Return every step of checking a case against the record, its signatures and its boxes."""
    return list(_Verification(one, desk).steps())


class _Verification:
    def __init__(self, one: SealedCase, desk: Desk) -> None:
        self._one, self._desk = one, desk
        self._store: Store = desk.office.store
        self._file = one.file

    def steps(self) -> Iterator[Step]:
        # (1) each row says what the entry says that it names
        yield _step("events", self._events())
        # (2) none is missing, none too many, none in another's place
        yield _step("sequence", self._sequence())
        # (3) each entry is in the tree that the log has signed, (4) and witnesses saw
        yield from self._tree()
        # (5) each box is the one that was sealed, and holds what was committed to
        yield self._boxes()
        # (6) what the desks show follows from the events
        yield self._unless_gone("case_row", self._head)
        yield self._unless_gone("persons", self._persons)
        # (7) receipts and notices say what the events say, and so do their boxes
        yield self._unless_gone("receipts", self._receipts)
        yield self._unless_gone("notices", self._notices)
        yield _step("alerts", self._alerts())
        # (8) the decisions are proved, each by itself
        yield self._decisions()
        if self._one.head.status == "erased" or self._one.of_kind("case_erasure"):
            yield _step("erasure", self._erasure())

    def _events(self) -> Iterator[str]:
        for one in self._one.events:
            wrong = list(_row_against_entry(one))
            if wrong:
                yield f"{one.row.seq} ({', '.join(wrong)})"

    def _sequence(self) -> Iterator[str]:
        rows = [one.row.seq for one in self._one.events]
        there = [entry.body.get("seq") for entry in self._one.of_kind("case_event")]
        for seq in sorted({*rows, *there, *range(1, len(rows) + 1)}):
            if rows.count(seq) != 1 or there.count(seq) != 1:
                yield f"{seq} ({rows.count(seq)}/{there.count(seq)})"

    def _tree(self) -> Iterator[Step]:
        proofs = [(one, one.proof) for one in self._one.events]
        waiting = [one for one, proof in proofs if proof is None and one.encoded]
        wrong = [
            str(one.row.seq)
            for one, proof in proofs
            if (proof is None and not one.encoded) or (proof and not _included(one, proof))
        ]
        state: State = "bad" if wrong else "waiting" if waiting else "good"
        yield Step("inclusion", state, ", ".join(wrong))
        notes = list(dict.fromkeys(proof.checkpoint for _, proof in proofs if proof))
        if notes:
            yield self._checkpoint(notes[-1])
            found = cosigned(Note.parse(notes[-1]), self._store.keys.witnesses)
            names = ", ".join(one.witness for one in found)
            yield Step("witnesses", "good" if found else "waiting", names)

    def _checkpoint(self, note: str) -> Step:
        try:
            signed = opened(Note.parse(note), *self._one.keys)
        except AuditError as error:
            return Step("checkpoint", "bad", str(error))
        good = signed.origin == self._store.keys.log.origin
        return Step("checkpoint", "good" if good else "bad")

    def _boxes(self) -> Step:
        wrong = [str(one.row.seq) for one in self._one.events if not _box_is_good(one)]
        if self._one.key is None and not self._one.erased:
            wrong.append("key")
        gone: State = "gone" if self._one.key is None else "good"
        return Step("boxes", "bad" if wrong else gone, ", ".join(wrong))

    def _unless_gone(self, what: str, check: Any) -> Step:
        if self._one.erased:
            return Step(what, "gone")
        if self._file is None:
            return Step(what, "bad", "events")
        return _step(what, check(self._file))

    def _head(self, file: CaseFile) -> Iterator[str]:
        head, expected = self._one.head, self._expected(file)
        yield from (key for key, value in expected.items() if getattr(head, key) != value)
        first = self._one.events[0].row.at
        if abs(instant(head.opened_at) - instant(first)) > AT_ONCE:
            yield "opened_at"

    def _expected(self, file: CaseFile) -> dict[str, Any]:
        decisions = self._one.decisions
        expected = {
            "version": len(self._one.events),
            "status": file.status,
            "organ": file.organ,
            "office": file.office,
            "handler": file.handler,
            "channel": file.opened.channel,
            "process": file.opened.process or "",
            "step": file.opened.step or "",
            "project": file.opened.project,
            "accepted_on": file.accepted.day if file.accepted else None,
            "decision": decisions[-1] if decisions else "",
        }
        try:
            kept = self._store.decision(decisions[-1]) if decisions else None
        except (ErasedError, AuditError):
            kept = None  # the step of the decisions says so
        if kept is None:
            return expected
        decider = self._desk.office.decider_of(kept.row.release)
        decision = json.loads(kept.body)
        expected |= {
            "items": json.dumps(items_of(file, decider.pack)),
            "statutory": statutory(decider, decision),
            "submit": len(decision["submit"]),
            "outstanding": len(outstanding(file, decision)),
            "final": decision["final"],
        }
        if file.status not in ENDED:
            act_by = self._desk.courses.act_by
            expected["due_on"] = act_by(self._one.head, file, file, decider.pack)
        return expected

    def _persons(self, file: CaseFile) -> Iterator[str]:
        token = self._desk.cases.token
        now = [(APPLICANT, file.applicant.id), *((one.role, one.id) for one in file.parties)]
        joined = [
            (event.party.role, event.party.id)
            for one in self._one.happened
            if (event := one.event).kind == "joined"
        ]
        first = [(one.role, one.id) for one in file.opened.parties]
        rows = {(one.role, bytes(one.token)) for one in self._one.persons}
        ever = {(role, token(person)) for role, person in (*now, *first, *joined)}
        missing = {(role, token(person)) for role, person in now} - rows
        yield from sorted({role for role, _ in (rows - ever) | missing})

    def _receipts(self, file: CaseFile) -> Iterator[str]:
        rows = {one.id: one for one in self._one.receipts}
        for seen in self._one.happened:
            look = seen.event
            if not isinstance(look, LookedUp) or look.reused:
                continue
            for place, ref in enumerate(look.refs):
                row = rows.pop(ref, None)
                wrong = ["row"] if row is None else list(self._receipt(row, look, place))
                if wrong:
                    yield f"{ref} ({', '.join(wrong)})"
        yield from (f"{ref} (event)" for ref in rows)
        del file

    def _receipt(self, row: StoredReceipt, look: LookedUp, place: int) -> Iterator[str]:
        receipt = look.receipts[place]
        said = {
            "source": look.source,
            "token": self._desk.cases.token(look.subject),
            "verdict": receipt.verdict,
            "reason": look.reasons[place] if place < len(look.reasons) else "",
            "materials": json.dumps(receipt.materials),
            "claims": json.dumps(receipt.claims),
            "day": receipt.on,
            "milliseconds": look.milliseconds,
        }
        yield from (key for key, value in said.items() if getattr(row, key) != value)
        plain = self._one.opened(f"{RECEIPT}-{row.id}", row.box)
        if plain is None or SUITE.digest(self._one.boxes[row.box]) != row.box:
            yield "box"
            return
        kept = json.loads(plain)
        raw = b64decode(kept["raw"])
        if row.digest != (SUITE.digest(raw) if raw else ""):
            yield "digest"
        about = kept.get("about", {})
        yield from (key for key, value in about.items() if _written(row, key) != value)

    def _notices(self, file: CaseFile) -> Iterator[str]:
        rows = {one.number: one for one in self._one.notices}
        decision, seq = "", 0
        for seen in self._one.happened:
            told = seen.event
            if isinstance(told, Notified):
                seq += 1
                row = rows.pop(told.notice, None)
                if row is None:
                    yield f"{told.notice} (row)"
                else:
                    wrong = [*self._notice(row, told), *_differ(row, seq=seq)]
                    wrong += _differ(row, decision=decision)
                    if abs(instant(row.issued_at) - seen.at) > AT_ONCE:
                        wrong.append("issued_at")
                    if wrong:
                        yield f"{row.number} ({', '.join(wrong)})"
            decision = seen.decision or decision
        yield from (f"{number} (event)" for number in rows)
        del file

    def _notice(self, row: Notice, told: Notified) -> Iterator[str]:
        yield from _differ(row, digest=told.digest)
        if json.loads(row.added) != list(told.added):
            yield "added"
        plain = self._one.opened(f"{PART}-{row.number}", row.box)
        if plain is None:
            yield "box"
            return
        sheet = json.loads(plain)["zh"]
        said = {"number": row.number, "code": row.code, "day": row.as_of.isoformat()}
        yield from (f"box: {key}" for key, value in said.items() if sheet[key] != value)

    def _alerts(self) -> Iterator[str]:
        entries = {one.body["id"]: one for one in self._one.of_kind("alert")}
        for row in self._one.alerts:
            entry = entries.pop(row.id, None)
            if entry is None:
                yield f"{row.id} (log)"
                continue
            said = {"what": row.kind, "organ": row.organ, "office": row.office}
            said |= {"user": row.user, "words": json.loads(row.words)}
            wrong = [key for key, value in said.items() if entry.body[key] != value]
            if wrong:
                yield f"{row.id} ({', '.join(wrong)})"
        yield from (f"{one} (row)" for one in entries)

    def _decisions(self) -> Step:
        states: set[State] = set()
        wrong = list(_all(self._wrong_decisions(states)))
        state: State = "gone" if "gone" in states else "good"
        if "waiting" in states:
            state = "waiting"
        return Step("decisions", "bad" if wrong else state, "; ".join(wrong))

    def _wrong_decisions(self, states: set[State]) -> Iterator[str]:
        """Yield the decisions that are not proved, and say how the steps of the others end."""
        for number in self._one.decisions:
            one = sealed(self._store, number)
            steps = verify_decision(one, self._store.keys) if one else [Step("row", "bad")]
            bad = [step.what for step in steps if step.state == "bad"]
            states |= {step.state for step in steps if step.what != "witnesses"}
            if bad:
                yield f"{number} ({', '.join(bad)})"

    def _erasure(self) -> Iterator[str]:
        entries = self._one.of_kind("case_erasure")
        if len(entries) != 1:
            yield f"{len(entries)}"
            return
        said = {
            "events": len(self._one.events), "decisions": list(self._one.decisions),
        }  # fmt: skip
        yield from (key for key, value in said.items() if entries[0].body[key] != value)
        if self._one.head.status != "erased":
            yield "status"
        if self._one.key is not None:
            yield "key"


def _row_against_entry(one: SealedEvent) -> Iterator[str]:
    row, entry = one.row, one.entry
    if entry is None or one.encoded is None or leaf_hash(one.encoded) != bytes(row.leaf):
        yield "entry"
        return
    said: dict[str, Any] = {
        "number": row.number, "seq": row.seq, "what": row.kind, "decision": row.decision,
    }  # fmt: skip
    yield from (key for key, value in said.items() if entry.body.get(key) != value)
    asked = entry.body.get("asked", {})
    yield from (key for key in ("user", "office") if asked.get(key) != getattr(row, key))
    if entry.kind != "case_event":
        yield "kind"
    if entry.at != int(instant(row.at).timestamp() * 1000):
        yield "at"
    if entry.parts.get("event") != row.box:
        yield "box"


def _included(one: SealedEvent, proof: Proof) -> bool:
    head = Checkpoint.parse(Note.parse(proof.checkpoint).text)
    return proves_inclusion(
        bytes(one.row.leaf), proof.index, proof.path, size=head.size, root=head.root
    )


def _box_is_good(one: SealedEvent) -> bool:
    entry = one.entry
    if entry is None or SUITE.digest(one.box) != entry.parts.get("event"):
        return False
    if one.salted is None:
        return True
    commitment = entry.body.get("commitments", {}).get("event", "")
    return opens(commitment, one.salted[SALT_LENGTH:], one.salted[:SALT_LENGTH])


def _differ(row: Any, **said: object) -> list[str]:
    return [key for key, value in said.items() if getattr(row, key) != value]


def _written(row: Any, key: str) -> Any:
    value = getattr(row, key)
    return instant(value).isoformat() if key == "asked_at" else value


def _step(what: str, wrong: Iterable[str]) -> Step:
    said = "; ".join(_all(wrong))
    return Step(what, "bad" if said else "good", said)


def _all(wrong: Iterable[str]) -> Iterator[str]:
    """Yield all that is wrong; a row that cannot even be read ends it."""
    try:
        yield from wrong
    except _UNREADABLE as error:
        yield f"unreadable ({type(error).__name__})"
