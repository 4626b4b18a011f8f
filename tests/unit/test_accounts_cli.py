"""Accounts at the command line, and the demonstration accounts of a new installation."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from api.accounts.book import AccountBook
from api.accounts.demo import DEMO, demo_lines
from api.accounts.password import matches
from api.accounts.permission import Role
from api.accounts.session import Tokens
from api.bundled import load_pack
from api.opening import open_store
from api.settings import Settings
from tests.reception import BY
from tests.serving import environment, served

PROGRAM = Path(sys.executable).parent / "jianzheng"


def run(database: Path, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Return what a command said."""
    return subprocess.run(  # noqa: S603 (our own program)
        [PROGRAM, *words],
        env=environment(database),
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_account_and_a_token_from_the_first_command_to_the_last(tmp_path: Path) -> None:
    database = tmp_path / "record.db"
    wang = ("account", "new", "wang", "--name", "王示例", "--role", "clerk")
    made = run(
        database, *wang, "--organ", "dg-amr", "--password-file", "-", typed="a-long-word\n"
    )
    assert made.stdout == "account wang (clerk)\n", made.stderr
    token = run(database, "token", "new", "--role", "clerk").stdout.strip()
    listed = run(database, "token", "list").stdout
    refused = run(database, "account", "password", "nobody", "--generate")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "there is no active account `nobody`" in refused.stderr

    store = open_store(Settings.of(f"sqlite:///{database}"))
    who = Tokens(store).who(token)
    kept = AccountBook(store).active("wang").password
    store.close()
    assert who
    assert (who.login, who.role) == ("service-clerk", Role.CLERK)
    assert matches(kept, "a-long-word")
    assert run(database, "token", "revoke", listed.split()[0]).returncode == 0
    assert "not good any more" in run(database, "token", "list").stdout


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (("--role", "clerk"), "", "no password; type it at a terminal"),
        (("--role", "clerk", "--password-file", "-"), "short\n", "10 to 200 characters"),
        (("--role", "emperor", "--generate"), "", "there is no role `emperor`"),
        (("--role", "clerk", "--organ", "mars", "--generate"), "", "there is no organ `mars`"),
        (("--role", "clerk", "--password-file", "/no/file"), "", "cannot be read"),
    ],
)
def test_a_refused_account_is_told_with_the_cure(
    tmp_path: Path, words: tuple[str, ...], typed: str, said: str
) -> None:
    done = run(
        tmp_path / "record.db", "account", "new", "wang", "--name", "王", *words, typed=typed
    )

    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_beside_a_running_service_the_command_says_that_it_has_to_wait(tmp_path: Path) -> None:
    database = tmp_path / "record.db"
    with served(database):
        done = run(database, "token", "new", "--role", "clerk")

    assert done.returncode == 1
    assert "another process writes" in done.stderr


def test_demonstration_accounts_are_made_once_and_printed_while_they_are_as_made(
    tmp_path: Path,
) -> None:
    settings = Settings.of(f"sqlite:///{tmp_path / 'record.db'}")
    path = settings.demo_accounts
    store = open_store(settings)
    first = demo_lines(store, path)
    again = demo_lines(store, path)
    AccountBook(store).set_password("hall", "another-password", BY)
    AccountBook(store).close("legal", BY)
    later = demo_lines(store, path)
    path.unlink()
    none = demo_lines(store, path)
    store.close()

    assert path.name == "record-demo-accounts"
    assert len(first) == len(DEMO)
    assert first == again
    assert {line.split()[0] for line in first} - {line.split()[0] for line in later} == {
        "hall",
        "legal",
    }
    assert none == []


def test_the_file_of_demonstration_accounts_is_its_owners_alone(tmp_path: Path) -> None:
    settings = Settings.of(f"sqlite:///{tmp_path / 'record.db'}")
    before = os.umask(0)
    try:
        store = open_store(settings)
        lines = demo_lines(store, settings.demo_accounts)
    finally:
        os.umask(before)
    store.close()

    assert stat.S_IMODE(settings.demo_accounts.stat().st_mode) == 0o600
    for line in lines:
        assert line.split()[1] in settings.demo_accounts.read_text(encoding="utf-8")


def test_demonstration_accounts_work_in_organs_of_the_bundled_pack() -> None:
    organs = load_pack(None).catalogue.organs
    clerks = [one for one in DEMO if one.role == Role.CLERK]

    assert {one.organ for one in DEMO} - {""} <= organs.keys()
    assert len({one.organ for one in clerks}) >= 3
    assert {one.role for one in DEMO} == set(Role)
