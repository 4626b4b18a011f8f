"""Passwords, the waits after failures, and where a sign-in leads: without a database."""

import time

import pytest
from argon2 import Type, extract_parameters
from limits import RateLimitItemPerMinute, RateLimitItemPerSecond

from api.accounts import password as passwords
from api.accounts.attempts import Attempts
from api.accounts.refusal import own_path
from tests.reception import PASSWORD


def test_a_password_is_kept_by_argon2id_with_parameters_that_cost_something() -> None:
    parameters = extract_parameters(passwords.digest(PASSWORD))

    assert parameters.type is Type.ID
    assert parameters.memory_cost >= 19 * 1024
    assert parameters.time_cost >= 2
    assert parameters.salt_len >= 16
    assert parameters.hash_len >= 32


def test_only_the_same_password_matches_and_nobody_has_one() -> None:
    kept = passwords.digest(PASSWORD)

    assert passwords.matches(kept, PASSWORD)
    assert not passwords.matches(kept, PASSWORD + " ")
    assert not passwords.matches(None, PASSWORD)
    assert not passwords.matches("no digest", PASSWORD)


def test_an_unknown_login_takes_as_long_as_a_known_one() -> None:
    kept = passwords.digest(PASSWORD)
    passwords.nobody()

    def fastest(digest: str | None) -> float:
        times = []
        for _ in range(5):
            began = time.perf_counter()
            passwords.matches(digest, "wrong")
            times.append(time.perf_counter() - began)
        return min(times)

    known, unknown = fastest(kept), fastest(None)
    assert 0.5 < unknown / known < 2
    assert known > 0.01


def test_generated_passwords_are_good_ones_and_differ() -> None:
    made = {passwords.generate() for _ in range(100)}

    assert len(made) == 100
    assert {passwords.fault(one, "wang") for one in made} == {""}


def test_an_address_has_to_wait_after_twenty_failures_whatever_the_logins() -> None:
    attempts = Attempts()
    last = [attempts.failed(f"login{n}", "10.0.0.1") for n in range(20)]

    assert last == [False] * 19 + [True]
    assert attempts.wait("fresh", "10.0.0.1") > 0
    assert attempts.wait("fresh", "10.0.0.2") == 0


def test_the_window_moves_on() -> None:
    attempts = Attempts(RateLimitItemPerSecond(2), RateLimitItemPerMinute(20))
    attempts.failed("wang", "a")
    attempts.failed("wang", "a")
    assert attempts.wait("wang", "a") == 1
    time.sleep(1.05)

    assert attempts.wait("wang", "a") == 0


# where to go


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/desk", "/desk"),
        ("/audit/decisions?item=a&page=2", "/audit/decisions?item=a&page=2"),
        ("", ""),
        ("desk", ""),
        ("//evil.example", ""),
        ("/\\evil.example", ""),
        ("\\\\evil.example", ""),
        ("https://evil.example/", ""),
        ("javascript:alert(1)", ""),
        ("/desk\r\nSet-Cookie: a=b", ""),
        ("/\t/evil.example", ""),
        ("/桌", ""),
        ("//[", ""),
    ],
)
def test_after_signing_in_only_own_pages_are_gone_to(asked: str, path: str) -> None:
    assert own_path(asked) == path
