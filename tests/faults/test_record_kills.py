"""No answer without a durable record: servers killed at random under eight writers."""

import time
from pathlib import Path
from random import Random

import pytest

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


def require_kept(office: Installation, told: list[Acknowledged], in_flight: int) -> None:
    numbers = office.numbers()
    lost = {each.number for each in told} - numbers

    assert not lost
    assert len(numbers) - len(told) <= in_flight


def require_proved(office: Installation, told: list[Acknowledged]) -> None:
    with office.opened(to_read=True) as store:
        digests = {kept.number: kept.digest for kept in store.decisions()}
    verdict = office.verdict(told)

    assert {each.number: each.digest for each in told}.items() <= digests.items()
    assert verdict.code == 0, verdict.text


def test_no_acknowledged_decision_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    office = Installation(tmp_path).begun()
    rng = dice_of("kill the server")
    told: list[Acknowledged] = []
    in_flight = 0

    for _ in range(ON_SQLITE):
        now, flying = kill_under_writers(office, rng)
        told, in_flight = told + now, in_flight + flying
        require_kept(office, told, in_flight)

    assert len(told) > ON_SQLITE
    require_proved(office, told)


@pytest.mark.parametrize("what", ["the server", "PostgreSQL"])
def test_no_acknowledged_decision_is_lost_on_postgresql_when_it_is_killed(
    tmp_path: Path, what: str
) -> None:
    rng = dice_of(f"kill {what}")
    told: list[Acknowledged] = []
    in_flight = 0
    with running_cluster() as cluster:
        office = Installation(tmp_path, cluster.new("record")).begun()
        for _ in range(ON_POSTGRESQL // 2):
            dies = cluster if what == "PostgreSQL" else None
            now, flying = kill_under_writers(office, rng, dies)
            if dies:
                cluster.start()
            told, in_flight = told + now, in_flight + flying
            require_kept(office, told, in_flight)

        assert len(told) > ON_POSTGRESQL // 2
        require_proved(office, told)
