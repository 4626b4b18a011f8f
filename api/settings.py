"""Settings: what the environment decides. Besides secrets, the only place that reads it."""

import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

DATABASE_URL = "JIANZHENG_DATABASE_URL"
KEYS = "JIANZHENG_KEYS"
HUBS = "JIANZHENG_HUBS"
DEFAULT = Path("var/jianzheng.db")


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the record is kept (an SQLAlchemy URL), the folder of its keys, the file of hubs.

    Defaults: an SQLite file below `var/`, a folder of keys beside the file, and no hubs, so
    that no registry can be asked.
    """

    database_url: str
    keys: Path
    hubs: Path | None = None

    @classmethod
    def of(cls, database_url: str, keys: str = "", hubs: str = "") -> "Settings":
        """Return the settings for a database; by default its keys lie beside it."""
        return cls(
            database_url,
            Path(keys) if keys else _beside(database_url, "keys"),
            Path(hubs) if hubs else None,
        )

    @classmethod
    def from_environment(cls) -> "Settings":
        """Return the settings of this process."""
        url = os.environ.get(DATABASE_URL) or f"sqlite:///{DEFAULT.absolute()}"
        return cls.of(url, os.environ.get(KEYS, ""), os.environ.get(HUBS, ""))

    @property
    def demo_accounts(self) -> Path:
        """The file with the passwords of demonstration accounts."""
        return _beside(self.database_url, "demo-accounts")

    @property
    def sandbox_hubs(self) -> Path:
        """The file that leads to the sandbox that runs beside a demonstration."""
        return _beside(self.database_url, "sandbox-hubs")


def _beside(database_url: str, what: str) -> Path:
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return Path(f"var/jianzheng-{what}").absolute()
    path = Path(url.database)
    return path.with_name(f"{path.stem}-{what}")
