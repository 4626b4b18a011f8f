"""Backup and restore of a grown record: time, memory and size, and searches in it after."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from api.opening import open_store
from api.search import Search, find
from api.settings import DATABASE_URL, Settings
from tests.benchmarks.bench_search import slow
from tests.benchmarks.grown import BEGIN, DAYS
from tests.benchmarks.measure import ROOT, Gate, run

USUAL = 20_000
MEGABYTE = 1_000_000
MINUTES = 10
"""For a million decisions; others in proportion."""


def bench(size: int = USUAL) -> tuple[list[str], list[Gate]]:
    """Return what is to be told, and the gates, of a record of so many decisions."""
    with tempfile.TemporaryDirectory() as folder:
        return _measured(Path(folder), size)


def _measured(folder: Path, size: int) -> tuple[list[str], list[Gate]]:
    old, new = (Settings.of(f"sqlite:///{folder}/{name}/record.db") for name in ("old", "new"))
    # Beside us: the memory of a command is at least that of the process that starts it.
    grown = [sys.executable, "-m", "tests.benchmarks.grown", old.database_url, str(size)]
    subprocess.run(grown, check=True, cwd=ROOT)  # noqa: S603 (our own)
    copy, keys = folder / "backup", folder / "keys"
    with _named(old):
        _, backed_up, backup_memory = run("backup", str(copy), "--keys", str(keys))
    (folder / "old" / "record.db").unlink()
    with _named(new):
        said, restored, memory = run("restore", str(copy), "--keys", str(keys))
    assert "0 things wrong" in said, said
    megabytes = (copy / "record.db").stat().st_size / MEGABYTE
    lines = [
        "",
        (
            f"A record of {size:,} decisions, SQLite: {megabytes:,.0f} MB, "
            f"{1000 * megabytes / size:.1f} kB a decision. `jianzheng backup` takes "
            f"{backed_up:,.1f} s and {backup_memory:.0f} MB of memory, `jianzheng restore`, "
            f"which checks what it has put back, {restored:,.1f} s and {memory:.0f} MB."
        ),
        "",
        *_searches(new),
    ]
    limit = max(60.0, MINUTES * 60 * size / 1_000_000)
    return lines, [Gate(f"restore: {size:,} decisions", restored, limit, "s")]


@contextmanager
def _named(settings: Settings) -> Iterator[None]:
    """Let commands work on a record."""
    before = os.environ.get(DATABASE_URL)
    os.environ[DATABASE_URL] = settings.database_url
    try:
        yield
    finally:
        del os.environ[DATABASE_URL]
        if before is not None:
            os.environ[DATABASE_URL] = before


def _searches(settings: Settings) -> list[str]:
    """Return the lines of a table: what an auditor waits for in the restored record."""
    store = open_store(settings)
    day = BEGIN.date() + timedelta(days=DAYS // 2)
    found = find(store, Search()).lines[0]
    wanted = {
        "everything": Search(),
        "a day": Search(since=day, until=day),
        "an item": Search(item=found.items[0]),
        "an office": Search(office="office-5"),
    }
    rows = [
        f"| {name} | {slow(partial(find, store, one)):.1f} ms |" for name, one in wanted.items()
    ]
    store.close()
    return ["| a search in it, 95th percentile | |", "|---|--:|", *rows]
