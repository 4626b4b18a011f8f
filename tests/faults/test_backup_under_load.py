"""A backup while eight writers are at work: whole, proved, and told as old when it is old."""

import time
from pathlib import Path

import orjson
import pytest

from api.witnessing import RemoteLog, Watch, open_witness
from audit.checkpoint import Checkpoint
from audit.note import Note, VerifierKey
from audit.tree import Tree, proves_consistency
from tests.effort import tries
from tests.faults.installation import Acknowledged, Client, Installation, Running
from tests.ledger import run_verifier

WRITERS = 8


def witness(running: Running, folder: Path) -> Watch:
    """Return a witness that was told the key of the log."""
    watch = Watch(
        RemoteLog(f"http://127.0.0.1:{running.port}"),
        open_witness(folder),
        folder,
        clock=lambda: int(time.time()),
    )
    key = orjson.loads(running.ask("GET", "/api/v1/log/keys")[1])[0]["key"]
    watch.begin(VerifierKey.parse(key))
    return watch


def seen(watch: Watch, path: Path) -> Path:
    """Let the witness look; return the file with what it has cosigned."""
    watch.once()
    path.write_text(watch.cosigned, encoding="utf-8")
    return path


def told(clients: list[Client]) -> list[Acknowledged]:
    return [each for client in clients for each in client.told]


def until_told(clients: list[Client], count: int) -> None:
    end = time.monotonic() + 60
    while len(told(clients)) < count:
        assert time.monotonic() < end, "the writers do not get on"
        time.sleep(0.01)


@pytest.fixture
def office(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "office").begun()


def test_what_was_copied_under_load_is_whole_and_grows_from_what_was_witnessed(
    tmp_path: Path, office: Installation
) -> None:
    copies: list[tuple[Path, Path, set[str]]] = []
    with office.served() as running:
        watch = witness(running, tmp_path / "witness")
        clients = [Client(running) for _ in range(WRITERS)]
        for client in clients:
            client.start()
        for number in range(tries(3)):
            until_told(clients, 40 * (number + 1))
            cosigned = seen(watch, tmp_path / f"cosigned-{number}")
            before = {each.number for each in told(clients)}
            copy, keys = tmp_path / f"copy-{number}", tmp_path / f"keys-{number}"
            made = office.run("backup", copy, "--keys", keys)
            copies.append((copy, cosigned, before))
            assert made.returncode == 0, made.stderr
            assert len(told(clients)) > len(before)  # they did not wait for the copy
        until_told(clients, len(told(clients)) + 40)
        newest = seen(watch, tmp_path / "newest")
        running.kill()
    for client in clients:
        client.join()

    for number, (copy, cosigned, before) in enumerate(copies):
        back = Installation(tmp_path / f"back-{number}")
        keys = tmp_path / f"keys-{number}"
        done = back.run("restore", copy, "--keys", keys, "--witnessed", cosigned)
        old = back.run("audit", "--witnessed", newest)

        assert (done.returncode, done.stdout) == (0, f"restored from {copy}, 0 things wrong\n")
        assert before <= back.numbers()
        assert "wrong: rollback: the checkpoint that you gave has" in old.stdout
        assert_grown(back, cosigned)
        folder = back.exported()
        assert run_verifier(folder, "--witnessed", str(cosigned)).code == 0
        assert run_verifier(folder, "--witnessed", str(newest)).code == 1


def assert_grown(office: Installation, cosigned: Path) -> None:
    """Require a consistency proof from what a witness has seen to what was restored."""
    seen = Checkpoint.parse(Note.parse(cosigned.read_text("utf-8")).text)
    with office.opened(to_read=True) as store, store.log() as log:
        now = Checkpoint.parse(Note.parse(log.last_checkpoint() or "").text)
        proof = Tree(now.size, log.hashes).consistency_proof(seen.size)

    assert 1 < seen.size <= now.size
    assert proves_consistency(seen.head, now.head, proof)
