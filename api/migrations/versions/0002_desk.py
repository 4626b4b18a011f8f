"""The desk: accounts, cases, look-ups, notices, and what supervision sees."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

KEPT: Final = {
    "case_event": ("number", "seq"),
    "receipt": ("id",),
    "notice": ("number",),
    "credit_note": ("id",),
}
"""The tables that are only added to, with their primary keys."""


def upgrade() -> None:
    """Make the tables; the database itself refuses to change those of the record."""
    _accounts()
    _cases()
    _receipts()
    _supervision()
    _notices()
    _figures()
    _given_out()
    for table, keys in KEPT.items():
        _append_only(table, keys)


def _accounts() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("login", sa.String, nullable=False, unique=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("organ", sa.String, nullable=False),
        sa.Column("office", sa.String, nullable=False),
        sa.Column("phone", sa.String, nullable=False),
        sa.Column("password", sa.String, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "session",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column(
            "account", sa.Integer, sa.ForeignKey("account.id"), nullable=False, index=True
        ),
        sa.Column("csrf", sa.String, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "api_token",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column(
            "account", sa.Integer, sa.ForeignKey("account.id"), nullable=False, index=True
        ),
        sa.Column("label", sa.String, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
    )


def _cases() -> None:
    op.create_table(
        "case_event",
        sa.Column("number", sa.String, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("kind", sa.String, nullable=False, index=True),
        sa.Column("user", sa.String, nullable=False),
        sa.Column("office", sa.String, nullable=False),
        sa.Column("leaf", sa.LargeBinary, nullable=False),
        sa.Column("box", sa.String, nullable=False),
        sa.Column("decision", sa.String, nullable=False),
    )
    op.create_table(
        "case_file",
        sa.Column("number", sa.String, primary_key=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("status", sa.String, nullable=False, index=True),
        sa.Column("organ", sa.String, nullable=False),
        sa.Column("office", sa.String, nullable=False),
        sa.Column("handler", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("items", sa.String, nullable=False),
        sa.Column("process", sa.String, nullable=False),
        sa.Column("step", sa.String, nullable=False),
        sa.Column("project", sa.String, nullable=False, index=True),
        sa.Column("decision", sa.String, nullable=False),
        sa.Column("statutory", sa.Integer, nullable=False),
        sa.Column("submit", sa.Integer, nullable=False),
        sa.Column("outstanding", sa.Integer, nullable=False),
        sa.Column("final", sa.Boolean, nullable=False),
        sa.Column("accepted_on", sa.Date, nullable=True),
        sa.Column("due_on", sa.Date, nullable=True, index=True),
    )
    for whose in ("handler", "office", "organ"):
        op.create_index(f"case_file_of_{whose}", "case_file", [whose, "status", "opened_at"])
    op.create_table(
        "case_person",
        sa.Column("token", sa.LargeBinary, primary_key=True),
        sa.Column("number", sa.String, primary_key=True, index=True),
        sa.Column("role", sa.String, primary_key=True),
    )


def _receipts() -> None:
    op.create_table(
        "receipt",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("number", sa.String, nullable=False, index=True),
        sa.Column("token", sa.LargeBinary, nullable=False, index=True),
        sa.Column("source", sa.String, nullable=False, index=True),
        sa.Column("verdict", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("materials", sa.String, nullable=False),
        sa.Column("claims", sa.String, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("milliseconds", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("item", sa.String, nullable=False),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("operator", sa.String, nullable=False),
        sa.Column("office", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("box", sa.String, nullable=False),
    )
    op.create_index(
        "receipt_counted",
        "receipt",
        ["source", "verdict", "asked_at", "milliseconds", "office", "item", "number"],
    )
    op.create_table(
        "holding",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("token", sa.LargeBinary, nullable=False, index=True),
        sa.Column("number", sa.String, nullable=False, index=True),
        sa.Column("project", sa.String, nullable=False, index=True),
        sa.Column("step", sa.String, nullable=False),
        sa.Column("item", sa.String, nullable=False),
        sa.Column("material", sa.String, nullable=False),
        sa.Column("how", sa.String, nullable=False),
        sa.Column("trust", sa.String, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=True),
        sa.Column("void", sa.Boolean, nullable=False),
    )
    op.create_table(
        "credit_note",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("token", sa.LargeBinary, nullable=False, index=True),
        sa.Column("number", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def _supervision() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False, index=True),
        sa.Column("number", sa.String, nullable=False, index=True),
        sa.Column("paper", sa.String, nullable=False),
        sa.Column("organ", sa.String, nullable=False, index=True),
        sa.Column("office", sa.String, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date, nullable=True, index=True),
        sa.Column("state", sa.String, nullable=False, index=True),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String, nullable=False),
    )
    op.create_table(
        "alert",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False, index=True),
        sa.Column("number", sa.String, nullable=False, index=True),
        sa.Column("organ", sa.String, nullable=False, index=True),
        sa.Column("office", sa.String, nullable=False),
        sa.Column("user", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("words", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False, index=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String, nullable=False),
        sa.Column("closed_why", sa.String, nullable=False),
        sa.Column("box", sa.String, nullable=False),
    )


def _notices() -> None:
    op.create_table(
        "notice",
        sa.Column("number", sa.String, primary_key=True),
        sa.Column("case", sa.String, nullable=False, index=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("decision", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("box", sa.String, nullable=False),
        sa.Column("added", sa.String, nullable=False),
    )
    op.create_table(
        "publicity",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("number", sa.String, nullable=False, index=True),
        sa.Column("item", sa.String, nullable=False),
        sa.Column("material", sa.String, nullable=False),
        sa.Column("masked", sa.String, nullable=False),
        sa.Column("organ", sa.String, nullable=False),
        sa.Column("day", sa.Date, nullable=False, index=True),
        sa.Column("outcome", sa.String, nullable=False),
    )


def _figures() -> None:
    op.create_table(
        "case_tally",
        sa.Column("number", sa.String, primary_key=True),
        sa.Column("day", sa.Date, nullable=False, index=True),
        sa.Column("item", sa.String, nullable=False),
        sa.Column("organ", sa.String, nullable=False),
        sa.Column("office", sa.String, nullable=False),
        sa.Column("online", sa.Boolean, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("statutory", sa.Integer, nullable=False),
        sa.Column("submit", sa.Integer, nullable=False),
        sa.Column("final", sa.Boolean, nullable=False),
        sa.Column("listed_after", sa.Integer, nullable=True),
        sa.Column("accepted_after", sa.Integer, nullable=True),
        sa.Column("deemed", sa.Boolean, nullable=False),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("cloned", sa.Boolean, nullable=False),
        sa.Column("stated", sa.Integer, nullable=False),
        sa.Column("prefilled", sa.Integer, nullable=False),
        sa.Column("papers", sa.Integer, nullable=False),
        sa.Column("originals", sa.Integer, nullable=False),
        sa.Column("notices", sa.Integer, nullable=False),
        sa.Column("savings", sa.String, nullable=False),
        sa.Column("look_ups", sa.Integer, nullable=False),
        sa.Column("hits", sa.Integer, nullable=False),
        sa.Column("milliseconds", sa.Integer, nullable=False),
    )


def _given_out() -> None:
    op.create_table(
        "idempotency",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("caller", sa.String, primary_key=True),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("headers", sa.String, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("about", sa.String, nullable=False, index=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
    )


def _append_only(table: str, keys: tuple[str, ...]) -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE "
            f'ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION log_refuse()'
        )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'the record is not changed'); END"
        )
    # INSERT OR REPLACE removes a row without its DELETE trigger.
    same = " AND ".join(f"{column} = NEW.{column}" for column in keys)
    there = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 (names above)
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {there} "
        f"BEGIN SELECT RAISE(ABORT, 'the record is not changed'); END"
    )
