"""The same bytes whatever the hash seed, the time zone, the locale or the file order."""

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.effort import dice_of
from tests.oracle.packs import random_case, random_pack
from tests.product import files_of

COMMAND = [sys.executable, "-c", "from api.cli import main; main()"]
ROOT = Path(__file__).parents[2]
SURROUNDINGS: dict[str, dict[str, str]] = {
    "hash seed 0": {"PYTHONHASHSEED": "0"},
    "hash seed 1": {"PYTHONHASHSEED": "1"},
    "random hash seed": {"PYTHONHASHSEED": "random"},
    "time zone of Kiritimati": {"TZ": "Pacific/Kiritimati"},
    "time zone of Los Angeles": {"TZ": "America/Los_Angeles"},
    "plain locale": {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0"},
}


def run(arguments: list[str], surroundings: dict[str, str]) -> bytes:
    """Return what the command line writes in these surroundings."""
    done = subprocess.run(  # noqa: S603 (our own program)
        [*COMMAND, *arguments],
        cwd=ROOT,
        env={**os.environ, **surroundings},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a random pack with a batch of cases, and one case of it."""
    folder = tmp_path_factory.mktemp("pack")
    rng = dice_of("same bytes")
    pack = random_pack(rng)
    for name, text in files_of(pack).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text)
    cases = [random_case(pack, rng) for _ in range(40)]
    (folder / "batch.ndjson").write_bytes(b"\n".join(map(orjson.dumps, cases)))
    return folder


@pytest.fixture(scope="module")
def usual(folder: Path) -> bytes:
    return run(arguments_for(folder), {"PYTHONHASHSEED": "7", "TZ": "Asia/Shanghai"})


def arguments_for(folder: Path) -> list[str]:
    """Return the command that decides the batch."""
    return ["decide", "--pack", str(folder), "--batch", str(folder / "batch.ndjson")]


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_the_surroundings_never_change_a_byte(folder: Path, usual: bytes, name: str) -> None:
    assert usual.count(b"\n") == 40
    assert usual.count(b'"entries"') > 30
    assert run(arguments_for(folder), SURROUNDINGS[name]) == usual
