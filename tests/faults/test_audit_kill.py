"""Kill -9 at random moments under eight writers: nothing acknowledged is lost."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from tests.effort import THOROUGH, dice_of
from tests.ledger import Ledger, sqlite_engine
from tests.postgres import emptied, postgres, program
from tests.sealing import WRITERS, clock

KILLS = {"sqlite": 200 if THOROUGH else 4, "postgresql": 50 if THOROUGH else 2}


@pytest.fixture(params=KILLS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        yield sqlite_engine(tmp_path / "record.db")
        return
    if not program("initdb"):
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with postgres() as url:
        engine = create_engine(url)
        yield emptied(engine)
        engine.dispose()


def acknowledged_before_the_kill(url: str, seconds: float) -> set[bytes]:
    """Let a process seal for a while after its first word, kill it, and return its words."""
    sealing = subprocess.Popen(  # noqa: S603 the program under test
        [sys.executable, "-m", "tests.sealing", url],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert sealing.stdout is not None
    first = sealing.stdout.readline()
    time.sleep(seconds)
    sealing.kill()
    rest = sealing.stdout.read()
    sealing.stdout.close()
    assert sealing.wait() == -9
    whole, _, _ = (first + rest).rpartition(b"\n")
    return set(map(bytes.fromhex, whole.decode().split("\n")))


def the_dead_are_gone(engine: Engine) -> None:
    """Wait until the server has noticed that its clients are dead.

    Until then one may still commit, and hold the lock of those who give places: `place` would
    rightly leave the work to it.
    """
    if engine.dialect.name == "sqlite":
        return
    others = text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    deadline = time.monotonic() + 60
    with engine.connect() as connection:
        while connection.execute(others).scalar_one():
            assert time.monotonic() < deadline, "a dead client's session does not end"
            connection.rollback()  # what is going on is seen anew by a new transaction
            time.sleep(0.01)


def test_nothing_acknowledged_is_lost_to_a_kill(engine: Engine, tmp_path: Path) -> None:
    ledger = Ledger(engine, tmp_path, now=clock()).begun()
    url = engine.url.render_as_string(hide_password=False)
    dice, acknowledged = dice_of(9), set[bytes]()

    kills = KILLS[engine.dialect.name]
    for _ in range(kills):
        engine.dispose()
        acknowledged |= acknowledged_before_the_kill(url, dice.uniform(0.05, 0.4))

    the_dead_are_gone(engine)
    ledger.now = clock()
    ledger.place(seconds=0)
    with ledger.store() as store:
        kept = {leaf for _, leaf, _ in store.leaves()}
    assert acknowledged - kept == set()
    # The first entry names the key; a writer may have committed one more than it could say.
    assert 0 <= len(kept) - len(acknowledged) - 1 <= WRITERS * kills
    assert len(acknowledged) > 10 * kills
    verdict = ledger.verdict()
    assert verdict.code == 0, verdict.text
    engine.dispose()
