"""A ledger to test with: a real log in a real database, its witness and its verifier."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, create_engine, event

from audit.durability import durable
from audit.entry import Entry
from audit.export import export
from audit.log import Log, Receipt
from audit.note import Ed25519Signer
from audit.store import SqlStore
from audit.suite import SHA256_ED25519
from audit.table import create
from audit.witness import Request, Witness

ORIGIN = "log.example.org/test"
START = 1_700_000_000_000
SECOND = 1_000


def signer(number: int, name: str = ORIGIN) -> Ed25519Signer:
    """Return the same key for the same number."""
    return Ed25519Signer(name, Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))


def sqlite_engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", lambda connection, _: durable(connection))
    return engine


@dataclass
class Ledger:
    """A log that has begun, at a clock that moves only when told."""

    engine: Engine
    folder: Path
    now: int = START
    log: Log = field(default_factory=lambda: Log(ORIGIN, signer(1), b"gate" * 8))

    def __post_init__(self) -> None:
        self.witness = Witness(signer(9, "witness.example.org"), self.folder / "witness.json")

    def begun(self) -> Self:
        """Return the ledger with its first entry."""
        with self.engine.begin() as connection:
            create(connection)
        with self.store() as store:
            self.log.found(store, self.now)
        self.witness.watch(self.log.signer.key)
        return self

    def moved(self, engine: Engine, folder: Path) -> "Ledger":
        """Return the ledger whose files were copied to another folder."""
        return Ledger(engine, folder, self.now)

    @contextmanager
    def store(self) -> Iterator[SqlStore]:
        """Open a transaction."""
        with self.engine.begin() as connection:
            yield SqlStore(connection)

    def decide(self, number: int) -> Receipt:
        """Seal what a decision seals: its rules by hash, its evidence, its encrypted case."""
        digest = SHA256_ED25519.digest
        bodies = {
            "case": f"ciphertext of case {number}".encode(),
            "evidence": f"evidence of case {number}".encode(),
            "rules": f"rules of version {number // 10}".encode(),
        }
        parts = {name: digest(body) for name, body in bodies.items()}
        entry = Entry("decision", self.now, {"number": number, "list": ["身份证"]}, parts)
        with self.store() as store:
            return self.log.seal(store, entry, bodies)

    def decide_many(self, numbers: range, batch: int = 5) -> list[Receipt]:
        """Seal decisions, with a checkpoint after each batch and at the end."""
        receipts = []
        for number in numbers:
            receipts.append(self.decide(number))
            if number % batch == batch - 1:
                self.place()
        self.place()
        return receipts

    def place(self, seconds: int = 1) -> None:
        """Give all that waits its place, later."""
        self.now += seconds * SECOND
        with self.store() as store:
            self.log.sequence(store, self.now)

    def be_witnessed(self) -> Path:
        """Return the file of the checkpoint that the witness has cosigned."""
        last = self.witness.last(ORIGIN)
        old = int(last.split("\n")[1]) if last else 0
        with self.store() as store:
            proof, note = self.log.consistency(store, old)
            line = self.witness.cosign(Request(old, tuple(proof), note), self.now // SECOND)
            store.keep_cosignature(int(note.split("\n")[1]), line.strip())
            cosigned = store.last_cosigned()
        path = self.folder / "witnessed"
        path.write_text(cosigned or "", encoding="utf-8")
        return path

    def exported(self, name: str = "export") -> Path:
        """Export into a new folder."""
        with self.store() as store:
            export(store, self.folder / name)
        return self.folder / name

    @property
    def keys(self) -> list[str]:
        """Whom an auditor trusts: the log's first key and the witness's."""
        return [str(signer(1).key), str(self.witness.signer.key.timestamped)]

    def verdict(
        self, *, witnessed: Path | None = None, tamper: Callable[[Path], None] | None = None
    ) -> "Verdict":
        """Export, and run the exported verifier without any module of this project."""
        folder = self.exported(f"export-{len(list(self.folder.iterdir()))}")
        if tamper:
            tamper(folder)
        options = [f"--key={key}" for key in self.keys]
        if witnessed:
            options += ["--witnessed", str(witnessed)]
        return run_verifier(folder, *options)


@dataclass(frozen=True)
class Verdict:
    """What the verifier said."""

    code: int
    text: str

    @property
    def wrong(self) -> list[str]:
        """The faults, a line each."""
        return [line for line in self.text.splitlines() if line.startswith("wrong")]


def run_verifier(folder: Path, *options: str) -> Verdict:
    ran = subprocess.run(  # noqa: S603 the program under test
        [sys.executable, "-I", str(folder / "verify.py"), str(folder), *options],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    assert not ran.stderr, ran.stderr
    return Verdict(ran.returncode, ran.stdout)
