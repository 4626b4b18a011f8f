"""All registries behind one door: orders of a case go out together and come back in time."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from typing import Final

import stamina.instrumentation

from knowledge.lookup.breaker import State
from knowledge.lookup.hub import Hub, Limits
from knowledge.lookup.look_up import Clock, LookUp
from knowledge.lookup.order import Answer, Heard, Order
from knowledge.lookup.registry import Registry
from knowledge.lookup.wire import Wire
from knowledge.source import Source

_GRACE: Final = 0.05
"""Seconds after which the caller no longer believes that the loop keeps its own deadline."""

_Arrived = SimpleQueue[tuple[int, Answer]]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a registry is doing: the state of its breaker, since when, and its last failure."""

    source: str
    hub: str
    state: State
    since: datetime
    last_error: str


def _now() -> datetime:
    return datetime.now(UTC)


class Registries:
    """Asks registries for any number of threads at once; all the asking is done by one.

    The thread begins with the first look-up and ends with `close`.
    """

    def __init__(
        self, hubs: Mapping[str, Hub], limits: Limits | None = None, clock: Clock = _now
    ) -> None:
        self._hubs, self._limits, self._clock = hubs, limits or Limits(), clock
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        # Made now: it reads the certificates of the machine, for which no look-up should wait.
        self._wire = Wire(self._limits) if hubs else None
        self._registries: dict[tuple[str, str], Registry] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._closed = False
        # By default each repetition is logged, with what was thrown; it may name persons.
        stamina.instrumentation.set_on_retry_hooks(())

    def connected(self, source: Source) -> bool:
        """Return whether a source can be asked: it has an interface, at a hub that we know."""
        return source.lookup is not None and source.lookup.hub in self._hubs

    def ask(self, order: Order) -> Answer:
        """Return the answer to one order, as `ask_all` does."""
        return self.ask_all([order])[0]

    def ask_all(
        self,
        orders: Iterable[Order],
        arrived: Callable[[Answer], None] | None = None,
        *,
        within: float | None = None,
    ) -> list[Answer]:
        """Return the answers in the order of the orders, all asked together.

        `arrived` is called in this thread with each answer as it comes. Whatever the
        registries do, the answers are there within the seconds of the limits, or fewer, and
        a blink, unless `arrived` takes long.
        """
        total = min(self._limits.total, within or self._limits.total)
        asked = list(orders)
        begun = [LookUp.of(order, self._clock) for order in asked]
        until = time.monotonic() + total + _GRACE
        coming: _Arrived = SimpleQueue()
        answers: dict[int, Answer] = {}
        for place, look_up in enumerate(begun):
            self._begin(place, look_up, coming, total)
        while len(answers) < len(asked):
            try:
                place, answer = coming.get(timeout=max(0.0, until - time.monotonic()))
            except Empty:
                break
            answers[place] = answer
            if arrived:
                arrived(answer)
        for place, look_up in enumerate(begun):
            if place not in answers:  # the loop itself was held up
                answers[place] = look_up.unavailable("timeout")
                if arrived:
                    arrived(answers[place])
        return [answers[place] for place in range(len(asked))]

    def _begin(self, place: int, look_up: LookUp, coming: _Arrived, total: float) -> None:
        """Send a look-up on its way; what may not or cannot be asked is answered at once."""
        order = look_up.order
        if not order.is_lawful:
            coming.put((place, look_up.not_authorised("authority")))
        elif not order.wanted or not self.connected(order.source):
            coming.put((place, look_up.answer(Heard(()))))
        else:
            self._running_loop().call_soon_threadsafe(
                self._start, place, look_up, coming, total
            )

    def _start(self, place: int, look_up: LookUp, coming: _Arrived, total: float) -> None:
        task = asyncio.ensure_future(self._carry_out(place, look_up, coming, total))
        self._running.add(task)  # the loop itself holds tasks only weakly
        task.add_done_callback(self._running.discard)

    async def _carry_out(
        self, place: int, look_up: LookUp, coming: _Arrived, total: float
    ) -> None:
        source = look_up.order.source
        # Connected sources have an interface, and where there are hubs there is a wire.
        assert source.lookup is not None and self._wire is not None  # noqa: S101, PT018 (above)
        key = (source.lookup.hub, source.lookup.code)
        if key not in self._registries:
            self._registries[key] = Registry(self._limits, time.monotonic)
        self._names[key] = source.id
        answer = await look_up.run(self._hubs[key[0]], self._registries[key], self._wire, total)
        coming.put((place, answer))

    def standing(self) -> list[Standing]:
        """Return how each registry asked so far is doing, by source."""
        now, here = self._clock(), time.monotonic()
        return sorted(
            (
                Standing(
                    source=self._names.get(key, key[1]),
                    hub=key[0],
                    state=registry.breaker.state,
                    since=now - timedelta(seconds=here - registry.breaker.since),
                    last_error=registry.breaker.last_error,
                )
                for key, registry in list(self._registries.items())
            ),
            key=lambda one: (one.source, one.hub),
        )

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._closed:
                raise RuntimeError("the registries are closed; look-ups end with the program")
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._loop.run_forever, name="look-ups", daemon=True
                )
                self._thread.start()
            return self._loop

    def close(self) -> None:
        """End the thread and every connection; look-ups under way get no answer."""
        with self._lock:
            self._closed = True
            loop, thread, self._loop = self._loop, self._thread, None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._shut(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    async def _shut(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        if self._wire is not None:
            await self._wire.close()
