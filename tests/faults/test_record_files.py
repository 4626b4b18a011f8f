"""Every fault of the files of a record is safe: from the start of a server to its end."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select

from audit.table import CASE_KEY
from tests.effort import THOROUGH
from tests.faults.installation import Acknowledged, Installation
from tests.faults.tracing import calls, strace
from tests.small_pack import sound_case, sound_pack, write

FILES = ("record.db", "record.db-wal", "record.db-shm", "record.db.lock", ".")
CALLS = ("openat", "ftruncate", "fdatasync", "pwrite64")
HARM = ("error=EIO", "error=ENOSPC", "signal=SIGKILL")


def beside(office: Installation, name: str, *options: str) -> list[str]:
    """Return the words that run a command with strace beside it, on the record's files."""
    named = [word for each in FILES for word in ("-P", str(office.folder / each))]
    return [strace(), "-D", "-f", "-y", "-o", str(office.folder / name), *named, *options]


def life(office: Installation, *before: str) -> list[Acknowledged]:
    """Start a server, decide once, stop; return what was acknowledged."""
    try:
        with office.served(*before) as running:
            status, body = running.post(sound_case())
    except (AssertionError, OSError, HTTPException):
        return []  # it did not start, or was killed
    if status == 201:
        return [Acknowledged.read(body)]
    assert status == 503
    assert "try again" in orjson.loads(body)["detail"]
    return []


def intact(office: Installation) -> bool:
    with sqlite3.connect(office.database) as database:
        return database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def some(count: int) -> list[int]:
    """Return which of so many calls are made to fail: all, or a few if there is no time."""
    few = sorted({1, count // 2, count} - {0})
    return list(range(1, count + 1)) if THOROUGH else few


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Counter[str]:
    """Return how often the life of a server makes each of the calls on the record's files."""
    office = Installation(tmp_path_factory.mktemp("counted")).begun()
    assert life(office, *beside(office, "trace", "-e", f"trace={','.join(CALLS)}"))
    found = calls(office.folder / "trace")
    return Counter(call.text.partition("(")[0] for call in found)


def harms(counted: Counter[str]) -> Iterator[tuple[str, int, str]]:
    for call in CALLS:
        # Each write of one decision is tried in `test_record_storage`.
        every = some(counted[call])[:: 10 if call == "pwrite64" and THOROUGH else 1]
        for place, when in enumerate(every):
            yield from (
                (call, when, harm) for harm in (HARM if THOROUGH else [HARM[place % 3]])
            )


def test_whatever_file_fails_from_start_to_end_nothing_acknowledged_is_lost(
    tmp_path: Path, counted: Counter[str]
) -> None:
    office = Installation(tmp_path).begun()
    told: list[Acknowledged] = []
    hit = lives = 0
    for call, when, harm in harms(counted):
        fault = f"inject={call}:{harm}:when={when}"
        told += life(office, *beside(office, "trace", "-e", f"trace={call}", "-e", fault))
        said = (office.folder / "trace").read_text("utf-8", errors="replace")
        hit += "(INJECTED)" in said or "killed by SIGKILL" in said
        lives += 1
        (after,) = office.decided([sound_case()])
        told.append(
            Acknowledged(after.number, after.digest, after.row.leaf.hex(), after.row.promise)
        )
    numbers = office.numbers()

    assert counted["openat"] >= 7
    assert counted["ftruncate"] >= 2
    assert hit > lives // 2
    assert {each.number for each in told} <= numbers
    assert len(numbers) - len(told) <= hit
    assert office.verdict(told).code == 0
    assert intact(office)


@pytest.mark.parametrize("harm", HARM if THOROUGH else HARM[::2])
@pytest.mark.parametrize("when", range(1, 8) if THOROUGH else [6])
def test_keys_that_could_not_be_synced_are_made_again(
    tmp_path: Path, when: int, harm: str
) -> None:
    office = Installation(tmp_path)
    pack = write(sound_pack(), tmp_path / "pack")
    trace = str(tmp_path / "trace")
    fault = ["-e", "trace=fsync", "-e", f"inject=fsync:{harm}:when={when}"]
    words = ("release", pack, "--from", "2020-01-01")

    failed = office.run(*words, before=[strace(), "-D", "-f", "-o", trace, *fault])
    again = office.run(*words)

    assert (failed.returncode == 0) == (when == 7)
    assert "Traceback" not in failed.stderr
    assert again.returncode == 0, again.stderr
    assert len(office.decided([sound_case()])) == 1
    assert office.verdict().code == 0


@pytest.mark.parametrize(
    ("call", "harm"),
    [(call, harm) for call in ("ftruncate", "fdatasync") for harm in HARM][
        :: 1 if THOROUGH else 5
    ],
)
def test_an_erasure_that_could_not_be_finished_is_finished_by_the_same_command(
    tmp_path: Path, call: str, harm: str
) -> None:
    office = Installation(tmp_path).begun()
    for when in range(1, 8 if THOROUGH else 4):
        (kept,) = office.decided([sound_case()])
        with office.opened() as store, store.database.reading() as connection:
            query = select(CASE_KEY.c.wrapped).where(CASE_KEY.c.case == kept.number)
            wrapped = bytes(connection.execute(query).scalar_one())
        fault = f"inject={call}:{harm}:when={when}"
        beside_it = beside(office, "trace", "-e", f"trace={call}", "-e", fault)
        first = office.run("erase", kept.number, before=beside_it)
        if first.returncode:
            assert "Traceback" not in first.stderr
            office.run("erase", kept.number)

        files = [*tmp_path.glob("record.db*")]
        assert not [path.name for path in files if wrapped in path.read_bytes()]
        assert kept.number not in office.numbers()
    assert office.verdict().code == 0
    assert intact(office)
