"""The engine: rule sets in durable-rules, asked by frames, in a process that is made to die.

Nothing else imports that library. Here are no host, no timer threads and no actions of Python:
the names of the rules that fired are read from the C module. What goes wrong ends the process,
which keeps nothing; `rete_worker.py` starts another.
"""

import json
import os
import resource
import select
import signal
import socket
import struct
import sys
from collections.abc import Iterable, Iterator

import durable_rules_engine as durable  # type: ignore[import-not-found]  # it has no types

DEFINE, FORGET, MATCH = b"D", b"F", b"M"
READY, FIRED, FAILED = b"R", b"O", b"E"
HEADER = struct.Struct("!Ic")
"""The head of a frame: how many bytes follow, and of what sort it is."""

MEMORY = 1 << 30
"""How many bytes the process may ever take."""

ORPHAN_LOOK = 5_000
"""After how many idle milliseconds it looks whether its parent is still there."""


class EngineFault(Exception):
    """The engine did what it should never do."""


class LoadedRuleSet:
    """A rule set inside the engine. INVARIANT (one session): it has one session at most."""

    def __init__(self, definition: str, carried: Iterable[tuple[str, Iterable[str]]]) -> None:
        self._handle: int = durable.create_ruleset("r", definition)
        self._carried = [(piece, frozenset(names)) for piece, names in carried]

    def ask(self, fact: str, fired: set[str]) -> None:
        """Add to `fired` the rules that fire on `fact` and on the parts that fired before.

        The session's names are constant: one that outlived its end would show as observed. It
        is ended only when nothing is pending, which would crash; an error ends the process.
        """
        carried = "".join(piece for piece, names in self._carried if not names.isdisjoint(fired))
        outcome, session = durable.assert_fact(self._handle, f"{fact}{carried}}}")
        if outcome != 0:
            raise EngineFault(f"the engine took a fact with outcome {outcome}")
        started = durable.start_action_for_state(self._handle, session)
        message = started and started[1]
        while message:
            # It begins {"name":
            fired.add(message[2 : message.index('"', 2)])
            message = durable.complete_and_start_action(self._handle, session)
        durable.delete_state(self._handle, "s")

    def unload(self) -> None:
        """Give its memory back."""
        durable.delete_ruleset(self._handle)


class Engine:
    """Programs by the number of their place, which the parent gives out and takes back."""

    def __init__(self) -> None:
        self._programs: dict[str, list[LoadedRuleSet]] = {}

    def answer(self, sort: bytes, text: str) -> str | None:
        """Do what a frame says; return the names of the rules that fired if it asks for them."""
        place, _, rest = text.partition("\n")
        if sort == MATCH:
            fired: set[str] = set()
            for rule_set, fact in zip(self._programs[place], rest.split("\n"), strict=True):
                rule_set.ask(fact, fired)
            return " ".join(fired)
        if sort == DEFINE:
            self._programs[place] = [LoadedRuleSet(*each) for each in json.loads(rest)]
        elif sort == FORGET:
            for rule_set in self._programs.pop(place):
                rule_set.unload()
        else:
            raise EngineFault(f"no frame is of the sort {sort!r}")
        return None


def frames(buffer: bytearray) -> Iterator[tuple[bytes, str]]:
    """Take every whole frame out of `buffer`."""
    while len(buffer) >= HEADER.size:
        length, sort = HEADER.unpack_from(buffer)
        end = HEADER.size + length
        if len(buffer) < end:
            return
        text = buffer[HEADER.size : end].decode()
        del buffer[:end]
        yield sort, text


def frame(sort: bytes, text: str) -> bytes:
    """Return one frame."""
    payload = text.encode()
    return HEADER.pack(len(payload), sort) + payload


def serve(seconds: float) -> None:
    """Answer frames on file 0 until its other end is closed or the parent is gone.

    A frame may take `seconds`; then the kernel ends the process, even inside the C module.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    engine, buffer = Engine(), bytearray()
    with socket.socket(fileno=0) as connection:
        connection.sendall(frame(READY, ""))
        for data in _received(connection):
            buffer += data
            for sort, text in frames(buffer):
                signal.setitimer(signal.ITIMER_REAL, seconds)
                try:
                    fired = engine.answer(sort, text)
                except Exception as error:  # noqa: BLE001 whatever it is, this process is done
                    connection.sendall(frame(FAILED, f"{type(error).__name__}: {error}"))
                    return
                signal.setitimer(signal.ITIMER_REAL, 0)
                if fired is not None:
                    connection.sendall(frame(FIRED, fired))


def _received(connection: socket.socket) -> Iterator[bytes]:
    parent = os.getppid()
    poller = select.poll()
    poller.register(connection, select.POLLIN)
    while True:
        if poller.poll(ORPHAN_LOOK):
            data = connection.recv(1 << 18)
            if not data:
                return
            yield data
        elif os.getppid() != parent:
            return
