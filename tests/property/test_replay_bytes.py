"""Replays give the same bytes, whatever the hash seed, zone, locale, database or network."""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from tests.effort import THOROUGH, dice_of
from tests.faults.cluster import running_cluster
from tests.faults.installation import Installation
from tests.oracle.packs import random_case, random_pack
from tests.product import Json

DECISIONS = 10_000 if THOROUGH else 150
AT_LEAST = DECISIONS * 4 // 5
"""A random case may be refused."""

ONE_BY_ONE: dict[str, dict[str, str]] = {
    "hash seed 0": {"PYTHONHASHSEED": "0"},
    "hash seed 1": {"PYTHONHASHSEED": "1"},
    "random hash seed": {"PYTHONHASHSEED": "random"},
    "time zone of Kiritimati": {"TZ": "Pacific/Kiritimati"},
    "time zone of Los Angeles": {"TZ": "America/Los_Angeles"},
    "time zone of Shanghai": {"TZ": "Asia/Shanghai"},
    "plain locale": {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0"},
}
AT_ONCE: dict[str, dict[str, str]] = {
    "hash seed 0 in Kiritimati": {"PYTHONHASHSEED": "0", "TZ": "Pacific/Kiritimati"},
    "hash seed 1 in Shanghai": {"PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai"},
    "random hash seed, Los Angeles, plain locale": {
        "PYTHONHASHSEED": "random",
        "TZ": "America/Los_Angeles",
        **ONE_BY_ONE["plain locale"],
    },
}
SURROUNDINGS = ONE_BY_ONE | AT_ONCE if THOROUGH else AT_ONCE


def world() -> tuple[Json, Iterator[Json]]:
    """Return a random pack and as many random cases as anybody wants."""
    rng = dice_of("replays")
    pack = random_pack(rng)
    return pack, iter(lambda: random_case(pack, rng), None)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Return an installation on SQLite that has decided many random cases."""
    pack, cases = world()
    office = Installation(tmp_path_factory.mktemp("replays")).begun(pack)
    office.decided(islice(cases, DECISIONS))
    return office


def replayed(office: Installation, *before: str, **surroundings: str) -> int:
    """Replay everything; return how many decisions there are, or fail where one differs."""
    done = office.run("replay", "--all", before=before, **surroundings)
    found = re.fullmatch(r"(\d+) decisions decided again, 0 differ\n", done.stdout)

    assert found, done.stdout + done.stderr
    assert done.returncode == 0
    return int(found[1])


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_the_surroundings_change_no_byte_of_a_replay(office: Installation, name: str) -> None:
    assert replayed(office, **SURROUNDINGS[name]) >= AT_LEAST


def test_another_python_changes_no_byte_of_a_replay(office: Installation) -> None:
    others = sorted(Path(__file__).parents[2].glob(".venv-*/bin/python"))
    if not others:
        pytest.skip("no other Python: make install VENV=.venv-3.12 PYTHON=python3.12")
    for python in others:
        assert replayed(office, str(python)) >= AT_LEAST


def test_a_replay_needs_no_network(office: Installation) -> None:
    alone = ("unshare", "--map-root-user", "--net")

    assert replayed(office, *alone) >= AT_LEAST


def test_a_replay_reads_no_clock(office: Installation) -> None:
    later = ("faketime", "-f", "+20y")

    assert replayed(office, *later) >= AT_LEAST


def test_both_databases_keep_the_same_bytes_and_replay_them(
    office: Installation, tmp_path: Path
) -> None:
    pack, cases = world()
    with running_cluster() as cluster:
        other = Installation(tmp_path, cluster.new("replays")).begun(pack)
        kept = other.decided(islice(cases, DECISIONS))
        assert replayed(other) == len(kept)

    with office.opened(to_read=True) as store:
        assert [one.body for one in store.decisions()] == [one.body for one in kept]


def test_a_replay_sees_a_decision_that_would_come_out_otherwise(
    office: Installation, tmp_path: Path
) -> None:
    """A program that decides otherwise is found: here it forgets the last paper of a list."""
    spoilt = tmp_path / "sitecustomize.py"
    spoilt.write_text(
        "import evaluator.decide as it\n"
        "decide = it.Decider.decide\n"
        "it.Decider.decide = lambda s, case: (d := decide(s, case)) | "
        "{'submit': d['submit'][:-1]}\n"
    )

    done = office.run("replay", "--all", PYTHONPATH=str(tmp_path))

    assert done.returncode == 1
    assert "submit: was [" in done.stdout
