"""The offline verifier, measured: alone, without a network, in a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

MOST_SECONDS = 60
MOST_MEGABYTES = 300
# Prints how long a program took, and its largest size in kilobytes.
_MEASURED = """
import json, resource, subprocess, sys, time
began = time.monotonic()
ran = subprocess.run(sys.argv[1:], capture_output=True, text=True)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([ran.returncode, ran.stdout + ran.stderr, time.monotonic() - began, peak]))
"""


@dataclass(frozen=True)
class Measured:
    """What the verifier said, its exit code, its seconds and megabytes."""

    code: int
    said: str
    seconds: float
    megabytes: float

    def require(self, entries: int) -> None:
        """Require that it found so many entries good, in the time and memory promised."""
        assert self.code == 0, self.said
        assert f"verified: {entries} entries" in self.said
        assert self.megabytes < MOST_MEGABYTES
        assert self.seconds < MOST_SECONDS
        sys.stdout.write(f"{entries} entries: {self.seconds:.1f} s, {self.megabytes:.0f} MB\n")


def verify_offline(folder: Path, key: object) -> Measured:
    """Run the verifier of an export where there is no network."""
    alone = ["unshare", "--net"] if os.getuid() == 0 else ["unshare", "--user", "--net"]
    verifier = [sys.executable, "-I", str(folder / "verify.py"), str(folder), "--key", str(key)]
    ran = subprocess.run(  # noqa: S603 the program under test
        [sys.executable, "-c", _MEASURED, *alone, *verifier],
        capture_output=True,
        text=True,
        check=True,
    )
    code, said, seconds, kilobytes = json.loads(ran.stdout)
    return Measured(code, said, seconds, kilobytes / 1000)
