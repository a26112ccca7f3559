"""What modules hold that were imported since a moment, by estimate from the size of their files.

The kernel reports it as the component ``modules``: much of what a server needs is imported when it is first
needed, and would otherwise be growth that nobody accounts for.
"""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import Final

SOURCE_FACTOR: Final = 3.5
"""Resident bytes per byte of Python source: code, constants, classes, and what compiling leaves behind.
Chosen from growth of RSS on CPython 3.11, Linux, one import each, extensions not told apart: unittest and
others of the standard library 2.8, PyYAML 3.2, hypercorn 3.5, quart 3.6 to 3.7, jinja2 4.0, our own servers
4.6 to 5.7."""
LIBRARY_FACTOR: Final = 0.25
"""Resident bytes per byte of an extension: pages that nothing touches are not loaded. Chosen for large ones,
measured likewise: jsonschema-rs 0.22, PyYAML 0.25, but cryptography 0.6, and small ones can be all there:
sqlite3 took 1.8 times its file."""
_LIBRARIES: Final = (".so", ".pyd", ".dylib")


class ImportedModules:
    """Modules that were not there when this was made. Each file is looked at once."""

    def __init__(self) -> None:
        self._known = set(sys.modules)
        self._files: set[str] = set()
        self._seen = len(sys.modules)
        self._bytes = 0

    def memory_bytes(self) -> int:
        """Estimate of what they hold."""
        if len(sys.modules) != self._seen:
            self._look()
        return self._bytes

    def _look(self) -> None:
        found = list(sys.modules.items())
        self._seen = len(found)
        for name, module in found:
            if name not in self._known:
                self._known.add(name)
                self._bytes += self._size(module)

    def _size(self, module: ModuleType) -> int:
        # A name may stand for anything, and a module for the file of another.
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or file in self._files:
            return 0
        self._files.add(file)
        try:
            size = os.stat(file).st_size  # noqa: PTH116 - one call for each of some hundred files
        except (OSError, ValueError):
            return 0  # part of an archive
        return int(size * (LIBRARY_FACTOR if file.endswith(_LIBRARIES) else SOURCE_FACTOR))
