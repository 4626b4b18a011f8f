"""What a database administrator may do to the record, and how the offline verifier finds it.

The administrator owns the database: triggers are no hindrance. "With the key", the
administrator also holds the log's private key; then only the witness's checkpoint tells.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.checkpoint import Checkpoint
from audit.tree import Frontier, leaf_hash
from tests.faults.administrator import Administrator
from tests.ledger import SECOND, Ledger, Verdict, run_verifier, signer, sqlite_engine

DECISIONS = 23


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    folder = tmp_path_factory.mktemp("original")
    ledger = Ledger(sqlite_engine(folder / "record.db"), folder).begun()
    ledger.decide_many(range(DECISIONS))
    ledger.engine.dispose()
    return ledger


@pytest.fixture
def ledger(original: Ledger, tmp_path: Path) -> Iterator[Ledger]:
    shutil.copytree(original.folder, tmp_path, dirs_exist_ok=True)
    ledger = original.moved(sqlite_engine(tmp_path / "record.db"), tmp_path)
    yield ledger
    ledger.engine.dispose()


@pytest.fixture
def witnessed(ledger: Ledger) -> Path:
    return ledger.be_witnessed()


def found(verdict: Verdict, *steps: int, saying: str = "") -> None:
    """Assert that the verifier refuses, in these steps and no others."""
    assert verdict.code == 1, verdict.text
    assert verdict.text.splitlines()[-1].startswith("NOT verified")
    assert {int(line[7]) for line in verdict.wrong} == set(steps), verdict.text
    assert saying in verdict.text, verdict.text


def test_an_untouched_record_verifies(ledger: Ledger, witnessed: Path) -> None:
    verdict = ledger.verdict(witnessed=witnessed)

    assert verdict.code == 0, verdict.text
    assert f"verified: {DECISIONS + 1} entries" in verdict.text


def test_an_edited_entry_is_found(ledger: Ledger, witnessed: Path) -> None:
    administrator = Administrator(ledger)
    for place in (3, 17):
        administrator.edits(place)

    verdict = ledger.verdict(witnessed=witnessed)

    found(verdict, 3)
    assert verdict.wrong == ["wrong (3) entry 3 is altered", "wrong (3) entry 17 is altered"]


def test_an_entry_edited_and_rehashed_is_found(ledger: Ledger, witnessed: Path) -> None:
    administrator = Administrator(ledger)
    administrator.edits(17)
    administrator.rehashes(17)

    # Checkpoints were signed at sizes 1, 6, 11, 16, 21 and 24.
    found(ledger.verdict(witnessed=witnessed), 7, 9, saying="not all of 16 to 20 are as sealed")


def test_a_tree_rebuilt_with_the_key_is_found(ledger: Ledger, witnessed: Path) -> None:
    administrator = Administrator(ledger)
    administrator.edits(17)
    administrator.rehashes(17)
    administrator.rebuilds_with_the_key()

    found(ledger.verdict(witnessed=witnessed), 9, saying="another root: forked, rebuilt")


def test_a_tree_rebuilt_with_the_key_is_not_found_without_the_witness(
    ledger: Ledger, witnessed: Path
) -> None:
    """What the documentation says cannot be found without a witness, indeed cannot."""
    administrator = Administrator(ledger)
    administrator.edits(17)
    administrator.rehashes(17)
    administrator.rebuilds_with_the_key()

    assert witnessed.exists()
    assert ledger.verdict().code == 0


def test_an_entry_deleted_in_the_middle_is_found(ledger: Ledger, witnessed: Path) -> None:
    administrator = Administrator(ledger)
    administrator.does(
        "DELETE FROM log_entry WHERE number = (SELECT number FROM log_leaf WHERE place = 9)"
    )

    found(ledger.verdict(witnessed=witnessed), 3, saying="entry 9 is lost")


def test_an_entry_deleted_with_its_leaf_is_found(ledger: Ledger, witnessed: Path) -> None:
    administrator = Administrator(ledger)
    administrator.does(
        "DELETE FROM log_entry WHERE number = (SELECT number FROM log_leaf WHERE place = 9)"
    )
    administrator.does("DELETE FROM log_leaf WHERE place = 9")

    found(ledger.verdict(witnessed=witnessed), 7, 9, saying="entries 9 to 9 are lost")


def test_an_entry_deleted_and_the_gap_closed_is_found(ledger: Ledger, witnessed: Path) -> None:
    administrator = Administrator(ledger)
    administrator.does(
        "DELETE FROM log_entry WHERE number = (SELECT number FROM log_leaf WHERE place = 9)"
    )
    administrator.does("DELETE FROM log_leaf WHERE place = 9")
    for place in range(10, DECISIONS + 1):
        administrator.does("UPDATE log_leaf SET place = ? WHERE place = ?", place - 1, place)

    found(ledger.verdict(witnessed=witnessed), 7, 9, saying="not all of 6 to 10 are as sealed")


def test_a_cut_tail_is_found(ledger: Ledger, witnessed: Path) -> None:
    Administrator(ledger).cuts_from(16)

    found(ledger.verdict(witnessed=witnessed), 9, saying="beyond the end, 16: the tail is cut")


def test_a_cut_tail_is_not_found_without_the_witness(ledger: Ledger) -> None:
    Administrator(ledger).cuts_from(16)

    assert ledger.verdict().code == 0


def test_a_cut_tail_breaks_a_promise_that_an_applicant_holds(ledger: Ledger) -> None:
    receipt = ledger.decide(DECISIONS)
    ledger.place()
    held = ledger.folder / "receipt"
    held.write_text(receipt.promise, encoding="utf-8")
    folder = ledger.exported("before")
    assert run_verifier(folder, "--receipt", str(held)).code == 0

    Administrator(ledger).cuts_from(16)

    found(run_verifier(ledger.exported("after"), "--receipt", str(held)), 8)


def test_an_inserted_entry_is_found(ledger: Ledger, witnessed: Path) -> None:
    administrator = Administrator(ledger)
    forged = administrator.entry(20).replace(b'"number":19', b'"number":99')
    leaf = leaf_hash(forged)
    administrator.does(
        "INSERT INTO log_entry (number, kind, at, leaf, gate, encoded) "
        "VALUES (99, 'decision', 0, ?, x'', ?)",
        leaf,
        forged,
    )
    for place in reversed(range(12, DECISIONS + 1)):
        administrator.does("UPDATE log_leaf SET place = ? WHERE place = ?", place + 1, place)
    administrator.does("INSERT INTO log_leaf (place, number, hash) VALUES (12, 99, ?)", leaf)

    found(ledger.verdict(witnessed=witnessed), 7, 9, saying="not all of 11 to 15 are as sealed")


def test_an_entry_added_at_the_end_is_found(ledger: Ledger, witnessed: Path) -> None:
    administrator = Administrator(ledger)
    forged = administrator.entry(20).replace(b'"number":19', b'"number":99')
    leaf = leaf_hash(forged)
    administrator.does(
        "INSERT INTO log_entry (number, kind, at, leaf, gate, encoded) "
        "VALUES (99, 'decision', 0, ?, x'', ?)",
        leaf,
        forged,
    )
    administrator.does(
        "INSERT INTO log_leaf (place, number, hash) VALUES (?, 99, ?)", DECISIONS + 1, leaf
    )

    found(ledger.verdict(witnessed=witnessed), 7, saying="1 are under no signed checkpoint")


def test_a_row_slipped_among_the_waiting_is_never_sealed(ledger: Ledger) -> None:
    administrator = Administrator(ledger)
    forged = administrator.entry(20).replace(b'"number":19', b'"number":99')
    administrator.does(
        "INSERT INTO log_entry (number, kind, at, leaf, gate, encoded) "
        "VALUES (99, 'decision', 0, ?, ?, ?)",
        leaf_hash(forged),
        administrator.ask("SELECT gate FROM log_entry WHERE number = 5")[0][0],
        forged,
    )
    administrator.does("INSERT INTO log_staged (number) VALUES (99)")

    with ledger.store() as store:
        batch = ledger.log.sequence(store, ledger.now)

    assert (batch.placed, batch.refused) == (0, (99,))
    ledger.now += 100 * SECOND
    ledger.decide(DECISIONS)
    ledger.place()
    found(ledger.verdict(), 8, saying="was taken in and never came into the tree")


def test_reordered_entries_are_found(ledger: Ledger, witnessed: Path) -> None:
    administrator = Administrator(ledger)
    for before, after in ((7, -1), (8, 7), (9, 8), (-1, 9)):
        administrator.does("UPDATE log_leaf SET place = ? WHERE place = ?", after, before)

    found(ledger.verdict(witnessed=witnessed), 7, 9, saying="not all of 6 to 10 are as sealed")


def test_swapped_entries_are_found(ledger: Ledger, witnessed: Path) -> None:
    administrator = Administrator(ledger)
    one, other = administrator.entry(7), administrator.entry(13)
    for place, encoded in ((7, other), (13, one)):
        administrator.does(
            "UPDATE log_entry SET encoded = ? WHERE number = "
            "(SELECT number FROM log_leaf WHERE place = ?)",
            encoded,
            place,
        )

    verdict = ledger.verdict(witnessed=witnessed)

    found(verdict, 3, saying="entry 7 is altered")
    assert "entry 13 is altered" in verdict.text


def test_an_old_backup_is_found(ledger: Ledger, tmp_path: Path) -> None:
    ledger.engine.dispose()
    shutil.copy(tmp_path / "record.db", tmp_path / "backup.db")
    ledger.decide_many(range(DECISIONS, DECISIONS + 10))
    witnessed = ledger.be_witnessed()
    ledger.engine.dispose()

    shutil.copy(tmp_path / "backup.db", tmp_path / "record.db")

    found(ledger.verdict(witnessed=witnessed), 9, saying="or an old backup is restored")


def test_an_old_backup_that_went_on_is_a_fork_and_is_found(
    ledger: Ledger, tmp_path: Path
) -> None:
    ledger.engine.dispose()
    shutil.copy(tmp_path / "record.db", tmp_path / "backup.db")
    ledger.decide_many(range(DECISIONS, DECISIONS + 10))
    witnessed = ledger.be_witnessed()
    ledger.engine.dispose()

    shutil.copy(tmp_path / "backup.db", tmp_path / "record.db")
    ledger.decide_many(range(100, 120))

    found(ledger.verdict(witnessed=witnessed), 9, saying="another root: forked")


def test_an_altered_rule_version_is_found(ledger: Ledger, witnessed: Path) -> None:
    Administrator(ledger).does(
        "UPDATE log_body SET body = ? WHERE body = ?",
        b"rules of version 1, kinder",
        b"rules of version 1",
    )

    verdict = ledger.verdict(witnessed=witnessed)

    found(verdict, 2, 4)
    assert sum("part `rules` is altered or lost" in line for line in verdict.wrong) == 10


def test_a_rule_version_replaced_under_a_new_digest_is_found(
    ledger: Ledger, witnessed: Path
) -> None:
    Administrator(ledger).does("DELETE FROM log_body WHERE body = ?", b"rules of version 1")

    found(ledger.verdict(witnessed=witnessed), 4)


@pytest.mark.parametrize(
    ("part", "body"),
    [("evidence", b"evidence of case 7"), ("case", b"ciphertext of case 7")],
)
def test_altered_evidence_and_ciphertext_are_found(
    ledger: Ledger, witnessed: Path, part: str, body: bytes
) -> None:
    Administrator(ledger).does("UPDATE log_body SET body = ? WHERE body = ?", body + b"!", body)

    found(
        ledger.verdict(witnessed=witnessed), 2, 4, saying=f"entry 8: part `{part}` is altered"
    )


def test_a_forged_checkpoint_is_found(ledger: Ledger, witnessed: Path) -> None:
    administrator = Administrator(ledger)
    frontier = Frontier()
    for (leaf,) in administrator.ask("SELECT hash FROM log_leaf ORDER BY place LIMIT 20"):
        frontier.append(leaf)
    forged = Checkpoint(ledger.log.origin, 20, frontier.root()).signed(signer(2), 1_700_000_009)
    administrator.does("INSERT INTO log_checkpoint (size, note) VALUES (20, ?)", str(forged))

    found(ledger.verdict(witnessed=witnessed), 6, saying="the checkpoint of 20 entries is not")


def test_a_checkpoint_with_one_letter_changed_is_found(ledger: Ledger, witnessed: Path) -> None:
    administrator = Administrator(ledger)
    note = administrator.ask("SELECT note FROM log_checkpoint WHERE size = 16")[0][0]
    letter = note[-20]
    spoilt = note[:-20] + ("A" if letter != "A" else "B") + note[-19:]
    administrator.does("UPDATE log_checkpoint SET note = ? WHERE size = 16", spoilt)

    found(ledger.verdict(witnessed=witnessed), 6, saying="the checkpoint of 16 entries is not")


def test_a_witnessed_checkpoint_of_a_false_witness_counts_for_nothing(
    ledger: Ledger, witnessed: Path
) -> None:
    text = witnessed.read_text(encoding="utf-8")
    head, _, lines = text.partition("\n\n")
    witnessed.write_text(f"{head}\n\n" + "".join(lines.splitlines(keepends=True)[:2]))

    found(ledger.verdict(witnessed=witnessed), 9, saying="lacks a true cosignature")


def test_a_late_checkpoint_is_a_broken_promise(ledger: Ledger) -> None:
    ledger.decide(DECISIONS)
    ledger.place(seconds=61)

    found(ledger.verdict(), 8, saying=f"entry {DECISIONS + 1} is of")


def test_all_that_is_wrong_is_listed(ledger: Ledger, witnessed: Path) -> None:
    administrator = Administrator(ledger)
    administrator.edits(2)
    administrator.does("UPDATE log_body SET body = x'00' WHERE body = ?", b"evidence of case 4")
    administrator.does("UPDATE log_checkpoint SET note = 'x' WHERE size = 11")
    administrator.does(
        "DELETE FROM log_entry WHERE number = (SELECT number FROM log_leaf WHERE place = 20)"
    )

    verdict = ledger.verdict(witnessed=witnessed)

    found(verdict, 2, 3, 4, 6)
    assert len(verdict.wrong) == 5


def test_another_log_is_not_the_one_that_the_auditor_trusts(
    ledger: Ledger, tmp_path: Path
) -> None:
    folder = ledger.exported()

    verdict = run_verifier(folder, "--key", str(signer(7).key))

    found(verdict, 5, saying="not each key that you trust")
    assert tmp_path.exists()


def test_a_folder_that_lost_a_file_is_refused(ledger: Ledger) -> None:
    folder = ledger.exported()
    (folder / "bodies.bin").unlink()

    found(run_verifier(folder), 1, saying="the folder has no bodies.bin")


@pytest.mark.parametrize(
    "name", ["bodies.bin", "entries.jsonl", "index.bin", "checkpoints.jsonl"]
)
def test_a_truncated_file_of_an_export_is_found(ledger: Ledger, name: str) -> None:
    folder = ledger.exported()
    body = (folder / name).read_bytes()
    (folder / name).write_bytes(body[: len(body) * 2 // 3])

    assert run_verifier(folder).code == 1
