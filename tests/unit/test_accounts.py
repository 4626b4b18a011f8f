"""Accounts: roles, passwords, sessions that end, tokens, and failures that are counted."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from api.accounts import password as passwords
from api.accounts.book import AccountBook, AccountError, Draft
from api.accounts.permission import AT_HOME, MAY, VISITOR, Permission, Role, Who
from api.accounts.recent import Recent
from api.accounts.reception import Claim, Reception, TooManyError
from api.accounts.session import IDLE, LONGEST
from api.opening import open_store
from api.settings import Settings
from api.store import Store
from audit.entry import Entry
from audit.store import SqlStore
from tests.reception import BY, PASSWORD

START = datetime(2026, 11, 28, 9, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = field(default=START)

    def __call__(self) -> datetime:
        """Return what it shows."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    opened = open_store(Settings.of(f"sqlite:///{tmp_path / 'record.db'}"))
    yield Store(opened.database, opened.keys, clock)
    opened.close()


@pytest.fixture
def reception(store: Store) -> Reception:
    reception = Reception(store)
    reception.book.new(Draft("wang", "王示例", Role.CLERK, "dg-amr", "1号窗口"), PASSWORD, BY)
    return reception


def signed_in(reception: Reception, password: str = PASSWORD) -> str | None:
    return reception.sign_in(Claim("wang", password, "10.0.0.1"))


def sealed(store: Store) -> list[str]:
    """Return what the record says of accounts, in order."""
    with store.log() as log:
        store.keys.log.sequence(log, store.milliseconds())
        entries = [Entry.parse(one) for one in SqlStore.placed_of_kind(log, "account")]
    return [f"{one.body['what']} {one.body['login']}".strip() for one in entries]


# roles

DONE_BY = {
    Permission.PUBLIC: {"clerk", "legal", "auditor", "admin", "home", "visitor"},
    Permission.SIGNED_IN: {"clerk", "legal", "auditor", "admin"},
    Permission.DECIDE: {"clerk", "legal", "home"},
    Permission.WORK: {"clerk"},
    Permission.TASKS: {"clerk", "auditor", "admin"},
    Permission.SUPERVISE: {"auditor", "admin"},
    Permission.CREDIT: {"legal", "admin"},
    Permission.AUDIT: {"auditor", "home"},
    Permission.LEGAL: {"legal", "home"},
    Permission.ADMIN: {"admin"},
}


@pytest.mark.parametrize("permission", Permission)
def test_each_kind_of_work_is_done_by_these_roles_and_no_other(permission: Permission) -> None:
    everybody = {str(role): Who(role, role=role) for role in Role}
    everybody |= {"home": AT_HOME, "visitor": VISITOR}

    assert {one for one, who in everybody.items() if who.may(permission)} == DONE_BY[permission]
    assert MAY.keys() == set(Role)


# passwords


@pytest.mark.parametrize(
    ("password", "key"),
    [("short", "short"), ("x" * 201, "long"), ("my-name-is-Wang", "login")],
)
def test_a_weak_password_is_refused(reception: Reception, password: str, key: str) -> None:
    with pytest.raises(AccountError) as refused:
        reception.book.set_password("wang", password, BY)

    assert refused.value.key == f"password_{key}"


def test_a_digest_of_older_parameters_is_renewed_at_the_next_sign_in(
    reception: Reception, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    weaker = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
    with monkeypatch.context() as patched:
        patched.setattr(passwords, "HASHER", weaker)
        reception.book.set_password("wang", PASSWORD, BY)
    before = AccountBook(store).active("wang").password

    assert signed_in(reception)
    after = AccountBook(store).active("wang").password
    assert passwords.is_outdated(before)
    assert not passwords.is_outdated(after)
    assert passwords.matches(after, PASSWORD)


# accounts


@pytest.mark.parametrize(
    "draft",
    [
        Draft("Wang", "王", Role.CLERK),
        Draft("w", "王", Role.CLERK),
        Draft("anonymous", "王", Role.CLERK),
        Draft("../etc", "王", Role.CLERK),
        Draft("wang2", "", Role.CLERK),
        Draft("wang2", "王", "emperor"),
        Draft("wang2", "王", Role.CLERK, office="x" * 101),
        Draft("wang", "王", Role.CLERK),
    ],
)
def test_an_account_that_makes_no_sense_is_refused(reception: Reception, draft: Draft) -> None:
    with pytest.raises(AccountError):
        reception.book.new(draft, "a-good-password", BY)

    assert [one.login for one in reception.book.all()] == ["wang"]


def test_the_last_administrator_stays(reception: Reception) -> None:
    reception.book.new(Draft("first", "甲", Role.ADMIN), PASSWORD, BY)
    with pytest.raises(AccountError, match="last administrator"):
        reception.book.close("first", BY)
    reception.book.new(Draft("second", "乙", Role.ADMIN), PASSWORD, BY)
    reception.book.close("first", BY)

    assert not next(one for one in reception.book.all() if one.login == "first").active


def test_every_change_of_an_account_is_sealed_without_personal_data(
    reception: Reception, store: Store
) -> None:
    reception.book.set_password("wang", "another-password", BY)
    reception.tokens.new(reception.book.active("wang"), "for 王示例", 1, BY)
    reception.book.close("wang", BY)

    assert sealed(store) == ["new clerk wang", "password wang", "token wang", "closed wang"]
    with store.log() as log:
        entries = b"".join(log.placed_of_kind("account")).decode()
    assert "王示例" not in entries
    assert PASSWORD not in entries


# sessions


def test_a_session_is_known_by_its_secret_of_which_only_a_digest_is_kept(
    reception: Reception, tmp_path: Path
) -> None:
    secret = signed_in(reception)

    assert secret
    assert len(secret) >= 43
    assert reception.who(secret, program=False).login == "wang"
    assert reception.who(secret, program=True) == VISITOR
    assert reception.who(secret + "x", program=False) == VISITOR
    kept = b"".join(one.read_bytes() for one in tmp_path.glob("record.db*"))
    assert secret.encode() not in kept
    assert PASSWORD.encode() not in kept


def test_a_session_ends_when_it_is_idle_and_lives_while_it_is_used(
    reception: Reception, clock: Clock
) -> None:
    used, idle = signed_in(reception), signed_in(reception)
    assert used
    assert idle
    for _ in range(4):
        clock.now += IDLE - timedelta(minutes=2)
        assert reception.sessions.who(used)

    assert reception.sessions.who(idle) is None
    clock.now += IDLE
    assert reception.sessions.who(used) is None


def test_a_session_ends_with_the_day_however_busy(reception: Reception, clock: Clock) -> None:
    secret = signed_in(reception)
    assert secret
    while clock.now + timedelta(minutes=20) < START + LONGEST:
        clock.now += timedelta(minutes=20)
        assert reception.sessions.who(secret)

    clock.now = START + LONGEST
    assert reception.sessions.who(secret) is None


def test_that_a_session_is_in_use_is_written_once_a_minute(
    reception: Reception, store: Store, clock: Clock
) -> None:
    secret = signed_in(reception)
    assert secret
    seen = []
    for _ in range(7):
        reception.sessions.who(secret)
        with store.database.reading() as connection:
            seen.append(connection.exec_driver_sql("SELECT seen_at FROM session").scalar())
        clock.now += timedelta(seconds=20)

    assert len(set(seen)) == 3


def test_signing_in_again_takes_the_place_of_the_session_before(reception: Reception) -> None:
    first = signed_in(reception)
    assert first
    second = reception.sign_in(Claim("wang", PASSWORD, "10.0.0.1"), instead_of=first)

    assert second not in (None, first)
    assert reception.who(first, program=False) == VISITOR


@pytest.mark.parametrize("how", ["sign out", "close", "password"])
def test_a_session_ends_at_once(reception: Reception, how: str) -> None:
    secret = signed_in(reception)
    assert secret
    assert reception.who(secret, program=False).login == "wang"
    if how == "sign out":
        reception.sign_out(secret)
    elif how == "close":
        reception.book.close("wang", BY)
    else:
        reception.book.set_password("wang", "another-password", BY)

    assert reception.known(secret, program=False) is None
    assert reception.who(secret, program=False) == VISITOR


def test_changing_the_password_ends_all_sessions_but_gives_a_new_one(
    reception: Reception,
) -> None:
    first = signed_in(reception)
    assert first
    who = reception.who(first, program=False)
    fresh = reception.change_password(who, Claim("wang", PASSWORD, ""), "another-password")

    assert reception.who(first, program=False) == VISITOR
    assert reception.who(fresh, program=False).login == "wang"
    assert signed_in(reception) is None
    assert signed_in(reception, "another-password")


def test_a_closed_account_cannot_sign_in(reception: Reception) -> None:
    reception.book.close("wang", BY)

    assert signed_in(reception) is None


def test_what_is_being_read_while_it_changes_is_not_remembered() -> None:
    recent: Recent[str] = Recent()

    def read_while_it_changes() -> str:
        recent.forget()
        return "old"

    assert recent.read("key", read_while_it_changes) == "old"
    assert recent.peek("key") is None
    assert recent.read("key", lambda: "new") == recent.peek("key") == "new"


# tokens


def test_a_token_is_good_until_its_last_day_or_until_it_is_revoked(
    reception: Reception, clock: Clock
) -> None:
    account = reception.book.active("wang")
    one, other = (reception.tokens.new(account, "x", 2, BY) for _ in range(2))
    who = reception.tokens.who(one)
    assert who
    assert (who.login, who.csrf) == ("wang", "")
    key = next(line.key for line in reception.tokens.all("wang"))
    reception.revoke(key, who)

    assert [reception.tokens.who(each) is None for each in (one, other)].count(True) == 1
    clock.now += timedelta(days=2)
    assert reception.tokens.who(one) is reception.tokens.who(other) is None
    with pytest.raises(AccountError, match="no good token"):
        reception.revoke(key, who)


def test_nobody_revokes_the_token_of_another(reception: Reception) -> None:
    reception.book.new(Draft("li", "李示例", Role.CLERK), PASSWORD, BY)
    token = reception.tokens.new(reception.book.active("li"), "x", 1, BY)
    (line,) = reception.tokens.all("li")

    with pytest.raises(AccountError):
        reception.revoke(line.key, Who("wang", role=Role.CLERK))
    assert reception.tokens.who(token)


# failures


def test_after_five_failures_a_login_has_to_wait_and_it_is_sealed_once(
    reception: Reception, store: Store
) -> None:
    for _ in range(5):
        assert signed_in(reception, "wrong") is None
    with pytest.raises(TooManyError) as waiting:
        signed_in(reception)
    with pytest.raises(TooManyError):
        signed_in(reception)

    assert 890 < waiting.value.seconds <= 900
    assert sealed(store) == ["new clerk wang", "too many failures wang"]


def test_what_was_typed_as_an_unknown_login_is_never_sealed(
    reception: Reception, store: Store
) -> None:
    for _ in range(5):
        assert reception.sign_in(Claim("my-secret", "wrong", "10.0.0.1")) is None

    assert sealed(store) == ["new clerk wang", "too many failures"]


def test_a_success_forgets_the_failures_of_the_login(reception: Reception) -> None:
    for _ in range(3):
        for _ in range(4):
            assert signed_in(reception, "wrong") is None
        assert signed_in(reception)
