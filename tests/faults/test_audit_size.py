"""The offline verifier on large logs: its time, its memory, and no network.

`make slow` takes the sizes that are promised: 1,000,000 entries of 512 bytes, and 20,000 with
three bodies and a checkpoint each, in less than 60 s and 300 MB; 20,000 real ones:
`test_audit_real`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.checkpoint import Checkpoint
from audit.entry import Entry
from audit.export import export
from audit.succession import Succession
from audit.suite import SHA256_ED25519
from audit.tree import Frontier, leaf_hash
from tests.effort import THOROUGH
from tests.faults.measured import verify_offline
from tests.ledger import ORIGIN, SECOND, START, signer


class Heap:
    """A log without a database: as many entries as wanted, a checkpoint after each batch."""

    def __init__(self, entries: int, batch: int, *, size: int, bodies: int) -> None:
        self.entries, self.batch, self.size, self.per_entry = entries, batch, size, bodies
        self.notes: list[str] = []

    def snapshot(self) -> None:
        """Stand still."""

    def body(self, number: int) -> bytes:
        """Return the body of a number."""
        return f"evidence {number} ".encode() * 100

    def entry(self, number: int) -> bytes:
        """Return the entry at a place."""
        at = START + number // self.batch * SECOND
        if number == 0:
            return Succession.signed(ORIGIN, None, signer(1)).entry(at).encoded()
        parts = {
            f"part-{each}": SHA256_ED25519.digest(self.body(number * self.per_entry + each))
            for each in range(self.per_entry)
        }
        short = Entry("note", at, {"n": number, "x": ""}, parts).encoded()
        return short.replace(b'"x":""', b'"x":"' + b"-" * (self.size - len(short)) + b'"')

    def leaves(self) -> Iterator[tuple[int, bytes, bytes | None]]:
        """Yield the entries."""
        for number in range(self.entries):
            encoded = self.entry(number)
            yield number, leaf_hash(encoded), encoded

    def without_place(self) -> Iterator[bytes]:
        """Yield nothing."""
        return iter(())

    def bodies(self) -> Iterator[tuple[str, bytes]]:
        """Yield the bodies by digest."""
        bodies = map(self.body, range(self.per_entry, self.entries * self.per_entry))
        return iter(sorted((SHA256_ED25519.digest(body), body) for body in bodies))

    def checkpoints(self) -> Iterator[str]:
        """Yield a checkpoint a batch."""
        frontier = Frontier()
        for place, leaf, _ in self.leaves():
            frontier.append(leaf)
            if (place + 1) % self.batch == 0 or place + 1 == self.entries:
                checkpoint = Checkpoint(ORIGIN, place + 1, frontier.root())
                yield str(checkpoint.signed(signer(1), START // SECOND + place // self.batch))


LARGE = Heap(1_000_000 if THOROUGH else 10_000, 1_000, size=512, bodies=0)
BODIES = Heap(20_000 if THOROUGH else 500, 1, size=700, bodies=3)


@pytest.mark.parametrize("heap", [LARGE, BODIES], ids=["entries of 512 bytes", "with bodies"])
def test_a_large_log_is_verified_offline_in_a_minute(heap: Heap, tmp_path: Path) -> None:
    export(heap, tmp_path / "export")

    verify_offline(tmp_path / "export", signer(1).key).require(heap.entries)
