"""A grown record: some real decisions, then as many like them as wanted, faster than law works.

The first are decided by both matchers and sealed as an office does it. Each later one is a row
for row copy with a number, person, digests, leaf and place of its own, and with random bytes of
the same length in its boxes; the tree over all is true and its checkpoints are signed. Promises
and keys of the copies are those of their model: nobody could open them.
"""

import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from api.answer import Answer, Answerer
from api.bundled import bundled_folder
from api.office import SINCE_EVER
from api.opening import open_store
from api.record import Asker
from api.settings import Settings
from api.store import Store
from audit.checkpoint import Checkpoint
from audit.log import Log
from audit.tree import Frontier, Tree, leaf_hash
from evaluator.example import read_examples
from evaluator.rete_worker import EngineWorker
from knowledge.fault import FaultsError
from rules.pack import Pack, Reader, read_files
from tests.effort import dice_of

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
REAL, BATCH = 2_000, 5_000
OFFICES, DAYS = 12, 300


def grow(settings: Settings, size: int) -> None:
    """Make a record of so many decisions in SQLite, spread over some days."""
    opened = open_store(settings)
    store = Store(opened.database, opened.keys, lambda: BEGIN)
    try:
        _decide(store, min(REAL, size))
        with store.log() as log:
            while store.keys.log.sequence(log, store.milliseconds()).placed:
                pass
            frontier = Tree(log.size(), log.hashes).frontier()
    finally:
        store.close()
    if size > REAL:
        path = Path(make_url(settings.database_url).database or "")
        _Copying(path, store.keys.log, frontier).copy(size - REAL)


def _decide(store: Store, size: int) -> None:
    """Decide and keep, all on one day."""
    dice, engine = dice_of(size), EngineWorker()
    files = read_files(bundled_folder())
    pack = Reader(files).pack()
    release = store.release(pack, files, SINCE_EVER)
    answers = list(_answers(Answerer(pack, engine), pack))
    engine.close()
    with store.database.transaction() as connection:
        for answer in islice(cycle(answers), size):
            about = _about(answer, f"{dice.randrange(10**17):017d}X")
            asker = Asker(office=f"office-{dice.randrange(OFFICES)}")
            store.keeping(about, release, _organs(answer, pack), asker)[1](connection)


def _answers(answerer: Answerer, pack: Pack) -> Iterator[Answer]:
    """Yield the decisions of the examples on the first day, where there is one."""
    for _, example in read_examples(pack):
        with suppress(FaultsError):
            raw = {**example.case, "as_of": BEGIN.date().isoformat()}
            yield answerer.answer(answerer.decider.read(raw))


def _about(answer: Answer, person: str) -> Answer:
    """Return the same answer about somebody else."""
    form = answer.case.form
    applicant = form.applicant.model_copy(update={"id": person})
    other = form.model_copy(update={"applicant": applicant, "parties": ()})
    case = replace(answer.case, form=other)
    return replace(answer, reads=lambda: case)


def _organs(answer: Answer, pack: Pack) -> list[tuple[str, str]]:
    return [(item, pack.catalogue.items[item].organ) for item in answer.case.items]


Row = dict[str, Any]
_ABOUT = {
    "decision_item": "number", "decision_ground": "number",
    "log_case_key": "case", "log_blind": "case",
}  # fmt: skip
"""The tables beside, and the column that holds the number of the decision."""


@dataclass(frozen=True)
class _Model:
    """One real decision: its rows by table, its entry, the lengths of its boxes by digest."""

    rows: dict[str, list[Row]]
    entry: Row
    boxes: dict[str, int]

    @classmethod
    def read(cls, database: sqlite3.Connection, decision: Row) -> "_Model":
        """Return all that belongs to a row of decisions."""

        def of(table: str, column: str, value: object) -> list[Row]:
            wanted = f'SELECT * FROM {table} WHERE "{column}" = ?'  # noqa: S608 (our tables)
            return [dict(row) for row in database.execute(wanted, (value,))]

        rows = {table: of(table, key, decision["number"]) for table, key in _ABOUT.items()}
        (entry,) = of("log_entry", "leaf", decision["leaf"])
        digests = (decision["decision_box"], decision["case_box"])
        boxes = {each: len(of("log_body", "digest", each)[0]["body"]) for each in digests}
        return cls(rows | {"decision": [decision]}, entry, boxes)


class _Copying:
    """Adds copies of the real decisions to the tables and to the tree."""

    def __init__(self, path: Path, log: Log, frontier: Frontier) -> None:
        self._log, self._frontier, self._dice = log, frontier, dice_of(frontier.size)
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.row_factory = sqlite3.Row
        for pragma in ("synchronous = OFF", "cache_size = -2000000", "temp_store = MEMORY"):
            self._database.execute(f"PRAGMA {pragma}")
        kept = self._database.execute("SELECT * FROM decision").fetchall()
        self._models = [_Model.read(self._database, dict(row)) for row in kept]
        self._number = self._frontier.size

    def copy(self, size: int) -> None:
        """Add so many copies, and a checkpoint after each batch; the days go on."""
        for done in range(0, size, BATCH):
            at = BEGIN + timedelta(seconds=DAYS * 86_400 * done // size)
            models = self._dice.choices(self._models, k=min(BATCH, size - done))
            self._database.execute("BEGIN")
            self._batch(models, at)
            self._database.execute("COMMIT")
        self._database.close()

    def _batch(self, models: Sequence[_Model], at: datetime) -> None:
        found: dict[str, list[Row]] = defaultdict(list)
        for model in models:
            for table, row in self._copied(model, at):
                found[table].append(row)
        head = Checkpoint(self._log.origin, self._frontier.size, self._frontier.root())
        note = str(head.signed(self._log.signer, int(at.timestamp()) + 1))
        found["log_checkpoint"].append({"size": head.size, "note": note})
        for table, rows in found.items():
            names = ", ".join(f'"{name}"' for name in rows[0])
            marks = ", ".join(f":{name}" for name in rows[0])
            added = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 (our tables)
            self._database.executemany(added, rows)

    def _copied(self, model: _Model, at: datetime) -> Iterator[tuple[str, Row]]:
        """Yield the rows of a copy, each with its table."""
        (decision,) = model.rows["decision"]
        number = f"{at:%Y%m%d}-{self._dice.getrandbits(60):015X}"
        new: dict[str, str] = {decision["number"]: number, decision["as_of"]: f"{at:%Y-%m-%d}"}
        new[str(model.entry["at"])] = f"{int(at.timestamp()) * 1000}"
        for digest, length in model.boxes.items():
            body = self._dice.randbytes(length)
            new[digest] = "sha256:" + sha256(body).hexdigest()
            yield "log_body", {"digest": new[digest], "body": body}
        encoded = model.entry["encoded"]
        for old, other in new.items():
            encoded = encoded.replace(old.encode(), other.encode())
        leaf, self._number = leaf_hash(encoded), self._number + 1
        entry: Row = {"number": self._number, "at": int(at.timestamp()) * 1000, "leaf": leaf}
        yield "log_entry", model.entry | entry | {"encoded": encoded}
        place = {"place": self._frontier.size, "number": self._number, "hash": leaf}
        yield "log_leaf", place
        for node in self._frontier.append(leaf):
            yield (
                "log_node",
                {name: getattr(node, name) for name in ("height", "number", "hash")},
            )
        new[decision["recorded_at"]] = f"{at:%Y-%m-%d %H:%M:%S}.{self._number % 10**6:06d}"
        for table, rows in model.rows.items():
            for row in rows:
                copy: Row = {name: new.get(str(value), value) for name, value in row.items()}
                copy |= {"token": self._dice.randbytes(32)} if "token" in row else {}
                yield table, copy | ({"leaf": leaf} if "leaf" in row else {})


if __name__ == "__main__":
    grow(Settings.of(sys.argv[1]), int(sys.argv[2]))
