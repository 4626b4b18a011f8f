"""Settings: what the environment decides. Besides secrets, the only place that reads it."""

import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

DATABASE_URL = "JIANZHENG_DATABASE_URL"
KEYS = "JIANZHENG_KEYS"
HUBS = "JIANZHENG_HUBS"
WITNESS_STOP = "JIANZHENG_WITNESS_STOP"
CORES = "JIANZHENG_CORES"
DEFAULT = Path("var/jianzheng.db")

LEAST_STOP = 4
"""Hours: the alarm rings after four, and a witness at rest signs only once an hour."""


class SettingsError(Exception):
    """A setting that cannot be meant; the message says the cure."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the record is kept (an SQLAlchemy URL), the folder of its keys, the file of hubs.

    Defaults: an SQLite file below `var/`, a folder of keys beside the file, and no hubs, so
    that no registry can be asked. `witness_stop` is after how many hours without a witness
    nothing is taken into the record any more; without it there is only the alarm. With
    `any_core` the service on SQLite does not keep to one core.
    """

    database_url: str
    keys: Path
    hubs: Path | None = None
    witness_stop: int | None = None
    any_core: bool = False

    @classmethod
    def of(
        cls,
        database_url: str,
        keys: str = "",
        hubs: str = "",
        witness_stop: str = "",
        cores: str = "",
    ) -> "Settings":
        """Return the settings for a database; by default its keys lie beside it.

        Raises `SettingsError` for a stop that is no number of hours, and for unknown cores.
        """
        return cls(
            database_url,
            Path(keys) if keys else _beside(database_url, "keys"),
            Path(hubs) if hubs else None,
            _hours(witness_stop) if witness_stop else None,
            _is_any(cores) if cores else False,
        )

    @classmethod
    def from_environment(cls) -> "Settings":
        """Return the settings of this process."""
        url = os.environ.get(DATABASE_URL) or f"sqlite:///{DEFAULT.absolute()}"
        rest = (os.environ.get(name, "") for name in (KEYS, HUBS, WITNESS_STOP, CORES))
        return cls.of(url, *rest)

    @property
    def embedded(self) -> bool:
        """Whether the database is a file that one process writes."""
        return make_url(self.database_url).get_backend_name() == "sqlite"

    @property
    def demo_accounts(self) -> Path:
        """The file with the passwords of demonstration accounts."""
        return _beside(self.database_url, "demo-accounts")

    @property
    def sandbox_hubs(self) -> Path:
        """The file that leads to the sandbox that runs beside a demonstration."""
        return _beside(self.database_url, "sandbox-hubs")


def _hours(text: str) -> int:
    """Return the hours of the stop, or refuse a number that would stop a healthy office."""
    if not (text.isascii() and text.isdigit() and int(text) >= LEAST_STOP):
        raise SettingsError(
            f"`{text}` is no number of hours for {WITNESS_STOP}; write a whole number of "
            f"{LEAST_STOP} or more, or leave it out: then there is only the alarm"
        )
    return int(text)


def _is_any(text: str) -> bool:
    if text not in ("one", "any"):
        raise SettingsError(
            f"`{text}` cannot be meant by {CORES}; write `one` to keep the service to one core "
            "(as it does by itself on SQLite) or `any`"
        )
    return text == "any"


def _beside(database_url: str, what: str) -> Path:
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return Path(f"var/jianzheng-{what}").absolute()
    path = Path(url.database)
    return path.with_name(f"{path.stem}-{what}")
