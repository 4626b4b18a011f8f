"""Every fault of the storage is safe: no answer before the sync, no answer without a record."""

import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.effort import THOROUGH
from tests.faults.installation import Acknowledged, Client, Installation, Running
from tests.faults.tracing import WRITES, Call, calls, traced
from tests.small_pack import sound_case

ANSWERS = 1_000 if THOROUGH else 60
WRITERS = 8
ERRORS = ("EIO", "ENOSPC")
CARELESS = (
    sys.executable,
    "-c",
    """
import audit.durability
audit.durability._SQLITE["synchronous"] = "NORMAL"
audit.durability._FULL = 1
from api.cli import main
main()
""",
    "serve",
)
"""The same server, but with synchronous NORMAL."""


SENDING = ("sendto", "sendmsg", "write", "writev")
"""The calls by which a server may answer; which one is the event loop's affair."""


def wal_writes(found: list[Call]) -> list[Call]:
    return [call for call in found if call.is_("pwrite64") and "record.db-wal>" in call.text]


def wal_syncs(found: list[Call]) -> list[Call]:
    syncs = [call for call in found if call.is_("fdatasync", "fsync")]
    return [call for call in syncs if "-wal>" in call.text and call.text.endswith("= 0")]


def early(found: list[Call], number: str) -> bool:
    """Tell whether a decision was answered before its last write was synced."""
    answer = next(call for call in found if call.is_(*SENDING) and number in call.text)
    writes = [call for call in wal_writes(found) if number in call.text]
    assert writes, "the trace does not show the write"
    first = min(call.ended for call in writes)
    return not any(
        first < sync.began and sync.ended < answer.began for sync in wal_syncs(found)
    )


def answered_early(running: Running, trace: Path, answers: int) -> list[bool]:
    """Return for each of many decisions whether it was answered before its sync."""
    wanted = ["-s", "5000", "-e", f"trace=pwrite64,fdatasync,fsync,{','.join(SENDING)}"]
    with traced(running.process.pid, trace, *wanted):
        clients = [Client(running) for _ in range(WRITERS)]
        for client in clients:
            client.start()
        while sum(len(client.told) for client in clients) < answers:
            time.sleep(0.01)
        running.kill()
    for client in clients:
        client.join()
    found = [
        call
        for call in calls(trace)
        if not call.is_(*SENDING) or "/api/v1/decisions/" in call.text
    ]
    told = [each.number for client in clients for each in client.told]
    return [early(found, number) for number in told]


def test_no_decision_is_answered_before_it_is_synced(tmp_path: Path) -> None:
    office = Installation(tmp_path).begun()

    with office.served() as running:
        answers = answered_early(running, tmp_path / "trace", ANSWERS)

    assert len(answers) >= ANSWERS
    assert sum(answers) == 0


def test_the_trace_would_show_a_server_that_answers_too_early(tmp_path: Path) -> None:
    office = Installation(tmp_path).begun()

    with office.served(program=CARELESS) as running:
        answers = answered_early(running, tmp_path / "trace", 20)

    assert sum(answers) > 10


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """Return how often one decision makes each of the calls that write."""
    folder = tmp_path_factory.mktemp("counted")
    office = Installation(folder).begun()
    with office.served() as running:
        assert running.post(sound_case())[0] == 201
        wait_until_placed(office)
        with traced(running.process.pid, folder / "trace", "-e", f"trace={WRITES}"):
            assert running.post(sound_case())[0] == 201
    found = [call for call in calls(folder / "trace") if "record.db" in call.text]
    decided = {call.task for call in found}
    first = [call for call in found if call.task == found[0].task]
    assert decided
    return {name: sum(call.is_(name) for call in first) for name in ("pwrite64", "fdatasync")}


def wait_until_placed(office: Installation) -> None:
    """Wait until nothing waits: whoever gives places is at rest, and writes nothing."""
    until = time.monotonic() + 20
    query = "SELECT count(*) FROM log_staged"
    while time.monotonic() < until:
        with sqlite3.connect(f"file:{office.database}?mode=ro", uri=True) as database:
            if database.execute(query).fetchone() == (0,):
                return
        time.sleep(0.05)
    raise AssertionError("what waits gets no place")


def places(counted: dict[str, int]) -> Iterator[tuple[str, int]]:
    """Yield each call of one decision that writes or syncs; a sample if there is no time."""
    for name, count in counted.items():
        every = range(1, count + 1)
        some = sorted({1, 2, count // 2, count - 1, count} & {*every})
        yield from ((name, when) for when in (every if THOROUGH else some))


def injected(trace: Path) -> bool:
    return "(INJECTED)" in trace.read_text("utf-8", errors="replace")


def intact(office: Installation) -> bool:
    with sqlite3.connect(office.database) as database:
        return database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def require_refused(answer: tuple[int, bytes]) -> None:
    status, body = answer
    told = orjson.loads(body)

    assert status == 503
    assert told["status"] == 503
    assert "try again" in told["detail"]
    assert "look at the disk" in told["detail"]


def test_a_decision_that_cannot_be_written_or_synced_is_a_refusal_and_the_next_one_is_kept(
    tmp_path: Path, counted: dict[str, int]
) -> None:
    office = Installation(tmp_path).begun()
    told: list[Acknowledged] = []
    refused = tried = 0
    with office.served() as running:
        told.append(Acknowledged.read(running.post(sound_case())[1]))
        for name, when in places(counted):
            for error in ERRORS:
                wait_until_placed(office)
                trace = tmp_path / f"{name}-{when}-{error}"
                fault = f"inject={name}:error={error}:when={when}"
                with traced(running.process.pid, trace, "-e", f"trace={name}", "-e", fault):
                    answer = running.post(sound_case())
                    hit = injected(trace)
                tried += 1
                if hit or answer[0] != 201:
                    refused += 1
                    require_refused(answer)
                else:
                    told.append(Acknowledged.read(answer[1]))
                after = running.post(sound_case())
                assert after[0] == 201
                told.append(Acknowledged.read(after[1]))
    numbers = office.numbers()

    assert refused > tried // 2
    assert {each.number for each in told} <= numbers
    assert len(numbers) - len(told) <= refused
    assert office.verdict(told).code == 0
    assert intact(office)


def test_a_server_killed_at_any_write_or_sync_has_lost_nothing_it_acknowledged(
    tmp_path: Path, counted: dict[str, int]
) -> None:
    office = Installation(tmp_path).begun()
    told: list[Acknowledged] = []
    every = list(places(counted))
    for name, when in every if THOROUGH else [every[0], every[-3], every[-1]]:
        with office.served() as running:
            told.append(Acknowledged.read(running.post(sound_case())[1]))
            wait_until_placed(office)
            trace = tmp_path / f"{name}-{when}"
            fault = f"inject={name}:signal=SIGKILL:when={when}"
            with traced(running.process.pid, trace, "-e", f"trace={name}", "-e", fault):
                client = Client(running)
                client.start()
                running.process.wait(60)
                client.join()
        told += client.told
        numbers = office.numbers()

        assert {each.number for each in told} <= numbers
        assert len(numbers) - len(told) <= len(every)
    assert office.verdict(told).code == 0
    assert intact(office)
