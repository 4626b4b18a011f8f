"""Recent: what was read a moment ago, so that a busy desk does not read it again."""

from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Final, Generic, TypeVar

T = TypeVar("T")

Clock = Callable[[], float]

SECONDS: Final = 2.0
MOST: Final = 4096


class Recent(Generic[T]):
    """Values by key, each for a moment. INVARIANT (no stale write): `forget` outruns a read."""

    def __init__(self, seconds: float = SECONDS, clock: Clock = monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._lock = Lock()
        self._turn = 0
        self._values: dict[Hashable, tuple[float, T]] = {}

    def peek(self, key: Hashable) -> T | None:
        """Return a value that is still fresh, or None."""
        found = self._values.get(key)
        return found[1] if found and self._clock() < found[0] else None

    def read(self, key: Hashable, anew: Callable[[], T]) -> T:
        """Return the value, read anew unless it is fresh."""
        found = self.peek(key)
        if found is not None:
            return found
        turn = self._turn
        value = anew()
        with self._lock:
            if turn == self._turn:
                if len(self._values) >= MOST:
                    self._values.clear()
                self._values[key] = (self._clock() + self._seconds, value)
        return value

    def forget(self) -> None:
        """Forget everything, also what is being read just now."""
        with self._lock:
            self._turn += 1
            self._values.clear()
