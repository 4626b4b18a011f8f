"""The witness beside a real office: growth, rollback, fork, outage, rest, strangers."""

import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from api.cosigning import CosigningError, OtherHistoryError, UnknownWitnessError, accept
from api.database import Database
from api.keyring import open_keyring
from api.self_check import self_check
from api.standing import WITNESS_DELAY, standing
from api.store import Store
from api.witnessing import RemoteLog, UnknownKeyError, Watch, open_witness
from audit.note import Note, VerifierKey, cosign
from audit.witness import Request
from tests.effort import THOROUGH
from tests.installation import PATIENCE, PROGRAM, Client, Installation

HOUR = 3600


class Clock:
    """A clock that moves only when told, in seconds since 1970."""

    def __init__(self) -> None:
        self.now = 1_800_000_000

    def __call__(self) -> int:
        """Return the time."""
        return self.now


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    folder = tmp_path / "office"
    folder.mkdir()
    return Installation(folder)


@pytest.fixture
def client(installation: Installation) -> Iterator[Client]:
    with installation.served() as client:
        yield client


def watch(client: Client, folder: Path, clock: Clock | None = None) -> Watch:
    """Return a witness that was told the key of the log."""
    one = Watch(RemoteLog(client.url), open_witness(folder), folder, clock or Clock())
    key = client.http.get("/api/v1/log/keys").json()[0]["key"]
    one.begin(VerifierKey.parse(key))
    return one


def test_a_witness_cosigns_a_log_that_grows_and_the_office_keeps_it(
    installation: Installation, tmp_path: Path
) -> None:
    with installation.served() as client:
        one = watch(client, tmp_path / "witness")
    installation.trust(one.witness.signer.key)
    with installation.served(client.port) as client:
        client.decide()
        # The witness's clock must not be ahead of the office's.
        one.clock = lambda: 1_700_000_000

        assert one.once(), one.trouble
        cosigned = client.http.get("/api/v1/log/checkpoint").text
        client.decide()

        assert one.once(), one.trouble
        assert one.witness.signer.key.name in cosigned
        assert one.status()["size"] == client.size()


def test_a_witness_begins_only_with_a_key_that_somebody_has_told(
    client: Client, tmp_path: Path
) -> None:
    folder = tmp_path / "witness"
    stranger = Watch(RemoteLog(client.url), open_witness(folder), folder, Clock())

    with pytest.raises(UnknownKeyError, match="compare it with what its office has published"):
        stranger.begin(None)


def test_an_old_backup_is_told_by_the_witness_as_a_rollback(
    installation: Installation, tmp_path: Path
) -> None:
    with installation.served() as client:
        client.decide()
    old = installation.copied(tmp_path / "backup")
    with installation.served() as client:
        one = watch(client, tmp_path / "witness")
        client.decide()
        client.decide()
        one.once()
    seen = one.cosigned
    with old.served(client.port):
        assert not one.once()

    assert one.alarm.startswith("the last cosigned checkpoint has")
    assert one.cosigned == seen


def test_a_rewritten_record_of_any_size_gets_no_cosignature_and_is_kept_as_evidence(
    installation: Installation, tmp_path: Path
) -> None:
    with installation.served() as client:
        client.decide()
    fork = installation.copied(tmp_path / "fork")
    with installation.served() as client:
        one = watch(client, tmp_path / "witness")
        client.decide()
        one.once()
        size = client.size()
    with fork.served(client.port) as other:
        while other.size() < size:
            other.decide(facts={})
        assert not one.once()
        same = one.alarm
        other.decide()
        assert not one.once()

    assert "does not grow" in same
    assert "does not grow" in one.alarm
    assert one.status()["size"] == size
    evidence = (tmp_path / "witness" / "witness.evidence").read_text("utf-8").splitlines()
    assert len(evidence) == 2


def test_an_outage_is_no_alarm_and_the_witness_goes_on_afterwards(
    installation: Installation, tmp_path: Path
) -> None:
    with installation.served() as client:
        one = watch(client, tmp_path / "witness")
        one.once()
    assert not one.once()
    outage = (one.alarm, one.trouble)
    installation.trust(one.witness.signer.key)
    with installation.served(client.port):
        one.clock = lambda: 1_700_000_000
        assert one.once(), one.trouble

    assert outage[0] == ""
    assert "does not answer" in outage[1]


def test_a_witness_remembers_over_a_restart(client: Client, tmp_path: Path) -> None:
    folder = tmp_path / "witness"
    before = watch(client, folder)
    before.once()
    after = Watch(RemoteLog(client.url), open_witness(folder), folder, Clock())
    after.begin(None)

    assert (after.origin, after.cosigned) == (before.origin, before.cosigned)
    assert after.witness.signer.key == before.witness.signer.key
    assert after.seen_at == 1_800_000_000


@pytest.fixture
def store(installation: Installation) -> Iterator[tuple[Store, Clock]]:
    """Yield a store that has begun and trusts one witness, at a clock of ours."""
    clock = Clock()
    settings = installation.settings
    open_keyring(settings.keys, create=True)
    installation.trust(open_witness(installation.folder / "w", "w.example").signer.key)
    keys = open_keyring(settings.keys, create=False)
    database = Database(settings.database_url)
    store = Store(database, keys, lambda: datetime.fromtimestamp(clock.now, UTC))
    store.begin()
    yield store, clock
    store.close()


def cosigned(store: Store, folder: Path, at: int) -> str:
    with store.log() as log:
        note = Note.parse(log.last_checkpoint() or "")
    signer = open_witness(folder).signer
    return str(note.with_signatures([cosign(note.text, signer, at)]))


def place(store: Store) -> None:
    with store.log() as log:
        store.keys.log.sequence(log, store.milliseconds())


def alarms(store: Store) -> list[str]:
    return [one.key for one in standing(store).alarms]


def test_four_hours_without_a_witness_ring_and_one_cosignature_stills_it(
    store: tuple[Store, Clock], installation: Installation
) -> None:
    kept, clock = store
    witness = installation.folder / "w"
    assert alarms(kept) == ["never_witnessed"]
    accept(kept, cosigned(kept, witness, clock.now))
    assert alarms(kept) == []
    clock.now += WITNESS_DELAY
    assert alarms(kept) == []
    clock.now += 1
    assert alarms(kept) == ["witness_late"]
    assert any("has not signed for 4 hours" in one for one in self_check(kept))

    accept(kept, cosigned(kept, witness, clock.now))

    assert alarms(kept) == []


def test_days_of_rest_leave_no_checkpoint_with_more_than_two_lines_of_a_witness(
    store: tuple[Store, Clock], installation: Installation
) -> None:
    kept, clock = store
    for _ in range(24 * (30 if THOROUGH else 3)):
        accept(kept, cosigned(kept, installation.folder / "w", clock.now))
        accept(kept, cosigned(kept, installation.folder / "w", clock.now + 1))
        place(kept)
        clock.now += HOUR
    with kept.log() as log:
        notes = [Note.parse(one) for one in log.checkpoints()]

    assert max(len(one.signatures) for one in notes) <= 4
    assert alarms(kept) == []


def test_a_cosignature_of_a_stranger_of_the_future_or_of_another_history_is_refused(
    store: tuple[Store, Clock], installation: Installation, tmp_path: Path
) -> None:
    kept, clock = store
    with pytest.raises(UnknownWitnessError):
        accept(kept, cosigned(kept, tmp_path / "stranger", clock.now))
    with pytest.raises(CosigningError, match="of the future"):
        accept(kept, cosigned(kept, installation.folder / "w", clock.now + HOUR))
    note = Note.parse(cosigned(kept, installation.folder / "w", clock.now))
    other = Note(note.text.replace("\n1\n", "\n2\n"))
    signer = open_witness(installation.folder / "w").signer

    with pytest.raises(OtherHistoryError):
        accept(kept, str(other.with_signatures([cosign(other.text, signer, clock.now)])))
    assert alarms(kept) == ["never_witnessed"]


def test_the_witness_as_a_service_of_its_own_serves_what_it_has_cosigned(
    client: Client, tmp_path: Path
) -> None:
    key = client.http.get("/api/v1/log/keys").json()[0]["key"]
    words = ["--log", client.url, "--key", key, "--folder", tmp_path / "w", "--every", "1"]
    service = subprocess.Popen(  # noqa: S603 (our own program)
        [PROGRAM, "witness", *map(str, words), "--port", "0", "--name", "w.example"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert service.stdout is not None
    try:
        own = VerifierKey.parse(service.stdout.readline().removeprefix("witness "))
        address = service.stdout.readline().strip().partition(": ")[2].rstrip("/")
        size = client.size()
        until = time.monotonic() + PATIENCE
        while httpx2.get(f"{address}/").json()["size"] < size:
            assert time.monotonic() < until
            time.sleep(0.1)
        note = Note.parse(httpx2.get(f"{address}/checkpoint").text)
        path, checkpoint = RemoteLog(client.url).consistency(size)
        brought = httpx2.post(
            f"{address}/add-checkpoint", content=str(Request(size, path, checkpoint))
        )
        older = httpx2.post(
            f"{address}/add-checkpoint", content=str(Request(0, (), checkpoint))
        )
        nonsense = httpx2.post(f"{address}/add-checkpoint", content="old news")
    finally:
        service.terminate()
        service.wait(timeout=PATIENCE)
        service.stdout.close()

    assert own.name == "w.example"
    assert note.verified(own)
    assert brought.text.startswith("— w.example ")
    assert (older.status_code, older.text) == (409, f"{size}\n")
    assert nonsense.status_code == 400
    assert nonsense.headers["content-type"] == "application/problem+json"
