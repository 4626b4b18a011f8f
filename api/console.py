"""The console: what a command says, and how it ends."""

import sys
from typing import NoReturn

import typer

BAD_PACK, BAD_CASE = 1, 2
"""Exit codes: something is wrong with what was found (1), or with what was asked (2)."""


def say(text: str) -> None:
    """Print a line on standard output."""
    sys.stdout.write(text + "\n")


def stop(code: int, reason: object) -> NoReturn:
    """Say on standard error why the command ends, and end it with an exit code."""
    sys.stderr.write(f"{reason}\n")
    raise typer.Exit(code)
