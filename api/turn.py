"""Turns: one act after another on a case; who waits sees what the one before did."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from api.workbench import Pause, pause


class Turns:
    """Turns of any number of cases; nothing is kept of a case that nobody works on."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._waiting: dict[str, deque[Pause]] = {}

    @contextmanager
    def alone(self, number: str) -> Iterator[None]:
        """Let nobody else work on a case until the block ends."""
        with self._guard:
            line = self._waiting.get(number)
            turn = None
            if line is None:
                self._waiting[number] = deque()
            else:
                turn = pause()
                line.append(turn)
        if turn is not None:
            turn.wait()
        try:
            yield
        finally:
            with self._guard:
                line = self._waiting[number]
                if line:
                    line.popleft().over()
                else:
                    del self._waiting[number]
