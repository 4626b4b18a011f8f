"""Durability: a commit must be on the disk, and what is erased must not be."""

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from audit.store import StoreError

_SQLITE = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "recursive_triggers": "ON",
    "secure_delete": "ON",
}
_FULL = 2


def durable(sqlite_connection: Any) -> None:
    """Set up a new connection of the `sqlite3` module; call it on every connect."""
    for name, value in _SQLITE.items():
        sqlite_connection.execute(f"PRAGMA {name}={value}")


def require_durable(connection: Connection) -> None:
    """Raise `StoreError` if this connection could lose what it has committed."""
    if connection.dialect.name == "postgresql":
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            if connection.exec_driver_sql(f"SHOW {name}").scalar_one() == "off":
                raise StoreError(f"PostgreSQL says `{name} = off`; switch it on")
        return
    journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
    if journal != "wal" or synchronous < _FULL:
        raise StoreError("SQLite must have journal_mode WAL and synchronous FULL")


def scrub(connection: Connection) -> None:
    """Remove the bytes of erased keys from the files of the database, outside a transaction.

    Backups, archives and replicas made before keep them: they too must expire. On PostgreSQL
    it takes a superuser; raise `StoreError` where the role is none.
    """
    if connection.dialect.name == "postgresql":
        try:
            _scrub_postgresql(connection)
        except DBAPIError as error:
            raise StoreError(
                "the key is destroyed, but its old bytes stay in the files of PostgreSQL "
                f"({str(error.orig).splitlines()[0]}); say the same again as a superuser"
            ) from error
        return
    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _scrub_postgresql(connection: Connection) -> None:
    for table in ("log_case_key", "log_blind"):
        connection.exec_driver_sql(f"VACUUM FULL {table}")
    _switch(connection)
    connection.exec_driver_sql("CHECKPOINT")
    # Finished segments of the write-ahead log are now named for reuse, with their old bytes:
    # each is written over once.
    segments = connection.exec_driver_sql("SELECT count(*) FROM pg_ls_waldir()").scalar_one()
    for _ in range(segments):
        _switch(connection)


def _switch(connection: Connection) -> None:
    """Go on in another segment; the rest of this one is filled with zeros."""
    # Without something logged before it, a switch does nothing.
    connection.exec_driver_sql("SELECT pg_logical_emit_message(false, 'scrub', '')")
    connection.exec_driver_sql("SELECT pg_switch_wal()")
