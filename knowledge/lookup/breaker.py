"""Breakers: a registry that keeps failing is left alone for a while, then tried once."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from knowledge.lookup.hub import Limits

State = Literal["closed", "open", "half_open"]


@dataclass(frozen=True, slots=True)
class Pass:
    """Leave for one call; what comes of it counts only in the spell it was given in."""

    spell: int


class Breaker:
    """Closed: calls pass. Open: none does. Half open: exactly one is on its way as a probe.

    Not safe between threads: all calls are made on one.
    INVARIANT (one probe): while half open, one pass of this spell is out and none is given.
    """

    def __init__(self, limits: Limits, monotonic: Callable[[], float]) -> None:
        self._limits, self._monotonic = limits, monotonic
        self._last: deque[bool] = deque(maxlen=limits.window)
        self._in_a_row = 0
        self._spell = 0
        self.state: State = "closed"
        self.since = monotonic()
        self.last_error = ""

    @property
    def is_resting(self) -> bool:
        """Whether a call would be turned away now."""
        return self.state == "half_open" or (self.state == "open" and not self._rested)

    @property
    def _rested(self) -> bool:
        return self._monotonic() - self.since >= self._limits.rest

    def admit(self) -> Pass | None:
        """Return leave for one call, None while the registry rests."""
        if self.is_resting:
            return None
        if self.state == "open":
            self._become("half_open")
        return Pass(self._spell)

    def succeeded(self, leave: Pass) -> None:
        """Note that the registry answered a call."""
        if leave.spell != self._spell:
            return
        if self.state == "half_open":
            self._become("closed")
        self._note(failed=False)

    def failed(self, leave: Pass, error: str) -> None:
        """Note that a call failed, and the word for it."""
        if leave.spell != self._spell:
            return
        self.last_error = error
        if self.state == "half_open":
            self._become("open")
            return
        self._note(failed=True)
        if self._in_a_row >= self._limits.in_a_row or self._half_failed:
            self._become("open")

    @property
    def _half_failed(self) -> bool:
        full = len(self._last) == self._limits.window
        return full and 2 * sum(self._last) >= self._limits.window

    def _note(self, *, failed: bool) -> None:
        self._last.append(failed)
        self._in_a_row = self._in_a_row + 1 if failed else 0

    def _become(self, state: State) -> None:
        self.state, self.since = state, self._monotonic()
        self._spell += 1
        self._last.clear()
        self._in_a_row = 0
