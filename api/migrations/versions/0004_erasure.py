"""Erasure: who a receipt is about can be taken away; a decision finds its case."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

KEPT: Final = (
    "id", "number", "source", "verdict", "reason", "materials", "claims", "day", "asked_at",
    "milliseconds", "attempts", "item", "purpose", "operator", "office", "digest", "box",
)  # fmt: skip
"""The columns of a receipt that never change; of `token` only its erasure is let through."""


def upgrade() -> None:
    """Let the token of a receipt be emptied, and nothing else; find cases by decision."""
    given = sa.text("decision <> ''")
    op.create_index(
        "case_event_by_decision",
        "case_event",
        ["decision"],
        sqlite_where=given,
        postgresql_where=given,
    )
    if op.get_bind().dialect.name == "sqlite":
        _on_sqlite()
    else:
        _on_postgresql()


def _on_sqlite() -> None:
    op.execute("DROP TRIGGER receipt_no_update")
    acts = (f"UPDATE OF {', '.join(KEPT)} ON receipt", "UPDATE OF token ON receipt")
    for name, act, when in zip(
        ("receipt_no_update", "receipt_no_other_token"),
        acts,
        ("", "WHEN length(NEW.token) > 0"),
        strict=True,
    ):
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {act} {when} "
            "BEGIN SELECT RAISE(ABORT, 'the record is not changed'); END"
        )


def _on_postgresql() -> None:
    op.execute("DROP TRIGGER receipt_kept ON receipt")
    op.execute(
        f"CREATE TRIGGER receipt_kept BEFORE UPDATE OF {', '.join(KEPT)} OR DELETE OR TRUNCATE "
        "ON receipt FOR EACH STATEMENT EXECUTE FUNCTION log_refuse()"
    )
    op.execute(
        "CREATE TRIGGER receipt_token_kept BEFORE UPDATE OF token ON receipt FOR EACH ROW "
        "WHEN (length(NEW.token) > 0) EXECUTE FUNCTION log_refuse()"
    )
