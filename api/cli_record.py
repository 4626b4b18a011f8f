"""Commands of the record: export, audit, erase, witness, backup, restore."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.console import BAD_CASE, BAD_PACK, say, stop

if TYPE_CHECKING:
    from audit.note import Note, VerifierKey

commands = typer.Typer()
keys_commands = typer.Typer(help="The keys of the record.", no_args_is_help=True)
commands.add_typer(keys_commands, name="keys")

WITNESS_FOLDER = Path("var/jianzheng-witness")
NEW_FOLDER = typer.Argument(metavar="DIR", help="A new or empty folder.")
WitnessedOption = Annotated[
    Path | None,
    typer.Option("--witnessed", metavar="FILE", help="A checkpoint that a witness cosigned."),
]
KeysOption = Annotated[
    Path | None, typer.Option("--keys", metavar="DIR", help="A second place, for the keys.")
]


@commands.command()
def export(folder: Annotated[Path, NEW_FOLDER]) -> None:
    """Write the whole record with its verifier into a folder; equal content, equal bytes.

    Check it anywhere, without this program: `python DIR/verify.py DIR`.
    """
    from api.opening import open_to_read
    from api.settings import Settings
    from audit.export import export as write

    store = open_to_read(Settings.from_environment())
    try:
        with store.log() as log:
            write(log, folder)
            size, key = log.size(), store.keys.log.keys(log)[0]
    finally:
        store.close()
    say(f"{size} entries; verify them: python {folder}/verify.py {folder} --key '{key}'")


@commands.command()
def audit(witnessed: WitnessedOption = None) -> None:
    """Check the record at once and list all that is wrong; exit 1 if anything is.

    With --witnessed also whether the record still grows from what a witness has seen.
    """
    from api.opening import open_to_read
    from api.self_check import self_check
    from api.settings import Settings

    note = _note(witnessed)
    store = open_to_read(Settings.from_environment())
    try:
        with store.log() as log:
            size = log.size()
        wrong = list(self_check(store, note))
    finally:
        store.close()
    for one in wrong:
        say(f"wrong: {one}")
    say(f"{size} entries, {len(wrong)} things wrong")
    if wrong:
        raise typer.Exit(BAD_PACK)


@commands.command()
def erase(
    number: Annotated[str, typer.Argument(help="The number of a case or of a decision.")],
) -> None:
    """Make the personal data of a case or a decision unreadable for ever; its proof stays.

    With a case go its decisions. The erasure is sealed. Backups made before still hold the
    keys: they must expire.
    """
    from api.cases.auditing.erasing import erase_case, is_case, is_erased
    from api.cases.store import CaseStore
    from api.opening import open_store
    from api.record import Asker
    from api.search import find_one
    from api.settings import Settings

    store = open_store(Settings.from_environment())
    try:
        case, line = is_case(store, number), find_one(store, number)
        if not case and line is None:
            stop(BAD_CASE, f"there is no case or decision `{number}`; see the paper")
        if is_erased(store, number) or (line is not None and line.erased):
            store.database.scrub()  # the erasure before may have failed just here
            stop(BAD_CASE, f"the personal data of `{number}` were erased before")
        asker = Asker(door="cli", why="erasure")
        if case:
            erase_case(CaseStore(store), number, asker)
        else:
            store.erase(number, asker)
        with store.log() as log:
            store.keys.log.sequence(log, store.milliseconds())
    finally:
        store.close()
    say(f"the personal data of {number} are erased; let backups made before expire")


@commands.command()
def witness(  # noqa: PLR0913 (the options of a service)
    log: Annotated[str, typer.Option("--log", metavar="URL", help="Address of the office.")],
    *,
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8001,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    folder: Annotated[
        Path, typer.Option("--folder", metavar="DIR", help="The witness's memory and key.")
    ] = WITNESS_FOLDER,
    key: Annotated[
        str | None, typer.Option("--key", metavar="KEY", help="The log's key; the first time.")
    ] = None,
    name: Annotated[str, typer.Option(help="A name for the witness; the first time.")] = "",
    every: Annotated[int, typer.Option(min=1, metavar="SECONDS", help="How often.")] = 60,
) -> None:
    """Watch the log of an office and cosign what grows; refuse what shrank or was rewritten.

    Run it on a machine that the office does not run.
    """
    import time

    from api.serving import serve_app
    from api.witness_app import create_witness_app
    from api.witnessing import RemoteLog, Watch, open_witness

    trusted = _key(key)
    signer = open_witness(folder, name)
    watch = Watch(RemoteLog(log), signer, folder, clock=lambda: int(time.time()))
    watch.begin(trusted)
    say(f"witness {signer.signer.key.timestamped}")
    serve_app(create_witness_app(watch, every), host, port)


@commands.command()
def backup(folder: Annotated[Path, NEW_FOLDER], keys: KeysOption = None) -> None:
    """Copy the record as it is at one moment, also while the service writes.

    The keys are copied only with --keys, to another place: whoever has both has everything.
    """
    from api.backing_up import back_up
    from api.settings import Settings

    settings = Settings.from_environment()
    say(f"{back_up(settings, folder, keys)} copied to {folder}")
    if keys is None:
        say(f"the keys are not in it; copy {settings.keys} to another place (--keys)")


@commands.command()
def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a backup.")],
    keys: KeysOption = None,
    witnessed: WitnessedOption = None,
) -> None:
    """Put a backup in the place of a record that is gone; exit 1 if it is not the newest.

    Nothing is overwritten. Give --witnessed: without it an old backup looks like a new one.
    """
    from api.backing_up import restore as put_back
    from api.settings import Settings

    wrong = put_back(Settings.from_environment(), folder, keys, _note(witnessed))
    for one in wrong:
        say(f"wrong: {one}")
    say(f"restored from {folder}, {len(wrong)} things wrong")
    if wrong:
        raise typer.Exit(BAD_PACK)


@keys_commands.command()
def rotate() -> None:
    """Hand the log over to a new key; the handing over is sealed, older proofs stay good.

    Stop the service first, and copy the keys afterwards to each machine that serves.
    """
    from api.opening import open_store
    from api.rotation import rotate as hand_over
    from api.settings import Settings

    settings = Settings.from_environment()
    store = open_store(settings)
    try:
        key = hand_over(store, settings.keys)
    finally:
        store.close()
    say(f"the log signs with {key}; make a new backup of the keys (backup --keys)")


@commands.command()
def grant(
    role: Annotated[str, typer.Argument(metavar="ROLE", help="A role of PostgreSQL.")],
) -> None:
    """Let a role of PostgreSQL serve: it adds and reads, and can change no record.

    Say it as the owner of the database, again after each new version of the program.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from api.database import Database, reason
    from api.settings import Settings

    url = Settings.from_environment().database_url
    if not url.startswith("postgresql"):
        stop(BAD_CASE, "SQLite has no roles; name a PostgreSQL in JIANZHENG_DATABASE_URL")
    database = Database(url)
    try:
        database.grant(role)
    except SQLAlchemyError as error:
        stop(BAD_CASE, f"{reason(error)}; make the role first (CREATE ROLE … LOGIN)")
    finally:
        database.close()
    say(f"{role} may serve: it adds and reads, and can change no record")


def _note(path: Path | None) -> "Note | None":
    from audit.note import Note, NoteError

    if path is None:
        return None
    try:
        return Note.parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, NoteError) as error:
        stop(BAD_CASE, f"`{path}` is no checkpoint ({error}); save what the witness serves")


def _key(text: str | None) -> "VerifierKey | None":
    from audit.note import KeyFormatError, VerifierKey

    try:
        return VerifierKey.parse(text) if text else None
    except KeyFormatError as error:
        stop(BAD_CASE, error)
