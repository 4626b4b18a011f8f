"""Searches of an auditor in a record of a million decisions, beside a hundred thousand."""

import sqlite3
import statistics
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter

from api.opening import open_store
from api.search import Search, find, offices
from api.settings import Settings
from api.store import IDENTITY, Store
from tests.benchmarks.measure import Gate
from tests.effort import dice_of

FEW, MANY = 100_000, 1_000_000
BEGIN, DAYS = date(2024, 1, 1), 1_000
ITEMS, ORGANS, GROUNDS, OFFICES = 100, 20, 8, 12
PERSON = "11010519491231002X"
TIMES = 40
COMMITTED = 20_000
"""Rows in a transaction: one of a million would not fit into the write-ahead log's index."""


def bench() -> tuple[list[str], list[Gate]]:
    """Return what is to be told, and the gates, of searches."""
    with tempfile.TemporaryDirectory() as folder:
        few, many = (_measured(Path(folder) / f"{size}", size) for size in (FEW, MANY))
    lines = [
        "",
        f"| an auditor's search, first page, 95th percentile | {FEW:,} | {MANY:,} | ratio |",
        "|---|---|---|---|",
        *(
            f"| {name} | {few[name]:.1f} ms | {slow:.1f} ms | {slow / few[name]:.2f} |"
            for name, slow in many.items()
        ),
    ]
    slowest = max(many.values())
    return lines, [Gate(f"search: slowest of {MANY:,} decisions", slowest, 200, "ms")]


def _searches() -> Iterator[tuple[str, Search]]:
    day = BEGIN + timedelta(days=DAYS // 2)
    yield "everything", Search()
    yield "a day", Search(since=day, until=day)
    yield "a month", Search(since=day, until=day + timedelta(days=30))
    yield "an item", Search(item="item-7")
    yield "a rare item", Search(item="item-99")
    yield "an organ", Search(organ="organ-3")
    yield "a ground", Search(ground="ground-2")
    yield "an office", Search(office="office-5")
    yield "a person", Search(person=PERSON)
    yield "an item in an office", Search(item="item-7", office="office-5")
    yield (
        "an organ, a ground, a month",
        Search(organ="organ-3", ground="ground-2", since=day, until=day + timedelta(days=30)),
    )


def _measured(folder: Path, size: int) -> dict[str, float]:
    """Return the milliseconds of each search."""
    folder.mkdir()
    store = open_store(Settings.of(f"sqlite:///{folder / 'record.db'}"))
    try:
        _fill(store, folder / "record.db", size)
        found = {name: slow(partial(find, store, one)) for name, one in _searches()}
        return found | {"the offices": slow(partial(offices, store))}
    finally:
        store.close()


def slow(act: Callable[[], object]) -> float:
    """Return the 95th percentile of the milliseconds that an act takes."""
    times = []
    for _ in range(TIMES):
        began = perf_counter()
        act()
        times.append(1000 * (perf_counter() - began))
    return statistics.quantiles(times, n=20)[-1]


def _fill(store: Store, path: Path, size: int) -> None:
    """Add rows as `Store.keeping` does, without what lies in the log."""
    blind = store.keys.vault.blind(IDENTITY, PERSON)
    dice = dice_of(size)
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA foreign_keys = OFF")
    database.execute("BEGIN")
    for number in range(size):
        if number % COMMITTED == 0:
            database.execute("COMMIT")
            database.execute("BEGIN")
        day = BEGIN + timedelta(days=number * DAYS // size)
        name = f"{day:%Y%m%d}-{dice.randrange(16**15):015X}"
        second = timedelta(seconds=dice.randrange(86_400))
        at = f"{datetime.combine(day, time()) + second}.{number:06d}"
        item = min(dice.randrange(ITEMS), dice.randrange(ITEMS))
        database.execute(
            "INSERT INTO decision VALUES (?,?,1,?,x'','','','','both',NULL,'0','u',?)",
            (name, at, f"{day}", f"office-{dice.randrange(OFFICES)}"),
        )
        for one in {item, (item + 1) % ITEMS} if number % 4 == 0 else {item}:
            database.execute(
                "INSERT INTO decision_item VALUES (?,?,?,?,?)",
                (name, f"item-{one}", f"organ-{one % ORGANS}", f"{day}", at),
            )
        for one in {dice.randrange(GROUNDS), dice.randrange(GROUNDS)}:
            database.execute(
                "INSERT INTO decision_ground VALUES (?,?,?,?)",
                (name, f"ground-{one}", f"{day}", at),
            )
        database.execute("INSERT INTO log_case_key VALUES (?, x'00')", (name,))
        database.execute(
            "INSERT INTO log_blind VALUES (?,?)",
            (blind if number % (size // 20) == 0 else dice.randbytes(32), name),
        )
    database.execute("COMMIT")
    database.close()
