"""Memory: what each subject takes, alone in a fresh process, after the same cases.

A peer's process loads the pack too, to be given its conditions; so what is told is how much
the process has grown from there on, and for the product what the whole process takes.
"""

import subprocess
import sys
from collections.abc import Callable

import psutil

from api.answer import Answerer
from api.bundled import load_pack
from evaluator.decide import Decider
from evaluator.reference import ReferenceMatcher
from tests.benchmarks.measure import ROOT, Gate, proportional_memory
from tests.benchmarks.peers import PEERS, plain
from tests.benchmarks.sample import cases, stated, view_of

ITEM, CASES = "b.company_setup", 300
REFERENCE, WHOLE = "matching by the reference", "whole decisions by both matchers"


def bench() -> tuple[list[str], list[Gate]]:
    """Return a table of what each subject takes; the server's gate stands with the server."""
    lines = [
        "",
        "| subject | grows by MB | whole process, its children too, MB |",
        "|---|--:|--:|",
    ]
    for subject in (*PEERS, REFERENCE, WHOLE):
        said = subprocess.run(  # noqa: S603 our own interpreter
            [sys.executable, "-m", "tests.benchmarks.bench_memory", subject],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        growth, whole = map(float, said.stdout.split())
        lines.append(f"| {subject} | {growth:.1f} | {whole:.0f} |")
    return lines, []


def _family() -> float:
    own = psutil.Process()
    pids = [own.pid, *(child.pid for child in own.children(recursive=True))]
    return sum(map(proportional_memory, pids))


def _deciding(subject: str) -> tuple[float, float]:
    """Return by how much this process grows by deciding the cases, and its whole memory."""
    decider = Decider(load_pack(None))
    read = [decider.read(raw) for raw in cases(decider, ITEM, CASES)]
    facts = [{key: plain(value) for key, value in stated(case).items()} for case in read]
    program = view_of(decider, ITEM).program
    before = _family()
    decide: Callable[[int], object]
    if subject == WHOLE:
        answerer = Answerer(decider.pack)
        decide = lambda at: answerer.answer(read[at])  # noqa: E731 one of three ways to decide
    elif subject == REFERENCE:
        reference = ReferenceMatcher()
        decide = lambda at: reference.match(program, read[at].facts)  # noqa: E731 as above
    else:
        peer = PEERS[subject](program.conditions)
        decide = lambda at: peer(facts[at])  # noqa: E731 as above
    for at in range(CASES):
        decide(at)
    after = _family()
    if subject == WHOLE:
        answerer.close()
    return after - before, after


if __name__ == "__main__":
    sys.stdout.write("{} {}\n".format(*_deciding(sys.argv[1])))
