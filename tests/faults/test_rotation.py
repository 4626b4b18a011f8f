"""The log changes its key in the middle of its life, also when it is interrupted."""

import shutil
from pathlib import Path

import pytest

from api.witnessing import RemoteLog, Watch, open_witness
from audit.note import VerifierKey
from tests.faults.installation import Acknowledged, Installation
from tests.faults.tracing import strace
from tests.ledger import run_verifier
from tests.small_pack import sound_case


def decided(office: Installation) -> Acknowledged:
    (kept,) = office.decided([sound_case()])
    return Acknowledged(kept.number, kept.digest, kept.row.leaf.hex(), kept.row.promise)


def keys(office: Installation) -> list[VerifierKey]:
    """Return the keys that the record names, in their order."""
    with office.opened(to_read=True) as store, store.log() as log:
        return store.keys.log.keys(log)


def test_what_was_sealed_before_and_after_verifies_from_the_first_key(tmp_path: Path) -> None:
    office = Installation(tmp_path).begun()
    told = [decided(office)]
    for _ in range(2):
        ran = office.run("keys", "rotate")
        assert ran.returncode == 0, ran.stderr
        told.append(decided(office))
    first, *_, last = keys(office)

    assert str(last) in ran.stdout
    assert len(keys(office)) == 3
    assert office.verdict(told).code == 0
    assert run_verifier(office.exported("again"), "--key", str(first)).code == 0
    assert [one.name for one in office.keys.glob("log*")] == ["log.key"]
    assert (office.keys / "log.key").stat().st_mode & 0o077 == 0


def test_a_witness_follows(tmp_path: Path) -> None:
    office, memory = Installation(tmp_path / "office").begun(), tmp_path / "witness"
    told = decided(office)
    first, port = keys(office)[0], 0
    for rotated in (False, True):
        with office.served() as running:
            url = f"http://127.0.0.1:{running.port}"
            watch = Watch(RemoteLog(url), open_witness(memory), memory, clock=lambda: 1)
            watch.begin(None if rotated else first)
            assert watch.once() or "cosign" in str(watch.trouble), watch.trouble
            assert (memory / "cosigned").exists()
            port = running.port
        assert office.run("keys", "rotate").returncode == 0
    assert port
    assert office.verdict([told, decided(office)]).code == 0


@pytest.mark.parametrize("fault", ["rename", "fsync"])
def test_a_rotation_that_was_killed_is_finished_or_never_was(
    tmp_path: Path, fault: str
) -> None:
    office = Installation(tmp_path).begun()
    told = [decided(office)]
    kill = ["-e", f"trace={fault}", "-e", f"inject={fault}:signal=SIGKILL:when=1"]
    killed = office.run(
        "keys", "rotate", before=[strace(), "-D", "-f", "-o", str(tmp_path / "trace"), *kill]
    )
    # Whoever opens the record next finishes it.
    told.append(decided(office))

    assert killed.returncode != 0
    assert len(keys(office)) == (2 if fault == "rename" else 1)
    assert office.run("keys", "rotate").returncode == 0
    told.append(decided(office))
    assert office.verdict(told).code == 0


def test_old_keys_are_refused_with_the_cure(tmp_path: Path) -> None:
    office = Installation(tmp_path).begun()
    shutil.copytree(office.keys, tmp_path / "old")
    assert office.run("keys", "rotate").returncode == 0
    shutil.rmtree(office.keys)
    (tmp_path / "old").rename(office.keys)

    ran = office.run("audit")
    served = office.run("serve", "--port", "0")

    assert served.returncode == 1
    assert "are not those of this record" in served.stderr
    assert served.stderr.count("\n") == 1
    assert "Traceback" not in ran.stderr


def test_sqlite_grants_nothing(tmp_path: Path) -> None:
    ran = Installation(tmp_path).begun().run("grant", "somebody")

    assert ran.returncode == 2
    assert ran.stderr == "SQLite has no roles; name a PostgreSQL in JIANZHENG_DATABASE_URL\n"
