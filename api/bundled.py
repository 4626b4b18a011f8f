"""The bundled pack: Dongguan, loaded like any other."""

from importlib.resources import files
from pathlib import Path

from rules.pack import Pack, load


def bundled_folder() -> Path:
    """Return the folder of the bundled pack."""
    return Path(str(files("rules") / "packs" / "dongguan"))


def load_pack(folder: Path | None) -> Pack:
    """Return the pack of a folder, or the bundled one."""
    return load(folder or bundled_folder())
