"""Verify an exported log, without any network: `python DIR/verify.py DIR`.

    --witnessed FILE   a checkpoint that you or a witness kept: the log must contain it
    --key KEY          a key that you trust, of the log or of a witness: name+id+base64
    --receipt FILE     a promise that an applicant got: its entry must be in the log

Needs Python 3.11 and the package `cryptography`. Whoever could change the folder could change
this file too: use your own copy. It prints all that is wrong, and exits with 0 or 1.
"""

import argparse
import base64
import bisect
import hashlib
import heapq
import json
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

STEPS = {
    1: "the folder is whole",
    2: "each body gives its digest",
    3: "each entry gives its leaf hash, and has one reading",
    4: "each part of an entry is among the bodies",
    5: "each key is named by the key before it, and the keys that you trust are among them",
    6: "each checkpoint is signed by the key in force",
    7: "the tree has the size and the root of each checkpoint",
    8: "each entry was under a checkpoint within 60 s, as promised",
    9: "the tree contains what was witnessed",
}
FILES = ("bodies.bin", "checkpoints.jsonl", "entries.jsonl", "index.bin")
LAST_STEP = max(STEPS)
EXACT = json.JSONDecoder(parse_float=int, parse_constant=int)  # `int` refuses both
MERGE_DELAY = 60_000  # milliseconds
SUITES = {"sha256+ed25519"}
FIELDS = {"at", "body", "kind", "parts", "suite"}
INDEX = struct.Struct(">q32sq")
PLAIN, TIMESTAMPED = b"\x01", b"\x04"
Bodies = dict[
    str, bytearray
]  # by algorithm, the digests of good bodies in order, 32 bytes each


class Report:
    """What is wrong, printed as it is found."""

    def __init__(self) -> None:
        self.faults = dict.fromkeys(STEPS, 0)

    def wrong(self, step: int, text: str) -> None:
        """Print and count a fault."""
        self.faults[step] += 1
        say(f"wrong ({step}) {text}")

    def close(self, *, compared: bool) -> bool:
        """Print the steps; tell whether all is well."""
        for step, title in STEPS.items():
            count = self.faults[step]
            fine = "ok" if step != LAST_STEP or compared else "NOTHING GIVEN, not compared"
            say(f"{step} {title}: {f'{count} wrong' if count else fine}")
        return not any(self.faults.values())


class Key(NamedTuple):
    """A public key of Ed25519 (C2SP signed-note, kinds 1 and 4)."""

    name: str
    kind: bytes
    public: bytes

    @classmethod
    def parse(cls, text: str) -> "Key":
        """Return a key, or raise `ValueError`."""
        name, key_id, encoded = text.strip().split("+", 2)
        body = base64.b64decode(encoded, validate=True)
        key = cls(name, body[:1], body[1:])
        if key.id.hex() != key_id or key.kind not in (PLAIN, TIMESTAMPED):
            raise ValueError(f"`{text}` is not a key")
        return key

    @property
    def id(self) -> bytes:
        """Four bytes that go before each signature."""
        return sha256(f"{self.name}\n".encode() + self.kind + self.public)[:4]

    def __str__(self) -> str:
        encoded = base64.b64encode(self.kind + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"

    def verifies(self, signature: bytes, text: str) -> bool:
        """Tell whether a signature is of this key."""
        if self.kind == TIMESTAMPED:
            text = f"cosignature/v1\ntime {int.from_bytes(signature[:8])}\n{text}"
            signature = signature[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


class Note(NamedTuple):
    """A signed note; `signatures` are name, key id and bytes."""

    text: str
    signatures: list[tuple[str, bytes, bytes]]

    @classmethod
    def parse(cls, body: str) -> "Note":
        """Return a note, or raise `ValueError`."""
        text, _, lines = body.rpartition("\n\n")
        split = [line.split(" ") for line in lines.splitlines()]
        named = [(name, base64.b64decode(value, validate=True)) for _, name, value in split]
        return cls(text + "\n", [(name, value[:4], value[4:]) for name, value in named])

    def by(self, key: Key) -> bytes | None:
        """Return the signature of a key: empty if it is false, none if there is none."""
        who = (key.name, key.id)
        found = [value for *claimed, value in self.signatures if (*claimed,) == who]
        true = all(key.verifies(value, self.text) for value in found)
        return (found[0] if true else b"") if found else None


class Checkpoint(NamedTuple):
    """A tree head; `kept_in` names the file of one that was witnessed."""

    size: int
    root: bytes
    origin: str
    note: Note
    kept_in: str

    @classmethod
    def parse(cls, body: str, kept_in: str = "") -> "Checkpoint":
        """Return a checkpoint, or raise `ValueError`."""
        note = Note.parse(body)
        origin, size, root, *_ = note.text.split("\n")
        return cls(int(size), base64.b64decode(root, validate=True), origin, note, kept_in)

    def __str__(self) -> str:
        return f"the checkpoint of {self.size} entries{self.kept_in and f' in {self.kept_in}'}"


class Tree:
    """The Merkle tree of RFC 9162 as it grows."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Take the next leaf hash."""
        rest = self.size
        while rest & 1:
            leaf = sha256(b"\x01" + self.peaks.pop() + leaf)
            rest >>= 1
        self.peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of the leaves so far."""
        root = self.peaks[-1] if self.peaks else sha256(b"")
        for peak in reversed(self.peaks[:-1]):
            root = sha256(b"\x01" + peak + root)
        return root


class Log:
    """The log as it is read from its first entry to its last."""

    def __init__(self, report: Report, bodies: Bodies, trusted: list[Key]) -> None:
        self.report, self.bodies, self.trusted = report, bodies, trusted
        self.tree = Tree()
        self.size = 0
        self.origin = ""
        self.keys: list[Key] = []
        self.good = 0  # size of the last checkpoint with the right root
        self.latest = 0  # milliseconds, signed by the log
        self.uncovered: list[tuple[str, int]] = []  # entries under no checkpoint yet
        self.unplaced: list[tuple[str, int]] = []
        self.receipts: dict[bytes, Note] = {}  # of entries not met yet

    def add(self, place: int, leaf: bytes, encoded: bytes | None) -> None:
        """Take the next entry."""
        if place < 0:
            entry = read_entry(encoded or b"")
            self.unplaced.append(
                (f"the entry of leaf {leaf.hex()}", entry["at"] if entry else 0)
            )
            return
        if place != self.size:
            self.report.wrong(7, f"entries {self.size} to {place - 1} are lost")
        self.size = place + 1
        self.tree.append(leaf)
        self.receipts.pop(leaf, None)
        if encoded is None or sha256(b"\x00" + encoded) != leaf:
            self.report.wrong(3, f"entry {place} is {'altered' if encoded else 'lost'}")
        elif entry := read_entry(encoded):
            self.check(f"entry {place}", entry)
        else:
            self.report.wrong(3, f"entry {place} is not canonical, or of an unknown suite")

    def check(self, name: str, entry: dict[str, Any]) -> None:
        """Check what an entry refers to."""
        self.uncovered.append((name, entry["at"]))
        for part, digest in entry["parts"].items():
            if not among(digest, self.bodies):
                self.report.wrong(4, f"{name}: part `{part}` is altered or lost: {digest}")
        if entry["kind"] == "key":
            try:
                self.hand_over(entry["body"])
            except (KeyError, TypeError, ValueError):
                self.report.wrong(5, f"{name} names a key that the one before has not signed")

    def hand_over(self, body: dict[str, str]) -> None:
        """Follow the log to its next key, or raise `ValueError`."""
        last, after = self.keys[-1] if self.keys else None, Key.parse(body["to"])
        text = f"succession/v1\n{body['origin']}\n{last or ''}\n{after}\n"
        fits = body["from"] == str(last or "") and self.origin in ("", body["origin"])
        for key, signature in ((last, body["by_from"]), (after, body["by_to"])):
            fits = fits and (not key or key.verifies(base64.b64decode(signature), text))
        if not fits:
            raise ValueError("not signed")
        self.origin = body["origin"]
        self.keys.append(after)

    def meet(self, checkpoint: Checkpoint) -> None:
        """Compare the tree with a checkpoint of its size."""
        time = self.time_of(checkpoint)
        if checkpoint.size == self.tree.size and self.tree.root() == checkpoint.root:
            self.good = checkpoint.size
        elif checkpoint.kept_in:
            self.report.wrong(9, f"{checkpoint} has another root: forked, rebuilt or altered")
        else:
            self.report.faults[7] += 1  # later ones may follow from the first, and are counted
            if self.report.faults[7] == 1:
                what = f"not all of {self.good} to {checkpoint.size - 1} are as sealed"
                say(f"wrong (7) {checkpoint} has another root: {what}, or it is forged")
        if time and not checkpoint.kept_in:
            self.cover(time)

    def time_of(self, checkpoint: Checkpoint) -> int:
        """Return the milliseconds that the log has signed; 0 if it has not."""
        if not self.keys or checkpoint.origin != self.origin:
            self.report.wrong(6, f"{checkpoint} is of another log or before the first key")
            return 0
        key, note = self.keys[-1], checkpoint.note
        time = note.by(key._replace(kind=TIMESTAMPED))
        if not time or not note.by(key):
            self.report.wrong(6, f"{checkpoint} is not signed by key {key}")
        witnesses = [each for each in self.trusted if each.name != self.origin]
        seen = [each for each in map(note.by, witnesses) if each is not None]
        if b"" in seen or (checkpoint.kept_in and witnesses and not seen):
            self.report.wrong(9, f"{checkpoint} lacks a true cosignature of your witness")
        return 1000 * int.from_bytes(time[:8]) if time else 0

    def cover(self, time: int) -> None:
        """Check that the entries first found under a checkpoint came there in time."""
        self.latest = max(self.latest, time)
        for name, at in self.uncovered:
            if abs(time - at) > MERGE_DELAY:
                self.report.wrong(8, f"{name} is of {at}, its first checkpoint of {time}")
        self.uncovered.clear()

    def close(self) -> None:
        """Judge what is left when all has been read."""
        if self.uncovered:
            first, count = self.uncovered[0][0], len(self.uncovered)
            self.report.wrong(7, f"from {first} on, {count} are under no signed checkpoint")
        for name, at in self.unplaced:
            if self.latest - at > MERGE_DELAY:
                self.report.wrong(8, f"{name} was taken in and never came into the tree")
        for leaf, note in self.receipts.items():
            what = "is not in the log" if any(map(note.by, self.keys)) else "is not of the log"
            self.report.wrong(8, f"the promised leaf {leaf.hex()} {what}")
        trusted = {each.public for each in self.trusted if each.name == self.origin}
        if not self.keys or trusted - {each.public for each in self.keys}:
            self.report.wrong(5, "the log has no key, or not each key that you trust")
        elif not trusted:
            say(f"note: you gave no key of the log; compare its first: {self.keys[0]}")


def read_entry(encoded: bytes) -> dict[str, Any] | None:
    """Return an entry, or none unless it is canonical JSON of the five fields."""
    try:
        entry: dict[str, Any] = EXACT.decode(encoded.decode())
        again = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        hexadecimal = [digest.partition(":")[2] for digest in entry["parts"].values()]
        typed = type(entry["at"]) is int and all(map(bytes.fromhex, hexadecimal))
        known = entry.keys() == FIELDS and entry["suite"] in SUITES
        return entry if typed and known and again.encode() == encoded else None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def read_bodies(folder: Path, report: Report) -> Bodies:
    """Return the digests of the bodies that are as they were."""
    bodies: Bodies = {}
    with (folder / "bodies.bin").open("rb") as source:
        while line := source.readline():
            try:
                stated, length = json.loads(line)
                algorithm, _, _ = stated.partition(":")
                digest = hashlib.new(algorithm, source.read(length)).digest()
            except (ValueError, TypeError, AttributeError):
                report.wrong(1, "`bodies.bin` cannot be read to its end")
                break
            source.read(1)
            if f"{algorithm}:{digest.hex()}" == stated:
                bodies.setdefault(algorithm, bytearray()).extend(digest)
            else:
                report.wrong(2, f"the body of {stated} is altered")
    return bodies


def read_entries(folder: Path, report: Report) -> Iterator[tuple[int, bytes, bytes | None]]:
    """Yield place, stored leaf hash and bytes of each entry; lost bytes are none."""
    index, source = (folder / "index.bin").open("rb"), (folder / "entries.jsonl").open("rb")
    with index, source:
        while len(record := index.read(INDEX.size)) == INDEX.size:
            place, leaf, length = INDEX.unpack(record)
            encoded = source.read(max(length, 0))
            source.read(1)
            yield place, leaf, encoded if len(encoded) == length else None
        if record or source.read(1):
            report.wrong(1, "`index.bin` and `entries.jsonl` do not end together")


def read_checkpoints(folder: Path, report: Report) -> Iterator[Checkpoint]:
    """Yield the checkpoints of the folder, by size."""
    with (folder / "checkpoints.jsonl").open("rb") as source:
        for number, line in enumerate(source, 1):
            try:
                yield Checkpoint.parse(json.loads(line))
            except (ValueError, AttributeError):
                report.wrong(6, f"checkpoint number {number} cannot be read")


def verify(wanted: argparse.Namespace) -> bool:
    """Go through the steps; print and return the result."""
    report = Report()
    if lost := [name for name in FILES if not (wanted.folder / name).is_file()]:
        report.wrong(1, f"the folder has no {', '.join(lost)}")
        say("NOT verified: the steps were not taken")
        return False
    log = Log(report, read_bodies(wanted.folder, report), list(map(Key.parse, wanted.key)))
    for each in wanted.receipt:
        promise = Note.parse(each.read_text("utf-8"))
        log.receipts[base64.b64decode(promise.text.split("\n")[2])] = promise
    kept = [Checkpoint.parse(each.read_text("utf-8"), each.name) for each in wanted.witnessed]
    ordered = heapq.merge(read_checkpoints(wanted.folder, report), sorted(kept))
    checkpoint = next(ordered, None)
    for entry in read_entries(wanted.folder, report):
        log.add(*entry)
        while checkpoint and checkpoint.size <= log.size:
            log.meet(checkpoint)
            checkpoint = next(ordered, None)
    while checkpoint:
        what = f"is beyond the end, {log.size}: the tail is cut, or an old backup is restored"
        report.wrong(9 if checkpoint.kept_in else 7, f"{checkpoint} {what}")
        checkpoint = next(ordered, None)
    log.close()
    root = base64.b64encode(log.tree.root()).decode()
    well = report.close(compared=bool(kept))
    say(f"{'' if well else 'NOT '}verified: {log.size} entries of {log.origin}, root {root}")
    return well


def among(digest: str, bodies: Bodies) -> bool:
    """Tell whether a body of a digest is there as it was."""
    algorithm, _, hexadecimal = digest.partition(":")
    known, wanted = bodies.get(algorithm, b""), bytes.fromhex(hexadecimal)
    every = range(0, len(known), 32)
    place = bisect.bisect_left(every, wanted, key=lambda at: bytes(known[at : at + 32]))
    return known[32 * place : 32 * place + 32] == wanted


def sha256(body: bytes) -> bytes:
    """Return the hash of a body."""
    return hashlib.sha256(body).digest()


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Verify an exported log, offline.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--key", action="append", default=[])
    for name in ("--witnessed", "--receipt"):
        parser.add_argument(name, type=Path, action="append", default=[])
    sys.exit(0 if verify(parser.parse_args()) else 1)
