"""Opening: the store that the settings name, begun if it is new."""

from api.database import Database
from api.keyring import KeyringError, open_keyring
from api.settings import Settings
from api.store import Store
from audit.entry import Entry
from audit.store import SqlStore
from audit.succession import KIND, Succession


def open_store(settings: Settings) -> Store:
    """Return the store, to be written by this process alone if it is SQLite.

    Raises `DatabaseError` or `KeyringError` with the cure.
    """
    database = Database(settings.database_url)
    try:
        with database.reading() as connection:
            begun = SqlStore(connection).last_checkpoint() is not None
        store = Store(database, open_keyring(settings.keys, create=not begun))
        store.begin()
        _require_its_keys(store, settings)
    except BaseException:
        database.close()
        raise
    return store


def _require_its_keys(store: Store, settings: Settings) -> None:
    """Refuse keys that could promise, but never sign, what this record takes in."""
    held = store.keys.log.signer.key
    with store.log() as log:
        sealed = [Succession.parse(Entry.parse(one)) for one in log.placed_of_kind(KIND)]
    if sealed and sealed[-1].after != held:
        raise KeyringError(
            f"the keys in `{settings.keys}` are not those of this record, which signs with "
            f"`{sealed[-1].after}`; restore that folder from your backup, or name it in "
            "JIANZHENG_KEYS"
        )


def open_to_read(settings: Settings) -> Store:
    """Return the store for reading only, beside a process that writes it."""
    database = Database(settings.database_url, writing=False)
    return Store(database, open_keyring(settings.keys, create=False))
