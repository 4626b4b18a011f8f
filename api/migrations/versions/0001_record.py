"""The record: the sealed log, and the rows that point into it."""

import sqlalchemy as sa
from alembic import op

import audit.table

revision = "0001"
down_revision = None

TABLES = {
    "release": ("id",),
    "decision": ("number",),
    "decision_item": ("number", "item"),
    "decision_ground": ("number", "ground"),
}
"""The tables with their primary keys."""


def upgrade() -> None:
    """Make the tables, and let the database itself refuse to change or remove a row."""
    op.create_table(
        "release",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("pack", sa.String, nullable=False),
        sa.Column("from_day", sa.Date, nullable=False, index=True),
        sa.Column("files", sa.String, nullable=False),
        sa.Column("ruleset", sa.String, nullable=False),
        sa.Column("catalogue", sa.String, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "decision",
        sa.Column("number", sa.String, primary_key=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("release", sa.Integer, sa.ForeignKey("release.id"), nullable=False),
        sa.Column("as_of", sa.Date, nullable=False, index=True),
        sa.Column("leaf", sa.LargeBinary, nullable=False),
        sa.Column("promise", sa.String, nullable=False),
        sa.Column("decision_box", sa.String, nullable=False),
        sa.Column("case_box", sa.String, nullable=False),
        sa.Column("matchers", sa.String, nullable=False),
        sa.Column("engine_fault", sa.String, nullable=True),
        sa.Column("program", sa.String, nullable=False),
        sa.Column("user", sa.String, nullable=False, index=True),
        sa.Column("office", sa.String, nullable=False, index=True),
    )
    for table, column in (("decision_item", "item"), ("decision_ground", "ground")):
        more = [sa.Column("organ", sa.String, nullable=False, index=True)]
        op.create_table(
            table,
            sa.Column("number", sa.String, sa.ForeignKey("decision.number"), primary_key=True),
            sa.Column(column, sa.String, primary_key=True, index=True),
            *(more if column == "item" else []),
        )
    audit.table.create(op.get_bind())
    for table in TABLES:
        _append_only(table)


def _append_only(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'the record is not changed'); END"
            )
        # INSERT OR REPLACE removes a row without its DELETE trigger.
        same = " AND ".join(f"{column} = NEW.{column}" for column in TABLES[table])
        there = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 (names above)
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {there} "
            f"BEGIN SELECT RAISE(ABORT, 'the record is not changed'); END"
        )
    else:
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE "
            f'ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION log_refuse()'
        )
