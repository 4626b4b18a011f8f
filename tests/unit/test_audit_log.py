"""The log in SQLite and in PostgreSQL: taking in, giving places, proving, handing over."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from audit.checkpoint import Checkpoint, opened, time_of
from audit.durability import require_durable, scrub
from audit.entry import Entry
from audit.export import ExportError, export
from audit.log import (
    KeyNotHeldError,
    Log,
    LogError,
    Proof,
    RolledBackError,
)
from audit.note import Note, NoteError
from audit.promise import promised
from audit.sequencer import Sequencer
from audit.store import SqlStore, StoreError
from audit.table import KEPT, LEAVING, create, grant
from audit.tree import proves_consistency, proves_inclusion
from audit.vault import MasterKey, Vault, lock, unlock
from tests.ledger import ORIGIN, SECOND, START, Ledger, run_verifier, signer, sqlite_engine
from tests.postgres import emptied, postgres, program


@pytest.fixture(scope="module")
def server() -> Iterator[Engine]:
    if not program("initdb"):
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with postgres() as url:
        engine = create_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        engine = sqlite_engine(tmp_path / "record.db")
        yield engine
        engine.dispose()
        return
    yield emptied(request.getfixturevalue("server"))


@pytest.fixture
def ledger(engine: Engine, tmp_path: Path) -> Ledger:
    return Ledger(engine, tmp_path).begun()


def holds(proof: Proof, leaf: bytes) -> bool:
    """Tell whether a proof leads to a checkpoint that the log signed."""
    head = opened(Note.parse(proof.checkpoint), signer(1).key)
    return proves_inclusion(leaf, proof.index, proof.path, size=head.size, root=head.root)


def test_an_entry_is_promised_at_once_and_proved_a_moment_later(ledger: Ledger) -> None:
    receipt = ledger.decide(1)

    promise = promised(Note.parse(receipt.promise), signer(1).key)
    assert (promise.origin, promise.leaf, promise.at) == (ORIGIN, receipt.leaf, START)
    with ledger.store() as store, pytest.raises(LogError, match="no place yet"):
        ledger.log.prove(store, receipt.leaf)
    ledger.place()
    with ledger.store() as store:
        proof = ledger.log.prove(store, receipt.leaf)
    assert holds(proof, receipt.leaf)
    assert str(proof).startswith("c2sp.org/tlog-proof@v1\nindex 1\n")


def test_what_the_caller_rolls_back_was_never_taken_in(ledger: Ledger) -> None:
    with ledger.engine.connect() as connection:
        ledger.log.seal(SqlStore(connection), Entry("note", START, {"n": 1}))
        connection.rollback()

    ledger.place()
    with ledger.store() as store:
        assert store.size() == 1


def test_a_thousand_entries_are_placed_in_order_and_each_is_proved(ledger: Ledger) -> None:
    with ledger.store() as store:
        receipts = [
            ledger.log.seal(store, Entry("note", START, {"n": number}))
            for number in range(1000)
        ]
    sizes = []
    for _ in range(4):
        with ledger.store() as store:
            sizes.append(ledger.log.sequence(store, START + SECOND, limit=300).placed)

    assert sizes == [300, 300, 300, 100]
    with ledger.store() as store:
        for number in (0, 254, 255, 256, 511, 999):
            proof = ledger.log.prove(store, receipts[number].leaf)
            assert proof.index == number + 1
            assert holds(proof, receipts[number].leaf)
        path, note = ledger.log.consistency(store, 301)
        old = list(store.checkpoints())[1]
    heads = [Checkpoint.parse(Note.parse(each).text).head for each in (old, note)]
    assert proves_consistency(heads[0], heads[1], path)
    assert heads[1][0] == 1001


def test_a_checkpoint_says_when_it_was_signed(ledger: Ledger) -> None:
    ledger.decide(1)
    ledger.place(seconds=7)

    with ledger.store() as store:
        note = Note.parse(store.last_checkpoint() or "")
    assert time_of(note, signer(1).key) == START // SECOND + 7


def test_a_body_is_kept_once_and_only_under_its_digest(ledger: Ledger) -> None:
    ledger.decide_many(range(10))

    with ledger.store() as store:
        bodies = dict(store.bodies())
    assert sorted(bodies.values()).count(b"rules of version 0") == 1
    entry = Entry("note", START, {}, {"rules": "sha256:" + "0" * 64})
    with ledger.store() as store, pytest.raises(LogError, match="part `rules` is not the body"):
        ledger.log.seal(store, entry, {"rules": b"rules of version 0"})


def test_the_same_entry_twice_is_refused(ledger: Ledger) -> None:
    ledger.decide(1)

    with pytest.raises(IntegrityError):
        ledger.decide(1)


def test_a_key_hands_over_to_the_next_and_the_old_one_signs_no_more(ledger: Ledger) -> None:
    before = ledger.decide(1)
    with ledger.store() as store:
        after = ledger.log.rotate(store, signer(2), START + SECOND)
    with ledger.store() as store:
        ledger.log.seal(store, Entry("note", START, {"by": "a process with the old key"}))
    with pytest.raises(KeyNotHeldError), ledger.store() as store:
        ledger.log.sequence(store, START + SECOND)
    with ledger.store() as store:
        assert after.sequence(store, START + SECOND).placed == 1
        assert after.keys(store) == [signer(1).key, signer(2).key]
        note = Note.parse(after.prove(store, before.leaf).checkpoint)

    assert opened(note, signer(2).key).size == 4
    with pytest.raises(NoteError):
        opened(note, signer(1).key)
    folder = ledger.exported()
    for number in (1, 2):
        assert run_verifier(folder, f"--key={signer(number).key}").code == 0
    assert run_verifier(folder, f"--key={signer(3).key}").code == 1


def test_a_log_begins_once(ledger: Ledger) -> None:
    with ledger.store() as store, pytest.raises(LogError, match="already begun"):
        ledger.log.found(store, START)


def test_a_tree_that_is_not_the_signed_one_is_not_built_upon(ledger: Ledger) -> None:
    ledger.decide_many(range(10))
    with ledger.store() as store:
        forged = Checkpoint(ORIGIN, 11, bytes(32)).signed(signer(1), 0)
        store.keep_checkpoint(11, str(forged))
    ledger.decide(10)

    with ledger.store() as store, pytest.raises(RolledBackError, match="last checkpoint signs"):
        ledger.log.sequence(store, START)


@pytest.mark.parametrize("origin", ["", "two\nlines", "promise/v1", "cosignature/v1"])
def test_a_name_that_could_be_mistaken_is_no_name_of_a_log(origin: str) -> None:
    with pytest.raises(LogError):
        Log(origin, signer(1), b"gate" * 8)


def test_the_database_itself_refuses_to_change_the_record(ledger: Ledger) -> None:
    with ledger.store() as store:
        for number in range(300):
            ledger.log.seal(store, Entry("note", START, {"n": number}))
    ledger.decide_many(range(1))
    ledger.be_witnessed()

    for table in KEPT:
        column = next(iter(table.columns)).name
        for act in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):  # noqa: S608 our tables
            with ledger.engine.connect() as connection:
                assert connection.exec_driver_sql(f"SELECT 1 FROM {table}").first()  # noqa: S608 our tables
                with pytest.raises(DBAPIError, match="the record is not changed"):
                    connection.exec_driver_sql(act)


def test_sqlite_refuses_to_replace_a_row_even_on_a_bare_connection(tmp_path: Path) -> None:
    ledger = Ledger(sqlite_engine(tmp_path / "record.db"), tmp_path).begun()
    ledger.decide_many(range(3))
    ledger.engine.dispose()

    with closing(sqlite3.connect(tmp_path / "record.db")) as database:
        for table in KEPT[:2]:
            with pytest.raises(sqlite3.IntegrityError, match="not changed"):
                database.execute(f"REPLACE INTO {table} SELECT * FROM {table}")  # noqa: S608 our tables


def test_the_role_of_the_application_can_add_and_read_only(
    server: Engine, tmp_path: Path
) -> None:
    ledger = Ledger(emptied(server), tmp_path).begun()
    with server.begin() as connection:
        connection.exec_driver_sql("DROP ROLE IF EXISTS app")
        connection.exec_driver_sql("CREATE ROLE app LOGIN")
        connection.exec_driver_sql("GRANT USAGE ON SCHEMA public TO app")
        grant(connection, "app")
    as_app = replace(ledger, engine=create_engine(server.url.set(username="app")))

    as_app.decide_many(range(7))
    as_app.be_witnessed()

    for statement in (
        "DELETE FROM log_entry",
        "UPDATE log_leaf SET place = 0",
        "DROP TABLE log_leaf",
    ):
        with pytest.raises(DBAPIError), as_app.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    assert as_app.verdict(witnessed=tmp_path / "witnessed").code == 0
    as_app.engine.dispose()


def test_two_databases_with_the_same_entries_give_the_same_folder(
    server: Engine, tmp_path: Path
) -> None:
    folders = []
    for name, engine in (
        ("one", sqlite_engine(tmp_path / "record.db")),
        ("two", emptied(server)),
    ):
        (tmp_path / name).mkdir()
        ledger = Ledger(engine, tmp_path / name).begun()
        ledger.decide_many(range(23))
        ledger.decide(99)
        ledger.be_witnessed()
        folders += [ledger.exported("first"), ledger.exported("second")]

    files = [{f.name: f.read_bytes() for f in folder.iterdir()} for folder in folders]
    assert files[0] == files[1] == files[2] == files[3]
    assert len(files[0]) == 6


def test_an_export_goes_into_a_new_folder_only(ledger: Ledger) -> None:
    (ledger.folder / "x").mkdir()
    (ledger.folder / "x" / "mine").touch()

    with ledger.store() as store, pytest.raises(ExportError, match="is not empty"):
        export(store, ledger.folder / "x")


def test_thirty_two_writers_and_two_sequencers_lose_and_double_nothing(
    server: Engine, tmp_path: Path
) -> None:
    wide = create_engine(emptied(server).url, pool_size=40)
    ledger = Ledger(wide, tmp_path).begun()
    stop, faults = Event(), list[Exception]()
    leaves = list[bytes]()

    def write(writer: int) -> None:
        for number in range(10):
            with ledger.store() as store:
                entry = Entry("note", START, {"writer": writer, "number": number})
                leaves.append(ledger.log.seal(store, entry).leaf)

    def clock() -> int:
        return START + SECOND

    sequencers = [
        Thread(
            target=Sequencer(ledger.log, ledger.store, clock, lambda _: None).run,
            args=(stop, faults.append),
            kwargs={"seconds": 0.01},
        )
        for _ in range(2)
    ]
    writers = [Thread(target=write, args=(number,)) for number in range(32)]
    for thread in sequencers + writers:
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in sequencers:
        thread.join()
    Sequencer(ledger.log, ledger.store, clock, lambda _: None).once()

    assert faults == []
    with ledger.store() as store:
        assert {leaf for _, leaf, _ in store.leaves()} >= set(leaves)
        assert store.size() == 321 == len(set(leaves)) + 1
    assert ledger.verdict().code == 0
    wide.dispose()


def test_the_sequencer_goes_on_after_a_failure(ledger: Ledger) -> None:
    ledger.decide(1)
    stop, failures, batches = Event(), list[Exception](), list[int]()
    times = iter([None, START + SECOND])

    def clock() -> int:
        time = next(times)
        if time is None:
            raise OSError("the clock is away")
        stop.set()
        return time

    sequencer = Sequencer(ledger.log, ledger.store, clock, lambda b: batches.append(b.placed))
    sequencer.run(stop, failures.append, seconds=0)

    assert [str(each) for each in failures] == ["the clock is away"]
    assert batches == [1]


def test_a_connection_that_could_lose_a_commit_is_refused(ledger: Ledger) -> None:
    with ledger.engine.connect() as connection:
        require_durable(connection)
        connection.exec_driver_sql(
            "SET synchronous_commit = off"
            if connection.dialect.name == "postgresql"
            else "PRAGMA synchronous = NORMAL"
        )
        with pytest.raises(StoreError):
            require_durable(connection)
        connection.invalidate()


def test_an_erased_person_is_unreadable_and_every_proof_holds(ledger: Ledger) -> None:
    vault = Vault(MasterKey(bytes(32)))
    key, wrapped = vault.new_key("case 1")
    box = lock(key, "张三".encode(), case="case 1", part="applicant")
    token = vault.blind("resident", "11010519491231002X")
    entry = Entry("decision", START, {}, {"applicant": Entry("x", 0, {}).suite.digest(box)})
    with ledger.store() as store:
        receipt = ledger.log.seal(store, entry, {"applicant": box})
        store.keep_case_key("case 1", wrapped)
        store.keep_blind("case 1", token)
    ledger.place()
    with ledger.store() as store:
        assert store.cases_of(token) == ["case 1"]
        kept = vault.unwrap("case 1", store.case_key("case 1") or b"")
        assert unlock(kept, box, case="case 1", part="applicant").decode() == "张三"

    with ledger.store() as store:
        store.erase("case 1")
    with ledger.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        scrub(connection)

    with ledger.store() as store:
        assert store.case_key("case 1") is None
        assert store.cases_of(token) == []
        assert holds(ledger.log.prove(store, receipt.leaf), receipt.leaf)
    assert ledger.verdict().code == 0


def test_no_byte_of_an_erased_key_stays_in_the_files_of_sqlite(tmp_path: Path) -> None:
    ledger = Ledger(sqlite_engine(tmp_path / "record.db"), tmp_path).begun()
    wrapped = os.urandom(60)

    def files() -> bytes:
        return b"".join(each.read_bytes() for each in tmp_path.glob("record.db*"))

    with ledger.store() as store:
        store.keep_case_key("case 1", wrapped)
    assert wrapped[:20] in files()
    with ledger.store() as store:
        store.erase("case 1")
    with ledger.engine.connect() as connection:
        scrub(connection)

    assert wrapped[:20] not in files()
    ledger.engine.dispose()


def test_the_tables_can_be_made_again_and_again(ledger: Ledger) -> None:
    with ledger.engine.begin() as connection:
        create(connection)
    ledger.decide_many(range(3))

    assert {each.name for each in LEAVING} == {"log_staged", "log_case_key", "log_blind"}
    assert ledger.verdict().code == 0
