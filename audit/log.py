"""The log: takes entries in, promises them at once, and puts them into the tree in batches.

Nothing here reads a clock or opens a transaction: the time, in milliseconds since 1970 (UTC),
and a store over the caller's open transaction are arguments.
"""

import hmac
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from audit.checkpoint import Checkpoint, opened
from audit.entry import Entry
from audit.error import AuditError
from audit.note import Note, Signer, VerifierKey
from audit.promise import HEADER as PROMISE
from audit.promise import Promise
from audit.succession import HEADER as SUCCESSION
from audit.succession import KIND as KEY
from audit.succession import Succession, keys_of
from audit.tree import Frontier, Node, Tree, leaf_hash

BATCH = 5_000
_RESERVED = {PROMISE, SUCCESSION, "cosignature/v1"}


class LogError(AuditError):
    """What the log refuses."""


class KeyNotHeldError(LogError):
    """The log's key in force is not the key of this process."""

    def __init__(self, in_force: VerifierKey | None, held: VerifierKey) -> None:
        self.in_force, self.held = in_force, held
        super().__init__(
            f"this process holds key `{held}`, but the log signs with `{in_force}`; "
            "start it with that key"
        )


class RolledBackError(LogError):
    """The stored tree is not the one that its last checkpoint signs."""


@dataclass(frozen=True, slots=True)
class Staged:
    """An entry that waits for its place."""

    number: int
    leaf: bytes
    gate: bytes
    entry: bytes


@dataclass(frozen=True, slots=True)
class Leaf:
    """An entry that has its place: its index, its number among the staged, its hash."""

    index: int
    number: int
    hash: bytes


class Store(Protocol):
    """Where a log is kept, seen through one open transaction of the caller."""

    def stage(self, entry: Entry, encoded: bytes, leaf: bytes, gate: bytes) -> None:
        """Add an entry that has no place yet."""

    def put(self, bodies: Mapping[str, bytes]) -> None:
        """Keep bodies under their digests, each once."""

    def alone(self) -> bool:
        """Tell whether no other transaction gives places until this one ends."""

    def staged(self, limit: int) -> Sequence[Staged]:
        """Return the entries without a place, the oldest first."""

    def place(self, leaves: Sequence[Leaf], nodes: Sequence[Node]) -> None:
        """Give staged entries their places."""

    def size(self) -> int:
        """Return the number of entries that have a place."""

    def hashes(self, height: int, first: int, end: int) -> Sequence[bytes]:
        """Return stored hashes as `tree.Read` says."""

    def placed_of_kind(self, kind: str) -> Iterable[bytes]:
        """Return the entries of a kind that have a place, in their order."""

    def keep_checkpoint(self, size: int, note: str) -> None:
        """Add a checkpoint."""

    def last_checkpoint(self) -> str | None:
        """Return the latest checkpoint with all its cosignatures."""

    def last_cosigned(self) -> str | None:
        """Return the latest checkpoint that a witness has cosigned, with its cosignatures."""

    def index_of(self, leaf: bytes) -> int | None:
        """Return the place of a leaf, if it has one."""


Guard = Callable[[Store, Entry], None]
"""Asked before an entry is taken in; raises to refuse it."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the submitter gets at once: the leaf hash and the signed promise."""

    leaf: bytes
    promise: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What one round of placing did: how many entries, the checkpoint, the rows refused.

    A refused row has not come through the gate: somebody wrote it into the database. Alarm.
    """

    placed: int
    checkpoint: Note | None
    refused: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry is in the log, in the form of C2SP tlog-proof when written as text."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str

    def __str__(self) -> str:
        lines = "".join(f"{b64encode(each).decode()}\n" for each in self.path)
        return f"c2sp.org/tlog-proof@v1\nindex {self.index}\n{lines}\n{self.checkpoint}"


class Log:
    """A tamper-evident log.

    `origin` names it for ever. `gate` is a secret of the application (not of the database): a
    staged row without its stamp is never placed, so that writing rows does not seal them.
    """

    def __init__(
        self, origin: str, signer: Signer, gate: bytes, guard: Guard | None = None
    ) -> None:
        if not origin or "\n" in origin or origin in _RESERVED or signer.key.name != origin:
            raise LogError(f"`{origin}` cannot name a log, or its key has another name")
        self.origin = origin
        self.signer = signer
        self._gate = gate
        self._guard = guard

    def guarded(self, guard: Guard) -> "Log":
        """Return this log behind a guard that is asked before each entry is taken in."""
        return Log(self.origin, self.signer, self._gate, guard)

    def found(self, store: Store, at: int) -> Note:
        """Begin the log: seal its first key and sign the first checkpoint."""
        if store.size() or store.staged(1):
            raise LogError("the log has already begun")
        self.seal(store, Succession.signed(self.origin, None, self.signer).entry(at))
        return self._placed(store, at)

    def seal(
        self, store: Store, entry: Entry, bodies: Mapping[str, bytes] | None = None
    ) -> Receipt:
        """Take an entry in as `take` does, and promise it a place.

        Hand the receipt out only after the commit.
        """
        leaf = self.take(store, entry, bodies)
        promise = Promise(self.origin, leaf, entry.at).signed(self.signer)
        return Receipt(leaf, str(promise))

    def take(
        self, store: Store, entry: Entry, bodies: Mapping[str, bytes] | None = None
    ) -> bytes:
        """Take an entry and the bodies of its parts in; durable once the caller commits.

        `bodies` are by name of the part; a part kept before needs none. Returns the leaf hash;
        nobody is promised anything, so nothing is signed.
        """
        if self._guard is not None:
            self._guard(store, entry)
        for name, body in (bodies or {}).items():
            if entry.parts.get(name) != entry.suite.digest(body):
                raise LogError(f"part `{name}` is not the body that the entry names")
        if bodies:
            store.put({entry.parts[name]: body for name, body in bodies.items()})
        encoded = entry.encoded()
        leaf = leaf_hash(encoded)
        store.stage(entry, encoded, leaf, self._stamp(leaf))
        return leaf

    def sequence(self, store: Store, at: int, limit: int = BATCH) -> Batch:
        """Give waiting entries their places and sign a checkpoint; publish it after the commit.

        Nothing happens while another process does the same.
        """
        if not store.alone():
            return Batch(0, None)
        waiting = store.staged(limit)
        good = [each for each in waiting if self._came_through_the_gate(each)]
        refused = tuple(sorted({each.number for each in waiting} - {g.number for g in good}))
        if not good:
            return Batch(0, None, refused)
        frontier = self._frontier(store)
        leaves, nodes = _append(frontier, good)
        store.place(leaves, nodes)
        return Batch(len(good), self._checkpoint(store, frontier, at), refused)

    def rotate(self, store: Store, after: Signer, at: int) -> "Log":
        """Hand over to another key; return the log that signs with it, for after the commit.

        What waits is placed first. From the handing over on, processes that hold the old key
        raise `KeyNotHeldError` instead of signing checkpoints.
        """
        while self.sequence(store, at).placed:
            pass
        self.seal(store, Succession.signed(self.origin, self.signer, after).entry(at))
        log = Log(self.origin, after, self._gate, self._guard)
        log._placed(store, at)
        return log

    def keys(self, store: Store) -> list[VerifierKey]:
        """Return all keys of the log in their order, or raise `SuccessionError`."""
        return keys_of(self.origin, map(Entry.parse, store.placed_of_kind(KEY)))

    def prove(self, store: Store, leaf: bytes) -> Proof:
        """Return the proof that a leaf is under the last checkpoint."""
        index, note = store.index_of(leaf), store.last_checkpoint()
        if index is None or note is None:
            raise LogError("the entry has no place yet; ask again in a moment")
        size = Checkpoint.parse(Note.parse(note).text).size
        return Proof(index, tuple(Tree(size, store.hashes).inclusion_proof(index)), note)

    def consistency(self, store: Store, old_size: int) -> tuple[list[bytes], str]:
        """Return the last checkpoint, and the proof that an older tree is a prefix of its."""
        note = store.last_checkpoint()
        if note is None:
            raise LogError("the log has not begun")
        size = Checkpoint.parse(Note.parse(note).text).size
        return Tree(size, store.hashes).consistency_proof(old_size), note

    def _placed(self, store: Store, at: int) -> Note:
        batch = self.sequence(store, at)
        if batch.checkpoint is None:
            raise LogError("another process gives places just now; try again")
        return batch.checkpoint

    def _checkpoint(self, store: Store, frontier: Frontier, at: int) -> Note:
        keys = self.keys(store)
        if not keys or keys[-1] != self.signer.key:
            raise KeyNotHeldError(keys[-1] if keys else None, self.signer.key)
        checkpoint = Checkpoint(self.origin, frontier.size, frontier.root())
        note = checkpoint.signed(self.signer, at // 1000)
        store.keep_checkpoint(checkpoint.size, str(note))
        return note

    def _frontier(self, store: Store) -> Frontier:
        """Return the stored tree, if it is the one that this log has signed last."""
        frontier = Tree(store.size(), store.hashes).frontier()
        note = store.last_checkpoint()
        if note is None:
            if frontier.size:
                raise RolledBackError("there are entries, but no checkpoint")
            return frontier
        last = opened(Note.parse(note), *self.keys(store))
        if last != Checkpoint(self.origin, frontier.size, frontier.root()):
            raise RolledBackError(
                f"the stored tree of {frontier.size} is not the tree of {last.size} that the "
                "last checkpoint signs; verify an export, then restore"
            )
        return frontier

    def _stamp(self, leaf: bytes) -> bytes:
        return hmac.digest(self._gate, leaf, sha256)

    def _came_through_the_gate(self, row: Staged) -> bool:
        stamped = hmac.compare_digest(row.gate, self._stamp(row.leaf))
        return stamped and row.leaf == leaf_hash(row.entry)


def _append(frontier: Frontier, staged: Iterable[Staged]) -> tuple[list[Leaf], list[Node]]:
    leaves, nodes = [], []
    for each in staged:
        leaves.append(Leaf(frontier.size, each.number, each.leaf))
        nodes += frontier.append(each.leaf)
    return leaves, nodes
