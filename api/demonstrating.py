"""Demonstrating: a sandbox of registries that runs beside the service, and ends with it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from api.cores import let_go
from api.settings import Settings

PATIENCE: Final = 20
"""Seconds that the sandbox may take to end."""


@contextmanager
def sandbox_beside(settings: Settings, host: str) -> Iterator[tuple[Settings, str]]:
    """Start the sandbox on a free port; yield the settings that lead to it, and its line.

    Where hubs are named already, they are asked, and no sandbox is started.
    """
    if settings.hubs is not None:
        yield settings, ""
        return
    hubs = settings.sandbox_hubs
    hubs.parent.mkdir(parents=True, exist_ok=True)
    program = Path(sys.executable).with_name("jianzheng")
    asked = ["sandbox", "--host", host, "--port", "0", "--hubs", str(hubs)]
    with subprocess.Popen(  # noqa: S603 (our own program)
        [program, *asked], stdout=subprocess.PIPE, text=True
    ) as child:
        let_go(child.pid)
        said = child.stdout.readline().strip() if child.stdout else ""
        try:
            yield (replace(settings, hubs=hubs) if said else settings), said
        finally:
            child.terminate()
            child.wait(PATIENCE)
