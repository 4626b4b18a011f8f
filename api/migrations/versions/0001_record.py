"""The record: releases, decisions and incidents, to which rows can only be added."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TABLES = ("content", "release", "decision", "incident")


def upgrade() -> None:
    """Make the tables, and let the database itself refuse to change or remove a row."""
    op.create_table(
        "content",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "release",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("pack", sa.String, nullable=False),
        sa.Column("from_day", sa.Date, nullable=False, index=True),
        sa.Column("files", sa.String, sa.ForeignKey("content.digest"), nullable=False),
        sa.Column("ruleset", sa.String, nullable=False),
        sa.Column("catalogue", sa.String, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "decision",
        sa.Column("number", sa.String, primary_key=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("release", sa.Integer, sa.ForeignKey("release.id"), nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("digest", sa.String, nullable=False, index=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("case", sa.LargeBinary, nullable=False),
        sa.Column("matchers", sa.String, nullable=False),
        sa.Column("engine_fault", sa.String, nullable=True),
        sa.Column("program", sa.String, nullable=False),
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    for table in TABLES:
        _append_only(table)


def _append_only(table: str) -> None:
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'the record is only added to'); END"
            )
    else:
        op.execute(
            "CREATE OR REPLACE FUNCTION only_added_to() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the record is only added to'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE "
            f'ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION only_added_to()'
        )
