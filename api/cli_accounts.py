"""Commands of accounts: account new, list, close, password; token new, list, revoke."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.console import BAD_CASE, say, stop

if TYPE_CHECKING:
    from api.accounts.book import AccountBook
    from api.accounts.table import Account
    from api.record import Asker
    from api.store import Store

commands = typer.Typer()
account_commands = typer.Typer(help="Who may sign in, and do what.", no_args_is_help=True)
token_commands = typer.Typer(help="Bearer tokens for the REST API.", no_args_is_help=True)
commands.add_typer(account_commands, name="account")
commands.add_typer(token_commands, name="token")

LoginArgument = Annotated[str, typer.Argument(metavar="LOGIN", help="The login.")]
RoleOption = Annotated[str, typer.Option(help="clerk, legal, auditor or admin.")]
FileOption = Annotated[
    Path | None,
    typer.Option("--password-file", metavar="FILE", help="Its first line; `-`: stdin."),
]
GenerateOption = Annotated[bool, typer.Option("--generate", help="Make one, print it once.")]


@account_commands.command("new")
def new_account(  # noqa: PLR0913 (what an account consists of)
    login: LoginArgument,
    *,
    name: Annotated[str, typer.Option(help="The name of the person.")],
    role: RoleOption,
    organ: Annotated[str, typer.Option(help="Id of an organ of the pack; none: all.")] = "",
    office: Annotated[str, typer.Option(help="The window or department.")] = "",
    phone: Annotated[str, typer.Option(help="How a citizen reaches them.")] = "",
    password_file: FileOption = None,
    generate: GenerateOption = False,
) -> None:
    """Make an account. The password is asked for twice, read from a file, or generated."""
    from api.accounts.book import Draft

    draft = Draft(login, name, role, organ, office, phone)
    with _writing() as (store, book):
        draft = draft.checked()
        _require_organ(store, organ)
        password = _password(password_file, generate=generate)
        book.new(draft, password, _by())
    say(f"account {login} ({role})" + (f", password {password}" if generate else ""))


@account_commands.command("list")
def list_accounts() -> None:
    """List all accounts, active and closed."""
    from api.accounts.book import AccountBook

    with _reading() as store:
        for one in AccountBook(store).all():
            state = "" if one.active else " (closed)"
            where = f"{one.organ or 'all organs'}  {one.office}".rstrip()
            say(f"{one.login:<24} {one.role:<8} {one.name}  {where}{state}")


@account_commands.command("close")
def close_account(login: LoginArgument) -> None:
    """Close an account for good: its sessions and tokens end."""
    with _writing() as (_, book):
        book.close(login, _by())
    say(f"account {login} is closed")


@account_commands.command("password")
def new_password(
    login: LoginArgument,
    *,
    password_file: FileOption = None,
    generate: GenerateOption = False,
) -> None:
    """Give an account another password: its sessions end."""
    with _writing() as (_, book):
        book.active(login)
        password = _password(password_file, generate=generate)
        book.set_password(login, password, _by())
    say(f"account {login} has another password" + (f": {password}" if generate else ""))


@token_commands.command("new")
def new_token(
    role: Annotated[str, typer.Option(help="Role of a program's own account.")] = "",
    login: Annotated[str, typer.Option(help="An account, or a new one with --role.")] = "",
    label: Annotated[str, typer.Option(help="What the token is for.")] = "",
    days: Annotated[int, typer.Option(help="How long it is good.")] = 365,
) -> None:
    """Print a bearer token once; with --role alone for the account of a program."""
    from api.accounts.session import Tokens

    if not (role or login):
        stop(BAD_CASE, "name an account with --login, or a role with --role")
    with _writing() as (store, book):
        account = _holder(book, role, login or f"service-{role}")
        token = Tokens(store).new(account, label or "command line", days, _by())
    say(token)


@token_commands.command("list")
def list_tokens() -> None:
    """List all tokens by the beginning of their digests; the tokens themselves are not kept."""
    from api.accounts.session import Tokens

    with _reading() as store:
        for one in Tokens(store).all():
            until = f"until {one.expires_at:%Y-%m-%d}" if one.expires_at else "for ever"
            state = until if one.good else "not good any more"
            say(f"{one.key}  {one.login:<24} {state}  {one.label}".rstrip())


@token_commands.command("revoke")
def revoke_token(
    key: Annotated[str, typer.Argument(metavar="KEY", help="As `token list` shows it.")],
) -> None:
    """Revoke a token."""
    from api.accounts.session import Tokens

    with _writing() as (store, _):
        Tokens(store).revoke(key, _by())
    say(f"token {key} is revoked")


@contextmanager
def _writing() -> Iterator[tuple["Store", "AccountBook"]]:
    """Open the store to change accounts; what is sealed gets its place at once."""
    from api.accounts.book import AccountBook, AccountError
    from api.opening import open_store
    from api.settings import Settings

    store = open_store(Settings.from_environment())
    try:
        yield store, AccountBook(store)
        with store.log() as log:
            store.keys.log.sequence(log, store.milliseconds())
    except AccountError as error:
        stop(BAD_CASE, error)
    finally:
        store.close()


@contextmanager
def _reading() -> Iterator["Store"]:
    from api.opening import open_to_read
    from api.settings import Settings

    store = open_to_read(Settings.from_environment())
    try:
        yield store
    finally:
        store.close()


def _by() -> "Asker":
    from api.record import Asker

    return Asker(door="cli", why="accounts")


def _holder(book: "AccountBook", role: str, login: str) -> "Account":
    """Return the account of a token; with a role, that of a program is made if need be."""
    from api.accounts import password as passwords
    from api.accounts.book import AccountError, Draft

    found = book.find(login)
    if found is None and role:
        book.new(Draft(login, login, role), passwords.generate(), _by())
    elif found is not None and role and found.role != role:
        what = f"`{login}` has the role {found.role}; leave out --role, or name another login"
        raise AccountError("bad_role", what)
    return book.active(login)


def _password(path: Path | None, *, generate: bool) -> str:
    from api.accounts.password import generate as new

    if generate:
        return new()
    if path is not None:
        try:
            text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            stop(BAD_CASE, f"`{path}` cannot be read; name a text file with the password")
        return text.partition("\n")[0].removesuffix("\r")
    if not sys.stdin.isatty():
        stop(BAD_CASE, "no password; type it at a terminal, or use --password-file, --generate")
    typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


def _require_organ(store: "Store", organ: str) -> None:
    """Refuse an organ that the pack in force does not have."""
    from datetime import UTC, datetime

    from api.accounts.book import AccountError
    from api.bundled import load_pack
    from rules.pack import Reader

    if not organ:
        return
    release = store.in_force(datetime.now(UTC).date())
    pack = Reader(store.files(release)).pack() if release else load_pack(None)
    if organ not in pack.catalogue.organs:
        what = f"there is no organ `{organ}`; write an id of the pack, or leave it out"
        raise AccountError("bad_organ", what)
