"""The benchmarks: `python tests/benchmarks/run.py [part …] [--write]`; exit 1 if a gate fails.

`run.py restore 1000000` restores a record of so many decisions, instead of a small one.
`--write` puts the results into `docs/performance.md`.
"""

import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[2]))  # the folder of a script is not its project

from api.bundled import load_pack
from tests.benchmarks import (
    bench_cover,
    bench_decision,
    bench_desk,
    bench_large,
    bench_lookups,
    bench_memory,
    bench_record,
    bench_restore,
    bench_search,
    bench_service,
)
from tests.benchmarks.measure import ROOT, Gate

Told = tuple[list[str], list[Gate]]
PARTS: dict[str, tuple[str, Callable[[], Told]]] = {
    "decision": ("Matching and decisions", lambda: bench_decision.bench(load_pack(None))),
    "cover": ("The least list", lambda: bench_cover.bench(load_pack(None))),
    "large": ("A large pack", bench_large.bench),
    "service": ("Command line and server", lambda: bench_service.bench(load_pack(None))),
    "record": ("The sealed record", bench_record.bench),
    "restore": ("Backup and restore", lambda: bench_restore.bench(*_sizes(sys.argv))),
    "search": ("An auditor's searches", bench_search.bench),
    "desk": ("The desk under load", lambda: bench_desk.bench(load_pack(None))),
    "lookups": ("Look-ups", lambda: bench_lookups.bench(load_pack(None))),
    "memory": ("Memory of each subject", bench_memory.bench),
}
PAGE = ROOT / "docs" / "performance.md"
START, END = "<!-- results -->", "<!-- end of results -->"


def main(arguments: list[str]) -> int:
    """Run the named parts, all by default; print them; return 1 if a gate fails."""
    names = [name for name in arguments if name in PARTS] or list(PARTS)
    lines = [_machine(names)]
    gates: list[Gate] = []
    for name in names:
        title, bench = PARTS[name]
        told, passed = bench()
        _say([f"### {title}", *told, ""])
        lines += ["", f"### {title}", *told]
        gates += passed
    table = ["### Gates", "", "| | what | measured | limit |", "|---|---|--:|--:|"]
    table += map(str, gates)
    _say(table)
    if "--write" in arguments:
        _write([*lines, "", *table])
    return 0 if all(gate.holds for gate in gates) else 1


def _sizes(arguments: list[str]) -> list[int]:
    """Return the sizes that were asked for: of a record to be restored."""
    return [int(each) for each in arguments if each.isdigit()]


def _say(lines: list[str]) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _machine(names: list[str]) -> str:
    cores, memory = psutil.cpu_count(), psutil.virtual_memory().total / 2**30
    day = datetime.now(UTC).date()
    load = psutil.getloadavg()[0]
    return (
        f"Measured on {day} by `python tests/benchmarks/run.py {' '.join(names)}`: "
        f"{_processor()}, {cores} cores, {memory:.0f} GB, {platform.system()} "
        f"{platform.release().split('-')[0]}, Python {platform.python_version()}; "
        f"load {load:.1f} when it began."
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _write(lines: list[str]) -> None:
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    text = "\n".join(lines)
    PAGE.write_text(f"{before}{START}\n{text}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    begin = time.monotonic()
    code = main(sys.argv[1:])
    sys.stdout.write(f"\n{time.monotonic() - begin:.0f} s\n")
    sys.exit(code)
