"""Turns: one act after another on a case; who waits sees what the one before did."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class Turns:
    """Turns of any number of cases; nothing is kept of a case that nobody waits for."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._busy: dict[str, tuple[Lock, int]] = {}

    @contextmanager
    def alone(self, number: str) -> Iterator[None]:
        """Let nobody else work on a case until the block ends."""
        with self._guard:
            lock, waiting = self._busy.get(number, (Lock(), 0))
            self._busy[number] = (lock, waiting + 1)
        try:
            with lock:
                yield
        finally:
            with self._guard:
                lock, waiting = self._busy[number]
                if waiting == 1:
                    del self._busy[number]
                else:
                    self._busy[number] = (lock, waiting - 1)
