"""Files that an importer takes in: read up to a size; of those that stubs answer with, up to one for all."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from mockforge.errors import StartError

MOST_BYTES: Final = 512 * 1024**2
"""Bytes of all files of one import that are copied."""
NO_ROOM: Final = "the files to copy are too large together: this one is left out"


def read_bounded(path: Path, most: int) -> bytes:
    """What is in a file. StartError: it cannot be read, or is larger than ``most`` bytes."""
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise StartError(f"cannot read {path}: {error.strerror}") from error
    if len(content) > most:
        raise StartError(f"{path} is larger than {most} bytes")
    return content


class Copied:
    """Files by the name that they get."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._left = MOST_BYTES

    def add(self, name: str, path: Path) -> bytes | None:
        """Take in the file at ``path``; ``None`` where there is no room for it. StartError: it cannot be
        read."""
        known = self.files.get(name)
        if known is not None:
            return known
        if path.stat().st_size > self._left:
            return None
        content = read_bounded(path, self._left)
        self._left -= len(content)
        self.files[name] = content
        return content
