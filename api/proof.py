"""Proofs: that a decision is in the record as it was sealed, and each step of checking it."""

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Connection, select

from api.keyring import Keyring
from api.search import instant
from api.store import Store
from api.table import Release, StoredDecision
from api.witness_stop import cosigned
from audit.checkpoint import Checkpoint, opened
from audit.commitment import SALT_LENGTH, opens
from audit.entry import Entry
from audit.error import AuditError
from audit.log import LogError, Proof
from audit.note import Note, VerifierKey
from audit.promise import Promise, promised
from audit.store import SqlStore, StoreError
from audit.table import ENTRY
from audit.tree import leaf_hash, proves_inclusion
from audit.vault import unlock

PARTS: Final = ("decision", "case")
"""What is boxed of a decision, under the name of its part."""

State = Literal["good", "bad", "waiting", "gone"]
"""`waiting`: the entry has no place yet. `gone`: the personal data were erased by law."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a verification: what was checked (a key of the texts), and how it ended."""

    what: str
    state: State
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Sealed:
    """Everything that proves a decision; `proof` is none until its entry has a place.

    `boxes` are the stored ciphertexts by part; `salted` what they hold, salt first, none where
    the key was destroyed.
    """

    row: Any
    release: Any
    leaf: bytes
    promise: str
    proof: Proof | None
    entry: bytes | None
    keys: tuple[VerifierKey, ...]
    boxes: dict[str, bytes]
    salted: dict[str, bytes] | None

    @property
    def door(self) -> str:
        """The door that the case came in by, as it was sealed."""
        try:
            asked = Entry.parse(self.entry or b"").body["asked"]
        except (AuditError, KeyError):
            return ""
        return str(asked.get("door", ""))

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The checkpoint that the inclusion proof leads to; nothing is verified."""
        return Checkpoint.parse(Note.parse(self.proof.checkpoint).text) if self.proof else None


def sealed(store: Store, number: str) -> Sealed | None:
    """Return what proves a decision, or none if there is no such decision."""
    table = StoredDecision.__table__  # type: ignore[attr-defined] # SQLModel hides its table
    with store.database.reading() as connection:
        row = connection.execute(select(table).where(table.c.number == number)).first()
        if row is None:
            return None
        log = SqlStore(connection)
        leaf = bytes(row.leaf)
        try:
            proof = store.keys.log.prove(log, leaf)
        except LogError:
            proof = None
        digests = {"decision": row.decision_box, "case": row.case_box}
        boxes = {part: _kept(log, digests[part]) for part in PARTS}
        wrapped = log.case_key(number)
        return Sealed(
            row=row,
            release=_release(connection, row.release),
            leaf=leaf,
            promise=row.promise,
            proof=proof,
            entry=log.entry(proof.index) if proof else _waiting(connection, leaf),
            keys=tuple(store.keys.log.keys(log)),
            boxes=boxes,
            salted=_salted(store.keys, number, wrapped, boxes),
        )


def verify(one: Sealed, keys: Keyring) -> list[Step]:
    """Return every step of checking a decision against the record and its signatures."""
    return list(_Verification(one, keys).steps())


class _Verification:
    """The steps, in the order in which each relies on those before it."""

    def __init__(self, one: Sealed, keys: Keyring) -> None:
        self._one, self._keys = one, keys
        self._body: dict[str, Any] = {}
        self._parts: dict[str, str] = {}

    def steps(self) -> Iterator[Step]:
        # (1) the promise that was handed out names this leaf, and the log signed it
        yield self._promise()
        if self._one.proof is None:
            yield Step("inclusion", "waiting")
            return
        # (2) the entry at the place is the one that was promised
        yield self._entry()
        # (3) the path leads from the leaf to the root of the checkpoint
        yield self._inclusion(self._one.proof)
        # (4) a key of the log signed that checkpoint
        yield self._checkpoint(self._one.proof)
        # (5) witnesses saw the same tree
        yield self._witnesses(self._one.proof)
        # (6) what the doors look up says what the entry says
        yield self._row()
        # (7) the stored boxes are the ones that were sealed, and hold what was committed to
        for part in PARTS:
            yield self._box(part)

    def _promise(self) -> Step:
        try:
            given = promised(Note.parse(self._one.promise), *self._one.keys)
        except AuditError as error:
            return Step("promise", "bad", str(error))
        origin = self._keys.log.origin
        good = (given.origin, given.leaf) == (origin, self._one.leaf)
        return _step("promise", good=good)

    def _entry(self) -> Step:
        encoded = self._one.entry
        if encoded is None or leaf_hash(encoded) != self._one.leaf:
            return Step("entry", "bad")
        try:
            entry = Entry.parse(encoded)
        except AuditError as error:
            return Step("entry", "bad", str(error))
        self._body, self._parts = dict(entry.body), dict(entry.parts)
        return _step("entry", good=entry.kind == "decision")

    def _inclusion(self, proof: Proof) -> Step:
        head = Checkpoint.parse(Note.parse(proof.checkpoint).text)
        good = proves_inclusion(
            self._one.leaf, proof.index, proof.path, size=head.size, root=head.root
        )
        return _step("inclusion", good=good)

    def _checkpoint(self, proof: Proof) -> Step:
        try:
            signed = opened(Note.parse(proof.checkpoint), *self._one.keys)
        except AuditError as error:
            return Step("checkpoint", "bad", str(error))
        return _step("checkpoint", good=signed.origin == self._keys.log.origin)

    def _witnesses(self, proof: Proof) -> Step:
        found = cosigned(Note.parse(proof.checkpoint), self._keys.witnesses)
        names = ", ".join(one.witness for one in found)
        return Step("witnesses", "good" if found else "waiting", names)

    def _row(self) -> Step:
        row, body = self._one.row, self._body
        kept = {
            "number": row.number,
            "as_of": row.as_of.isoformat(),
            "files": self._one.release.files,
            "program": row.program,
            "matchers": row.matchers,
            "engine_fault": row.engine_fault,
        }
        wrong = [key for key, value in kept.items() if body.get(key) != value]
        asked = body.get("asked", {})
        wrong += [key for key in ("user", "office") if asked.get(key) != getattr(row, key)]
        return Step("row", "bad" if wrong else "good", ", ".join(wrong))

    def _box(self, part: str) -> Step:
        box = self._one.boxes[part]
        if Entry("box", 0, {}).suite.digest(box) != self._parts.get(part):
            return Step(f"box_{part}", "bad")
        if self._one.salted is None:
            return Step(f"box_{part}", "gone")
        salted = self._one.salted.get(part, b"")
        commitment = self._body.get("commitments", {}).get(part, "")
        good = opens(commitment, salted[SALT_LENGTH:], salted[:SALT_LENGTH])
        return _step(f"box_{part}", good=good)


def document(one: Sealed, keys: Keyring) -> dict[str, Any]:
    """Return the proof as a JSON value: all that a stranger needs to check the decision.

    Bytes are base64, digests hexadecimal. The entry is the very text that was sealed.
    """
    proof, given = one.proof, Promise.parse(Note.parse(one.promise).text)
    place = None
    if proof is not None:
        place = {
            "index": proof.index,
            "path": [b64encode(each).decode() for each in proof.path],
            "checkpoint": proof.checkpoint,
            "entry": (one.entry or b"").decode(),
        }
    return {
        "number": one.row.number,
        "recorded_at": instant(one.row.recorded_at).isoformat(),
        "leaf": one.leaf.hex(),
        "promise": one.promise,
        "promised_at": given.at,
        "place": place,
        "log": {"origin": keys.log.origin, "keys": [str(key) for key in one.keys]},
        "witnesses": [str(key) for key in keys.witnesses],
        "release": {
            "id": one.release.id,
            "pack": one.release.pack,
            "files": one.release.files,
            "ruleset": one.release.ruleset,
            "catalogue": one.release.catalogue,
        },
    }


def bundle(one: Sealed, keys: Keyring) -> dict[str, Any]:
    """Return the proof with the decision and the case in it, and the salts that open them."""
    opened_parts: dict[str, Any] = {}
    for part in PARTS if one.salted else ():
        salted = (one.salted or {})[part]
        opened_parts[part] = json.loads(salted[SALT_LENGTH:])
        opened_parts[f"{part}_salt"] = salted[:SALT_LENGTH].hex()
    return {**opened_parts, "proof": document(one, keys)}


def _kept(log: SqlStore, digest: str) -> bytes:
    """Return a box, or nothing where it is lost: the check of its digest will say so."""
    try:
        return log.body(digest)
    except StoreError:
        return b""


def _waiting(connection: Connection, leaf: bytes) -> bytes | None:
    query = select(ENTRY.c.encoded).where(ENTRY.c.leaf == leaf)
    found = connection.execute(query).scalar_one_or_none()
    return None if found is None else bytes(found)


def _release(connection: Connection, number: int) -> Any:
    table = Release.__table__  # type: ignore[attr-defined] # SQLModel hides its table
    return connection.execute(select(table).where(table.c.id == number)).one()


def _step(what: str, *, good: bool) -> Step:
    return Step(what, "good" if good else "bad")


def _salted(
    keys: Keyring, number: str, wrapped: bytes | None, boxes: dict[str, bytes]
) -> dict[str, bytes] | None:
    """Return what boxes hold; what does not open is left out, and the check will say so."""
    if wrapped is None:
        return None
    found = {}
    try:
        key = keys.vault.unwrap(number, wrapped)
    except AuditError:
        return {}
    for part, box in boxes.items():
        try:
            found[part] = unlock(key, box, case=number, part=part)
        except AuditError:
            continue
    return found
