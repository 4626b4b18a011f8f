"""Migrations: a record of an earlier version is read on, and nothing in it says less."""

import sqlite3
from pathlib import Path

import alembic.command
import alembic.config
import pytest
from sqlalchemy import create_engine

from api.database import Database

MIGRATIONS = Path(__file__).parents[2] / "api" / "migrations"


def at_version(path: Path, version: str) -> None:
    """Make an empty database as a version of the program made it."""
    config = alembic.config.Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, version)
    engine.dispose()


def test_decisions_of_the_second_version_get_their_order(tmp_path: Path) -> None:
    path = tmp_path / "record.db"
    at_version(path, "0002")
    with sqlite3.connect(path) as database:
        for number, day in (("a", "2026-01-02"), ("b", "2026-01-01")):
            at = f"{day} 10:00:00.000000"
            database.execute(
                "INSERT INTO decision (number, recorded_at, release, as_of, leaf, promise, "
                "decision_box, case_box, matchers, program, user, office) "
                "VALUES (?, ?, 1, ?, x'', '', '', '', 'both', '0', '', '')",
                (number, at, day),
            )
            database.execute(
                "INSERT INTO decision_item (number, item, organ) VALUES (?, 'i', 'o')",
                (number,),
            )
            database.execute(
                "INSERT INTO decision_ground (number, ground) VALUES (?, 'g')", (number,)
            )
    database.close()

    Database(f"sqlite:///{path}").close()

    with sqlite3.connect(path) as database:
        for table in ("decision_item", "decision_ground"):
            rows = f"SELECT number, as_of, recorded_at FROM {table} ORDER BY number"  # noqa: S608 our tables
            assert database.execute(rows).fetchall() == [
                ("a", "2026-01-02", "2026-01-02 10:00:00.000000"),
                ("b", "2026-01-01", "2026-01-01 10:00:00.000000"),
            ]
            with pytest.raises(sqlite3.IntegrityError, match="record is not changed"):
                database.execute(f"UPDATE {table} SET as_of = '2020-01-01'")  # noqa: S608 our tables
    database.close()
