"""Which methods are streams, read from ``.proto`` files without compiling them: imports may not be there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

UNARY, CLIENT, SERVER, BIDI = "unary", "client", "server", "bidi"

_QUIET: Final = re.compile(
    r'("(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\')|//[^\n]*|/\*.*?\*/', re.DOTALL
)
_WORDS: Final = re.compile(
    r"\bpackage\s+(?P<package>[\w.]+)\s*;|\bservice\s+(?P<service>\w+)\s*\{"
    r"|\brpc\s+(?P<rpc>\w+)\s*\(\s*(?P<asks>stream\s)?[^)]*\)\s*returns\s*\(\s*(?P<gives>stream\s)?"
)
_LARGEST: Final = 4 * 1024**2


class Methods:
    """The kinds of methods by name, with and without their package."""

    def __init__(self, files: Iterable[Path] = ()) -> None:
        self._kinds: dict[tuple[str, str], set[tuple[str, str]]] = {}
        for file in files:
            if file.stat().st_size <= _LARGEST:
                self._read(file.read_text("utf-8", "replace"))

    def _read(self, text: str) -> None:
        package = service = ""
        for found in _WORDS.finditer(_QUIET.sub(lambda quiet: quiet[1] or " ", text)):
            if found["package"]:
                package = found["package"]
            elif found["service"]:
                service = found["service"]
            else:
                kind = _kind(bool(found["asks"]), bool(found["gives"]))
                full = f"{package}.{service}" if package else service
                for name in {full, service}:
                    self._kinds.setdefault((name, found["rpc"]), set()).add((full, kind))

    def __bool__(self) -> bool:
        return bool(self._kinds)

    def find(self, service: str, method: str) -> tuple[str, str] | None:
        """The full name of the service, and the kind of the method, if there is one and only one."""
        found = self._kinds.get((service, method), ())
        return next(iter(found)) if len(found) == 1 else None


def _kind(asks: bool, gives: bool) -> str:
    if asks:
        return BIDI if gives else CLIENT
    return SERVER if gives else UNARY
