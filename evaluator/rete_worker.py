"""The engine worker: the live matcher, which asks durable-rules in processes that may die."""

import os
from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Lock
from types import TracebackType
from typing import Self
from weakref import WeakSet

from evaluator.matching import Facts, Program, Truth
from evaluator.rete import CompiledProgram, compile_program
from evaluator.rete_lane import WINDOW, Lane, Ticket
from evaluator.rete_refusal import EngineRefusalError, EngineUnavailableError

MOST_PROGRAMS = 512
"""How many compiled programs the service keeps."""


class EngineWorker:
    """A `Matcher` over durable-rules; many threads may ask it.

    Of its `processes` each is started when the others are busy. One that is silent for
    `patience` seconds is killed, one that has answered `recycle_after` cases is replaced.
    """

    def __init__(
        self,
        *,
        processes: int = 2,
        patience: float = 2.0,
        recycle_after: int = 100_000,
        compiler: Callable[[Program], CompiledProgram] = compile_program,
    ) -> None:
        self._barred: dict[str, int] = {}
        self._lanes = [
            Lane(self._barred, patience=patience, recycle_after=recycle_after)
            for _ in range(processes)
        ]
        self._compiler = compiler
        self._programs: OrderedDict[str, CompiledProgram] = OrderedDict()
        self._lock = Lock()
        _workers.add(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def pids(self) -> list[int]:
        """The ids of the processes that run."""
        return [lane.pid for lane in self._lanes if lane.pid is not None]

    def match(self, program: Program, facts: Facts) -> tuple[Truth, ...]:
        """Return the truth of each condition of `program`, in its order.

        Raise `EngineLimitError` when the program does not fit the engine, `FactKindError` when
        a fact is of another kind than the conditions hold it against, and
        `EngineUnavailableError` when no answer came, even from a fresh process.
        """
        return self._submit(program, facts, least_busy=True).result()

    def submit(self, program: Program, facts: Facts) -> Ticket:
        """Have a case matched meanwhile; its ticket gives the result, or raises what is amiss.

        Raise `EngineLimitError` and `FactKindError` at once. Results may be asked for in any
        order, soonest in the order of asking.
        """
        return self._submit(program, facts, least_busy=False)

    def match_many(
        self, cases: Iterable[tuple[Program, Facts]]
    ) -> list[tuple[Truth, ...] | EngineRefusalError]:
        """Return the truths of each case in order, or its refusal; the rest are not touched."""
        tickets: list[Ticket | EngineRefusalError] = []
        for program, facts in cases:
            try:
                tickets.append(self.submit(program, facts))
            except EngineRefusalError as refusal:
                tickets.append(refusal)
        return [_result(ticket) for ticket in tickets]

    def close(self) -> None:
        """End all processes; whoever still waits or asks later is refused."""
        for lane in self._lanes:
            lane.close()

    def _submit(self, program: Program, facts: Facts, *, least_busy: bool) -> Ticket:
        if left := self._barred.pop(program.key, 0):
            self._barred[program.key] = left - 1
            raise EngineUnavailableError("these conditions ended it before")
        compiled = self._compiled(program)
        lane = self._lane(1 if least_busy else WINDOW)
        return lane.submit(compiled, compiled.facts(facts))

    def _lane(self, few: int) -> Lane:
        """Return the first lane where fewer than `few` wait, else one where the fewest do."""
        for lane in self._lanes:
            if lane.waiting < few:
                return lane
        return min(self._lanes, key=lambda lane: lane.waiting)

    def _compiled(self, program: Program) -> CompiledProgram:
        with self._lock:
            found = self._programs.get(program.key)
            # One key for two programs must not give the answer of the other.
            if found is not None and found.program.conditions == program.conditions:
                self._programs.move_to_end(program.key)
                return found
        compiled = self._compiler(program)
        with self._lock:
            self._programs[program.key] = compiled
            if len(self._programs) > MOST_PROGRAMS:
                self._programs.popitem(last=False)
        return compiled

    def _leave(self) -> None:
        """Start anew in a forked copy of the service, whose engines belong to the original."""
        self._lock = Lock()
        for lane in self._lanes:
            lane.leave()


def _result(ticket: Ticket | EngineRefusalError) -> tuple[Truth, ...] | EngineRefusalError:
    if isinstance(ticket, EngineRefusalError):
        return ticket
    try:
        return ticket.result()
    except EngineRefusalError as refusal:
        return refusal


def _leave_all() -> None:
    for worker in tuple(_workers):
        worker._leave()  # noqa: SLF001 the fork is between the two


_workers: "WeakSet[EngineWorker]" = WeakSet()
os.register_at_fork(after_in_child=_leave_all)
