"""The keyring: the secrets of an installation, in files that only its owner may read.

The folder holds the log's signing key, the master key of the vault, the gate that keeps rows
written past the application out of the log, and the log's name. It lies outside the database:
who has one has not the other.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path

from audit.log import Log
from audit.note import Ed25519Signer
from audit.vault import MasterKey, Vault


class KeyringError(Exception):
    """A keyring that is missing or cannot be read; the message says the cure."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """The secrets, as what they are used for."""

    log: Log
    vault: Vault


def open_keyring(folder: Path, *, create: bool) -> Keyring:
    """Return the keyring of a folder; make one first if it is new and `create` says so."""
    if create and not folder.exists():
        _create(folder)
    try:
        origin = (folder / "origin").read_text(encoding="ascii").strip()
        gate = bytes.fromhex((folder / "gate.key").read_text(encoding="ascii"))
        signer = Ed25519Signer.read(origin, folder / "log.key")
        master = MasterKey.read(folder / "master.key")
    except (OSError, ValueError) as error:
        raise KeyringError(
            f"the keys of this record cannot be read from `{folder}` ({error}); "
            "restore that folder from your backup, or name it in JIANZHENG_KEYS"
        ) from error
    return Keyring(Log(origin, signer, gate), Vault(master))


def _create(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True)
    origin = f"jianzheng/{secrets.token_hex(8)}"
    (folder / "origin").write_text(origin + "\n", encoding="ascii")
    gate = folder / "gate.key"
    gate.touch(mode=0o600)
    gate.write_text(secrets.token_hex(32) + "\n", encoding="ascii")
    Ed25519Signer.create(origin, folder / "log.key")
    MasterKey.create(folder / "master.key")
