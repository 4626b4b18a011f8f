"""Retry budgets: how many calls may be made again, as a share of the calls that were made."""


class Budget:
    """One repeated call for every `calls_per_retry` calls, and never two saved up.

    INVARIANT (share): repeated calls × `calls_per_retry` <= calls.
    """

    def __init__(self, calls_per_retry: int) -> None:
        self._price = calls_per_retry
        self._saved = 0

    def called(self) -> None:
        """Note a call that is no repetition."""
        self._saved = min(self._saved + 1, self._price)

    def take(self) -> bool:
        """Return whether a call may be repeated, and count it if so."""
        if self._saved < self._price:
            return False
        self._saved -= self._price
        return True
