"""The keyring: the secrets of an installation, in files that only its owner may read.

The folder holds the log's signing key, the master key of the vault, the gate that keeps rows
written past the application out of the log, the log's name, and in `witnesses` the keys of the
witnesses whose cosignatures are taken, one a line. It lies outside the database:
who has one has not the other.
"""

import os
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from audit.error import AuditError
from audit.log import Log
from audit.note import Ed25519Signer, VerifierKey
from audit.vault import MasterKey, Vault


class KeyringError(Exception):
    """A keyring that is missing or cannot be read; the message says the cure."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """The secrets, as what they are used for."""

    log: Log
    vault: Vault
    witnesses: tuple[VerifierKey, ...] = ()


def open_keyring(folder: Path, *, create: bool) -> Keyring:
    """Return the keyring of a folder; make one first if it is new and `create` says so."""
    if create and not folder.exists():
        _create(folder)
    try:
        origin = (folder / "origin").read_text(encoding="ascii").strip()
        gate = bytes.fromhex((folder / "gate.key").read_text(encoding="ascii"))
        signer = Ed25519Signer.read(origin, folder / "log.key")
        master = MasterKey.read(folder / "master.key")
        witnesses = tuple(_witnesses(folder / "witnesses"))
    except (OSError, ValueError, AuditError) as error:
        raise KeyringError(
            f"the keys of this record cannot be read from `{folder}` ({error}); "
            "restore that folder from your backup, or name it in JIANZHENG_KEYS"
        ) from error
    return Keyring(Log(origin, signer, gate), Vault(master), witnesses)


def _witnesses(path: Path) -> Iterator[VerifierKey]:
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                yield VerifierKey.parse(line).timestamped


def _create(folder: Path) -> None:
    """Make a keyring, whole or not at all, and on the disk before anything rests on it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    origin = f"jianzheng/{secrets.token_hex(8)}"
    (draft / "origin").write_text(origin + "\n", encoding="ascii")
    gate = draft / "gate.key"
    gate.touch(mode=0o600)
    gate.write_text(secrets.token_hex(32) + "\n", encoding="ascii")
    Ed25519Signer.create(origin, draft / "log.key")
    MasterKey.create(draft / "master.key")
    for path in (*draft.iterdir(), draft):
        sync(path)
    draft.rename(folder)
    sync(folder.parent)


def sync(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
