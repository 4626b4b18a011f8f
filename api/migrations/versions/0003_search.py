"""Search: rows are found in the order in which they are shown, however many there are."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

SIDES: Final = {"decision_item": ("item", "organ"), "decision_ground": ("ground",)}
"""The tables beside the decisions, with what they are searched by."""

ORDER: Final = ("as_of", "recorded_at", "number")


def upgrade() -> None:
    """Give the tables beside the decisions the order of the decisions, and indexes in it."""
    for table, searched in SIDES.items():
        op.add_column(table, sa.Column("as_of", sa.Date))
        op.add_column(table, sa.Column("recorded_at", sa.DateTime(timezone=True)))
        _fill(table)
        for column in searched:
            op.drop_index(f"ix_{table}_{column}", table)
            op.create_index(f"{table}_by_{column}", table, (column, *ORDER))
    op.drop_index("ix_decision_as_of", "decision")
    op.drop_index("ix_decision_office", "decision")
    op.drop_index("ix_decision_user", "decision")  # nobody searches by it
    op.create_index("decision_by_day", "decision", ORDER)
    op.create_index("decision_by_office", "decision", ("office", *ORDER))


def _fill(table: str) -> None:
    """Copy the order from the decisions: the rows say nothing that was not said before."""
    chosen = ", ".join(
        f"{column} = (SELECT d.{column} FROM decision d WHERE d.number = {table}.number)"  # noqa: S608 (names above)
        for column in ORDER[:2]
    )
    update = f"UPDATE {table} SET {chosen}"  # noqa: S608 (names above)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {table}_no_update")
        op.execute(update)
        op.execute(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'the record is not changed'); END"
        )
    else:
        op.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_kept")
        op.execute(update)
        op.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_kept")
