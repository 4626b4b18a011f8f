"""Plans: what a desk asks at each act is found by the case or the person, among few rows."""

# ruff: noqa: SLF001 (a query is private to the module that asks it)

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, bindparam, func, select
from sqlmodel import col

from api.accounts import session
from api.cases import course, evidence, store
from api.cases.table import CaseEvent
from api.database import Database
from audit.query import Query

QUERIES = {
    "what happened": (course._HAPPENED, "number=?"),
    "tasks": (store._TASKS, "number=?"),
    "the release": (store._RELEASE_OF, "number=?"),
    "tries in vain": (evidence._IN_VAIN, "token=?"),
    "credit": (evidence._NOTED, "token=?"),
    "papers held": (evidence._holdings_of(2), "token=?"),
    "answers of registries": (evidence._receipts_of(2), "token=?"),
    "who has a token": (session._OF_TOKEN, "digest=?"),
}


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('plans') / 'record.db'}")
    with database.reading() as connection:
        yield connection
    database.close()


@pytest.mark.parametrize("what", QUERIES)
def test_it_begins_with_the_case_or_the_person(what: str, connection: Connection) -> None:
    query, first = QUERIES[what]
    assert first in plan(query, connection)[0]


def test_a_plan_that_begins_with_all_cases_is_seen(connection: Connection) -> None:
    kinds = (
        select(col(CaseEvent.kind), func.max(col(CaseEvent.at)))
        .where(col(CaseEvent.number) == bindparam("number", None))
        .where(col(CaseEvent.kind).in_(("notified", "received")))
        .group_by(col(CaseEvent.kind))
    )
    assert "number=?" not in plan(Query(kinds), connection)[0]


def plan(query: Query, connection: Connection) -> list[str]:
    written = query._write(connection.dialect)
    asked = connection.connection.cursor()
    asked.execute(f"EXPLAIN QUERY PLAN {written.text}", [1] * len(written.marks))
    return [row[3] for row in asked.fetchall()]
