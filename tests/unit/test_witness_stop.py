"""The configured stop: what is refused without a witness, what goes on, and how it ends."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.cosigning import accept
from api.database import Database
from api.keyring import KeyringError, open_keyring
from api.opening import open_store
from api.record import SUITE, Asker, Record, of_look, of_refusal
from api.self_check import self_check
from api.settings import Settings, SettingsError
from api.standing import standing
from api.store import Store
from api.witness_stop import GOES_ON, WitnessStopError
from api.witnessing import open_witness
from audit.entry import Entry
from audit.error import AuditError
from audit.note import Note, cosign
from tests.installation import Installation

HOUR, HOURS = 3600, 5


class Clock:
    """A clock that moves only when told, in seconds since 1970."""

    def __init__(self) -> None:
        self.now = 1_800_000_000

    def __call__(self) -> datetime:
        """Return the time."""
        return datetime.fromtimestamp(self.now, UTC)


class Office:
    """Stores over one record, each with what it remembers, at one clock, with one witness."""

    def __init__(self, folder: Path) -> None:
        self.clock, self._witness = Clock(), folder / "w"
        one = Installation(folder)
        open_keyring(one.settings.keys, create=True)
        one.trust(open_witness(self._witness, "w.example").signer.key)
        self._keys = open_keyring(one.settings.keys, create=False)
        self._database = Database(one.settings.database_url)
        self.store = self.another()
        self.store.begin()

    def another(self, hours: int | None = HOURS) -> Store:
        """Return another store, as another process would open it."""
        return Store(self._database, self._keys, self.clock, witness_stop=hours)

    def witnessed(self, at: int) -> None:
        """Let the witness sign, by a clock of its own, what stands; it is kept."""
        with self.store.log() as log:
            self.store.keys.log.sequence(log, self.store.milliseconds())
            note = Note.parse(log.last_checkpoint() or "")
        line = cosign(note.text, open_witness(self._witness).signer, at)
        accept(self.store, str(note.with_signatures([line])))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    yield office
    office.store.close()


def act(store: Store, kind: str = "decision") -> None:
    """Seal an entry of a kind."""
    body = {"once": secrets.token_hex(8)}
    store.seal(Record(Entry(kind, store.milliseconds(), body, suite=SUITE), {}))


def stands_still(store: Store) -> bool:
    try:
        act(store)
    except WitnessStopError:
        return True
    return False


def test_the_office_stops_when_the_hours_are_over_and_goes_on_with_the_witness(
    office: Office,
) -> None:
    office.witnessed(office.clock.now)
    office.clock.now += HOURS * HOUR
    assert not stands_still(office.store)
    office.clock.now += 1
    assert stands_still(office.store)

    office.witnessed(office.clock.now)

    assert not stands_still(office.store)


def test_an_office_that_was_never_witnessed_counts_from_its_beginning(office: Office) -> None:
    office.clock.now += HOURS * HOUR
    assert not stands_still(office.store)
    office.clock.now += 1

    assert stands_still(office.store)


def test_another_process_and_the_next_start_know_what_the_first_one_was_told(
    office: Office,
) -> None:
    other = office.another()
    assert not stands_still(other)
    office.clock.now += HOURS * HOUR + 1
    assert stands_still(other)
    office.witnessed(office.clock.now)

    assert not stands_still(other)
    assert not stands_still(office.another())
    office.clock.now += HOURS * HOUR + 1
    assert stands_still(office.another())


def test_a_cosignature_that_is_too_old_already_does_not_lift_the_stop(office: Office) -> None:
    office.clock.now += 2 * HOURS * HOUR
    office.witnessed(office.clock.now - HOURS * HOUR - 1)

    assert stands_still(office.store)


def test_without_the_setting_there_is_only_the_alarm(office: Office) -> None:
    office.clock.now += 1000 * HOUR

    assert not stands_still(office.another(hours=None))


def test_decisions_and_acts_wait_and_what_heals_or_looks_goes_on(office: Office) -> None:
    office.clock.now += HOURS * HOUR + 1
    for kind in GOES_ON:
        act(office.store, kind)
    office.store.seal(of_look("overview", Asker(), at=office.store.milliseconds()))
    for kind in ("decision", "case_event", "alert_closed", "credit_repaired", "new kind"):
        with pytest.raises(WitnessStopError):
            act(office.store, kind)

    with pytest.raises(WitnessStopError):
        office.store.seal(of_refusal([], Asker(), at=office.store.milliseconds()))


def test_the_refusal_says_since_when_after_how_long_and_what_to_do(office: Office) -> None:
    office.clock.now += HOURS * HOUR + 1

    with pytest.raises(WitnessStopError) as refused:
        act(office.store)

    assert str(refused.value) == (
        "nothing is decided or recorded: no witness has signed since 2027-01-15 16:00, and "
        "this office stops after 5 hours without one; start `jianzheng witness` or see why "
        "it does not reach this service, which goes on once it has signed"
    )
    assert isinstance(refused.value, AuditError)  # the command line says it and exits with 1


def test_the_standing_shows_the_stop_and_the_self_check_tells_it(office: Office) -> None:
    before = standing(office.store)
    office.clock.now += HOURS * HOUR + 1
    after = standing(office.store)

    assert (before.stops_after, before.stopped) == (HOURS, False)
    assert (after.stops_after, after.stopped) == (HOURS, True)
    assert [one.key for one in after.alarms] == ["stopped", "never_witnessed"]
    assert any("the office stands still" in one for one in self_check(office.store))


def test_no_decision_asks_the_database_while_a_witness_signs(office: Office) -> None:
    asked = 0

    class Asked:
        def last_cosigned(self) -> None:
            nonlocal asked
            asked += 1

        def placed_of_kind(self, kind: str) -> list[bytes]:
            del kind
            return [Entry("key", 1_800_000_000_000, {}, suite=SUITE).encoded()]

    stop = office.another().stop
    assert stop is not None
    for _ in range(1000):
        stop(Asked(), Entry("decision", 0, {}))  # type: ignore[arg-type] # what the stop asks

    assert asked == 1


def test_a_stop_that_no_witness_could_lift_is_refused_at_the_start(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'record.db'}"

    with pytest.raises(KeyringError, match="no witness is trusted: put the key that"):
        open_store(Settings.of(url, witness_stop="4"))
    open_store(Settings.of(url)).close()


@pytest.mark.parametrize("text", ["3", "0", "-5", "4.5", "four", "٤", " 4"])
def test_hours_that_would_stop_a_healthy_office_are_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="write a whole number of 4 or more"):
        Settings.of("sqlite:///x.db", witness_stop=text)


def test_the_stop_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIANZHENG_WITNESS_STOP", "24")
    assert Settings.from_environment().witness_stop == 24
    monkeypatch.setenv("JIANZHENG_WITNESS_STOP", "")
    assert Settings.from_environment().witness_stop is None
