"""The witness: cosigns what grows, refuses forks and rollbacks, and forgets nothing."""

import json
import shutil
from pathlib import Path

import pytest

from audit.checkpoint import Checkpoint, time_of
from audit.note import Note, Signature, cosign
from audit.tree import Tree, leaf_hash
from audit.witness import (
    ConflictError,
    ForkError,
    Request,
    RollbackError,
    UnknownLogError,
    UnsignedError,
    Witness,
    WitnessError,
)
from tests.ledger import ORIGIN, START, Ledger, signer, sqlite_engine

TIME = 1_700_000_000
LEAVES = [leaf_hash(str(number).encode()) for number in range(20)]
FORKED = [*LEAVES[:10], *reversed(LEAVES[10:])]


def tree(leaves: list[bytes], size: int) -> Tree:
    return Tree(size, lambda _height, first, end: leaves[first:end])


def request(old: int, size: int, leaves: list[bytes] = LEAVES, *, key: int = 1) -> Request:
    """Return what a log with these leaves asks."""
    checkpoint = Checkpoint(ORIGIN, size, tree(leaves, size).root())
    proof = tree(leaves, size).consistency_proof(old)
    return Request(old, tuple(proof), str(checkpoint.signed(signer(key), TIME)))


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    witness = Witness(signer(9, "witness.example.org"), tmp_path / "witness.json")
    witness.watch(signer(1).key)
    return witness


def test_a_log_that_grows_is_cosigned(witness: Witness) -> None:
    for old, size in ((0, 3), (3, 3), (3, 12), (12, 20)):
        asked = request(old, size)
        line = witness.cosign(asked, TIME + size)

        note = Note.parse(asked.note).with_signatures([Signature.parse(line.strip())])
        assert time_of(note, witness.signer.key) == TIME + size
        assert witness.last(ORIGIN) == asked.note


def test_a_request_is_read_as_it_is_written() -> None:
    for asked in (request(0, 3), request(3, 12)):
        assert Request.parse(str(asked)) == asked
        assert str(asked).startswith(f"old {asked.old_size}\n")


def test_two_roots_of_one_size_are_refused_and_kept_as_evidence(
    witness: Witness, tmp_path: Path
) -> None:
    witness.cosign(request(0, 15), TIME)
    fork = request(15, 15, FORKED)

    with pytest.raises(ForkError) as refusal:
        witness.cosign(fork, TIME)

    assert refusal.value.status == 409
    evidence = json.loads((tmp_path / "witness.evidence").read_text(encoding="utf-8"))
    assert evidence == {"cosigned": request(0, 15).note, "refused": str(fork)}
    assert witness.last(ORIGIN) == request(0, 15).note


def test_a_history_that_does_not_grow_from_the_last_is_refused(witness: Witness) -> None:
    witness.cosign(request(0, 15), TIME)

    with pytest.raises(ForkError) as refusal:
        witness.cosign(request(15, 18, FORKED), TIME)

    assert refusal.value.status == 422
    assert witness.last(ORIGIN) == request(0, 15).note


def test_an_old_backup_is_refused_as_a_rollback(witness: Witness) -> None:
    witness.cosign(request(0, 15), TIME)

    with pytest.raises(RollbackError, match="has 15 entries") as refusal:
        witness.cosign(request(0, 12), TIME)

    assert (refusal.value.status, refusal.value.size) == (409, 15)


def test_who_starts_from_another_size_learns_the_right_one(witness: Witness) -> None:
    witness.cosign(request(0, 15), TIME)

    with pytest.raises(ConflictError) as refusal:
        witness.cosign(request(12, 18), TIME)

    assert (refusal.value.status, refusal.value.size) == (409, 15)
    witness.cosign(request(refusal.value.size, 18), TIME)


def test_only_a_known_log_with_its_own_key_is_cosigned(witness: Witness) -> None:
    stranger = Checkpoint("log.example.org/other", 1, LEAVES[0])
    note = str(stranger.signed(signer(1, "log.example.org/other"), TIME))

    with pytest.raises(UnknownLogError) as unknown:
        witness.cosign(Request(0, (), note), TIME)
    with pytest.raises(UnsignedError) as unsigned:
        witness.cosign(request(0, 3, key=2), TIME)

    assert (unknown.value.status, unsigned.value.status) == (404, 403)
    assert witness.last(ORIGIN) is None
    with pytest.raises(WitnessError, match="already watched"):
        witness.watch(signer(2).key)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "old 1",
        "old x\n\nnote\n",
        "new 1\n\nnote\n",
        "old 1\n***\n\nnote\n",
        "old 1\n" + "AAAA\n" * 64 + "\nnote\n",
    ],
)
def test_what_is_no_request_is_refused(body: str) -> None:
    with pytest.raises(WitnessError) as refusal:
        Request.parse(body)

    assert refusal.value.status == 400


def test_a_checkpoint_smaller_than_where_it_starts_from_is_refused(witness: Witness) -> None:
    with pytest.raises(WitnessError, match="only grows"):
        witness.cosign(Request(5, (), request(0, 3).note), TIME)
    with pytest.raises(WitnessError, match="not a signed note"):
        witness.cosign(Request(0, (), "x"), TIME)
    with pytest.raises(ForkError, match="send none"):
        witness.cosign(Request(0, (LEAVES[0],), request(0, 3).note), TIME)


def test_the_memory_outlives_the_process(witness: Witness, tmp_path: Path) -> None:
    witness.cosign(request(0, 15), TIME)

    again = Witness(witness.signer, tmp_path / "witness.json")

    with pytest.raises(RollbackError):
        again.cosign(request(0, 3), TIME)
    assert not (tmp_path / "witness.new").exists()


def test_a_witness_follows_a_log_to_its_next_key(tmp_path: Path) -> None:
    ledger = Ledger(sqlite_engine(tmp_path / "record.db"), tmp_path).begun()
    ledger.decide_many(range(3))
    ledger.be_witnessed()
    with ledger.store() as store:
        ledger.log = ledger.log.rotate(store, signer(2), START)
        change = store.entry(store.size() - 1) or b""
    with pytest.raises(UnsignedError):
        ledger.be_witnessed()

    assert ledger.witness.follow(change) == signer(2).key

    ledger.decide_many(range(3, 6))
    witnessed = ledger.be_witnessed()
    assert ledger.verdict(witnessed=witnessed).code == 0
    ledger.engine.dispose()


def test_a_log_restored_from_an_old_backup_is_caught_by_its_witness(tmp_path: Path) -> None:
    ledger = Ledger(sqlite_engine(tmp_path / "record.db"), tmp_path).begun()
    ledger.engine.dispose()
    shutil.copy(tmp_path / "record.db", tmp_path / "backup.db")
    ledger.decide_many(range(10))
    ledger.be_witnessed()
    ledger.engine.dispose()
    shutil.copy(tmp_path / "backup.db", tmp_path / "record.db")

    with ledger.store() as store:
        note = store.last_checkpoint() or ""

    with pytest.raises(RollbackError):
        ledger.witness.cosign(Request(0, (), note), TIME)
    ledger.engine.dispose()


def test_a_cosignature_says_the_time_it_was_made() -> None:
    text = Checkpoint(ORIGIN, 3, LEAVES[0]).text
    line = cosign(text, signer(9, "witness.example.org"), TIME)

    assert line.time == TIME
    assert signer(9, "witness.example.org").key.timestamped.verifies(line.value, text)
    assert not signer(9, "witness.example.org").key.timestamped.verifies(
        line.value, text + "x\n"
    )
