"""Measuring: subjects timed side by side on the same cases, in interleaved rounds.

Times are wall-clock nanoseconds of single calls; the garbage collector is left as it is.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMAND = str(Path(sys.executable).with_name("jianzheng"))

Subject = Callable[[int], object]
"""What is timed: it is given the position of a case."""


@dataclass(frozen=True, slots=True)
class Times:
    """The calls of one subject, in nanoseconds, by round."""

    rounds: tuple[tuple[int, ...], ...]

    @property
    def minimum(self) -> float:
        """The shortest call of all rounds, in microseconds."""
        return min(map(min, self.rounds)) / 1000

    @property
    def median(self) -> float:
        """The median of all calls, in microseconds."""
        return statistics.median(call for one in self.rounds for call in one) / 1000

    @property
    def p99(self) -> float:
        """The call that 99 of 100 do not exceed, in microseconds."""
        calls = sorted(call for one in self.rounds for call in one)
        return calls[len(calls) * 99 // 100] / 1000

    def against(self, other: "Times") -> float:
        """Return how many times as long as another subject it took: the median of all rounds.

        In each round the two stood under the same load, so that noise strikes both.
        """
        return statistics.median(
            statistics.median(mine) / statistics.median(theirs)
            for mine, theirs in zip(self.rounds, other.rounds, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Gate:
    """What must hold: a measured number and the most (or least) that it may be."""

    what: str
    measured: float
    limit: float
    unit: str = ""
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the measured number is within its limit."""
        if self.at_least:
            return self.measured >= self.limit
        return self.measured <= self.limit

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        word = "holds" if self.holds else "FAILS"
        limit = f"{sign} {self.limit:,g} {self.unit}".rstrip()
        return f"| {word} | {self.what} | {self.measured:,.4g} | {limit} |"


def interleaved(subjects: Mapping[str, Subject], cases: int, rounds: int) -> dict[str, Times]:
    """Return the times of all subjects on all cases; each round begins with another one."""
    names = list(subjects)
    found: dict[str, list[tuple[int, ...]]] = {name: [] for name in names}
    for subject in subjects.values():  # a round that is not counted
        _once(subject, cases)
    for turn in range(rounds):
        start = turn % len(names)
        for name in names[start:] + names[:start]:
            found[name].append(_once(subjects[name], cases))
    return {name: Times(tuple(times)) for name, times in found.items()}


def _once(subject: Subject, cases: int) -> tuple[int, ...]:
    clock = time.perf_counter_ns
    times = []
    for case in range(cases):
        begin = clock()
        subject(case)
        times.append(clock() - begin)
    return tuple(times)


def table(times: Mapping[str, Times], peers: Sequence[str]) -> list[str]:
    """Return the lines of a Markdown table, with ratios against some of the subjects."""
    against = "".join(f" × {peer} |" for peer in peers)
    lines = [f"| subject | min µs | median µs | p99 µs |{against}"]
    lines.append("|---|--:|--:|--:|" + "--:|" * len(peers))
    for name, one in times.items():
        ratios = "".join(f" {one.against(times[peer]):,.2f} |" for peer in peers)
        lines.append(
            f"| {name} | {one.minimum:,.1f} | {one.median:,.1f} | {one.p99:,.1f} |{ratios}"
        )
    return lines


def run(*arguments: str) -> tuple[str, float, float]:
    """Run the command line; return its output, seconds and peak memory in MB.

    Raise `RuntimeError` with what it says when it fails.
    """
    begin = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 our own command line
        [COMMAND, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        said = process.stdout.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begin
    if process.returncode:
        raise RuntimeError(f"`jianzheng {' '.join(arguments)}` failed: {said[-2000:]}")
    return said, seconds, usage.ru_maxrss / 1024


def proportional_memory(process: int) -> float:
    """Return the proportional set size of one process in MB, after `smaps_rollup`."""
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {process} tells nothing of its memory")
