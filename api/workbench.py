"""The workbench: acts in turn, one at a time; while one waits for the disk, another goes on.

Threads that compute side by side in one interpreter only take the processor from each other:
fifty of them at once lose a third of it. An act stays plain code on a thread of its own, but it
works only while it holds the bench. Where it has to wait for somebody it takes a `pause`; on
the workbench that gives the bench away in the meantime, elsewhere it just sleeps.
"""

from asyncio import get_running_loop
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock, local
from typing import Final, Protocol, TypeVar

T = TypeVar("T")

MOST: Final = 64
"""Acts that are begun at once: one works, the others wait for a disk or for their turn."""


MANY: Final = 6
"""Acts begun at once from which on a desk is busy."""


class Pause(Protocol):
    """Something that one waits for, once, and another ends, once, whichever comes first."""

    def wait(self) -> object:
        """Return when the pause is over."""

    def over(self) -> None:
        """End the pause, from any thread."""


class _Sleep:
    """The pause of a thread."""

    def __init__(self) -> None:
        self._over = Event()
        self.wait, self.over = self._over.wait, self._over.set


class _Aside:
    """The pause of an act on the workbench: it gives the bench away until it goes on."""

    def __init__(self, bench: Lock) -> None:
        self._bench, self._over = bench, Event()
        self.over = self._over.set

    def wait(self) -> object:
        self._bench.release()
        try:
            return self._over.wait()
        finally:
            self._bench.acquire()


_HERE = local()


def pause() -> Pause:
    """Return a pause for whoever runs this."""
    bench = getattr(_HERE, "bench", None)
    return _Sleep() if bench is None else _Aside(bench)


class Workbench:
    """Works acts out one at a time."""

    def __init__(self) -> None:
        self._bench = Lock()
        self._threads = ThreadPoolExecutor(MOST, "workbench")
        self._begun = 0

    @property
    def busy(self) -> bool:
        """Whether so many acts have begun that they wait for each other."""
        return self._begun >= MANY

    def close(self) -> None:
        """End the threads; acts that have begun are worked out."""
        self._threads.shutdown()

    async def done(self, act: Callable[[], T]) -> T:
        """Return what an act returns, worked out on the bench, or raise what it raises."""
        self._begun += 1  # one loop counts
        try:
            return await get_running_loop().run_in_executor(self._threads, self._work, act)
        finally:
            self._begun -= 1

    def _work(self, act: Callable[[], T]) -> T:
        with self._bench:
            _HERE.bench = self._bench
            return act()
