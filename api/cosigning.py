"""Cosigning: what the office does with the word of a witness."""

from typing import Final

from sqlalchemy import Connection, select

from api import record
from api.store import Store
from audit.checkpoint import Checkpoint
from audit.error import AuditError
from audit.note import Note, Signature, VerifierKey
from audit.store import SqlStore
from audit.table import CHECKPOINT, COSIGNATURE

HOUR: Final = 3600
"""Seconds after which a witness's word for the same checkpoint is worth keeping again."""

CLOCK_AHEAD: Final = 300
"""Seconds that a witness's clock may be ahead; a later time would silence the alarm."""


class CosigningError(AuditError):
    """A cosignature that is not taken."""


class UnknownWitnessError(CosigningError):
    """Nobody whose key lies in `witnesses` signed."""

    def __init__(self) -> None:
        super().__init__(
            "no witness that is trusted here signed this; "
            "put the witness's key into the file `witnesses` of the folder of keys"
        )


class OtherHistoryError(CosigningError):
    """The cosigned checkpoint is none of this record: one of both was rewritten."""

    def __init__(self, size: int) -> None:
        super().__init__(
            f"the checkpoint of {size} entries is not of this record; "
            "compare both at once: `jianzheng audit --witnessed FILE`"
        )


def accept(store: Store, body: str) -> int:
    """Keep the cosignatures of trusted witnesses; return how many were kept.

    INVARIANT (few lines): a checkpoint gets at most two cosignatures of one witness. The
    second comes after an hour of rest, with an entry that leads to a new checkpoint.
    """
    note = Note.parse(body)
    size = Checkpoint.parse(note.text).size
    found = [
        (key, one)
        for key in store.keys.witnesses
        for one in note.signatures
        if one.is_by(key) and key.verifies(one.value, note.text)
    ]
    if not found:
        raise UnknownWitnessError
    latest = store.milliseconds() // 1000 + CLOCK_AHEAD
    if any(one.time > latest for _, one in found):
        raise CosigningError("a cosignature is of the future; set the witness's clock")

    def work(connection: Connection) -> int:
        known = _lines(connection, note, size)
        return sum(_keep(store, connection, size, known, pair) for pair in found)

    return store.database.write(work)


def _keep(
    store: Store,
    connection: Connection,
    size: int,
    known: list[Signature],
    given: tuple[VerifierKey, Signature],
) -> bool:
    key, signature = given
    before = [one.time for one in known if one.is_by(key)]
    if len(before) > 1 or (before and signature.time - max(before) < HOUR):
        return False
    log = SqlStore(connection)
    log.keep_cosignature(size, str(signature))
    if before:
        pulse = record.of_pulse(size, key.name, at=store.milliseconds())
        store.keys.log.seal(log, pulse.entry, pulse.bodies)
    return True


def _lines(connection: Connection, note: Note, size: int) -> list[Signature]:
    """Return the cosignatures of the checkpoint of a size, or refuse another history."""
    query = (
        select(CHECKPOINT)
        .where(CHECKPOINT.c.size == size)
        .order_by(CHECKPOINT.c.number.desc())
        .limit(1)
    )
    own = connection.execute(query).first()
    if own is None or Note.parse(own.note).text != note.text:
        raise OtherHistoryError(size)
    lines = select(COSIGNATURE.c.line).where(COSIGNATURE.c.checkpoint == own.number)
    return [Signature.parse(one) for one in connection.execute(lines).scalars()]
