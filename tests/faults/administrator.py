"""The administrator of a database: writes past every trigger, with or without the key."""

import sqlite3
from contextlib import closing
from typing import Any

from audit.checkpoint import Checkpoint
from audit.tree import Frontier, leaf_hash
from tests.ledger import Ledger, signer


class Administrator:
    """Writes into the database as its owner."""

    def __init__(self, ledger: Ledger) -> None:
        self.path = ledger.folder / "record.db"
        ledger.engine.dispose()
        for (trigger,) in self.ask("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            self.does(f"DROP TRIGGER {trigger}")

    def does(self, statement: str, *values: object) -> None:
        """Change at least one row."""
        with closing(sqlite3.connect(self.path)) as database, database:
            assert database.execute(statement, values).rowcount != 0, statement

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with closing(sqlite3.connect(self.path)) as database:
            return database.execute(query, values).fetchall()

    def entry(self, place: int) -> bytes:
        """Return the entry at a place."""
        query = "SELECT encoded FROM log_entry JOIN log_leaf USING (number) WHERE place = ?"
        encoded: bytes = self.ask(query, place)[0][0]
        return encoded

    def edits(self, place: int) -> None:
        """Alter the list of an entry."""
        altered = self.entry(place).replace("身份证".encode(), "户口簿".encode())
        self.does(
            "UPDATE log_entry SET encoded = ? WHERE number = "
            "(SELECT number FROM log_leaf WHERE place = ?)",
            altered,
            place,
        )

    def rehashes(self, place: int) -> None:
        """Make the stored leaf hash that of the altered entry."""
        leaf = leaf_hash(self.entry(place))
        self.does("UPDATE log_leaf SET hash = ? WHERE place = ?", leaf, place)

    def cuts_from(self, place: int) -> None:
        """Cut the tail, and every trace of it."""
        self.does(
            "DELETE FROM log_entry WHERE number IN "
            "(SELECT number FROM log_leaf WHERE place >= ?)",
            place,
        )
        self.does("DELETE FROM log_leaf WHERE place >= ?", place)
        self.does("DELETE FROM log_checkpoint WHERE size > ?", place)

    def rebuilds_with_the_key(self) -> None:
        """Sign every checkpoint anew over what the leaves are now."""
        leaves = [leaf for (leaf,) in self.ask("SELECT hash FROM log_leaf ORDER BY place")]
        for number, note in self.ask("SELECT number, note FROM log_checkpoint"):
            old = Checkpoint.parse(note.partition("\n\n")[0] + "\n")
            frontier = Frontier()
            for leaf in leaves[: old.size]:
                frontier.append(leaf)
            new = Checkpoint(old.origin, frontier.size, frontier.root())
            signed = str(new.signed(signer(1), 1_700_000_000 + number))
            self.does("UPDATE log_checkpoint SET note = ? WHERE number = ?", signed, number)
        self.does("DELETE FROM log_cosignature")
