"""Shared commits: who waits for the disk together waits once, and nobody pays for another."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from time import sleep

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from api.database import Database
from api.shared_commit import SharedCommit


@pytest.fixture
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('shared') / 'record.db'}")
    with database.transaction() as connection:
        connection.execute(text("CREATE TABLE told (number INTEGER PRIMARY KEY)"))
    yield database
    database.close()


class Counted:
    """Transactions of a database, counted; the first waits until it is let go."""

    def __init__(self, database: Database) -> None:
        self.begun, self._database, self.go = 0, database, Event()

    @contextmanager
    def __call__(self) -> Iterator[Connection]:
        """Open the next one."""
        self.begun += 1
        self.go.wait(10)
        with self._database.transaction() as connection:
            yield connection


def telling(number: int) -> Callable[[Connection], int]:
    def work(connection: Connection) -> int:
        connection.execute(text("INSERT INTO told VALUES (:number)"), {"number": number})
        return number

    return work


def told(database: Database) -> list[int]:
    with database.reading() as connection:
        return [row[0] for row in connection.execute(text("SELECT number FROM told"))]


def test_those_who_wait_together_are_committed_together(database: Database) -> None:
    transactions = Counted(database)
    shared = SharedCommit(transactions)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(shared.run, telling(0))
        while not transactions.begun:
            pass
        rest = [pool.submit(shared.run, telling(n)) for n in range(1, 8)]
        while shared.waiting < len(rest):
            pass
        transactions.go.set()
        assert [one.result(10) for one in (first, *rest)] == list(range(8))
    shared.close()

    assert told(database) == list(range(8))
    assert transactions.begun == 2


def test_the_failure_of_one_undoes_only_its_own_work(database: Database) -> None:
    transactions = Counted(database)
    shared = SharedCommit(transactions)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(shared.run, telling(1))
        while not transactions.begun:
            pass
        again, other = (pool.submit(shared.run, telling(n)) for n in (1, 2))
        while shared.waiting < 2:
            pass
        transactions.go.set()
        assert (first.result(10), other.result(10)) == (1, 2)
        with pytest.raises(IntegrityError):
            again.result(10)
    shared.close()

    assert told(database) == [1, 2]


def test_a_busy_desk_lets_others_write_in_their_turn(database: Database) -> None:
    """Who gives places once waited a minute for a writer that took the lock again and again."""
    order: list[str] = []

    def until_waiting(many: int) -> None:
        while database._one_writer.waiting("writer") < many:  # noqa: SLF001 (who waits is the point)
            sleep(0.001)

    def write(word: str) -> None:
        database.write(lambda _: order.append(word))

    def other() -> None:
        with database.transaction():
            order.append("other")

    for _ in range(25):  # a lock that knows no turns goes wrong only now and then
        order.clear()
        with ThreadPoolExecutor(4) as pool, database.transaction():
            pool.submit(write, "first")
            until_waiting(1)
            pool.submit(other)
            until_waiting(2)
            pool.submit(write, "second")
            sleep(0.01)  # it is in the queue behind the first
        assert order == ["first", "other", "second"]


def test_what_comes_after_the_end_is_refused(database: Database) -> None:
    shared = SharedCommit(Counted(database))
    shared.close()
    with pytest.raises(RuntimeError, match="the database is closed"):
        shared.run(telling(1))


def test_what_waits_when_it_is_closed_is_written(database: Database) -> None:
    transactions = Counted(database)
    shared = SharedCommit(transactions)
    with ThreadPoolExecutor(4) as pool:
        written = [pool.submit(shared.run, telling(n)) for n in range(3)]
        while shared.waiting + transactions.begun < 3:
            pass
        transactions.go.set()
        shared.close()
        assert [one.result(10) for one in written] == [0, 1, 2]
    assert told(database) == [0, 1, 2]
