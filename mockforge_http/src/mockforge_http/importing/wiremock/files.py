"""The folder ``__files`` beside the mappings, where bodies are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from .folders import BODIES

LARGEST: Final = 16 * 1024**2
"""Bytes of a file that is looked into."""


class Bodies:
    """Finds files below ``root``; :attr:`kept` are those that stubs send, by name."""

    folder = BODIES

    def __init__(self, root: Path | None) -> None:
        self._root = None if root is None else root / BODIES
        self.kept: dict[str, Path] = {}

    def find(self, name: str) -> Path | None:
        """The file ``name``, which never lies outside of the folder."""
        if self._root is None or "\0" in name:
            return None
        real = Path(os.path.realpath(self._root))
        path = Path(os.path.realpath(real / name.lstrip("/")))
        return path if path.is_relative_to(real) and path.is_file() else None

    def read(self, name: str) -> bytes | None:
        """What is in the file ``name`` (its beginning, if it is large)."""
        path = self.find(name)
        if path is None:
            return None
        with path.open("rb") as file:
            return file.read(LARGEST)

    def keep(self, name: str) -> str:
        """The name by which stubs refer to the file ``name``."""
        path = self.find(name)
        shown = Path(os.path.normpath(name.lstrip("/"))).as_posix()
        if path is not None:
            self.kept[f"{BODIES}/{shown}"] = path
        return f"{BODIES}/{shown}"

    def keep_all(self) -> None:
        """Take every file: which are sent shows only later."""
        if self._root is None or not self._root.is_dir():
            return
        for path in sorted(self._root.rglob("*")):
            if path.is_file() and not path.is_symlink():
                self.keep(path.relative_to(self._root).as_posix())
