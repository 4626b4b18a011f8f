"""The store of a log in SQLite or PostgreSQL, through a connection of the caller."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Row,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
)

from audit.entry import Entry
from audit.error import AuditError
from audit.insertion import Insertion, run
from audit.log import Leaf, Staged
from audit.note import Note, Signature
from audit.query import Query
from audit.table import (
    BLIND,
    BODY,
    CASE_KEY,
    CHECKPOINT,
    COSIGNATURE,
    ENTRY,
    LEAF,
    NODE,
    STAGED,
)
from audit.tree import Node

ROWS_AT_A_TIME = 1_000
_SEQUENCER_LOCK = 0x6C6F_675F_706C_6163  # "log_plac", one sequencer in a database

_ADD = Insertion(ENTRY)
_STAGE_THE_LAST = "INSERT INTO log_staged (number) VALUES (last_insert_rowid())"
_ADD_AND_STAGE = text("""
WITH added AS (
    INSERT INTO log_entry (kind, at, leaf, gate, encoded)
    VALUES (:kind, :at, :leaf, :gate, :encoded) RETURNING number
)
INSERT INTO log_staged (number) SELECT number FROM added
""")
_PUT = Insertion(BODY, once=True)
_ADD_LEAVES, _ADD_NODES = Insertion(LEAF), Insertion(NODE)
_FIRST: BindParameter[int] = bindparam("first", None)
_END: BindParameter[int] = bindparam("end", None)
_LAST_PLACE = Query(select(func.max(LEAF.c.place)))
_LEAVES = Query(
    select(LEAF.c.hash)
    .where(LEAF.c.place >= _FIRST, LEAF.c.place < _END)
    .order_by(LEAF.c.place)
)
_NODES = Query(
    select(NODE.c.hash)
    .where(NODE.c.height == bindparam("height", None))
    .where(NODE.c.number >= _FIRST, NODE.c.number < _END)
    .order_by(NODE.c.number)
)
_WAITING = Query(
    select(ENTRY.c.number, ENTRY.c.leaf, ENTRY.c.gate, ENTRY.c.encoded)
    .join(STAGED, STAGED.c.number == ENTRY.c.number)
    .order_by(STAGED.c.number)
    .limit(bindparam("limit", None))
)
_PLACED = Query(
    select(ENTRY.c.encoded)
    .join(LEAF, LEAF.c.number == ENTRY.c.number)
    .where(ENTRY.c.kind == bindparam("kind", None))
    .order_by(LEAF.c.place)
)
_KEEP_CASE_KEY = Insertion(CASE_KEY)
_KEEP_BLIND = Insertion(BLIND)


class StoreError(AuditError):
    """A database that does not keep the record safely, or has lost a part of it."""


class SqlStore:
    """A log's store, seen through one open transaction; it never commits.

    On SQLite the caller has one process and one connection that writes, made `durable`.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._postgresql = connection.dialect.name == "postgresql"

    # taking in

    def stage(self, entry: Entry, encoded: bytes, leaf: bytes, gate: bytes) -> None:
        """Add an entry that has no place yet; the same entry twice is refused."""
        row = {"kind": entry.kind, "at": entry.at, "leaf": leaf, "gate": gate}
        row |= {"encoded": encoded}
        if self._postgresql:
            self._connection.execute(_ADD_AND_STAGE, row)
        else:
            _ADD(self._connection, row)
            run(self._connection, _STAGE_THE_LAST, [()])

    def put(self, bodies: Mapping[str, bytes]) -> None:
        """Keep bodies under their digests, each once."""
        # In one order everywhere: two transactions that keep the same bodies cannot deadlock.
        rows = [{"digest": digest, "body": bodies[digest]} for digest in sorted(bodies)]
        _PUT(self._connection, *rows)

    def body(self, digest: str) -> bytes:
        """Return the body of a digest, or raise `StoreError`."""
        row = self._connection.execute(
            select(BODY.c.body).where(BODY.c.digest == digest)
        ).first()
        if row is None:
            raise StoreError(f"the body of `{digest}` is lost; verify an export")
        return bytes(row.body)

    # giving places

    def alone(self) -> bool:
        """Tell whether no other transaction gives places until this one ends."""
        if not self._postgresql:
            return True
        lock = text("SELECT pg_try_advisory_xact_lock(:lock)")
        return bool(self._connection.execute(lock, {"lock": _SEQUENCER_LOCK}).scalar_one())

    def staged(self, limit: int) -> Sequence[Staged]:
        """Return the entries without a place, the oldest first."""
        rows = _WAITING(self._connection, limit=limit)
        return [Staged(row[0], bytes(row[1]), bytes(row[2]), bytes(row[3])) for row in rows]

    def place(self, leaves: Sequence[Leaf], nodes: Sequence[Node]) -> None:
        """Give staged entries their places."""
        _ADD_LEAVES(
            self._connection,
            *(
                {"place": each.index, "number": each.number, "hash": each.hash}
                for each in leaves
            ),
        )
        if nodes:
            _ADD_NODES(
                self._connection,
                *(
                    {"height": each.height, "number": each.number, "hash": each.hash}
                    for each in nodes
                ),
            )
        for start in range(0, len(leaves), ROWS_AT_A_TIME):
            numbers = [each.number for each in leaves[start : start + ROWS_AT_A_TIME]]
            self._connection.execute(delete(STAGED).where(STAGED.c.number.in_(numbers)))

    def size(self) -> int:
        """Return the number of entries that have a place."""
        ((last,),) = _LAST_PLACE(self._connection)
        return 0 if last is None else last + 1

    def hashes(self, height: int, first: int, end: int) -> Sequence[bytes]:
        """Return stored hashes as `tree.Read` says, or raise `StoreError`."""
        if height:
            rows = _NODES(self._connection, height=height, first=first, end=end)
        else:
            rows = _LEAVES(self._connection, first=first, end=end)
        found = [bytes(row[0]) for row in rows]
        if len(found) != end - first:
            raise StoreError(
                f"the tree has lost hashes {first} to {end - 1} of height {height}; "
                "verify an export"
            )
        return found

    def keep_checkpoint(self, size: int, note: str) -> None:
        """Add a checkpoint."""
        self._connection.execute(insert(CHECKPOINT), {"size": size, "note": note})

    # reading

    def entry(self, index: int) -> bytes | None:
        """Return the entry at a place."""
        row = self._connection.execute(
            select(ENTRY.c.encoded)
            .join(LEAF, LEAF.c.number == ENTRY.c.number)
            .where(LEAF.c.place == index)
        ).first()
        return bytes(row.encoded) if row else None

    def index_of(self, leaf: bytes) -> int | None:
        """Return the place of a leaf, if it has one."""
        query = (
            select(LEAF.c.place)
            .join(ENTRY, LEAF.c.number == ENTRY.c.number)
            .where(ENTRY.c.leaf == leaf)
        )
        row = self._connection.execute(query).first()
        return row.place if row else None

    def placed_of_kind(self, kind: str) -> Iterable[bytes]:
        """Return the entries of a kind that have a place, in their order."""
        return [bytes(row[0]) for row in _PLACED(self._connection, kind=kind)]

    def oldest_staged(self) -> int | None:
        """Return the time of the oldest entry without a place, in milliseconds since 1970."""
        oldest: int | None = self._connection.execute(
            select(func.min(ENTRY.c.at)).join(STAGED, STAGED.c.number == ENTRY.c.number)
        ).scalar_one()
        return oldest

    def last_checkpoint(self) -> str | None:
        """Return the latest checkpoint with all its cosignatures."""
        row = self._connection.execute(
            select(CHECKPOINT).order_by(CHECKPOINT.c.number.desc()).limit(1)
        ).first()
        return self._with_cosignatures(row) if row else None

    def keep_cosignature(self, size: int, line: str) -> None:
        """Add the signature line of a witness to the latest checkpoint of a size."""
        number = self._connection.execute(
            select(func.max(CHECKPOINT.c.number)).where(CHECKPOINT.c.size == size)
        ).scalar_one()
        if number is None:
            raise StoreError(f"there is no checkpoint of {size} entries to cosign")
        self._connection.execute(insert(COSIGNATURE), {"checkpoint": number, "line": line})

    def last_cosigned(self) -> str | None:
        """Return the latest checkpoint that a witness has cosigned, with its cosignatures."""
        row = self._connection.execute(
            select(CHECKPOINT)
            .where(CHECKPOINT.c.number.in_(select(func.max(COSIGNATURE.c.checkpoint))))
            .limit(1)
        ).first()
        return self._with_cosignatures(row) if row else None

    # everything, for an export

    def snapshot(self) -> None:
        """Make all that follows in this transaction see one moment; the first thing to call."""
        if self._postgresql:
            self._connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        elif not getattr(self._connection.connection, "in_transaction", False):
            # pysqlite begins a transaction for writing only.
            self._connection.exec_driver_sql("BEGIN")

    def leaves(self) -> Iterator[tuple[int, bytes, bytes | None]]:
        """Yield place, stored hash and entry of all leaves; a lost entry is none."""
        query = (
            select(LEAF.c.place, LEAF.c.hash, ENTRY.c.encoded)
            .outerjoin(ENTRY, LEAF.c.number == ENTRY.c.number)
            .order_by(LEAF.c.place)
        )
        for row in self._stream(query):
            yield row.place, bytes(row.hash), row.encoded and bytes(row.encoded)

    def without_place(self) -> Iterator[bytes]:
        """Yield all entries that have no place, staged or not, as they were taken in."""
        query = (
            select(ENTRY.c.encoded)
            .outerjoin(LEAF, LEAF.c.number == ENTRY.c.number)
            .where(LEAF.c.number.is_(None))
            .order_by(ENTRY.c.number)
        )
        return (bytes(row[0]) for row in self._stream(query))

    def bodies(self) -> Iterator[tuple[str, bytes]]:
        """Yield digest and bytes of all bodies, by digest."""
        query = select(BODY.c.digest, BODY.c.body).order_by(BODY.c.digest)
        return ((row.digest, bytes(row.body)) for row in self._stream(query))

    def checkpoints(self) -> Iterator[str]:
        """Yield all checkpoints with their cosignatures, by size, then by age."""
        cosigned = set(self._connection.execute(select(COSIGNATURE.c.checkpoint)).scalars())
        query = select(CHECKPOINT).order_by(CHECKPOINT.c.size, CHECKPOINT.c.number)
        for row in self._stream(query):
            yield self._with_cosignatures(row) if row.number in cosigned else row.note

    # persons

    def keep_case_key(self, case: str, wrapped: bytes) -> None:
        """Keep the wrapped key of a case."""
        _KEEP_CASE_KEY(self._connection, {"case": case, "wrapped": wrapped})

    def case_key(self, case: str) -> bytes | None:
        """Return the wrapped key of a case; none if it is erased."""
        row = self._connection.execute(
            select(CASE_KEY.c.wrapped).where(CASE_KEY.c.case == case)
        ).first()
        return bytes(row.wrapped) if row else None

    def keep_blind(self, case: str, *tokens: bytes) -> None:
        """Let a case be found by blinded identity numbers, one or more."""
        _KEEP_BLIND(self._connection, *({"token": each, "case": case} for each in tokens))

    def cases_of(self, token: bytes) -> list[str]:
        """Return the cases of a blinded identity number, in the order of their names."""
        query = select(BLIND.c.case).where(BLIND.c.token == token).order_by(BLIND.c.case)
        return list(self._connection.execute(query).scalars())

    def erase(self, case: str) -> None:
        """Destroy the key of a case and what finds it: its personal data are unreadable.

        After the commit call `scrub`: until then the old bytes may lie in freed pages.
        """
        for table in (CASE_KEY, BLIND):
            self._connection.execute(delete(table).where(table.c.case == case))

    def _stream(self, query: Any) -> Iterator[Row[Any]]:
        options = {"yield_per": ROWS_AT_A_TIME}
        with self._connection.execute(query, execution_options=options) as rows:
            yield from rows

    def _with_cosignatures(self, row: Row[Any]) -> str:
        lines = self._connection.execute(
            select(COSIGNATURE.c.line)
            .where(COSIGNATURE.c.checkpoint == row.number)
            .order_by(COSIGNATURE.c.number)
        ).scalars()
        return str(Note.parse(row.note).with_signatures(map(Signature.parse, lines)))
