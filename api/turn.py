"""Turns: one after another, in the order in which they come, on a case or the database."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from api.workbench import Pause, pause


class Turns:
    """Turns of any number of things by name; nothing is kept of one that nobody works on."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._waiting: dict[str, deque[Pause]] = {}

    def waiting(self, name: str) -> int:
        """Return how many wait for their turn."""
        with self._guard:
            return len(self._waiting.get(name, ()))

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Let nobody else work on a thing until the block ends; who waits longest is next."""
        with self._guard:
            line = self._waiting.get(name)
            turn = None
            if line is None:
                self._waiting[name] = deque()
            else:
                turn = pause()
                line.append(turn)
        if turn is not None:
            turn.wait()
        try:
            yield
        finally:
            with self._guard:
                line = self._waiting[name]
                if line:
                    line.popleft().over()
                else:
                    del self._waiting[name]
