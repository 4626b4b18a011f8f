"""Tables of a log in a database, and what the database itself forbids.

Entries, leaves, nodes, bodies and checkpoints are inserted and selected, never changed or
removed. Rows leave three tables only: `log_staged` when an entry gets its place, `log_case_key`
and `log_blind` when a person is erased.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

METADATA = MetaData()
_NUMBER = BigInteger().with_variant(Integer, "sqlite")
_DIGEST = String().with_variant(String(collation="C"), "postgresql")

ENTRY = Table(
    "log_entry",
    METADATA,
    Column("number", _NUMBER, primary_key=True),
    Column("kind", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("leaf", LargeBinary, nullable=False, unique=True),
    Column("gate", LargeBinary, nullable=False),
    Column("encoded", LargeBinary, nullable=False),
)
Index("log_entry_of_kind", ENTRY.c.kind, ENTRY.c.number)

STAGED = Table(
    "log_staged",
    METADATA,
    Column("number", _NUMBER, ForeignKey(ENTRY.c.number), primary_key=True),
)

LEAF = Table(
    "log_leaf",
    METADATA,
    Column("place", _NUMBER, primary_key=True, autoincrement=False),
    Column("number", _NUMBER, ForeignKey(ENTRY.c.number), nullable=False, unique=True),
    Column("hash", LargeBinary, nullable=False),
)

NODE = Table(
    "log_node",
    METADATA,
    Column("height", Integer, primary_key=True),
    Column("number", _NUMBER, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)

BODY = Table(
    "log_body",
    METADATA,
    Column("digest", _DIGEST, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

CHECKPOINT = Table(
    "log_checkpoint",
    METADATA,
    Column("number", _NUMBER, primary_key=True),
    Column("size", BigInteger, nullable=False, index=True),
    Column("note", Text, nullable=False),
)

COSIGNATURE = Table(
    "log_cosignature",
    METADATA,
    Column("number", _NUMBER, primary_key=True),
    Column("checkpoint", _NUMBER, ForeignKey(CHECKPOINT.c.number), nullable=False, index=True),
    Column("line", Text, nullable=False),
)

CASE_KEY = Table(
    "log_case_key",
    METADATA,
    Column("case", String, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)

BLIND = Table(
    "log_blind",
    METADATA,
    Column("token", LargeBinary, primary_key=True),
    Column("case", String, primary_key=True, index=True),
)

KEPT = (ENTRY, LEAF, NODE, BODY, CHECKPOINT, COSIGNATURE)
LEAVING = (STAGED, CASE_KEY, BLIND)

_REFUSAL = "the record is not changed"

_POSTGRESQL_REFUSES = f"""
CREATE OR REPLACE FUNCTION log_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION USING MESSAGE =
    '{_REFUSAL}: ' || TG_OP || ' on ' || TG_RELID::regclass;
END $$
"""


def create(connection: Connection) -> None:
    """Make the tables, and the triggers that refuse changes, where they do not exist."""
    METADATA.create_all(connection)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_POSTGRESQL_REFUSES)
    for table in KEPT:
        for statement in _refusals(connection.dialect.name, table):
            connection.exec_driver_sql(statement)
    for table in LEAVING:
        for statement in _refusals(connection.dialect.name, table, "UPDATE"):
            connection.exec_driver_sql(statement)


def grant(connection: Connection, role: str) -> None:
    """Give a PostgreSQL role what the application needs and no more."""
    name = connection.dialect.identifier_preparer.quote(role)
    for table in (*KEPT, *LEAVING):
        rights = "SELECT, INSERT, DELETE" if table in LEAVING else "SELECT, INSERT"
        connection.exec_driver_sql(f"REVOKE ALL ON {table.name} FROM {name}")
        connection.exec_driver_sql(f"GRANT {rights} ON {table.name} TO {name}")
    connection.exec_driver_sql(
        "GRANT USAGE ON log_entry_number_seq, log_checkpoint_number_seq, "
        f"log_cosignature_number_seq TO {name}"
    )


def _refusals(dialect: str, table: Table, *acts: str) -> list[str]:
    if dialect == "postgresql":
        act = " OR ".join(acts or ("UPDATE", "DELETE", "TRUNCATE"))
        trigger = f"CREATE OR REPLACE TRIGGER {table.name}_kept BEFORE {act} ON {table.name}"
        return [f"{trigger} FOR EACH STATEMENT EXECUTE FUNCTION log_refuse()"]
    # INSERT OR REPLACE removes rows without their DELETE trigger, unless the connection says
    # `recursive_triggers`: hence the third trigger.
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table.name}_no_{act.lower()} BEFORE {act} "
        f"ON {table.name} {_where_it_replaces(table) if act == 'INSERT' else ''} "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        for act in acts or ("UPDATE", "DELETE", "INSERT")
    ]


def _where_it_replaces(table: Table) -> str:
    keys = " AND ".join(f"{each.name} = NEW.{each.name}" for each in table.primary_key.columns)
    others = "".join(f" OR {c.name} = NEW.{c.name}" for c in table.columns if c.unique)
    # The same body again is what `put` skips.
    other_body = "AND body <> NEW.body" if table is BODY else ""
    rows = f"FROM {table.name} WHERE ({keys}{others}) {other_body}"
    return f"WHEN EXISTS (SELECT 1 {rows})"
