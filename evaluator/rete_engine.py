"""The engine: rule sets in durable-rules, asked by frames, in a process that is made to die.

Nothing else imports that library. Here are no host, no timer threads and no actions in Python:
the names of the rules that fired are read from the C module. What goes wrong ends the process;
the service starts another.
"""

import json
import os
import resource
import select
import signal
import socket
from collections.abc import Iterable, Iterator

import durable_rules_engine as durable  # type: ignore[import-not-found]  # it has no types

from evaluator.rete_frame import DEFINE, FAILED, FIRED, FORGET, MATCH, READY, frame, frames

MEMORY = 1 << 30
"""How many bytes the process may ever take."""

ORPHAN_LOOK = 5_000
"""After how many idle milliseconds it looks whether its parent is still there."""


class EngineFaultError(Exception):
    """The engine did what it should never do."""


class LoadedRuleSet:
    """A rule set inside the engine. INVARIANT (one session): it has one session at most."""

    def __init__(self, definition: str, carried: Iterable[tuple[str, Iterable[str]]]) -> None:
        self._handle: int = durable.create_ruleset("r", definition)
        self._carried = [(piece, frozenset(names)) for piece, names in carried]

    def ask(self, fact: str, fired: set[str]) -> None:
        """Add to `fired` the names of the rules that fire on `fact`.

        The session has the same name each time: had the last one not ended, this fact would
        count as observed. Nothing is pending when it ends, for that would crash; an error does
        not end it, it ends the process.
        """
        carried = "".join(
            piece for piece, names in self._carried if not names.isdisjoint(fired)
        )
        outcome, session = durable.assert_fact(self._handle, f"{fact}{carried}}}")
        if outcome != 0:
            raise EngineFaultError(f"a fact was taken with outcome {outcome}")
        started = durable.start_action_for_state(self._handle, session)
        message = started and started[1]
        while message:
            # It begins with the name: {"t0_0":{…
            fired.add(message[2 : message.index('"', 2)])
            message = durable.complete_and_start_action(self._handle, session)
        durable.delete_state(self._handle, "s")

    def unload(self) -> None:
        """Give its memory back."""
        durable.delete_ruleset(self._handle)


class Engine:
    """Programs by slot; which slot holds which program is the service's affair."""

    def __init__(self) -> None:
        self._programs: dict[str, list[LoadedRuleSet]] = {}

    def answer(self, sort: bytes, text: str) -> str | None:
        """Do what a frame says; return its ticket and the rules that fired, if it asks."""
        slot, _, rest = text.partition("\n")
        if sort == MATCH:
            ticket, *facts = rest.split("\n")
            fired: set[str] = set()
            for rule_set, fact in zip(self._programs[slot], facts, strict=True):
                rule_set.ask(fact, fired)
            return " ".join((ticket, *fired))
        if sort == DEFINE:
            self._programs[slot] = [LoadedRuleSet(*each) for each in json.loads(rest)]
        elif sort == FORGET:
            for rule_set in self._programs.pop(slot):
                rule_set.unload()
        else:
            raise EngineFaultError(f"there is no frame of sort {sort!r}")
        return None


def serve(seconds: float) -> None:
    """Answer the frames on file 0 until its other end closes or the parent is gone.

    A frame may take `seconds`. Then the kernel ends the process, be it inside the C module.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    engine, buffer = Engine(), bytearray()
    with socket.socket(fileno=0) as service:
        service.sendall(frame(READY, ""))
        for data in _received(service):
            buffer += data
            for sort, text in frames(buffer):
                signal.setitimer(signal.ITIMER_REAL, seconds)
                try:
                    fired = engine.answer(sort, text)
                except Exception as error:  # noqa: BLE001 whatever it is, this process is done
                    service.sendall(frame(FAILED, f"{type(error).__name__}: {error}"))
                    return
                signal.setitimer(signal.ITIMER_REAL, 0)
                if fired is not None:
                    service.sendall(frame(FIRED, fired))


def _received(service: socket.socket) -> Iterator[bytes]:
    parent = os.getppid()
    poller = select.poll()
    poller.register(service, select.POLLIN)
    while True:
        if poller.poll(ORPHAN_LOOK):
            data = service.recv(1 << 18)
            if not data:
                return
            yield data
        elif os.getppid() != parent:
            return
