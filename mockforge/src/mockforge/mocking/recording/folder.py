"""A folder of recordings in which each that differs from the others has a stub, and a YAML file, of its own.

What is asked alike is answered in the order in which it was recorded: each answer but the last as often as it
came in a row (``times``), the last one from then on. Protocols whose answers are whole conversations write
them so.
"""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Any, Final, Generic, NamedTuple, TypeVar

from mockforge.errors import MockForgeError
from mockforge.mocking.recording.conditions import key_of
from mockforge.mocking.recording.writing import write_file
from mockforge.structured import read_structured
from mockforge.structured.to_yaml import yaml_text

T = TypeVar("T")

_ENTRY_BYTES: Final = 500
_PRIORITY: Final = 5
"""That of a stub which says none."""
_FIRST_KEYS: Final = ("id", "priority")


class Definition(NamedTuple):
    """A recording to be written: ``stub`` is its stub without ``id`` and ``priority``. Where ``asked`` is
    equal one recording follows another; where ``same`` is so too, it adds nothing."""

    asked: Any
    same: Any
    stub: dict[str, Any]


class _Entry:
    """What was asked alike: ``name`` is that of the first file, ``written`` has a digest of each answer,
    ``last`` that of the newest file, and ``repeats`` more like it came since."""

    __slots__ = ("last", "name", "repeats", "written")

    def __init__(self, name: str) -> None:
        self.name = name
        self.written: set[bytes] = set()
        self.last = b""
        self.repeats = 0

    def file(self, number: int) -> str:
        """The name of the file for the answer of this number, from 1."""
        return self.name if number == 1 else f"{self.name}-{number}"


class SequenceFolder(Generic[T]):
    """Writes stubs to ``folder``, at most ``max_stubs`` of them."""

    def __init__(self, folder: Path, max_stubs: int) -> None:
        self._folder = folder
        self._max_stubs = max_stubs
        self._entries: dict[bytes, _Entry] = {}
        self._count = 0

    @abstractmethod
    def define(self, item: T) -> Definition:
        """What is written of ``item``."""

    @abstractmethod
    def name(self, item: T) -> str:
        """How the name of its file begins."""

    @property
    def held(self) -> int:
        """About how many bytes are in memory."""
        return _ENTRY_BYTES * self._count

    @property
    def limit(self) -> int:
        """The most that there may be."""
        return _ENTRY_BYTES * self._max_stubs

    def add(self, item: T) -> str:
        """Write it: ``recorded``, ``repeated`` where it adds nothing, ``left_out`` past the limit."""
        asked, same, definition = self.define(item)
        key, digest = key_of(asked), key_of(same)
        entry = self._entries.get(key)
        if entry is not None and digest in entry.written:
            entry.repeats += digest == entry.last
            return "repeated"
        if self._count >= self._max_stubs:
            return "left_out"
        if entry is None:
            entry = _Entry(f"{self.name(item)}-{key.hex()[:12]}")
            self._forget(entry)
        number = len(entry.written) + 1
        stub: dict[str, Any] = {"id": entry.file(number)}
        if number > 1:
            self._bound(entry, number - 1)
            stub["priority"] = _PRIORITY + number - 1
        self._write(stub | definition)
        self._entries[key] = entry
        self._count += 1
        entry.written.add(digest)
        entry.last, entry.repeats = digest, 0
        return "recorded"

    def _forget(self, entry: _Entry) -> None:
        """Take away what an earlier recording wrote of the same."""
        for path in self._folder.glob(f"{entry.name}-*.yaml"):
            path.unlink(missing_ok=True)

    def _bound(self, entry: _Entry, number: int) -> None:
        """Another answer follows the one of this number; a file that is gone or broken stays so."""
        path = self._folder / f"{entry.file(number)}.yaml"
        try:
            stub = read_structured(path).value
        except (MockForgeError, OSError):
            return
        if isinstance(stub, dict):
            first = {key: stub.pop(key) for key in _FIRST_KEYS if key in stub}
            self._write({**first, "times": 1 + entry.repeats, **stub})

    def _write(self, stub: dict[str, Any]) -> None:
        write_file(self._folder / f"{stub['id']}.yaml", yaml_text(stub).encode())
