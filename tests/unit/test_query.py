"""Queries that are written once: what SQLAlchemy would find, on both databases, or an error."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Column, Date, MetaData, String, Table, bindparam, create_engine, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from audit.query import Query
from tests.postgres import emptied, postgres, program

TOLD = Table("told", MetaData(), Column("word", String, primary_key=True), Column("day", Date))
ROWS = [{"word": word, "day": date(2026, 11, day)} for day, word in enumerate("abcd", 1)]
SINCE = Query(
    select(TOLD.c.word, TOLD.c.day)
    .where(TOLD.c.day >= bindparam("since", None), TOLD.c.word.in_(["a", "b", "d"]))
    .order_by(TOLD.c.word)
    .limit(bindparam("most", None))
)


@pytest.fixture(params=["sqlite", "postgresql"])
def connection(request: pytest.FixtureRequest) -> Iterator[Connection]:
    if request.param == "sqlite":
        engine = create_engine("sqlite://")
        with engine.begin() as opened:
            yield filled(opened)
        engine.dispose()
        return
    if not program("initdb"):
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with postgres() as url:
        engine = emptied(create_engine(url))
        with engine.begin() as opened:
            yield filled(opened)
        engine.dispose()


def filled(connection: Connection) -> Connection:
    TOLD.create(connection)
    connection.execute(TOLD.insert(), ROWS)
    return connection


def test_it_finds_what_is_asked_in_the_types_of_its_columns(connection: Connection) -> None:
    found = SINCE(connection, since=date(2026, 11, 2), most=9)
    assert found == [("b", date(2026, 11, 2)), ("d", date(2026, 11, 4))]
    assert SINCE(connection, since=date(2026, 11, 2), most=1) == found[:1]
    assert SINCE(connection, since=date(2027, 1, 1), most=9) == []


@pytest.mark.parametrize("values", [{}, {"since": ROWS[0]["day"]}, {"sinse": 1, "most": 2}])
def test_a_value_that_is_missing_or_misspelt_is_an_error_and_not_nothing(
    connection: Connection, values: dict[str, object]
) -> None:
    with pytest.raises(TypeError, match=r"a query takes \['most', 'since'\]"):
        SINCE(connection, **values)


def test_errors_are_those_of_sqlalchemy_without_values() -> None:
    with create_engine("sqlite://").begin() as empty, pytest.raises(OperationalError) as error:
        SINCE(empty, since=date(2026, 11, 2), most=9)
    assert "2026-11-02" not in str(error.value)
