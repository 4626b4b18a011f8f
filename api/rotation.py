"""Rotation: the log is handed over to a new key, in the middle of its life.

The new key lies beside the old one before the handing over is sealed, and takes its place
after; whoever is interrupted in between finds the key that the record names.
"""

from pathlib import Path
from typing import Final

from api.keyring import sync
from api.store import Store
from audit.note import Ed25519Signer, VerifierKey

HELD: Final = "log.key"
NEXT: Final = "log.key.next"


def rotate(store: Store, folder: Path) -> VerifierKey:
    """Hand the log over to a new key; return it. The old private key is gone afterwards.

    Raises `LogError` where another process gives places just now.
    """
    (folder / NEXT).unlink(missing_ok=True)
    after = Ed25519Signer.create(store.keys.log.origin, folder / NEXT)
    sync(folder / NEXT)
    sync(folder)
    with store.log() as log:
        store.keys.log.rotate(log, after, store.milliseconds())
    _take(folder)
    return after.key


def finished(folder: Path, origin: str, in_force: VerifierKey) -> bool:
    """Tell whether an interrupted rotation to the key in force was finished just now."""
    if not (folder / NEXT).exists():
        return False
    if Ed25519Signer.read(origin, folder / NEXT).key != in_force:
        return False
    _take(folder)
    return True


def _take(folder: Path) -> None:
    (folder / NEXT).replace(folder / HELD)
    sync(folder)
