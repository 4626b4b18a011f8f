"""Writers share commits and nothing else: one whose work fails spoils nobody's."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text

from api.database import Database

WRITERS, TIMES = 16, 25


class ClumsyError(Exception):
    """Raised by every fifth writer after it has written."""


def writer(number: int) -> Callable[[Connection], int]:
    """Return work that adds a row; every fifth fails afterwards."""

    def work(connection: Connection) -> int:
        connection.execute(text("INSERT INTO tried VALUES (:number)"), {"number": number})
        if number % 5 == 0:
            raise ClumsyError
        return number

    return work


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path / 'shared.db'}")
    database.write(lambda connection: connection.execute(text("CREATE TABLE tried (number)")))
    return database


def rows(database: Database) -> set[int]:
    with database.reading() as connection:
        return set(connection.execute(text("SELECT number FROM tried")).scalars())


def test_each_gets_its_own_result_and_only_its_own_work_is_undone(database: Database) -> None:
    def attempt(number: int) -> int | None:
        try:
            return database.write(writer(number))
        except ClumsyError:
            return None

    every = range(WRITERS * TIMES)
    with ThreadPoolExecutor(WRITERS) as writers:
        results = list(writers.map(attempt, every))

    assert results == [number if number % 5 else None for number in every]
    assert rows(database) == {number for number in every if number % 5}
    database.close()


def test_when_the_commit_fails_nobody_is_told_that_it_was_done(database: Database) -> None:
    failing = True

    def fail(_: Connection) -> None:
        if failing:
            raise ClumsyError

    event.listen(database._engine, "commit", fail)  # noqa: SLF001 (a commit that fails)
    numbers = [number for number in range(WRITERS * 2) if number % 5]
    with ThreadPoolExecutor(WRITERS) as writers:
        futures = [writers.submit(database.write, writer(number)) for number in numbers]
        errors = [future.exception() for future in futures]
    failing = False

    assert all(isinstance(error, ClumsyError) for error in errors)
    assert rows(database) == set()
    assert database.write(writer(1)) == 1
    assert rows(database) == {1}
    database.close()


def test_writers_who_come_together_share_commits(database: Database) -> None:
    commits: list[Connection] = []
    event.listen(database._engine, "commit", commits.append)  # noqa: SLF001 (to count them)
    numbers = [number for number in range(WRITERS * TIMES) if number % 5]

    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(database.write, map(writer, numbers)))

    assert rows(database) == set(numbers)
    assert len(commits) < len(numbers) // 2
    database.close()
