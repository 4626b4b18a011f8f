"""Look-ups: how soon a clerk has the list whatever fails, and what one black hole costs others.

The registries are a process of their own; the desk decides and seals every answer.
"""

import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2

from api.cases.looking_up import LookingUp
from api.hubs import read_hubs
from api.sandbox.fault import Fault
from knowledge.lookup.hub import Hub, Limits
from knowledge.lookup.order import Answer, Order, Purpose
from knowledge.lookup.registries import Registries
from rules.pack import Pack
from tests.benchmarks.measure import COMMAND, Gate
from tests.halls import AMR, TestHall
from tests.sandboxed import Sandbox, population
from tests.supervising import Supervised, supervised

RUNS = 4
DESKS = 50
"""Desks that look cases up side by side."""
EVERY = 10.0
"""Seconds from one case of a desk to its next: together they ask forty registries a second,
which one process that plays all of them answers without a queue of its own."""
ROUNDS = 4
REGISTRIES = 8


def bench(pack: Pack) -> tuple[list[str], list[Gate]]:
    """Return what is to be told, and the gates, of look-ups whatever fails."""
    with TemporaryDirectory() as folder:
        with _sandbox(Path(folder), "none") as (address, hubs):
            seconds = _every_fault(Path(folder, "desk"), address, hubs)
            opened = _open_breaker(pack, address, hubs)
        with _sandbox(Path(folder), "real") as (address, hubs):
            before, during = _black_hole(pack, address, hubs)
    ordered = sorted(seconds)
    p99 = ordered[len(ordered) * 99 // 100]
    ratio = during / before
    lines = [
        "",
        (
            f"The list of a company's case, {len(seconds)} times, each fault on one and on all "
            f"of its registries: median {ordered[len(ordered) // 2]:.2f} s, p99 {p99:.2f} s, "
            f"slowest {ordered[-1]:.2f} s."
        ),
        "",
        (
            f"One black hole among {REGISTRIES} registries, {DESKS} desks: the others answer "
            f"with p99 {during:.0f} ms, without it {before:.0f} ms."
        ),
        "",
        f"An open breaker answers after {opened:.1f} ms at most.",
    ]
    gates = [
        Gate("look-ups: the list is there, whatever fails, p99", p99, 3.0, "s"),
        Gate("look-ups: a black hole among 8, p99 of the others", ratio, 1.1, "×"),
        Gate("look-ups: an open breaker", opened, 50, "ms"),
    ]
    return lines, gates


@contextmanager
def _sandbox(folder: Path, latency: str) -> Iterator[tuple[str, dict[str, Hub]]]:
    """Serve the registries in a process of their own; yield their address and their hubs.

    With `real` latency each takes the time that such a registry takes.
    """
    hubs = folder / "hubs.yaml"
    words = ["sandbox", "--port", "0", "--hubs", str(hubs), "--latency", latency]
    with subprocess.Popen(  # noqa: S603 our own command line
        [COMMAND, *words], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        try:
            yield "http" + said.partition("http")[2].strip().rstrip("/"), read_hubs(hubs)
        finally:
            process.terminate()


def _fault(address: str, source: str, fault: Fault) -> None:
    httpx2.put(f"{address}/faults/{source}", json={"fault": fault}).raise_for_status()


def _every_fault(folder: Path, address: str, hubs: dict[str, Hub]) -> list[float]:
    """Return the seconds until the list was there, for each fault on one and on all."""
    seconds = []
    for fault in Fault:
        for source in ("population", "lease_filing", "all"):
            _fault(address, "all", Fault.NONE)
            _fault(address, source, fault)
            with supervised(folder / f"{fault}-{source}") as office:
                seconds += [_listed(office, address, hubs) for _ in range(RUNS)]
    _fault(address, "all", Fault.NONE)
    return seconds


def _listed(office: Supervised, address: str, hubs: dict[str, Hub]) -> float:
    """Return the seconds until the list of a new case was there; no breaker is open."""
    looking_up = LookingUp(office.desk, Registries(hubs))
    hall = TestHall(office, looking_up, _nobody(address))
    worked = hall.company()
    begin = time.perf_counter()
    hall.look_up(AMR, worked)
    seconds = time.perf_counter() - begin
    looking_up.close()
    return seconds


def _nobody(address: str) -> Sandbox:
    """Return a sandbox that is served elsewhere: its faults are set over the wire."""
    return Sandbox(address, None)  # type: ignore[arg-type] # (nothing here asks for it)


def _orders(pack: Pack) -> list[Order]:
    """Return an order for each of some registries that any item may ask."""
    person = next(one for one in population().residents.values() if one.kind == "natural")
    open_to_all = [
        source
        for source in pack.catalogue.sources.values()
        if source.lookup and source.items == ("*",) and source.materials
    ]
    purpose = Purpose("b.company_setup", "某法 第一条", "clerk", "窗口", "1")
    return [
        Order(source, person.number, person.name, "natural", source.materials[:1], (), purpose)
        for source in open_to_all[:REGISTRIES]
    ]


def _black_hole(pack: Pack, address: str, hubs: dict[str, Hub]) -> tuple[float, float]:
    """Return the p99 in milliseconds of seven registries without and with an eighth that hangs.

    The desks come one after another, as people do. Rounds alternate, so that both stand under
    the same load of the machine.
    """
    orders = _orders(pack)
    hole, *_ = orders
    taken: dict[Fault, list[int]] = {Fault.NONE: [], Fault.VERY_SLOW: []}
    for turn in range(2 * ROUNDS + 1):
        fault = (Fault.VERY_SLOW, Fault.NONE)[turn % 2]
        _fault(address, hole.source.id, fault)
        registries = Registries(hubs)  # no breaker knows yet

        def look_up(desk: int, registries: Registries = registries) -> list[Answer]:
            time.sleep(EVERY * desk / DESKS)
            return registries.ask_all(orders)

        with ThreadPoolExecutor(DESKS) as desks:
            found = [*desks.map(look_up, range(DESKS))]
        registries.close()
        if turn:  # the first shows the processes what is to be done
            taken[fault] += _others(found, hole)
    _fault(address, hole.source.id, Fault.NONE)
    return _p99(taken[Fault.NONE]), _p99(taken[Fault.VERY_SLOW])


def _others(found: Sequence[Sequence[Answer]], hole: Order) -> Iterator[int]:
    for answers in found:
        for one in answers:
            if one.order is hole:
                continue
            if one.findings[0].verdict == "unavailable":
                raise AssertionError(f"a registry that works was lost: {one.findings}")
            yield one.milliseconds


def _p99(times: list[int]) -> float:
    return float(sorted(times)[len(times) * 99 // 100])


def _open_breaker(pack: Pack, address: str, hubs: dict[str, Hub]) -> float:
    """Return the most milliseconds that a registry takes which is left alone."""
    order = _orders(pack)[0]
    _fault(address, order.source.id, Fault.DOWN)
    registries = Registries(hubs)
    for _ in range(Limits().in_a_row):
        registries.ask(order)
    times = []
    for _ in range(200):
        begin = time.perf_counter()
        answer = registries.ask(order)
        times.append((time.perf_counter() - begin) * 1000)
        if answer.findings[0].reason != "breaker":
            raise AssertionError(f"the breaker is not open: {answer.findings}")
    registries.close()
    _fault(address, order.source.id, Fault.NONE)
    return sorted(times)[len(times) * 99 // 100]
