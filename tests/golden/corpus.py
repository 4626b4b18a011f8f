"""The golden corpora: decisions of one semantics, with their packs, that never change.

A file holds lines of JSON: a line with `files` is a pack, and the lines with `case` after it
are cases before it, each with the text of its decision. `python -m tests.golden.corpus` writes
the file of today's semantics, once; a change of meaning is a new semantics with a new file.
"""

import gzip
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from evaluator.decide import Decider
from evaluator.decision import SEMANTICS, encode
from knowledge.fault import FaultsError
from knowledge.strict_json import read_json
from rules.pack import Reader
from tests.effort import dice_of
from tests.oracle.packs import random_case, random_pack
from tests.product import Json, files_of
from tests.small_pack import sound_case, sound_pack

FOLDER = Path(__file__).parent
PACKS, CASES = 24, 25


@dataclass(frozen=True)
class Golden:
    """A case before a pack, and the bytes of the decision that was made of it."""

    decider: Decider
    case: Any
    decision: bytes

    def again(self) -> bytes:
        """Return the bytes of the decision that is made of it today."""
        return encode(self.decider.decide(self.decider.read(self.case)))


def golden(path: Path) -> Iterator[Golden]:
    """Yield the decisions of a corpus."""
    decider: Decider | None = None
    with gzip.open(path, "rb") as lines:
        for line in lines:
            said = read_json(line)
            if "files" in said:
                files = {name: text.encode() for name, text in said["files"].items()}
                decider = Decider(Reader(files).pack())
                continue
            assert decider is not None
            yield Golden(decider, said["case"], said["decision"].encode())


def _matters() -> Iterator[tuple[Json, list[Json]]]:
    """Yield packs with cases: the small one by hand, many at random."""
    changes: tuple[Json, ...] = (
        {},
        {"receipts": []},
        {"collected": []},
        {"facts": {}},
        {"law_day": "2018-01-01"},
    )
    yield sound_pack(), [sound_case() | change for change in changes]
    for number in range(PACKS):
        rng = dice_of(f"golden {number}")
        pack = random_pack(rng)
        yield pack, [random_case(pack, rng) for _ in range(CASES)]


def _lines() -> Iterator[bytes]:
    for pack, cases in _matters():
        files = files_of(pack)
        decider = Decider(Reader(files).pack())
        yield orjson.dumps({"files": {name: text.decode() for name, text in files.items()}})
        for case in cases:
            try:
                decision = decider.decide(decider.read(read_json(orjson.dumps(case))))
            except FaultsError:
                continue
            yield orjson.dumps({"case": case, "decision": encode(decision).decode()})


def write(path: Path) -> None:
    """Write a corpus, where there is none: what is golden is never written over."""
    with path.open("xb") as out:
        out.write(gzip.compress(b"\n".join(_lines()) + b"\n", mtime=0))


if __name__ == "__main__":
    write(FOLDER / f"semantics-{SEMANTICS}.ndjson.gz")
    sys.stdout.write(f"semantics {SEMANTICS}\n")
