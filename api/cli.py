"""The command line: `jianzheng`. Each command imports what it needs, so that all start fast."""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

app = typer.Typer(
    name="jianzheng", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)

BAD_PACK, BAD_CASE = 1, 2
PackOption = Annotated[Path | None, typer.Option("--pack", help="Folder of a pack.")]


def main() -> None:
    """Run the command line."""
    app()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _complain(text: str) -> None:
    sys.stderr.write(text + "\n")


def _stop(code: int, faults: object) -> NoReturn:
    _complain(str(faults))
    raise typer.Exit(code)


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the pack.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print faults as JSON.")] = False,
) -> None:
    """Show every fault of a pack, or its size; exit 1 on a fault."""
    import orjson  # noqa: PLC0415

    from evaluator.decide import Decider  # noqa: PLC0415
    from evaluator.example import run_examples  # noqa: PLC0415
    from knowledge.fault import FaultsError  # noqa: PLC0415
    from rules.pack import load  # noqa: PLC0415

    try:
        pack = load(folder)
        examples = run_examples(Decider(pack))
    except FaultsError as error:
        if as_json:
            _say(orjson.dumps({"faults": [one.as_dict() for one in error.faults]}).decode())
            raise typer.Exit(BAD_PACK) from error
        _complain(f"{len(error.faults)} faults")
        _stop(BAD_PACK, error)
    size = {
        "laws": len(pack.catalogue.laws),
        "items": len(pack.catalogue.items),
        "materials": len(pack.catalogue.materials),
        "requirements": len(pack.rules.requirements),
        "reductions": len(pack.rules.reductions),
        "keeps": len(pack.rules.keeps),
        "cases": examples,
    }
    if as_json:
        _say(orjson.dumps({"faults": [], "pack": pack.id, "size": size}).decode())
    else:
        _say(f"{pack.id}: no fault; " + ", ".join(f"{n} {name}" for name, n in size.items()))


@app.command()
def decide(
    case: Annotated[Path, typer.Argument(metavar="CASE", help="A case as JSON.")],
    pack: PackOption = None,
) -> None:
    """Print the decision of a case as canonical JSON; exit 2 for a bad case, 1 for a bad pack."""
    from api.bundled import load_pack  # noqa: PLC0415
    from evaluator.decide import Decider  # noqa: PLC0415
    from evaluator.decision import encode  # noqa: PLC0415
    from knowledge.fault import FaultsError  # noqa: PLC0415
    from knowledge.strict_json import StrictJsonError, read_json  # noqa: PLC0415

    try:
        decider = Decider(load_pack(pack))
    except FaultsError as error:
        _stop(BAD_PACK, error)
    try:
        decision = decider.decide(decider.read(read_json(case.read_bytes())))
    except (FaultsError, StrictJsonError) as error:
        _stop(BAD_CASE, error)
    _say(encode(decision).decode())
