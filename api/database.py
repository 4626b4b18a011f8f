"""The database: SQLite embedded, or PostgreSQL, behind one door.

SQLite is written by one connection of one process (WAL, synchronous FULL): versions up to
3.51.2 can corrupt a write-ahead log that two connections write. Several processes mean
PostgreSQL; a lock beside the file sees to it.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from io import TextIOWrapper
from pathlib import Path
from threading import RLock
from typing import Any

import alembic.command
import alembic.config
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import StaticPool
from sqlmodel import Session, create_engine

from audit.durability import durable, require_durable


class DatabaseError(Exception):
    """A database that cannot be used; the message says the cure."""


class Database:
    """One database, opened to be read, or to be written by this process."""

    def __init__(self, url: str, *, writing: bool = True) -> None:
        self._url = make_url(url)
        self._sqlite = self._url.get_backend_name() == "sqlite"
        self._one_writer = RLock()
        self._lock: TextIOWrapper | None = None
        if self._sqlite and writing:
            self._lock = _locked(Path(str(self._url.database)))
        self.engine = self._open(writing=writing)
        if writing:
            self._migrate()

    def close(self) -> None:
        """Close all connections, and let other processes write."""
        self.engine.dispose()
        if self._lock is not None:
            self._lock.close()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a transaction that commits when its block ends well."""
        if not self._sqlite:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                yield session
            return
        with (
            self._one_writer,
            Session(self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def _open(self, *, writing: bool) -> Engine:
        if not self._sqlite:
            return create_engine(self._url)
        if not writing:
            path = Path(str(self._url.database)).absolute()
            readable = f"sqlite:///file:{path}?mode=ro&uri=true"
            return create_engine(readable, connect_args={"check_same_thread": False})
        engine = create_engine(
            self._url, connect_args={"check_same_thread": False}, poolclass=StaticPool
        )

        @event.listens_for(engine, "connect")
        def _durable(connection: Any, _: object) -> None:
            durable(connection)

        return engine

    def _migrate(self) -> None:
        with self.engine.begin() as connection:
            _upgrade(connection)
        with self.engine.connect() as connection:
            require_durable(connection)


def _upgrade(connection: Connection) -> None:
    config = alembic.config.Config()
    config.set_main_option("script_location", str(files("api") / "migrations"))
    config.attributes["connection"] = connection
    alembic.command.upgrade(config, "head")


def _locked(path: Path) -> TextIOWrapper:
    """Return the lock of a database file, or refuse when another process holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_name(path.name + ".lock").open("w", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise DatabaseError(
            f"another process writes `{path}`; stop it first, or use PostgreSQL, "
            "which several processes can write (JIANZHENG_DATABASE_URL)"
        ) from error
    return lock
