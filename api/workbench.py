"""The workbench: one thread works acts out; while one waits for the disk, the next goes on.

Threads that compute side by side in one interpreter only take the processor from each other:
fifty of them at once lose a third of it. An act stays plain code. Where it has to wait for
somebody it takes a `pause`; on the workbench that lets other acts go on, each a greenlet of
its own, and in any other thread it just sleeps.
"""

from asyncio import AbstractEventLoop, Future, get_running_loop
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Event, Thread, local
from typing import Protocol, TypeVar

from greenlet import getcurrent, greenlet

T = TypeVar("T")


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
    """The pause of an act on the workbench: it steps aside."""

    def __init__(self, bench: "Workbench") -> None:
        self._bench, self._act = bench, getcurrent()

    def wait(self) -> object:
        return self._bench.next()

    def over(self) -> None:
        self._bench.steps.put(self._act.switch)


_HERE = local()


def pause() -> Pause:
    """Return a pause for whoever runs this."""
    bench = getattr(_HERE, "bench", None)
    return _Sleep() if bench is None else _Aside(bench)


class Workbench:
    """One thread that works acts out in the order in which they come."""

    def __init__(self) -> None:
        self.steps: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._hub: greenlet | None = None
        self._thread = Thread(target=self._work, name="workbench", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread; who waits for an act has to have its outcome before."""
        self.steps.put(None)
        self._thread.join()

    async def done(self, act: Callable[[], T]) -> T:
        """Return what an act returns, worked out on the bench, or raise what it raises."""
        loop = get_running_loop()
        outcome: Future[T] = loop.create_future()

        def work() -> None:
            try:
                value = act()
            except Exception as error:  # noqa: BLE001 (who asked for the act gets it)
                _answer(loop, _fail, outcome, error)
            else:
                _answer(loop, _tell, outcome, value)

        self.steps.put(lambda: greenlet(work).switch())
        return await outcome

    def next(self) -> object:
        """Let others go on; return when the act that calls this is resumed."""
        if self._hub is None:
            raise RuntimeError("nobody works here")
        return self._hub.switch()

    def _work(self) -> None:
        self._hub, _HERE.bench = getcurrent(), self
        while (step := self.steps.get()) is not None:
            step()


def _answer(loop: AbstractEventLoop, answer: Callable[..., None], *words: object) -> None:
    with suppress(RuntimeError):  # the loop has ended: nobody waits any more
        loop.call_soon_threadsafe(answer, *words)


def _tell(outcome: Future[T], value: T) -> None:
    if not outcome.done():  # who asked may have gone
        outcome.set_result(value)


def _fail(outcome: Future[T], error: Exception) -> None:
    if not outcome.done():
        outcome.set_exception(error)
