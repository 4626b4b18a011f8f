"""Conformance: every wanted decision of a folder of packs comes out, through `--batch`."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

EDGE_KEYS = ("material", "outcome", "ground")
ENTRY_KEYS = ("rule", "status", "settled")


def main(folder: Path) -> int:
    """Compare every pack of the folder; return the number of decisions that differ."""
    program = Path(sys.executable).with_name("jianzheng")
    decisions = wrong = 0
    for pack in sorted(path for path in folder.iterdir() if path.is_dir()):
        cases = pack / "cases.ndjson"
        command = [str(program), "decide", "--pack", str(pack), "--batch", str(cases)]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        wanted = (pack / "want.ndjson").read_text(encoding="utf-8")
        for number, (got, want) in enumerate(
            zip(lines.splitlines(), wanted.splitlines(), strict=True), 1
        ):
            decisions += 1
            if not agrees(json.loads(got), json.loads(want)):
                wrong += 1
                print(f"{pack.name}, case {number}: not as wanted")
    print(f"conformance: {decisions} decisions, {wrong} not as wanted")
    return wrong


def agrees(got: dict[str, Any], want: dict[str, Any]) -> bool:
    """Return whether a decision is as wanted in everything that the wanted one names."""
    if "error" in want or "error" in got:
        return "error" in want and "error" in got
    return all(
        entries(got[key]) == entries(value) if key == "entries" else got[key] == value
        for key, value in want.items()
    )


def entries(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what a wanted entry says of each rule."""
    return [
        {key: row[key] for key in ENTRY_KEYS}
        | {"edges": [{key: edge[key] for key in EDGE_KEYS} for edge in row["edges"]]}
        for row in rows
    ]


if __name__ == "__main__":
    sys.exit(min(main(Path(sys.argv[1])), 1))
