"""Opening: the store that the settings name, begun if it is new."""

from api.database import Database
from api.keyring import Keyring, KeyringError, open_keyring
from api.rotation import finished
from api.settings import WITNESS_STOP, Settings
from api.store import Store
from audit.entry import Entry
from audit.store import SqlStore
from audit.succession import KIND, Succession


def open_store(settings: Settings) -> Store:
    """Return the store, to be written by this process alone if it is SQLite.

    Raises `DatabaseError` or `KeyringError` with the cure, the latter also for a stop without
    a witness.
    """
    database = Database(settings.database_url)
    try:
        with database.reading() as connection:
            begun = SqlStore(connection).last_checkpoint() is not None
        keys = open_keyring(settings.keys, create=not begun)
        _require_witness(keys, settings)
        store = Store(database, keys, witness_stop=settings.witness_stop)
        store.begin()
        if not _has_its_keys(store, settings):
            keys = open_keyring(settings.keys, create=False)
            store = Store(database, keys, witness_stop=settings.witness_stop)
    except BaseException:
        database.close()
        raise
    return store


def _require_witness(keys: Keyring, settings: Settings) -> None:
    """Refuse a stop that no witness could ever lift."""
    if settings.witness_stop is not None and not keys.witnesses:
        raise KeyringError(
            f"{WITNESS_STOP} is set, but no witness is trusted: put the key that "
            f"`jianzheng witness` prints into the file `{settings.keys / 'witnesses'}`, or "
            f"leave {WITNESS_STOP} out until there is one"
        )


def _has_its_keys(store: Store, settings: Settings) -> bool:
    """Tell whether the keys are those of the record; if not, they are now, to be read again.

    Refuses keys that could promise, but never sign, what this record takes in.
    """
    log, held = store.keys.log, store.keys.log.signer.key
    with store.log() as kept:
        sealed = [Succession.parse(Entry.parse(one)) for one in kept.placed_of_kind(KIND)]
    if not sealed or sealed[-1].after == held:
        return True
    if not finished(settings.keys, log.origin, sealed[-1].after):
        raise KeyringError(
            f"the keys in `{settings.keys}` are not those of this record, which signs with "
            f"`{sealed[-1].after}`; restore that folder from your backup, or name it in "
            "JIANZHENG_KEYS"
        )
    return False


def open_to_read(settings: Settings) -> Store:
    """Return the store for reading only, beside a process that writes it."""
    database = Database(settings.database_url, writing=False)
    keys = open_keyring(settings.keys, create=False)
    return Store(database, keys, witness_stop=settings.witness_stop)
