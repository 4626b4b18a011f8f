"""Opening: the store that the settings name, begun if it is new."""

from api.database import Database
from api.keyring import open_keyring
from api.settings import Settings
from api.store import Store
from audit.store import SqlStore


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
    except BaseException:
        database.close()
        raise
    return store


def open_to_read(settings: Settings) -> Store:
    """Return the store for reading only, beside a process that writes it."""
    database = Database(settings.database_url, writing=False)
    return Store(database, open_keyring(settings.keys, create=False))
