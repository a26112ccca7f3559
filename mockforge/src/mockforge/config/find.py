"""Finding the settings file: in the working folder, or in up to five folders above it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from mockforge.errors import ConfigError

FILE_NAMES: Final = ("mockforge.yaml", "mockforge.yml", "mockforge.json", "mockforge.toml")
PARENTS: Final = 5


def is_settings_file(path: Path) -> bool:
    """Whether a file of this name is one that :func:`find_file` would find."""
    return path.name in FILE_NAMES


def find_file(folder: Path) -> Path | None:
    """The settings file for the working folder ``folder``; None if there is none.

    ConfigError if a folder holds more than one: which is meant cannot be told.
    """
    absolute = folder.absolute()
    for place in (folder, *absolute.parents[:PARENTS]):
        found = [place / name for name in FILE_NAMES if (place / name).is_file()]
        if len(found) > 1:
            names = " and ".join(path.name for path in found)
            raise ConfigError(
                f"{absolute if place == folder else place} holds {names}",
                hint="remove all but one, or choose with --config",
            )
        if found:
            return found[0]
    return None
