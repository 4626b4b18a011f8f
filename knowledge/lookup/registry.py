"""Registries: one interface as we treat it: few calls at once, few repeated, rest when down."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, TypeVar

import stamina

from knowledge.lookup.breaker import Breaker
from knowledge.lookup.budget import Budget
from knowledge.lookup.failure import NotAuthorisedError, Reason, UnavailableError
from knowledge.lookup.hub import Limits

_T = TypeVar("_T")
_REPEATED: Final[frozenset[Reason]] = frozenset({"refused", "reset", "server"})
_ATTEMPTS: Final = 2


class Registry:
    """The bulkhead, the breaker and the retry budget of one interface.

    Used on one event loop only, so that nothing here needs a lock.
    """

    def __init__(self, limits: Limits, monotonic: Callable[[], float]) -> None:
        self._limits = limits
        self._places = asyncio.Semaphore(limits.at_once)
        self.breaker = Breaker(limits, monotonic)
        self.budget = Budget(limits.calls_per_retry)

    async def ask(self, call: Callable[[], Awaitable[_T]]) -> _T:
        """Return what a call brings, made again at most once.

        Raises `UnavailableError`, also where the registry rests or has no place for us, and
        `NotAuthorisedError`.
        """
        if self.breaker.is_resting:
            raise UnavailableError("breaker")
        async with self._place():
            self.budget.called()
            async for attempt in stamina.retry_context(
                on=self._may_repeat(),
                attempts=_ATTEMPTS,
                timeout=None,
                wait_initial=self._limits.pause,
                wait_max=self._limits.pause,
                wait_jitter=self._limits.pause,
            ):
                with attempt:
                    return await self._once(call)
        raise AssertionError  # pragma: no cover (the last attempt returns or raises)

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._limits.wait):
                await self._places.acquire()
        except TimeoutError as error:
            raise UnavailableError("busy") from error
        try:
            yield
        finally:
            self._places.release()

    def _may_repeat(self) -> Callable[[Exception], bool]:
        left = iter((True,))

        def may(error: Exception) -> bool:
            fleeting = isinstance(error, UnavailableError) and error.reason in _REPEATED
            again = fleeting and next(left, False) and not self.breaker.is_resting
            return again and self.budget.take()

        return may

    async def _once(self, call: Callable[[], Awaitable[_T]]) -> _T:
        leave = self.breaker.admit()
        if leave is None:
            raise UnavailableError("breaker")
        try:
            brought = await call()
        except NotAuthorisedError:  # it answered, only not what we wished
            self.breaker.succeeded(leave)
            raise
        except UnavailableError as error:
            self.breaker.failed(leave, error.reason)
            raise
        except BaseException:  # the time was up, or a fault of ours: no pass may stay out
            self.breaker.failed(leave, "timeout")
            raise
        self.breaker.succeeded(leave)
        return brought
