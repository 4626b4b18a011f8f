"""Cores: the service keeps to one, and what it starts may run on all."""

import os
import subprocess
from pathlib import Path

import psutil
import pytest

from api.cores import ALL
from tests.faults.installation import PROGRAM, Installation
from tests.small_pack import sound_case

pytestmark = pytest.mark.skipif(len(ALL) < 2, reason="there is one core to run on")


def cores_of(process: int) -> list[set[int]]:
    """Return the cores of each thread of a process."""
    return [os.sched_getaffinity(one.id) for one in psutil.Process(process).threads()]


def test_a_service_keeps_to_one_core_and_its_engine_does_not(tmp_path: Path) -> None:
    office = Installation(tmp_path).begun()
    with office.served() as running:
        assert running.post(sound_case())[0] == 201
        own = cores_of(running.process.pid)
        engines = psutil.Process(running.process.pid).children()
        assert len(own) > 1
        assert all(len(cores) == 1 for cores in own)
        assert engines
        assert all(cores == ALL for one in engines for cores in cores_of(one.pid))


def test_the_operator_may_let_it_run_on_all(tmp_path: Path) -> None:
    office = Installation(tmp_path).begun()
    with office.served("env", "JIANZHENG_CORES=any") as running:
        assert all(cores == ALL for cores in cores_of(running.process.pid))


def test_cores_that_cannot_be_meant_are_refused_with_the_cure(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'record.db'}"
    refused = subprocess.run(  # noqa: S603 (our own program)
        [PROGRAM, "serve", "--port", "0"],
        env={**os.environ, "JIANZHENG_DATABASE_URL": url, "JIANZHENG_CORES": "two"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode != 0
    assert "`two` cannot be meant by JIANZHENG_CORES; write `one`" in refused.stderr
    assert "Traceback" not in refused.stderr
