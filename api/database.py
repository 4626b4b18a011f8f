"""The database: SQLite embedded, or PostgreSQL, behind one door.

SQLite is written by one connection of one process (WAL, synchronous FULL): versions up to
3.51.2 can corrupt a write-ahead log that two connections write. Others only read. Several
processes that write mean PostgreSQL; a lock beside the file sees to it.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import alembic.command
import alembic.config
from sqlalchemy import URL, Connection, Engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool, StaticPool
from sqlmodel import create_engine

from api.rights import grant_rights
from api.shared_commit import SharedCommit
from api.turn import Turns
from audit.durability import durable, require_durable, scrub
from audit.query import Query, Row
from audit.table import grant

T = TypeVar("T")

MOST_CONNECTIONS = 40
"""To PostgreSQL, from one process: as many as threads that answer requests."""

_KIB_OF_CACHE = 16_384
"""What the writer of SQLite keeps of the database in memory: places of random keys."""

_WRITER = "writer"
"""Whose turn it is: in turn, or a busy desk would let nobody give places."""

_MIGRATION_LOCK = 0x6A7A_5F6D_6967  # "jz_mig": processes that start together migrate once


class DatabaseError(Exception):
    """A database that cannot be used; the message says the cure."""


class Database:
    """One database, opened to be read, or to be written by this process."""

    def __init__(self, url: str, *, writing: bool = True) -> None:
        self._url = make_url(url)
        self._sqlite = self._url.get_backend_name() == "sqlite"
        self._one_writer = Turns()
        self._shared: SharedCommit | None = None
        self._lock = _locked(_file(self._url)) if self._sqlite and writing else None
        self._engine = self._open() if writing else self._open_to_read()
        self._reading = self._open_to_read() if self._sqlite and writing else self._engine
        try:
            self._prepare(writing=writing)
        except SQLAlchemyError as error:
            self.close()
            raise DatabaseError(
                f"the database `{self._url}` cannot be opened ({reason(error)}); see that it "
                "runs and that JIANZHENG_DATABASE_URL names it"
            ) from error
        except BaseException:
            self.close()
            raise
        if self._sqlite and writing:
            self._shared = SharedCommit(self.transaction)

    @property
    def alone(self) -> bool:
        """Whether no other process can write, as long as this one is open."""
        return self._lock is not None

    def close(self) -> None:
        """Close all connections, and let other processes write."""
        if self._shared is not None:
            self._shared.close()
        self._reading.dispose()
        self._engine.dispose()
        if self._lock is not None:
            self._lock.close()

    def write(self, work: Callable[[Connection], T]) -> T:
        """Return what the work returns, once it is committed and on the disk.

        The work is undone if it raises. On SQLite, threads that write at once share a commit;
        what is undone there because another failed is done again.
        """
        if self._shared is not None:
            return self._shared.run(work)
        with self.transaction() as connection:
            return work(connection)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open a transaction that commits when its block ends well; alone on SQLite."""
        if not self._sqlite:
            with self._engine.begin() as connection:
                yield connection
            return
        with self._one_writer.alone(_WRITER), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction to read what is committed; it waits for no writer."""
        with self._reading.begin() as connection:
            yield connection

    def read(self, query: Query, **values: Any) -> list[Row]:
        """Return what one query finds of what is committed, column by column.

        On SQLite without a transaction of its own: one statement sees one moment anyway.
        """
        if not self._sqlite:
            with self.reading() as connection:
                return query(connection, **values)
        driver = self._reading.raw_connection()
        try:
            return query.asked(driver, self._reading.dialect, values)
        finally:
            driver.close()  # back into the pool

    def grant(self, role: str) -> None:
        """Let a role of PostgreSQL serve: it adds and reads, and changes no record.

        The owner of the tables migrates and grants; servers run as the role.
        """
        with self.transaction() as connection:
            grant(connection, role)
            grant_rights(connection, role)

    def scrub(self) -> None:
        """Remove the bytes of what was erased from the files of the database."""
        if self._sqlite:
            with self._one_writer.alone(_WRITER), self._engine.connect() as connection:
                connection.exec_driver_sql("COMMIT")  # this engine begins whatever is asked
                scrub(connection)
            return
        with self._engine.connect() as connection:
            scrub(connection.execution_options(isolation_level="AUTOCOMMIT"))

    def _open(self) -> Engine:
        if not self._sqlite:
            return create_engine(
                self._url,
                hide_parameters=True,
                pool_size=MOST_CONNECTIONS,
                max_overflow=0,
            )
        engine = create_engine(
            self._url,
            hide_parameters=True,
            connect_args={"check_same_thread": False},
            poolclass=StaticPool,
        )
        _begin_with(engine, "BEGIN IMMEDIATE")
        event.listen(engine, "connect", lambda connection, _: _durable(connection))
        return engine

    def _open_to_read(self) -> Engine:
        if not self._sqlite:
            return self._open()
        path = quote(str(_file(self._url).absolute()))
        readable = URL.create(
            "sqlite", database=f"file://{path}", query={"mode": "ro", "uri": "true"}
        )
        engine = create_engine(
            readable,
            hide_parameters=True,
            connect_args={"check_same_thread": False},
            poolclass=QueuePool,
            pool_size=MOST_CONNECTIONS,
            max_overflow=0,
        )
        _begin_with(engine, "BEGIN")
        return engine

    def _prepare(self, *, writing: bool) -> None:
        if not writing:
            with self.reading() as connection:
                connection.execute(text("SELECT 1 FROM release LIMIT 1"))
            return
        with self._engine.begin() as connection:
            if not self._sqlite:
                lock = text("SELECT pg_advisory_xact_lock(:lock)")
                connection.execute(lock, {"lock": _MIGRATION_LOCK})
            _upgrade(connection)
        with self._engine.connect() as connection:
            require_durable(connection)


def reason(error: SQLAlchemyError) -> str:
    """Return what the database said, on one line, without any value of a row."""
    said = str(getattr(error, "orig", None) or type(error).__name__)
    return said.partition("\n")[0].strip()


def _durable(connection: Any) -> None:
    durable(connection)
    # What a savepoint would undo by stays out of files.
    connection.execute("PRAGMA temp_store=MEMORY")
    connection.execute(f"PRAGMA cache_size=-{_KIB_OF_CACHE}")


def _begin_with(engine: Engine, statement: str) -> None:
    """Begin every transaction of SQLite ourselves: Python's module would begin it too late.

    It begins before the first change only, so savepoints and snapshots would stand outside.
    """

    @event.listens_for(engine, "connect")
    def _leave_it_to_us(connection: Any, _: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)


def _upgrade(connection: Connection) -> None:
    config = alembic.config.Config()
    config.set_main_option("script_location", str(files("api") / "migrations"))
    config.attributes["connection"] = connection
    alembic.command.upgrade(config, "head")


def _file(url: URL) -> Path:
    if not url.database:
        raise DatabaseError(
            f"`{url}` names no file, and a record must be kept; "
            "write sqlite:///some/file.db (JIANZHENG_DATABASE_URL)"
        )
    return Path(url.database)


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
