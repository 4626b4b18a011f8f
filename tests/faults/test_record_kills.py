"""No answer without a durable record: servers killed at random under eight writers."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text

from tests.effort import THOROUGH, dice_of
from tests.faults.cluster import Cluster, running_cluster
from tests.faults.installation import Acknowledged, Client, Installation

WRITERS = 8
ON_SQLITE = 200 if THOROUGH else 12
ON_POSTGRESQL = 50 if THOROUGH else 8
FIRST_ANSWERS = 10
"""Seconds within which a server that has just started has answered somebody."""


def wait_for_answers(clients: list[Client], rng: Random) -> None:
    until = time.monotonic() + FIRST_ANSWERS
    while not any(client.told for client in clients) and time.monotonic() < until:
        time.sleep(0.002)
    time.sleep(rng.uniform(0, 0.3))


def kill_under_writers(
    office: Installation, rng: Random, cluster: Cluster | None = None
) -> tuple[list[Acknowledged], int]:
    """Return what clients were told before the kill, and how many requests were in flight.

    The server is killed, or else the database below it, and then the server.
    """
    with office.served() as running:
        clients = [Client(running) for _ in range(WRITERS)]
        for client in clients:
            client.start()
        wait_for_answers(clients, rng)
        if cluster is not None:
            cluster.kill()
        running.kill()
    for client in clients:
        client.join()
    told = [each for client in clients for each in client.told]
    return told, sum(client.asked for client in clients) - len(told)


@dataclass
class Told:
    """All that clients were told in some rounds, and how many requests got no answer."""

    told: list[Acknowledged] = field(default_factory=list)
    in_flight: int = 0

    def add(self, office: Installation, now: list[Acknowledged], flying: int) -> None:
        """Add a round: what it told is kept and opens, and nothing is kept that nobody sent."""
        self.told += now
        self.in_flight += flying
        numbers = [each.number for each in now]
        with office.opened(to_read=True) as store:
            opened = {kept.number for kept in store.decisions(numbers)} if now else set()
            with store.database.reading() as connection:
                kept = connection.execute(text("SELECT count(*) FROM decision")).scalar_one()

        assert opened == set(numbers)
        assert 0 <= kept - len(self.told) <= self.in_flight


def require_proved(office: Installation, told: list[Acknowledged]) -> None:
    with office.opened(to_read=True) as store:
        digests = {kept.number: kept.digest for kept in store.decisions()}
    verdict = office.verdict(told)

    assert {each.number: each.digest for each in told}.items() <= digests.items()
    assert verdict.code == 0, verdict.text


def test_no_acknowledged_decision_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    office = Installation(tmp_path).begun()
    rng = dice_of("kill the server")
    every = Told()

    for _ in range(ON_SQLITE):
        now, flying = kill_under_writers(office, rng)
        every.add(office, now, flying)

    assert len(every.told) > ON_SQLITE
    require_proved(office, every.told)


@pytest.mark.parametrize("what", ["the server", "PostgreSQL"])
def test_no_acknowledged_decision_is_lost_on_postgresql_when_it_is_killed(
    tmp_path: Path, what: str
) -> None:
    rng = dice_of(f"kill {what}")
    every = Told()
    with running_cluster() as cluster:
        office = Installation(tmp_path, cluster.new("record")).begun()
        for _ in range(ON_POSTGRESQL // 2):
            dies = cluster if what == "PostgreSQL" else None
            now, flying = kill_under_writers(office, rng, dies)
            if dies:
                cluster.start()
            every.add(office, now, flying)

        assert len(every.told) > ON_POSTGRESQL // 2
        require_proved(office, every.told)
