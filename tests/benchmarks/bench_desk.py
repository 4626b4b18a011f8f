"""The desk under load: 50 desks at once work cases over REST of a real server on SQLite.

Each desk opens a case, answers one question after another, receives what the list asks for,
reads the case, and ends it. First as fast as the server lets them, then at the pace that is
promised: so many sealed decisions a second that each answer must come in time.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any, Final

import psutil
from stdnum.cn import ric, uscc

from api.accounts.book import AccountBook, Draft
from api.accounts.permission import Role
from api.accounts.session import Tokens
from api.office import Office
from api.opening import open_store
from api.record import Asker
from api.settings import DATABASE_URL, Settings
from evaluator.decide import Decider
from evaluator.example import read_examples
from knowledge.day import CHINA
from knowledge.fault import FaultsError
from knowledge.strict_json import read_json
from rules.pack import Pack
from tests.benchmarks.measure import COMMAND, Gate, proportional_memory
from tests.effort import THOROUGH

DESKS: Final = 50
SECONDS: Final = 120 if THOROUGH else 20
PACE: Final = 103.0
"""Sealed decisions a second that all desks together ask for."""

_OPENING: Final = ("items", "applicant", "parties")

Case = dict[str, Any]
_NEW: Final = count(1)


@dataclass
class Told:
    """What one desk saw: seconds of each request, sealed decisions, what went wrong."""

    times: list[float] = field(default_factory=list)
    sealed: int = 0
    errors: list[str] = field(default_factory=list)


def bench(pack: Pack, seconds: int = SECONDS) -> tuple[list[str], list[Gate]]:
    """Return what is to be told, and the gates, of the desk under load."""
    cases = _of_today(pack)
    with TemporaryDirectory() as folder, _served(Path(folder)) as (process, port, tokens):
        _work(cases, port, tokens[:1], (3.0, 0.0))  # the first case loads pack and engine
        at_rest = _memory(process)
        rush, rushed = _work(cases, port, tokens, (seconds / 2, 0.0))
        begin, busy = _memory(process), _busy(process)
        calm, took = _work(cases, port, tokens, (seconds, DESKS / PACE))
        end, busy = _memory(process), _busy(process) - busy
    rate = sum(one.sealed for one in calm) / took
    times = sorted(time for one in calm for time in one.times)
    errors = [error for one in (*rush, *calm) for error in one.errors]
    if errors:
        sys.stderr.write(f"{errors[0]}\n")
    fastest = sum(one.sealed for one in rush) / rushed
    hurry = sorted(time for one in rush for time in one.times)
    lines = [
        "",
        (
            f"{DESKS} desks at once, each request as soon as the one before is answered: "
            f"{fastest:,.0f} decisions/s sealed, median {_ms(hurry, 50):.0f} ms, "
            f"p99 {_ms(hurry, 99):.0f} ms a request."
        ),
        "",
        (
            f"{DESKS} desks at the pace of {PACE:.0f} decisions/s for {took:.0f} s: "
            f"{rate:,.0f} sealed a second, {len(times):,} requests, median "
            f"{_ms(times, 50):.0f} ms, p99 {_ms(times, 99):.0f} ms, {len(errors)} errors; "
            f"{1000 * busy / (rate * took):.1f} ms of a core for each; "
            f"memory {at_rest:.0f} MB at rest, {begin:.0f} MB before, {end:.0f} MB after (PSS)."
        ),
    ]
    gates = [
        Gate("desk: sealed decisions", rate, 100, "/s", at_least=True),
        Gate("desk: p99 of a request, without look-ups", _ms(times, 99), 300, "ms"),
        Gate("desk: errors", len(errors), 0),
        Gate("desk: memory that the load left behind", end - begin, 60, "MB"),
    ]
    return lines, gates


def _of_today(pack: Pack) -> list[Case]:
    """Return the examples whose items have a list today."""
    decider, found = Decider(pack), []
    for _, example in read_examples(pack):
        if "items" in example.case:
            opening = {key: example.case[key] for key in _OPENING if key in example.case}
            with suppress(FaultsError):
                decider.read(
                    read_json(json.dumps({**opening, "as_of": str(datetime.now(CHINA).date())}))
                )
                found.append(example.case)
    return found


def _ms(times: Sequence[float], percent: int) -> float:
    return times[min(len(times) - 1, len(times) * percent // 100)] * 1000


def _busy(process: int) -> float:
    """Return the seconds of processor time that the server has had."""
    spent = psutil.Process(process).cpu_times()
    return float(spent.user + spent.system)


def _memory(process: int) -> float:
    family = [process, *(one.pid for one in psutil.Process(process).children(recursive=True))]
    return sum(proportional_memory(one) for one in family)


def _work(
    cases: Sequence[Case], port: int, tokens: Sequence[str], plan: tuple[float, float]
) -> tuple[list[Told], float]:
    """Let all desks work for some seconds, a decision each so many seconds."""
    seconds, pause = plan
    told, stop = [Told() for _ in tokens], Event()
    desks = [
        Thread(target=_Desk(cases, port, token, one, pause).work, args=(stop,))
        for token, one in zip(tokens, told, strict=True)
    ]
    begin = time.perf_counter()
    for each in desks:
        each.start()
    time.sleep(seconds)
    stop.set()
    for each in desks:
        each.join()
    return told, time.perf_counter() - begin


class _Desk:
    """One clerk with a program: works one case after another."""

    def __init__(
        self, cases: Sequence[Case], port: int, token: str, told: Told, pause: float
    ) -> None:
        self._cases, self._told, self._pause = cases, told, pause
        self._dice = random.Random(token)  # noqa: S311 (nothing here is a secret)
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
        }
        self._server = HTTPConnection("127.0.0.1", port, timeout=60)
        self._next = time.perf_counter() + self._dice.random() * pause

    def work(self, stop: Event) -> None:
        """Work until the bell rings; what goes wrong is told."""
        try:
            while not stop.is_set():
                for _ in self._case(self._dice.choice(self._cases)):
                    if stop.is_set():
                        break
        except Exception as error:  # noqa: BLE001 (a thread: it is told at the end)
            self._told.errors.append(repr(error))
        finally:
            self._server.close()

    def _case(self, case: Case) -> Iterator[None]:
        """Work one case; each step is one request."""
        case = _of_new_persons(case)
        opening: Case = {key: case[key] for key in _OPENING if key in case}
        now = self._sealing("/api/v1/cases", opening)
        yield
        there = f"/api/v1/cases/{now['number']}"
        for key, value in case.get("facts", {}).items():
            now = self._sealing(f"{there}/answers", {"facts": {key: value}})
            yield
        self._asks("GET", there)
        yield
        for paper in now["submit"][:2]:
            now = self._asks("POST", f"{there}/received", {"paper": paper, "how": "copy"})
            yield
        self._asks("POST", f"{there}/decided", {"result": "withdrawn"})

    def _sealing(self, path: str, body: Case) -> Case:
        """Send what seals a decision, when it is its time."""
        wait = self._next - time.perf_counter()
        if self._pause and wait > 0:
            time.sleep(wait)
        self._next += self._pause
        answer = self._asks("POST", path, body)
        self._told.sealed += 1
        return answer

    def _asks(self, method: str, path: str, body: Case | None = None) -> Case:
        begin = time.perf_counter()
        content = json.dumps(body).encode() if body is not None else None
        self._server.request(method, path, content, self._headers)
        response = self._server.getresponse()
        answer = response.read()
        self._told.times.append(time.perf_counter() - begin)
        if response.status not in (200, 201):
            raise AssertionError(f"{method} {path} is answered {response.status}: {answer!r}")
        found: Case = json.loads(answer)
        return found


def _of_new_persons(case: Case) -> Case:
    """Return a case in which each person is somebody who was never here before."""
    persons = [case["applicant"], *case.get("parties", ())]
    new = {one["id"]: _identity(one["kind"]) for one in persons}
    renewed = [{**one, "id": new[one["id"]]} for one in persons]
    return {**case, "applicant": renewed[0], "parties": renewed[1:]}


def _identity(kind: str) -> str:
    number = next(_NEW)
    if kind == "legal":
        stem = f"91441900MA{number:07d}"
        return stem + str(uscc.calc_check_digit(stem))
    stem = f"441900{19000101 + number // 1000}{number % 1000:03d}"
    return stem + str(ric.calc_check_digit(stem + "0"))


@contextmanager
def _served(folder: Path) -> Iterator[tuple[int, int, list[str]]]:
    """Serve an office with a clerk; give the process, the port and a token for each desk."""
    url = f"sqlite:///{folder / 'record.db'}"
    tokens = _staffed(url)
    server = subprocess.Popen(  # noqa: S603 (our own command line)
        [COMMAND, "serve", "--port", "0"],
        env={**os.environ, DATABASE_URL: url},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        port = int(server.stdout.readline().rstrip().rstrip("/").rpartition(":")[2])
        _stand_aside(server.pid)
        yield server.pid, port, tokens
    finally:
        server.terminate()
        server.wait(30)
        server.stdout.close()


def _stand_aside(server: int) -> None:
    """Ask from other cores than the server's, as desks ask from other machines."""
    others = os.sched_getaffinity(0) - os.sched_getaffinity(server)
    if others:
        os.sched_setaffinity(0, others)


def _staffed(url: str) -> list[str]:
    """Make the accounts of a new installation; return a token for each desk."""
    by = Asker(door="cli", why="accounts")
    office = Office(open_store(Settings.of(url)))
    book, tokens = AccountBook(office.store), Tokens(office.store)
    book.new(Draft("clerk", "示例", Role.CLERK, "", "一号窗口", ""), "quite-a-long-word", by)
    clerk = book.active("clerk")
    made = [tokens.new(clerk, f"desk {at}", 1, by) for at in range(DESKS)]
    office.close()
    return made


if __name__ == "__main__":
    from api.bundled import load_pack

    for line in [part for told in bench(load_pack(None), int(sys.argv[1])) for part in told]:
        print(line)  # noqa: T201 (a script)
