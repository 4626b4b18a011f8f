"""The command line: `jianzheng`. Each command imports what it needs, so that all start fast."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api import cli_accounts, cli_record
from api.console import BAD_CASE, BAD_PACK, say, stop

if TYPE_CHECKING:
    from rules.pack import Pack

app = typer.Typer(
    name="jianzheng",
    help="减证: the minimal list of papers for an application, each with its legal basis.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(cli_record.commands)
app.add_typer(cli_accounts.commands)

PackOption = Annotated[
    Path | None, typer.Option("--pack", metavar="DIR", help="A pack; default: the bundled one.")
]
CaseArgument = Annotated[Path, typer.Argument(metavar="CASE", help="A case as JSON.")]


def main() -> None:
    """Run the command line; what cannot be opened ends with one sentence and the cure."""
    try:
        app()
    except Exception as error:
        from audit.error import AuditError

        names = {"BackupError", "DatabaseError", "HubsError", "KeyringError", "SettingsError"}
        if type(error).__name__ in names or isinstance(error, AuditError):
            sys.stderr.write(f"{error}\n")
            sys.exit(BAD_PACK)
        if isinstance(error, OSError) or hasattr(error, "hide_parameters"):
            # A disk or a database that failed: say which, and no value of a row.
            said = getattr(error, "orig", None) or error
            sys.stderr.write(f"{said}; look at the disk and the database, then run it again\n")
            sys.exit(BAD_PACK)
        raise


def open_pack(folder: Path | None) -> "Pack":
    """Return a pack that both matchers can serve, or end with its faults."""
    from api.bundled import load_pack
    from api.inspect_pack import refuse_unfit
    from knowledge.fault import FaultsError

    try:
        pack = load_pack(folder)
        refuse_unfit(pack)
    except FaultsError as error:
        stop(BAD_PACK, error)
    return pack


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the pack.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print faults as JSON.")] = False,
) -> None:
    """Show every fault of a pack, or its size; exit 1 on a fault."""
    from api.inspect_pack import inspect, spell_report

    if not folder.is_dir():
        stop(BAD_PACK, f"there is no folder `{folder}`; name the folder of a pack")
    report = inspect(folder)
    say(spell_report(report, as_json=as_json))
    if report.faults:
        raise typer.Exit(BAD_PACK)


@app.command()
def decide(
    case: Annotated[
        Path | None, typer.Argument(metavar="CASE", help="A case as JSON.", show_default=False)
    ] = None,
    pack: PackOption = None,
    batch: Annotated[
        Path | None, typer.Option("--batch", metavar="CASES", help="Cases, one a line.")
    ] = None,
) -> None:
    """Print the decision of a case as canonical JSON.

    Exit 2 with the faults for a bad case, 1 for a bad pack. With --batch a decision a line,
    in order; a bad case gives its faults on its line and does not stop the rest.
    """
    from api.batch import decide_lines, decide_one
    from knowledge.fault import FaultsError

    if (case is None) == (batch is None):
        stop(BAD_CASE, "name one CASE, or --batch CASES, and not both")
    try:
        opened = open_pack(pack)
        if batch is not None:
            with batch.open("rb") as lines:
                decide_lines(opened, lines, sys.stdout.buffer)
        elif case is not None:
            say(decide_one(opened, case.read_bytes()).decode())
    except FaultsError as error:
        stop(BAD_CASE, error)
    except OSError as error:
        stop(BAD_CASE, f"`{error.filename}` cannot be read ({error.strerror}); name a file")


@app.command()
def plan(
    case: CaseArgument,
    process: Annotated[str, typer.Option("--process", metavar="P", help="Id of a process.")],
    pack: PackOption = None,
) -> None:
    """Print the decisions of all steps of a process: nothing is asked for twice."""
    from api.batch import plan_text
    from knowledge.fault import FaultsError

    try:
        say(plan_text(open_pack(pack), process, case.read_bytes()).decode())
    except FaultsError as error:
        stop(BAD_CASE, error)
    except OSError as error:
        stop(BAD_CASE, f"`{case}` cannot be read ({error.strerror}); name a file")


@app.command()
def explain(
    case: CaseArgument,
    pack: PackOption = None,
    lang: Annotated[str, typer.Option(help="Language: zh or en.")] = "zh",
) -> None:
    """Tell a decision for a person: why each paper stays or is gone, and what would flip it.

    Exit 2 with the faults for a bad case, 1 for a bad pack.
    """
    from api.speech import LANGS
    from api.telling import tell_text
    from knowledge.fault import FaultsError

    spoken = next((one for one in LANGS if one == lang), None)
    if spoken is None:
        stop(BAD_CASE, f"there is no language `{lang}`; write zh or en")
    try:
        lines = tell_text(open_pack(pack), case.read_bytes(), spoken)
    except FaultsError as error:
        stop(BAD_CASE, error)
    except OSError as error:
        stop(BAD_CASE, f"`{case}` cannot be read ({error.strerror}); name a file")
    say("\n".join(lines))


@app.command()
def release(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the pack.")],
    from_day: Annotated[
        str, typer.Option("--from", metavar="DAY", help="First day: YYYY-MM-DD.")
    ],
) -> None:
    """Check a pack, show whose lists it changes, and put it into force from a day.

    Decisions of earlier days keep the release of their day.
    """
    from api.releasing import put_into_force
    from knowledge.day import read_day
    from knowledge.fault import FaultsError

    try:
        day = read_day(from_day)
    except ValueError as error:
        stop(BAD_CASE, f"`{from_day}` {error}")
    try:
        for line in put_into_force(folder, day):
            say(line)
    except FaultsError as error:
        stop(BAD_PACK, error)


@app.command()
def citations(
    laws: Annotated[
        list[Path],
        typer.Option("--laws", metavar="DIR", help="Folder of law texts; repeatable."),
    ],
    pack: PackOption = None,
) -> None:
    """Check every citation of a pack against folders of law texts; exit 1 if unresolved."""
    from api.citing import check_citations

    for folder in laws:
        if not folder.is_dir():
            stop(BAD_CASE, f"there is no folder `{folder}`; name a folder of law texts")
    report = check_citations(open_pack(pack), laws)
    say(report.text)
    if report.unresolved:
        raise typer.Exit(BAD_PACK)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="Make and print accounts to try, if there is none.")
    ] = False,
) -> None:
    """Serve the web application and REST API; the database is `JIANZHENG_DATABASE_URL`."""
    from api.serving import serve_forever

    serve_forever(host, port, demo=demo)


@app.command()
def sandbox(  # noqa: PLR0913 (each is an option of the command)
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8001,
    faults: Annotated[
        list[str] | None,
        typer.Option("--fault", metavar="SOURCE=FAULT", help="A fault; `all` for SOURCE."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed makes another population.")] = 59,
    hubs: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the hubs file that leads here.")
    ] = None,
    latency: Annotated[str, typer.Option(help="`real` or `none`.")] = "real",
    pack: PackOption = None,
) -> None:
    """Serve registries to try: they answer about people and companies that do not exist."""
    from api.bundled import load_pack
    from api.sandbox.fault import UnknownFaultError
    from api.sandbox.serving import Wishes, serve_sandbox
    from knowledge.fault import FaultsError

    if latency not in ("real", "none"):
        stop(BAD_CASE, f"there is no latency `{latency}`; write real or none")
    wishes = Wishes(host, port, tuple(faults or ()), seed, hubs, patient=latency == "real")
    try:
        serve_sandbox(load_pack(pack), wishes)  # no matcher: its rules do not have to run
    except FaultsError as error:
        stop(BAD_PACK, error)
    except UnknownFaultError as error:
        stop(BAD_CASE, error)
    except OSError as error:
        stop(BAD_CASE, f"`{error.filename}` cannot be written ({error.strerror})")


@app.command()
def replay(
    numbers: Annotated[
        list[str] | None, typer.Argument(metavar="[NUMBER]...", help="Decision numbers.")
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Every kept decision.")] = False,
    since: Annotated[str | None, typer.Option(metavar="DAY", help="From this day on.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DAY", help="Before this day.")] = None,
    item: Annotated[str | None, typer.Option(metavar="ITEM", help="Of this item.")] = None,
) -> None:
    """Decide kept decisions again from what was kept; exit 1 if a byte differs."""
    from api.opening import open_to_read
    from api.replaying import Replayer, Wanted
    from api.settings import Settings
    from knowledge.day import read_day

    if not (numbers or everything or since or until or item):
        stop(BAD_CASE, "name decision numbers, --since, --until, --item, or --all")
    try:
        first, end = (read_day(day) if day else None for day in (since, until))
    except ValueError as error:
        stop(BAD_CASE, f"the day {error}")
    wanted = Wanted(tuple(numbers or ()), first, end, item)
    store = open_to_read(Settings.from_environment())
    same = different = 0
    for one in Replayer(store).replay(wanted):
        same += not one.differences
        different += bool(one.differences)
        for difference in one.differences:
            say(f"{one.number}: {difference}")
    store.close()
    say(f"{same + different} decisions decided again, {different} differ")
    if different:
        raise typer.Exit(BAD_PACK)
