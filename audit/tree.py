"""The Merkle tree of RFC 9162, section 2: its root, and proofs of what it contains.

A hash is 32 bytes of SHA-256. Leaves are stored one by one, complete subtrees at every eighth
height (`STRIDE`): any proof of a tree of a million leaves then reads a few hundred hashes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

HASH_LENGTH = 32
STRIDE = 8
EMPTY_ROOT = sha256().digest()

Read = Callable[[int, int, int], Sequence[bytes]]
"""`read(height, first, end)`: the roots of the complete subtrees of 2^height leaves, by number,
`end` not included; `height` is a multiple of `STRIDE`, and 0 means the leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry as a leaf: SHA-256(0x00 || entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two neighbours: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Node:
    """The root of the complete subtree of 2^height leaves that begins at number * 2^height."""

    height: int
    number: int
    hash: bytes


class Frontier:
    """The roots of the complete subtrees from left to right: all that appending needs."""

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        self.size = size
        self._peaks = list(peaks)

    def append(self, leaf: bytes) -> list[Node]:
        """Take the hash of the next leaf; return the completed nodes that are to be stored."""
        completed = []
        height, peak = 0, leaf
        while self.size >> height & 1:
            peak = node_hash(self._peaks.pop(), peak)
            height += 1
            if height % STRIDE == 0:
                completed.append(Node(height, self.size >> height, peak))
        self._peaks.append(peak)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """Return the root of the tree so far."""
        if not self._peaks:
            return EMPTY_ROOT
        *others, root = self._peaks
        for peak in reversed(others):
            root = node_hash(peak, root)
        return root


class Tree:
    """The first `size` leaves of a stored log."""

    def __init__(self, size: int, read: Read) -> None:
        self.size = size
        self._read = read

    def root(self) -> bytes:
        """Return the root (section 2.1.1)."""
        return self._subtree(0, self.size) if self.size else EMPTY_ROOT

    def frontier(self) -> Frontier:
        """Return what is needed to append to this tree."""
        peaks, start = [], 0
        for height in reversed(range(self.size.bit_length())):
            if self.size >> height & 1:
                peaks.append(self._subtree(start, start + (1 << height)))
                start += 1 << height
        return Frontier(self.size, peaks)

    def inclusion_proof(self, index: int) -> list[bytes]:
        """Return the proof that the leaf of an index is in this tree (section 2.1.3.1)."""
        if not 0 <= index < self.size:
            raise IndexError(f"leaf {index} is not in a tree of {self.size}")
        beside = []
        start, stop = 0, self.size
        while stop - start > 1:
            middle = start + _split(stop - start)
            if index < middle:
                beside.append((middle, stop))
                stop = middle
            else:
                beside.append((start, middle))
                start = middle
        return [self._subtree(*span) for span in reversed(beside)]

    def consistency_proof(self, old_size: int) -> list[bytes]:
        """Return the proof that the tree of an older size is a prefix (section 2.1.4.1).

        It is empty for the empty tree and for the same size.
        """
        if not 0 <= old_size <= self.size:
            raise IndexError(f"a tree of {old_size} cannot be a prefix of one of {self.size}")
        if old_size == 0:
            return []
        beside = []
        start, stop = 0, self.size
        while old_size != stop:
            middle = start + _split(stop - start)
            if old_size <= middle:
                beside.append((middle, stop))
                stop = middle
            else:
                beside.append((start, middle))
                start = middle
        if start:
            beside.append((start, stop))
        return [self._subtree(*span) for span in reversed(beside)]

    def _subtree(self, start: int, stop: int) -> bytes:
        width = stop - start
        if width & (width - 1):
            middle = start + _split(width)
            return node_hash(self._subtree(start, middle), self._subtree(middle, stop))
        height = (width.bit_length() - 1) // STRIDE * STRIDE
        hashes = self._read(height, start >> height, stop >> height)
        while len(hashes) > 1:
            hashes = [node_hash(*pair) for pair in zip(hashes[::2], hashes[1::2], strict=True)]
        return hashes[0]


def proves_inclusion(
    leaf: bytes, index: int, proof: Sequence[bytes], *, size: int, root: bytes
) -> bool:
    """Tell whether a proof leads from a leaf hash to the root of a tree (section 2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes(leaf, root, *proof):
        return False
    place, last, found = index, size - 1, leaf
    for beside in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(beside, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, beside)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def proves_consistency(
    old: tuple[int, bytes], new: tuple[int, bytes], proof: Sequence[bytes]
) -> bool:
    """Tell whether a proof shows the old (size, root) to be a prefix of the new (2.1.4.2)."""
    (old_size, old_root), (new_size, new_root) = old, new
    if not 0 <= old_size <= new_size or not _are_hashes(old_root, new_root, *proof):
        return False
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT and (new_size > 0 or new_root == old_root)
    if old_size == new_size:
        return not proof and old_root == new_root
    return _leads_to_both(old, new, proof)


def _leads_to_both(
    old: tuple[int, bytes], new: tuple[int, bytes], proof: Sequence[bytes]
) -> bool:
    (old_size, old_root), (new_size, new_root) = old, new
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not path:
        return False
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old_found = new_found = path[0]
    for beside in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old_found, new_found = node_hash(beside, old_found), node_hash(beside, new_found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new_found = node_hash(new_found, beside)
        place, last = place >> 1, last >> 1
    return last == 0 and old_found == old_root and new_found == new_root


def _split(width: int) -> int:
    """Return the largest power of two below a width above 1."""
    return 1 << (width - 1).bit_length() - 1


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_LENGTH for value in values)
