"""The record: decisions sealed a second, appends a second, proofs, the offline verifier."""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine

from api.office import Office
from api.opening import open_store
from api.settings import Settings
from audit.entry import Entry
from audit.export import export
from audit.log import BATCH
from audit.store import SqlStore
from tests.benchmarks.measure import ROOT, Gate
from tests.ledger import Ledger, sqlite_engine
from tests.postgres import postgres

CASE = {
    "as_of": "2026-11-23",
    "items": ("b.company_setup",),
    "applicant": {"kind": "natural", "id": "11010519491231002X"},
    "facts": {"premises": "rented"},
}
DESKS, SECONDS = 8, 6
PROCESSES, WRITERS_EACH = 4, 8
ENTRIES = 20_000


def bench() -> tuple[list[str], list[Gate]]:
    """Return what is to be told, and the gates, of the sealed record."""
    with tempfile.TemporaryDirectory() as folder:
        sealed = _sealed(Path(folder))
        prove, verify, memory = _proofs(Path(folder))
    appends = _appends()
    lines = [
        "",
        (
            f"`Office.answer` on {DESKS} threads, SQLite: {sealed:,.0f} decisions/s decided by "
            "both matchers, sealed, boxed and on the disk before they are answered."
        ),
        "",
        (
            f"{PROCESSES * WRITERS_EACH} writers in {PROCESSES} processes, PostgreSQL beside "
            f"them: {appends:,.0f} appends/s, each committed."
        ),
        "",
        (
            f"A log of {ENTRIES:,} entries: an inclusion proof takes {prove * 1000:.1f} ms "
            f"(median); the offline verifier {verify:.1f} s and {memory:.0f} MB."
        ),
    ]
    return lines, [
        Gate("record: decisions sealed, SQLite", sealed, 300, "/s", at_least=True),
        Gate("record: appends, PostgreSQL", appends, 1000, "/s", at_least=True),
        Gate(f"record: verifier, {ENTRIES:,} entries", verify, 60, "s"),
        Gate(f"record: verifier, {ENTRIES:,} entries, memory", memory, 300, "MB"),
    ]


def _sealed(folder: Path) -> float:
    """Return how many decisions a second the office answers and seals."""
    office = Office(open_store(Settings.of(f"sqlite:///{folder / 'bench.db'}")))
    try:
        office.answer(CASE)
        begin = time.monotonic()

        def desk(_: int) -> int:
            answered = 0
            while time.monotonic() - begin < SECONDS:
                office.answer(CASE)
                answered += 1
            return answered

        with ThreadPoolExecutor(DESKS) as desks:
            return sum(desks.map(desk, range(DESKS))) / (time.monotonic() - begin)
    finally:
        office.close()


def _appends() -> float:
    """Return how many entries a second many writers commit to a log on PostgreSQL."""
    with postgres() as url, tempfile.TemporaryDirectory() as folder:
        Ledger(create_engine(url), Path(folder)).begun()
        with _writers(url) as writers:
            time.sleep(2)  # all have begun
            begin = time.monotonic()
            before = _count(url)
            time.sleep(SECONDS)
            rate = (_count(url) - before) / (time.monotonic() - begin)
        assert all(writer.poll() is not None for writer in writers)
        return rate


@contextmanager
def _writers(url: str) -> Iterator[list["subprocess.Popen[bytes]"]]:
    command = [sys.executable, "-m", "tests.sealing", url]
    writers = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)  # noqa: S603 our own
        for _ in range(PROCESSES)
    ]
    try:
        yield writers
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()


def _count(url: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM log_entry").scalar_one()
    engine.dispose()
    return int(count)


def _proofs(folder: Path) -> tuple[float, float, float]:
    """Return the seconds of a proof and of the verifier, and its megabytes."""
    ledger = Ledger(sqlite_engine(folder / "ledger.db"), folder).begun()
    with ledger.store() as store:
        entries = (Entry("note", ledger.now, {"number": number}) for number in range(ENTRIES))
        leaves = [ledger.log.seal(store, entry).leaf for entry in entries]
    for _ in range(ENTRIES // BATCH + 1):
        ledger.place()
    with ledger.store() as store:
        times = [_timed(ledger, store, leaf) for leaf in leaves[:: ENTRIES // 200]]
        export(store, folder / "export")
    begin = time.monotonic()
    keys = [f"--key={key}" for key in ledger.keys]
    verifier = [sys.executable, str(folder / "export/verify.py"), str(folder / "export"), *keys]
    subprocess.run(verifier, check=True, capture_output=True)  # noqa: S603 our own
    seconds = time.monotonic() - begin
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return statistics.median(times), seconds, memory


def _timed(ledger: Ledger, store: SqlStore, leaf: bytes) -> float:
    begin = time.perf_counter()
    ledger.log.prove(store, leaf)
    return time.perf_counter() - begin
