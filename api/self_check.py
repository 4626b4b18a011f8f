"""The self-check: what the operator can find wrong with the record at once, without an export.

It trusts this program and its keys. The offline verifier of an export trusts neither.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from api.speech import speech
from api.standing import standing
from api.store import Store
from api.table import StoredDecision
from audit.checkpoint import Checkpoint, opened
from audit.error import AuditError
from audit.note import Note, VerifierKey
from audit.promise import MERGE_DELAY
from audit.store import SqlStore, StoreError
from audit.table import BODY, ENTRY, LEAF
from audit.tree import Tree


def self_check(store: Store, witnessed: Note | None = None) -> Iterator[str]:
    """Yield everything that is wrong, one sentence each: alarms, and faults of the record."""
    for alarm in standing(store).alarms:
        yield speech("en").say(f"audit.alarm.{alarm.key}", **alarm.words)
    yield from faults_of(store, witnessed)


def faults_of(store: Store, witnessed: Note | None = None) -> Iterator[str]:
    """Yield what is wrong with the record itself.

    `witnessed` is a checkpoint that a witness or an auditor has kept: if the record does not
    grow from it, an old backup was restored or the record was rewritten.
    """
    with store.database.reading() as connection:
        yield from _rows(connection, store.milliseconds())
        log = SqlStore(connection)
        try:
            keys = store.keys.log.keys(log)
            yield from _tree(log, keys)
        except AuditError as error:
            yield f"{error}"
            return
        if seen := log.last_cosigned():
            yield from grows_from(log, Note.parse(seen), keys, "the last cosigned checkpoint")
        if witnessed is not None:
            yield from grows_from(log, witnessed, keys, "the checkpoint that you gave")


def grows_from(log: SqlStore, note: Note, keys: list[VerifierKey], name: str) -> Iterator[str]:
    """Yield what is wrong if a record is not the continuation of a checkpoint."""
    try:
        kept = opened(note, *keys)
    except AuditError as error:
        yield f"{name} is not of this record: {error}"
        return
    size = log.size()
    if kept.size > size:
        yield (
            f"rollback: {name} has {kept.size} entries, the record has {size}; "
            "an old backup is restored, or its tail is cut"
        )
    elif Tree(kept.size, log.hashes).root() != kept.root:
        yield f"fork: {name} of {kept.size} entries is not of this history; it is rewritten"


def _tree(log: SqlStore, keys: list[VerifierKey]) -> Iterator[str]:
    text, size = log.last_checkpoint(), log.size()
    if text is None:
        yield "the record has no checkpoint; start the service once"
        return
    last = opened(Note.parse(text), *keys)
    try:
        found = Checkpoint(last.origin, size, Tree(size, log.hashes).root())
    except StoreError as error:
        yield f"{error}"
        return
    if found != last:
        yield (
            f"the stored tree of {size} entries is not the tree of {last.size} that the last "
            "checkpoint signs; verify an export"
        )


def _rows(connection: Connection, now: int) -> Iterator[str]:
    """Yield what is wrong between the rows that are looked up and the entries they point to."""
    row = StoredDecision.__table__  # type: ignore[attr-defined] # SQLModel hides its table
    count = select(func.count()).select_from

    def many(joined: object, *where: object) -> int:
        return int(connection.execute(count(joined).where(*where)).scalar_one())  # type: ignore[arg-type] # clauses of one select

    entry = row.outerjoin(ENTRY, ENTRY.c.leaf == row.c.leaf)
    if lost := many(entry, ENTRY.c.number.is_(None)):
        yield f"{lost} decisions are not in the record; verify an export"
    placed = ENTRY.outerjoin(LEAF, LEAF.c.number == ENTRY.c.number)
    late = ENTRY.c.at < now - MERGE_DELAY
    if unkept := many(placed, LEAF.c.number.is_(None), late):
        yield f"{unkept} entries were promised more than 60 s ago and are not in the tree"
    # Not a join: no index leads from a leaf to its row, so SQLite would read all for each.
    kept = select(ENTRY.c.leaf).where(ENTRY.c.kind == "decision")
    if hidden := many(kept.except_(select(row.c.leaf)).subquery()):
        yield f"{hidden} sealed decisions cannot be looked up: their rows are gone"
    for name in ("decision_box", "case_box"):
        boxes = row.outerjoin(BODY, BODY.c.digest == row.c[name])
        if empty := many(boxes, BODY.c.digest.is_(None)):
            yield f"the {name.replace('_', ' ')} of {empty} decisions is lost"
