"""Settings: what the environment decides. The only place that reads it."""

import os
from dataclasses import dataclass
from pathlib import Path

DATABASE_URL = "JIANZHENG_DATABASE_URL"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the record is kept: an SQLAlchemy URL; default an SQLite file below `var/`."""

    database_url: str

    @classmethod
    def from_environment(cls) -> "Settings":
        """Return the settings of this process; the default folder is made if needed."""
        url = os.environ.get(DATABASE_URL, "")
        if not url:
            folder = Path("var").absolute()
            folder.mkdir(exist_ok=True)
            url = f"sqlite:///{folder / 'jianzheng.db'}"
        return cls(url)
