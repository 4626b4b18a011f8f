"""Exports: a folder with all that was sealed, and the program that verifies it offline.

Equal content gives equal bytes. The folder has:

- `verify.py`: the verifier;
- `checkpoint`: the last checkpoint, as a signed note;
- `checkpoints.jsonl`: every checkpoint, by size, each a JSON string on its line;
- `entries.jsonl`: every entry on its line, by place, then those without a place;
- `index.bin`: for every entry 48 bytes, big-endian: place (8, or -1), stored leaf hash (32),
  length of the entry (8, or -1 if its bytes are lost);
- `bodies.bin`: by digest: a line with a JSON list of digest and length, the bytes, a newline.

An export copies what it finds and judges nothing: what is wrong must reach the verifier.
"""

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from struct import Struct
from typing import Protocol

from audit.error import AuditError
from audit.tree import leaf_hash

INDEX = Struct(">q32sq")
NOWHERE = LOST = -1


class ExportError(AuditError):
    """A folder that cannot take an export."""


class Exportable(Protocol):
    """What an export reads; see `audit.store.SqlStore`."""

    def snapshot(self) -> None:
        """Make all that follows see one moment."""

    def leaves(self) -> Iterator[tuple[int, bytes, bytes | None]]:
        """Yield place, stored hash and entry of all leaves."""

    def without_place(self) -> Iterator[bytes]:
        """Yield the entries that have no place."""

    def bodies(self) -> Iterator[tuple[str, bytes]]:
        """Yield digest and bytes of all bodies, by digest."""

    def checkpoints(self) -> Iterator[str]:
        """Yield all checkpoints, by size, then by age."""


def export(store: Exportable, folder: Path) -> None:
    """Write everything into a folder that is new or empty; raise `ExportError` otherwise."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ExportError(f"`{folder}` is not empty; name a new folder")
    store.snapshot()
    (folder / "verify.py").write_bytes((files("audit") / "verify.py").read_bytes())
    _write_checkpoints(store, folder)
    _write_entries(store, folder)
    with (folder / "bodies.bin").open("wb") as out:
        for digest, body in store.bodies():
            out.write(json.dumps([digest, len(body)]).encode() + b"\n" + body + b"\n")


def _write_checkpoints(store: Exportable, folder: Path) -> None:
    last = ""
    with (folder / "checkpoints.jsonl").open("wb") as out:
        for last in store.checkpoints():
            out.write(json.dumps(last, ensure_ascii=False).encode() + b"\n")
    (folder / "checkpoint").write_bytes(last.encode())


def _write_entries(store: Exportable, folder: Path) -> None:
    with (
        (folder / "entries.jsonl").open("wb") as entries,
        (folder / "index.bin").open("wb") as index,
    ):
        for place, leaf, entry in store.leaves():
            index.write(INDEX.pack(place, leaf, LOST if entry is None else len(entry)))
            entries.write((entry or b"") + b"\n")
        for entry in store.without_place():
            index.write(INDEX.pack(NOWHERE, leaf_hash(entry), len(entry)))
            entries.write(entry + b"\n")
