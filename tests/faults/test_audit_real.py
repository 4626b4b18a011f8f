"""The offline verifier on a real record: what a busy office seals, not what a test makes up.

`make slow` takes 20,000 entries: the cases of the bundled pack decided over and over, with
their persons and receipts, refusals, looks of auditors, releases, and an erasure.
"""

from collections import Counter
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path

import pytest

from api import record
from api.bundled import bundled_folder, load_pack
from api.office import Office
from api.opening import open_store, open_to_read
from api.record import Asker
from api.settings import Settings
from audit.entry import Entry
from audit.export import export
from evaluator.example import read_examples
from knowledge.fault import FaultsError
from rules.pack import Reader, read_files
from tests.effort import THOROUGH
from tests.faults.measured import verify_offline

ENTRIES = 20_000 if THOROUGH else 400
AUDITOR = Asker(user="auditor", office="audit", door="audit", why="inspection")
AT_DESK = Asker(user="clerk", office="window 1", door="desk")


def busy(office: Office, entries: int) -> None:
    """Seal so many entries, as an office does."""
    cases = cycle([example.case for _, example in read_examples(load_pack(None))])
    last = ""
    for number, case in zip(range(entries), cases, strict=False):
        match number % 20:
            case 0:
                with pytest.raises(FaultsError):
                    office.answer({**case, "as_of": "2026-02-30"}, AT_DESK)
            case 1:
                look = record.of_look(last, AUDITOR, at=office.store.milliseconds())
                office.store.seal(look)
            case _:
                last = office.answer(case, AT_DESK)[1].number
    office.store.erase(last, AUDITOR)
    office.sequencer.once()


def releases(office: Office) -> None:
    """Put the pack into force again from later days, as a new edition would be."""
    files = read_files(bundled_folder())
    pack = Reader(files).pack()
    for years in (1, 2):
        office.store.release(pack, files, date(2027, 1, 1) + timedelta(days=365 * years))


def test_a_real_record_is_verified_offline_in_a_minute(tmp_path: Path) -> None:
    settings = Settings.of(f"sqlite:///{tmp_path / 'record.db'}")
    office = Office(open_store(settings))
    releases(office)
    busy(office, ENTRIES)
    office.close()
    store = open_to_read(settings)
    with store.log() as log:
        export(log, tmp_path / "export")
        kinds = Counter(Entry.parse(encoded or b"").kind for _, _, encoded in log.leaves())
        key = store.keys.log.keys(log)[0]
    store.close()

    assert kinds["decision"] == ENTRIES * 18 // 20
    assert kinds["refusal"] == kinds["look"] == ENTRIES // 20
    assert kinds["release"] == 3
    assert kinds["erasure"] == kinds["key"] == 1
    verify_offline(tmp_path / "export", key).require(kinds.total())
