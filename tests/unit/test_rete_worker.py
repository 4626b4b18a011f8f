"""The engine worker: many callers, processes that die, and an end without remains."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from evaluator import rete_process
from evaluator.matching import Facts, Program, Truth
from evaluator.rete_lane import WINDOW
from evaluator.rete_refusal import EngineLimitError, EngineUnavailableError, FactKindError
from evaluator.rete_worker import EngineWorker
from knowledge.fact import FactKey
from rules.condition import And, Comparison, Condition, Not, Or

THOROUGH = bool(os.environ.get("JIANZHENG_THOROUGH"))
ROOT = Path(__file__).parents[2]
A, N = FactKey("a"), FactKey("n")


def program_of(*conditions: Condition) -> Program:
    return Program(repr(conditions), conditions)


ABOVE = program_of(*(Comparison(N, ">", bound) for bound in range(10)))
THIRTY = program_of(
    *(Comparison(FactKey(f"k{number % 10}"), "==", f"v{number}") for number in range(10)),
    *(Comparison(N, ">=", bound) for bound in range(10)),
    *(
        Or((Comparison(N, "<", bound), And((Comparison(A, "!=", "x"), Comparison(N, "!=", 5)))))
        for bound in range(10)
    ),
)


def above(number: int) -> tuple[Truth, ...]:
    return tuple(number > bound for bound in range(10))


@pytest.fixture
def worker() -> Iterator[EngineWorker]:
    with EngineWorker(processes=1, patience=1.0) as worker:
        yield worker


@pytest.fixture
def answers(worker: EngineWorker) -> Callable[[int], tuple[Truth, ...]]:
    return lambda number: worker.match(ABOVE, {N: number})


def gone(pid: int) -> bool:
    """Wait up to 10 seconds until a process is no more; ours may not be a zombie either."""
    for _ in range(200):
        try:
            process = psutil.Process(pid)
            if process.status() == psutil.STATUS_ZOMBIE and process.ppid() != os.getpid():
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False


# --- many cases and many callers ----------------------------------------------------------


def test_no_process_is_started_before_there_is_something_to_ask(worker: EngineWorker) -> None:
    assert worker.pids == []
    assert worker.match(program_of(), {}) == ()
    assert worker.pids == []


def test_results_may_be_asked_for_in_any_order(worker: EngineWorker) -> None:
    tickets = [worker.submit(ABOVE, {N: number}) for number in range(2 * WINDOW)]

    for number in reversed(range(2 * WINDOW)):
        assert tickets[number].result() == above(number)
        assert tickets[number].result() == above(number)


def test_a_case_that_is_refused_leaves_the_others_alone(worker: EngineWorker) -> None:
    cases: list[tuple[Program, Facts]] = [
        (ABOVE, {N: 3}),
        (ABOVE, {N: "three"}),
        (program_of(Or((Comparison(N, "==", 1), Comparison(N, "==", "1")))), {}),
        (ABOVE, {N: 7}),
    ]

    first, kind, limit, last = worker.match_many(cases)

    assert (first, last) == (above(3), above(7))
    assert isinstance(kind, FactKindError)
    assert isinstance(limit, EngineLimitError)


def test_eight_threads_each_get_their_own_answers() -> None:
    with EngineWorker(processes=2) as worker, ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: worker.match(ABOVE, {N: n % 12}), range(2_000)))

        assert found == [above(number % 12) for number in range(2_000)]
        assert len(worker.pids) <= 2


def test_one_key_for_two_programs_gives_each_its_own_answer(worker: EngineWorker) -> None:
    yes, no = Comparison(N, "==", 1), Not(Comparison(N, "==", 1))

    for _ in range(3):
        assert worker.match(Program("same", (yes,)), {N: 1}) == (True,)
        assert worker.match(Program("same", (no,)), {N: 1}) == (False,)


def test_a_program_that_had_to_make_room_is_taken_up_again(worker: EngineWorker) -> None:
    programs = [
        program_of(*(Comparison(N, "==", 1_000 * start + bound) for bound in range(400)))
        for start in range(12)
    ]

    for _ in range(2):
        for start, program in enumerate(programs):
            found = worker.match(program, {N: 1_000 * start + 7})
            assert [place for place, truth in enumerate(found) if truth] == [7]


# --- processes that die -------------------------------------------------------------------


def test_a_process_that_is_killed_before_a_case_costs_nothing(
    worker: EngineWorker, answers: Callable[[int], tuple[Truth, ...]]
) -> None:
    for number in range(5):
        assert answers(number) == above(number)
        os.kill(worker.pids[0], signal.SIGKILL)


def test_a_process_that_is_killed_amid_cases_costs_nothing(
    worker: EngineWorker, answers: Callable[[int], tuple[Truth, ...]]
) -> None:
    answers(0)
    [pid] = worker.pids
    os.kill(pid, signal.SIGSTOP)
    tickets = [worker.submit(ABOVE, {N: number}) for number in range(50)]
    threading.Timer(0.1, os.kill, (pid, signal.SIGKILL)).start()

    assert [ticket.result() for ticket in tickets] == [above(number) for number in range(50)]
    assert worker.pids != [pid]


def test_a_process_that_hangs_is_replaced_and_the_case_answered(
    worker: EngineWorker, answers: Callable[[int], tuple[Truth, ...]]
) -> None:
    answers(0)
    [pid] = worker.pids
    os.kill(pid, signal.SIGSTOP)

    assert answers(4) == above(4)
    assert worker.pids != [pid]
    assert gone(pid)


def test_a_process_that_has_done_its_share_is_replaced() -> None:
    with EngineWorker(processes=1, recycle_after=100) as worker:
        seen = set()
        for number in range(350):
            assert worker.match(ABOVE, {N: number}) == above(number)
            seen.update(worker.pids)

    assert len(seen) == 4


def test_without_the_library_the_reason_is_said(
    worker: EngineWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rete_process, "find_spec", lambda _: None)

    with pytest.raises(EngineUnavailableError, match="durable-rules is not installed"):
        worker.match(ABOVE, {})


def test_an_interpreter_that_cannot_start_is_said_and_tried_again_later(
    worker: EngineWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/nowhere/python")
        with pytest.raises(EngineUnavailableError, match="its process does not start"):
            worker.match(ABOVE, {})
        broken.setattr(sys, "executable", "/bin/false")
        with pytest.raises(EngineUnavailableError, match="it ended with status 1"):
            worker.match(ABOVE, {})

    assert worker.match(ABOVE, {N: 2}) == above(2)


# --- ends ---------------------------------------------------------------------------------


def test_closing_leaves_no_process_and_refuses_what_comes_later() -> None:
    worker = EngineWorker(processes=1)
    ticket = worker.submit(ABOVE, {N: 1})
    [pid] = worker.pids

    worker.close()

    assert gone(pid)
    with pytest.raises(EngineUnavailableError, match="it was closed"):
        ticket.result()
    with pytest.raises(EngineUnavailableError, match="it was closed"):
        worker.match(ABOVE, {N: 1})


def test_a_worker_that_is_forgotten_leaves_no_process() -> None:
    worker = EngineWorker(processes=1)
    worker.match(ABOVE, {N: 1})
    [pid] = worker.pids

    del worker

    assert gone(pid)


PREAMBLE = """
print("main module runs")
import json, os, signal, sys
from evaluator.matching import Program
from evaluator.rete import compile_program
from evaluator.rete_worker import EngineWorker
from rules.condition import Comparison
program = Program("p", (Comparison("n", ">", 3),))
worker = EngineWorker(processes=1, patience=1.0)
assert worker.match(program, {"n": 4}) == (True,)
print(*worker.pids, flush=True)
"""


def run(script: str) -> list[str]:
    """Run a script as a main module that does not guard itself, and return what it prints."""
    done = subprocess.run(  # noqa: S603 our own interpreter and script
        [sys.executable, "-W", "error::ResourceWarning", "-c", PREAMBLE + script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.split("\n")


def test_the_main_module_is_not_run_again_and_the_process_ends_with_it() -> None:
    first, pid, *rest = run("")

    assert (first, rest) == ("main module runs", [""])
    assert gone(int(pid))


def test_the_process_ends_when_its_parent_is_killed() -> None:
    _, pid, *_ = run("os.kill(os.getpid(), signal.SIGKILL)")

    assert gone(int(pid))


def test_even_a_process_that_hangs_ends_when_its_parent_is_killed() -> None:
    _, pid, *_ = run(
        "from evaluator.rete_frame import DEFINE\n"
        "rules = {f't{i}': {'all': [{'m': {'f1': i}}]} for i in range(600)}\n"
        "process = worker._lanes[0]._process\n"
        "process.put(DEFINE, '9\\n' + json.dumps([[json.dumps(rules), []]]))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )

    assert gone(int(pid))


def test_a_forked_copy_of_the_service_has_an_engine_of_its_own() -> None:
    _, pid, inner, outer, *_ = run(
        "ticket = worker.submit(program, {'n': 1})\n"
        "if os.fork() == 0:\n"
        "    assert worker.pids == []\n"
        "    assert worker.match(program, {'n': 1}) == (False,)\n"
        "    print(*worker.pids, flush=True)\n"
        "    sys.exit()\n"
        "os.wait()\n"
        "assert ticket.result() == (False,)\n"
        "assert worker.match(program, {'n': 9}) == (True,)\n"
        "print(*worker.pids, flush=True)\n"
    )

    assert outer == pid != inner
    assert gone(int(inner))


# --- its cost -----------------------------------------------------------------------------


def test_a_process_stays_small(worker: EngineWorker) -> None:
    cases: list[tuple[Program, Facts]] = [
        (THIRTY, {N: number % 12, A: "y"}) for number in range(20_000 if THOROUGH else 1_000)
    ]
    worker.match_many(cases[:500])
    process = psutil.Process(worker.pids[0])
    before = process.memory_info().rss

    worker.match_many(cases)

    assert process.memory_full_info().pss < 40_000_000
    assert process.memory_info().rss - before < 2_000_000


@pytest.mark.skipif(not THOROUGH, reason="a machine that does much else is slower")
def test_thirty_conditions_are_matched_in_well_under_a_millisecond(
    worker: EngineWorker,
) -> None:
    facts: Facts = {FactKey(f"k{number}"): f"v{number}" for number in range(8)} | {N: 5, A: "y"}
    worker.match(THIRTY, facts)

    start = time.perf_counter()
    for _ in range(1_000):
        worker.match(THIRTY, facts)
    alone = time.perf_counter() - start

    start = time.perf_counter()
    worker.match_many([(THIRTY, facts)] * 3_000)
    together = time.perf_counter() - start

    assert alone < 0.6
    assert together < 1
