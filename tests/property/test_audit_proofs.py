"""Every proof of every small tree holds, and nothing near it does."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import ClassVar

import pytest

from audit.tree import (
    EMPTY_ROOT,
    STRIDE,
    Frontier,
    Tree,
    leaf_hash,
    node_hash,
    proves_consistency,
    proves_inclusion,
)
from audit.verify import Tree as SecondTree
from tests.effort import THOROUGH, dice_of

LARGEST = 256
LARGEST_SPOILT = 256 if THOROUGH else 16
LEAVES = [leaf_hash(str(number).encode()) for number in range(70_000)]


class Memory:
    """Leaves and every eighth level, as a store keeps them."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.frontier = Frontier()
        self.stored: dict[int, list[bytes]] = {0: []}
        for leaf in leaves:
            self.stored[0].append(leaf)
            for node in self.frontier.append(leaf):
                assert len(self.stored.setdefault(node.height, [])) == node.number
                self.stored[node.height].append(node.hash)

    def read(self, height: int, first: int, end: int) -> Sequence[bytes]:
        """Return hashes, all of them there."""
        assert height % STRIDE == 0
        hashes = self.stored[height][first:end]
        assert len(hashes) == end - first <= 1 << STRIDE
        return hashes


MEMORY = Memory(LEAVES)


class QuickTree(Tree):
    """A tree that computes each subtree once: all sizes share them."""

    known: ClassVar[dict[tuple[int, int], bytes]] = {}

    def _subtree(self, start: int, stop: int) -> bytes:
        if (start, stop) not in self.known:
            self.known[start, stop] = super()._subtree(start, stop)
        return self.known[start, stop]


def definition(leaves: Sequence[bytes]) -> bytes:
    """Return the root as section 2.1.1 defines it."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(definition(leaves[:half]), definition(leaves[half:]))


ROOTS = [definition(LEAVES[:size]) for size in range(LARGEST + 1)]


def flips(hashes: Sequence[bytes]) -> Iterator[list[bytes]]:
    for place, each in enumerate(hashes):
        for bit in range(256):
            flipped = (int.from_bytes(each) ^ (1 << bit)).to_bytes(32)
            yield [*hashes[:place], flipped, *hashes[place + 1 :]]


def disorders(proof: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Yield a proof with hashes swapped, dropped, added, cut short."""
    for place in range(len(proof)):
        yield [*proof[:place], *proof[place + 1 :]]
        yield [*proof[:place], proof[place][:-1], *proof[place + 1 :]]
        yield [*proof[:place], proof[place], *proof[place:]]
        for other in range(place):
            swapped = list(proof)
            swapped[place], swapped[other] = swapped[other], swapped[place]
            yield swapped
    yield [*proof, LEAVES[0]]
    yield [LEAVES[0], *proof]


def test_every_way_to_the_root_agrees_with_the_definition() -> None:
    frontier, second = Frontier(), SecondTree()
    for size in range(LARGEST + 1):
        tree = Tree(size, MEMORY.read)
        assert tree.root() == frontier.root() == second.root() == ROOTS[size]
        assert tree.frontier().root() == ROOTS[size]
        frontier.append(LEAVES[size])
        second.append(LEAVES[size])


def test_every_inclusion_proof_of_every_small_tree_holds() -> None:
    for size in range(1, LARGEST + 1):
        tree = QuickTree(size, MEMORY.read)
        for index in range(size):
            proof = tree.inclusion_proof(index)
            assert proves_inclusion(LEAVES[index], index, proof, size=size, root=ROOTS[size])


def test_every_consistency_proof_of_every_small_tree_holds() -> None:
    for size in range(LARGEST + 1):
        tree = QuickTree(size, MEMORY.read)
        for old in range(size + 1):
            proof = tree.consistency_proof(old)
            assert proves_consistency((old, ROOTS[old]), (size, ROOTS[size]), proof)


def test_no_spoilt_inclusion_proof_holds() -> None:
    for size in range(1, LARGEST_SPOILT + 1):
        root = ROOTS[size]
        for index in range(size):
            proof = Tree(size, MEMORY.read).inclusion_proof(index)
            for spoilt in (*flips(proof), *disorders(proof)):
                assert not proves_inclusion(LEAVES[index], index, spoilt, size=size, root=root)
            for leaf, other in flips([LEAVES[index], root]):
                assert not proves_inclusion(leaf, index, proof, size=size, root=other)


def test_no_inclusion_proof_holds_for_another_index_or_tree() -> None:
    for size in range(1, 65):
        for index in range(size):
            proof = Tree(size, MEMORY.read).inclusion_proof(index)
            for other in range(-1, 66):
                right_index = proves_inclusion(
                    LEAVES[index], other, proof, size=size, root=ROOTS[size]
                )
                assert right_index == (other == index)
                right_size = proves_inclusion(
                    LEAVES[index], index, proof, size=other, root=ROOTS[max(other, 0)]
                )
                assert right_size == (other == size)


def test_no_spoilt_consistency_proof_holds() -> None:
    for size in range(1, LARGEST_SPOILT + 1):
        for old in range(1, size + 1):
            heads = (old, ROOTS[old]), (size, ROOTS[size])
            proof = Tree(size, MEMORY.read).consistency_proof(old)
            for spoilt in (*flips(proof), *disorders(proof)):
                assert not proves_consistency(*heads, spoilt)
            for old_root, root in flips([ROOTS[old], ROOTS[size]]):
                assert not proves_consistency((old, old_root), (size, root), proof)


def test_no_consistency_proof_holds_for_other_sizes() -> None:
    for size in range(1, 49):
        for old in range(1, size):
            proof = Tree(size, MEMORY.read).consistency_proof(old)
            for other in range(50):
                holds = proves_consistency((other, ROOTS[other]), (size, ROOTS[size]), proof)
                assert holds == (other == old)
                holds = proves_consistency((old, ROOTS[old]), (other, ROOTS[other]), proof)
                assert holds == (other == size)


def test_a_fork_of_equal_size_is_never_consistent() -> None:
    for size in range(1, 65):
        assert not proves_consistency((size, ROOTS[size]), (size, ROOTS[size - 1]), [])
        assert not proves_consistency((size, ROOTS[size]), (size - 1, ROOTS[size - 1]), [])
    assert not proves_consistency((0, ROOTS[1]), (1, ROOTS[1]), [])
    assert not proves_consistency((0, EMPTY_ROOT), (1, ROOTS[1]), [LEAVES[0]])


def test_proofs_of_trees_beyond_two_stored_levels_hold() -> None:
    dice = dice_of(9162)
    sizes = [65_535, 65_536, 65_537, *(dice.randrange(257, len(LEAVES)) for _ in range(8))]
    for size in sizes:
        tree, root = Tree(size, MEMORY.read), definition(LEAVES[:size])
        assert tree.root() == root
        for _ in range(20):
            index = dice.randrange(size)
            proof = tree.inclusion_proof(index)
            assert proves_inclusion(LEAVES[index], index, proof, size=size, root=root)
        old = dice.randrange(1, size)
        heads = (old, definition(LEAVES[:old])), (size, root)
        assert proves_consistency(*heads, tree.consistency_proof(old))


@pytest.mark.parametrize("index", [-1, 5, 6])
def test_there_is_no_proof_of_what_is_not_there(index: int) -> None:
    with pytest.raises(IndexError):
        Tree(5, MEMORY.read).inclusion_proof(index)
    with pytest.raises(IndexError):
        Tree(5, MEMORY.read).consistency_proof(index if index < 0 else index + 1)
