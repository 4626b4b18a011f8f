"""What the record refuses: changes, a second writer, lost keys; what is erased or late."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from api.record import Asker, of_look
from api.standing import standing
from api.store import ErasedError, Store
from audit.durability import durable
from audit.note import Ed25519Signer
from tests.faults.installation import Acknowledged, Installation
from tests.small_pack import sound_case

TABLES = (
    "release", "decision", "decision_item", "decision_ground", "log_entry", "log_leaf",
    "log_node", "log_body", "log_checkpoint", "log_cosignature",
)  # fmt: skip
EMPTY = ("decision_ground", "log_node", "log_cosignature")
"""Tables without a row in what these tests decide."""

MINUTE = 60_000


def decided(office: Installation, times: int = 3) -> list[Acknowledged]:
    """Decide the sound case, several times, in this process."""
    kept = office.decided([sound_case()] * times)
    return [
        Acknowledged(one.number, one.digest, one.row.leaf.hex(), one.row.promise)
        for one in kept
    ]


def test_sqlite_itself_refuses_to_change_or_remove_a_row(tmp_path: Path) -> None:
    office = Installation(tmp_path).begun()
    told = decided(office)
    with sqlite3.connect(office.database) as database:
        filled = 0
        for table in TABLES:
            column = database.execute(f"SELECT * FROM {table}").description[0][0]  # noqa: S608 our tables
            statements = [
                f'UPDATE {table} SET "{column}" = "{column}"',  # noqa: S608 our tables
                f"DELETE FROM {table}",  # noqa: S608 our tables
                f"REPLACE INTO {table} SELECT * FROM {table}",  # noqa: S608 our tables
            ]
            if database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,):  # noqa: S608 our tables
                assert table in EMPTY
                continue
            filled += 1
            # The same body again is what the log itself skips.
            for statement in statements[: 2 if table == "log_body" else 3]:
                with pytest.raises(sqlite3.IntegrityError, match="record is not changed"):
                    database.execute(statement)

    assert filled == len(TABLES) - len(EMPTY)
    assert office.verdict(told).code == 0


def test_a_second_writer_of_a_file_is_refused_with_a_sentence_and_a_reader_is_not(
    tmp_path: Path,
) -> None:
    office = Installation(tmp_path).begun()
    with office.served() as running:
        told = Acknowledged.read(running.post(sound_case())[1])
        second = office.run("serve", "--port", "0")
        replayed = office.run("replay", "--all")
        assert running.post(sound_case())[0] == 201

    assert second.returncode == 1
    assert second.stderr.startswith("another process writes `")
    assert "use PostgreSQL" in second.stderr
    assert second.stderr.count("\n") == 1
    assert replayed.stdout == "1 decisions decided again, 0 differ\n"
    assert told.number in office.numbers()


def test_lost_keys_are_asked_for_and_never_made_anew(tmp_path: Path) -> None:
    office = Installation(tmp_path).begun()
    told = decided(office)
    office.keys.rename(tmp_path / "lost")

    for words in (("serve", "--port", "0"), ("replay", "--all")):
        refused = office.run(*words)
        assert refused.returncode == 1
        assert refused.stderr.startswith("the keys of this record cannot be read from `")
        assert "restore that folder from your backup" in refused.stderr
        assert refused.stderr.count("\n") == 1
    assert not office.keys.exists()
    (tmp_path / "lost").rename(office.keys)
    assert {each.number for each in told} == office.numbers()


def test_the_keys_of_another_installation_sign_nothing_here(tmp_path: Path) -> None:
    office = Installation(tmp_path / "one").begun()
    told = decided(office)
    other = Installation(tmp_path / "other").begun()
    office.keys.rename(tmp_path / "kept")
    other.keys.rename(office.keys)

    refused = office.run("serve", "--port", "0")

    assert refused.returncode == 1
    assert "JIANZHENG_KEYS" in refused.stderr
    office.keys.rename(other.keys)
    (tmp_path / "kept").rename(office.keys)
    assert office.verdict(told).code == 0


def test_a_promise_that_is_not_in_the_tree_within_a_minute_is_a_failed_audit(
    tmp_path: Path,
) -> None:
    office = Installation(tmp_path).begun()
    told = decided(office)
    assert office.verdict(told).code == 0
    with office.opened() as store:
        numbers = [kept.number for kept in store.decisions()]
        store.erase(numbers[0], Asker(why="the first of two events, a minute apart"))
        with store.log() as log:
            store.keys.log.sequence(log, store.milliseconds() + MINUTE + 1_000)

    verdict = office.verdict(told)

    assert verdict.code == 1
    assert verdict.wrong == [line for line in verdict.wrong if line.startswith("wrong (8)")]


def test_an_entry_that_waits_longer_than_a_minute_rings(tmp_path: Path) -> None:
    office = Installation(tmp_path).begun()
    with office.opened() as store:
        store.seal(of_look("the queue", Asker(), at=store.milliseconds()))
        sealed_at, late = store.now(), timedelta(seconds=62)
        later = Store(store.database, store.keys, lambda: sealed_at + late)
        ringing = [[one.key for one in standing(each).alarms] for each in (store, later)]
        with store.log() as log:
            store.keys.log.sequence(log, store.milliseconds())

        assert ringing == [["no_witness"], ["no_witness", "waiting_late"]]
        assert [one.key for one in standing(later).alarms] == ["no_witness"]


def test_an_acknowledged_decision_that_is_not_in_the_log_is_a_failed_audit(
    tmp_path: Path,
) -> None:
    office = Installation(tmp_path).begun()
    told = decided(office)
    before = tmp_path / "before.db"
    with sqlite3.connect(office.database) as live, sqlite3.connect(before) as kept:
        live.backup(kept)
    after = decided(office)
    for path in tmp_path.glob("record.db*"):
        path.unlink()
    before.rename(office.database)

    assert office.verdict(told).code == 0
    verdict = office.verdict([*told, *after])
    assert verdict.code == 1
    assert len(verdict.wrong) == len(after)


def test_an_erased_case_cannot_be_read_and_everything_else_holds(tmp_path: Path) -> None:
    office = Installation(tmp_path).begun()
    told = decided(office)
    gone = told[1].number
    query = 'SELECT wrapped FROM log_case_key WHERE "case" = ?'
    with sqlite3.connect(office.database) as database:
        (key,) = database.execute(query, (gone,)).fetchone()
        (kept_key,) = database.execute(query, (told[0].number,)).fetchone()
    assert any(bytes(key) in path.read_bytes() for path in tmp_path.glob("record.db*"))

    with office.opened() as store:
        store.erase(gone, Asker(user="archivist", why="Personal Information Protection Law 47"))
        with pytest.raises(ErasedError):
            store.decision(gone)

    assert not any(bytes(key) in path.read_bytes() for path in tmp_path.glob("record.db*"))
    assert any(bytes(kept_key) in path.read_bytes() for path in tmp_path.glob("record.db*"))
    assert office.numbers() == {each.number for each in told} - {gone}
    assert office.verdict(told).code == 0
    with office.served() as running:
        assert running.ask("GET", f"/api/v1/decisions/{gone}")[0].status == 410
        assert running.ask("GET", f"/api/v1/decisions/{told[0].number}")[0].status == 200


def test_the_key_of_the_log_changes_in_the_middle_and_all_of_it_verifies(
    tmp_path: Path,
) -> None:
    office = Installation(tmp_path).begun()
    told = decided(office)
    with office.opened() as store:
        after = Ed25519Signer.create(store.keys.log.origin, tmp_path / "next.key")
        with store.log() as log:
            store.keys.log.rotate(log, after, store.milliseconds())
    old_key = office.run("serve", "--port", "0")
    (tmp_path / "next.key").rename(office.keys / "log.key")

    told += decided(office)

    assert old_key.returncode == 1
    assert "are not those of this record" in old_key.stderr
    assert office.verdict(told).code == 0
    assert office.numbers() == {each.number for each in told}


def test_a_connection_that_writes_is_durable(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "some.db") as connection:
        durable(connection)
        pragmas = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "secure_delete")
        }

    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}
