"""Cores: on which cores of the machine the service computes.

One interpreter computes on one core at a time. Left to itself the machine moves its threads
from core to core with each turn, and what one had in its cache the next fetches anew: a fifth
of the processor time of a busy desk. So a service that has one interpreter keeps to one core;
what it starts may run anywhere.
"""

import os
from typing import Final

ALL: Final = os.sched_getaffinity(0) if hasattr(os, "sched_setaffinity") else set()
"""The cores that this process was given when it started; none where one cannot choose."""


def keep_to_one() -> None:
    """Keep this thread, and those that it starts from now on, to one core, where one can.

    Which one follows from the number of the process: several services on one machine do not
    all choose the same.
    """
    if len(ALL) > 1:
        os.sched_setaffinity(0, {sorted(ALL)[os.getpid() % len(ALL)]})


def let_go(process: int) -> None:
    """Let a process that was started here run on any core."""
    if ALL:
        os.sched_setaffinity(process, ALL)


def beside(process: int) -> None:
    """Let a process that was started here run on the cores that this one leaves free."""
    if ALL:
        os.sched_setaffinity(process, ALL - os.sched_getaffinity(0) or ALL)
