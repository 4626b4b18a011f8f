"""Attempts: how often somebody may sign in wrongly before having to wait.

Counted in the memory of this process: servers that run side by side count apart.
"""

from math import ceil
from time import time
from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

PER_LOGIN: Final = RateLimitItemPerMinute(5, 15, namespace="login")
PER_ADDRESS: Final = RateLimitItemPerMinute(20, 15, namespace="address")


class Attempts:
    """Failures of the last minutes, by login and by address."""

    def __init__(
        self, per_login: RateLimitItem = PER_LOGIN, per_address: RateLimitItem = PER_ADDRESS
    ) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._per_login, self._per_address = per_login, per_address

    def wait(self, login: str, address: str) -> int:
        """Return the seconds until another attempt is allowed; 0: now."""
        counted = self._counted(login, address)
        full = [one for one in counted if not self._limiter.test(*one)]
        resets = [self._limiter.get_window_stats(*one).reset_time for one in full]
        return max((max(1, ceil(reset - time())) for reset in resets), default=0)

    def failed(self, login: str, address: str) -> bool:
        """Count a failure; return whether it was the last one allowed."""
        for one in self._counted(login, address):
            self._limiter.hit(*one)
        return self.wait(login, address) > 0

    def succeeded(self, login: str) -> None:
        """Forget the failures of a login."""
        self._limiter.clear(self._per_login, login)

    def _counted(self, login: str, address: str) -> tuple[tuple[RateLimitItem, str], ...]:
        return (self._per_login, login), (self._per_address, address)
