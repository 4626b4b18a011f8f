"""Shared commits: writers who wait for the disk together wait for it once.

A sync takes milliseconds, a decision less. The work of all who wait by then runs in one
transaction and is committed once; only then do all return. So everything is on the disk
before its writer is answered, as if it were alone. If the work of one fails, nothing is
committed, and all is done again, each in a savepoint of its own.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import monotonic, sleep
from typing import Final, Generic, TypeVar

from sqlalchemy import Connection

from api.workbench import pause

T = TypeVar("T")
Transaction = Callable[[], AbstractContextManager[Connection]]
"""Opens a transaction that commits when its block ends well."""


_GATHERING: Final = 0.008
_A_MOMENT: Final = 0.001
"""Seconds that a busy disk waits for more work, and between two looks at how much has come:
whoever came together comes together again."""


class _UndoneError(Exception):
    """The work of one writer failed."""


class _Job(Generic[T]):
    """One writer's work, and what came of it."""

    def __init__(self, work: Callable[[Connection], T]) -> None:
        self._work = work
        self._result: T | None = None
        self.error: BaseException | None = None
        self.pause = pause()

    def attempt(self, connection: Connection) -> None:
        """Do the work, or raise `_UndoneError`: then nothing of it may be committed."""
        self.error = None
        try:
            self._result = self._work(connection)
        except Exception as error:
            self.error = error
            raise _UndoneError from error

    def attempt_apart(self, connection: Connection) -> None:
        """Do the work, or undo it; raise where the whole transaction cannot go on."""
        savepoint = connection.begin_nested()
        try:
            self.attempt(connection)
        except _UndoneError:
            # SQLite ends the transaction on a full or broken disk: then this raises.
            savepoint.rollback()
        else:
            savepoint.commit()

    def outcome(self) -> T:
        """Return what the work returned, or raise what went wrong."""
        if self.error is not None:
            raise self.error
        return self._result  # type: ignore[return-value] # None only where T has it


class SharedCommit:
    """Runs the work of many writers in few transactions, one after another, on one thread."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._waiting: SimpleQueue[_Job[object] | None] = SimpleQueue()
        self._guard, self._closed = Lock(), False
        self._thread = Thread(target=self._write, name="commits", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many wait for the next transaction."""
        return self._waiting.qsize()

    def close(self) -> None:
        """End the thread; what was to be written is written, and nothing after it."""
        with self._guard:
            self._closed = True
            self._waiting.put(None)
        self._thread.join()

    def run(self, work: Callable[[Connection], T]) -> T:
        """Return what the work returns, once it is committed; raise if it is not.

        Raises `RuntimeError` once it is closed. The work may not wait for another writer, and
        it may be done twice: the first time is then undone, so it changes nothing but the
        database.
        """
        job = _Job(work)
        with self._guard:
            if self._closed:
                raise RuntimeError("the database is closed; nothing is written any more")
            self._waiting.put(job)  # type: ignore[arg-type] # a job is only ever read from
        job.pause.wait()
        return job.outcome()

    def _write(self) -> None:
        """Commit the work of all who wait, answer them, and look who waits by then."""
        jobs: list[_Job[object]] = []
        while (first := self._waiting.get()) is not None:
            self._gather(len(jobs))
            jobs, last = [first], False
            with suppress(Empty):
                while not last:
                    job = self._waiting.get_nowait()
                    if job is None:
                        last = True
                    else:
                        jobs.append(job)
            self._commit(jobs)
            for job in jobs:
                job.pause.over()
            if last:
                return

    def _gather(self, last: int) -> None:
        """Wait a moment until as many have come as the last time; none alone."""
        until = monotonic() + _GATHERING
        while self.waiting + 1 < last and monotonic() < until:
            sleep(_A_MOMENT)

    def _commit(self, jobs: list[_Job[object]]) -> None:
        try:
            if not self._together(jobs) and len(jobs) > 1:
                with self._transaction() as connection:
                    for job in jobs:
                        job.attempt_apart(connection)
        except BaseException as error:  # noqa: BLE001 (nothing was committed: all must know)
            for job in jobs:
                job.error = error

    def _together(self, jobs: list[_Job[object]]) -> bool:
        """Tell whether the work of all is committed; if not, one of them has an error."""
        try:
            with self._transaction() as connection:
                for job in jobs:
                    job.attempt(connection)
        except _UndoneError:
            return False
        return True
