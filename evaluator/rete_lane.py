"""Lanes: one engine process and the cases that wait for it, in order.

INVARIANT (oldest first): the engine answers in order, so what ends it is the oldest case that
waits. That one is tried once more in a fresh process; the others lose nothing. An answer out of
order counts as the end, so that none can reach the wrong case.
"""

from collections import OrderedDict, deque
from itertools import count
from threading import Lock

from evaluator.matching import Truth
from evaluator.rete import CompiledProgram
from evaluator.rete_frame import DEFINE, FAILED, FORGET, MATCH
from evaluator.rete_process import EngineLostError, EngineProcess
from evaluator.rete_refusal import EngineUnavailableError

WINDOW = 128
"""How many cases may wait in a lane."""

TRIES = 2
"""How often a case is given to the engine."""

BARRED = 100
"""How many cases are refused of a program that ended the engine so often, before a try."""

MOST_KEPT = 3_000
"""How many rules one process holds, of all its programs; each takes about 10 KB."""


_numbers = count(1)


class Ticket:
    """A case that is being matched: ask it for its result when you need that."""

    __slots__ = ("_lane", "facts", "fired", "losses", "number", "program", "refusal")

    def __init__(self, lane: "Lane", program: CompiledProgram, facts: tuple[str, ...]) -> None:
        self._lane, self.program, self.facts = lane, program, facts
        self.number = next(_numbers)
        self.fired: str | None = None
        self.refusal: EngineUnavailableError | None = None
        self.losses = 0

    @property
    def settled(self) -> bool:
        """Whether the result is there."""
        return self.fired is not None or self.refusal is not None

    def result(self) -> tuple[Truth, ...]:
        """Wait for the truth of each condition, or raise `EngineUnavailableError`."""
        if not self.settled:
            self._lane.settle(self)
        if self.refusal is not None:
            raise self.refusal
        return self.program.truths(set((self.fired or "").split()))


class Lane:
    """One engine process, started when there is something to ask, and what waits for it."""

    def __init__(self, barred: dict[str, int], *, patience: float, recycle_after: int) -> None:
        self._barred = barred
        self._patience, self._recycle_after = patience, recycle_after
        self._lock = Lock()
        self._process: EngineProcess | None = None
        self._waiting: deque[Ticket] = deque()
        self._slots: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._numbered = self._answered = 0
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many cases wait."""
        return len(self._waiting)

    @property
    def pid(self) -> int | None:
        """The id of the process, if there is one."""
        return self._process.pid if self._process else None

    def submit(self, program: CompiledProgram, facts: tuple[str, ...]) -> Ticket:
        """Have a case matched, if it has any facts; wait only while too many others do."""
        ticket = Ticket(self, program, facts)
        if not facts:
            ticket.fired = ""
            return ticket
        with self._lock:
            if self._closed:
                ticket.refusal = EngineUnavailableError("it was closed")
                return ticket
            worn_out = self._answered >= self._recycle_after
            while self._waiting and (worn_out or len(self._waiting) >= WINDOW):
                self._advance()
            if worn_out:
                self._stop()
            self._waiting.append(ticket)
            if self._process is None:
                self._ask_all()
            else:
                self._ask(ticket, self._process)
        return ticket

    def settle(self, ticket: Ticket) -> None:
        """Wait until `ticket` is settled."""
        with self._lock:
            while not ticket.settled:
                self._advance()

    def close(self) -> None:
        """End the process, and refuse what still waits."""
        with self._lock:
            self._closed = True
            self._refuse_all("it was closed")
            self._stop()

    def leave(self) -> None:
        """Start anew in a forked copy of the service; what waited stays with the original."""
        self._lock = Lock()
        self._refuse_all("the process that asked it was forked")
        if self._process is not None:
            self._process.leave()
        self._forget_process()

    def _ask_all(self) -> None:
        """Start a process and ask it for all that waits; refuse that if there can be none."""
        if not self._waiting:
            return
        try:
            self._process = EngineProcess(self._patience)
        except EngineUnavailableError as refusal:
            self._refuse_all(refusal.reason)
            return
        for ticket in self._waiting:
            self._ask(ticket, self._process)

    def _ask(self, ticket: Ticket, process: EngineProcess) -> None:
        slot = self._slot(ticket.program, process)
        process.put(MATCH, "\n".join((f"{slot}", f"{ticket.number}", *ticket.facts)))

    def _slot(self, program: CompiledProgram, process: EngineProcess) -> int:
        """Return where the engine has `program`; if it has not, define it and forget others."""
        if program.definition in self._slots:
            self._slots.move_to_end(program.definition)
            return self._slots[program.definition][0]
        while self._slots and self._weight() + program.weight > MOST_KEPT:
            _, (oldest, _) = self._slots.popitem(last=False)
            process.put(FORGET, f"{oldest}")
        self._numbered += 1
        self._slots[program.definition] = self._numbered, program.weight
        process.put(DEFINE, f"{self._numbered}\n{program.definition}")
        return self._numbered

    def _weight(self) -> int:
        return sum(weight for _, weight in self._slots.values())

    def _advance(self) -> None:
        """Settle at least one of the cases that wait, or give them a fresh process."""
        if self._process is None:
            self._ask_all()
            return
        try:
            for sort, text in self._process.replies():
                self._settle_oldest(sort, text)
        except EngineLostError as loss:
            self._process.kill()
            self._forget_process()
            self._blame(loss)
            self._ask_all()

    def _settle_oldest(self, sort: bytes, text: str) -> None:
        # INVARIANT (oldest first)
        if sort == FAILED:
            raise EngineLostError(text)
        number, _, fired = text.partition(" ")
        if not self._waiting or number != f"{self._waiting[0].number}":
            raise EngineLostError("it answered out of order")
        self._waiting[0].fired = fired
        self._waiting.popleft()
        self._answered += 1

    def _blame(self, loss: EngineLostError) -> None:
        # INVARIANT (oldest first)
        if not self._waiting:
            return
        oldest = self._waiting[0]
        oldest.losses += 1
        if oldest.losses == TRIES:
            oldest.refusal = EngineUnavailableError(f"{loss}, {TRIES} times")
            self._barred[oldest.program.program.key] = BARRED
            self._waiting.popleft()

    def _refuse_all(self, reason: str) -> None:
        for ticket in self._waiting:
            ticket.refusal = EngineUnavailableError(reason)
        self._waiting.clear()

    def _stop(self) -> None:
        if self._process is not None:
            self._process.stop()
        self._forget_process()

    def _forget_process(self) -> None:
        self._process = None
        self._slots.clear()
        self._answered = 0
