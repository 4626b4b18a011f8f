"""Rights: what the role of PostgreSQL that serves may do with each table, and no more."""

from typing import Final

from sqlalchemy import Connection

_KEPT: Final = "SELECT, INSERT"
_CHANGED: Final = "SELECT, INSERT, UPDATE"
_PASSING: Final = "SELECT, INSERT, UPDATE, DELETE"

RIGHTS: Final = {
    **dict.fromkeys(("release", "decision", "decision_item", "decision_ground"), _KEPT),
    **dict.fromkeys(("case_event", "notice", "credit_note"), _KEPT),
    # what an erasure takes away: who a receipt, a case or a published commitment is about
    "case_person": "SELECT, INSERT, DELETE",
    "receipt": "SELECT, INSERT, UPDATE (token)",
    "publicity": _PASSING,
    **dict.fromkeys(("account", "api_token"), _CHANGED),
    **dict.fromkeys(("case_file", "holding", "task", "alert"), _CHANGED),
    **dict.fromkeys(("session", "idempotency", "case_tally"), _PASSING),
    "alembic_version": "SELECT",
}
"""By table; those of the log stand in `audit.table`."""

SEQUENCES: Final = ("release_id_seq", "account_id_seq")


def grant_rights(connection: Connection, role: str) -> None:
    """Give a role these rights, and take from it any other."""
    name = connection.dialect.identifier_preparer.quote(role)
    for table, rights in RIGHTS.items():
        connection.exec_driver_sql(f'REVOKE ALL ON "{table}" FROM {name}')
        connection.exec_driver_sql(f'GRANT {rights} ON "{table}" TO {name}')
    connection.exec_driver_sql(f"GRANT USAGE ON {', '.join(SEQUENCES)} TO {name}")
