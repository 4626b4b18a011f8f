"""Backing up: a copy of the record that is whole at one moment, and its way back.

The keys are copied only where the operator names a second place: whoever has both has all.
"""

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from api.database import Database, DatabaseError
from api.keyring import KeyringError, open_keyring
from api.self_check import faults_of
from api.settings import Settings
from api.store import Store
from audit.checkpoint import Checkpoint
from audit.note import Note
from audit.store import SqlStore

RECORD: Final = "record.db"


class BackupError(DatabaseError):
    """A backup that cannot be made or put back; the message says the cure."""


def back_up(settings: Settings, folder: Path, keys: Path | None = None) -> str:
    """Copy the record while it is written, and the keys to a second place; return its size.

    The copy is one moment: SQLite gives a snapshot and waits for no writer.
    """
    source = _file(settings)
    if not source.exists():
        raise BackupError(f"there is no record at `{source}`; set JIANZHENG_DATABASE_URL")
    if keys is not None and _within(folder.absolute(), keys.absolute()):
        raise BackupError("keys and record lie in one place; name another place for --keys")
    for one in filter(None, (folder, keys)):
        _require_new(one)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _copy(source, folder / RECORD)
    note = _checkpoint(folder / RECORD)
    (folder / "checkpoint").write_text(note, encoding="utf-8")
    if keys is not None:
        _copy_keys(settings.keys, keys)
    head = Checkpoint.parse(Note.parse(note).text)
    about = {"origin": head.origin, "size": head.size, "root": head.root.hex()}
    (folder / "backup.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    return f"{head.size} entries of {head.origin}"


def restore(
    settings: Settings, folder: Path, keys: Path | None = None, witnessed: Note | None = None
) -> list[str]:
    """Put a backup in the place of a record that is gone; return what is wrong with it.

    A record that lies there is never overwritten. An old backup is a rollback: with a newer
    cosigned checkpoint that is seen at once, without one only the witness sees it.
    """
    target, source = _file(settings), folder / RECORD
    if not source.exists():
        raise BackupError(f"`{folder}` holds no `{RECORD}`; name the folder of a backup")
    for place in (target, *(target.with_name(target.name + end) for end in ("-wal", "-shm"))):
        if place.exists():
            raise BackupError(f"`{place}` is there already; move it away first")
    if keys is not None:
        if settings.keys.exists():
            raise BackupError(f"the keys at `{settings.keys}` are there; leave out --keys")
        _copy_keys(keys, settings.keys)
    ring = open_keyring(settings.keys, create=False)
    if ring.log.origin != json.loads((folder / "backup.json").read_text("utf-8"))["origin"]:
        raise KeyringError(f"the keys at `{settings.keys}` are of another record")
    target.parent.mkdir(parents=True, exist_ok=True)
    _copy(source, target)
    database = Database(settings.database_url)
    try:
        store = Store(database, ring)
        return list(faults_of(store, witnessed))
    finally:
        database.close()


def _file(settings: Settings) -> Path:
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise BackupError(
            "this record lies in PostgreSQL; copy it with `pg_dump --format=custom` and the "
            f"keys at `{settings.keys}` to another place"
        )
    return Path(url.database)


def _within(one: Path, other: Path) -> bool:
    return one == other or one in other.parents or other in one.parents


def _require_new(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise BackupError(f"`{folder}` is not empty; name a new folder")


def _copy(source: Path, target: Path) -> None:
    """Copy a database at one moment, and wait until the copy is on the disk and sound."""
    old = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)
    new = sqlite3.connect(target)
    try:
        new.execute("PRAGMA synchronous=FULL")
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        (state,) = new.execute("PRAGMA quick_check").fetchone()
    finally:
        old.close()
        new.close()
    target.chmod(0o600)
    if state != "ok":
        raise BackupError(f"the copy of `{source}` is damaged ({state}); check the disk")


def _checkpoint(record: Path) -> str:
    database = Database(f"sqlite:///{record}", writing=False)
    try:
        with database.reading() as connection:
            return SqlStore(connection).last_checkpoint() or ""
    finally:
        database.close()


def _copy_keys(source: Path, target: Path) -> None:
    _require_new(target)
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.chmod(0o700)
    for one in sorted(source.iterdir()):
        shutil.copyfile(one, target / one.name)
        (target / one.name).chmod(0o600)
