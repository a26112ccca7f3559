"""Files and what they import, as bytes: what server reflection is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from . import wire
from .descriptors import PlainFile
from .index import declared

if TYPE_CHECKING:
    from .database import Database


class FileGraph:
    """The files of a database, by what they hold."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def closure(self, name: str) -> list[bytes] | None:
        """The file called ``name``, then all that it imports, each once."""
        found: dict[str, bytes] = {}
        pending = [name]
        while pending:
            next_name = pending.pop(0)
            if next_name in found:
                continue
            data = self.database.file(next_name)
            if data is None:
                # Weak imports may be absent; the first file may not.
                if next_name == name:
                    return None
                continue
            found[next_name] = data
            pending.extend(wire.dependencies(data))
        return list(found.values())

    def with_extension(self, extended: str, number: int) -> str | None:
        """The name of the file that declares extension ``number`` of a type."""
        index = self.database.pack.index
        for known, file in index.extensions.get(extended, ()):
            if known == number:
                return index.files[file].name
        return None

    def with_symbol(self, symbol: str) -> str | None:
        """The name of the file that declares ``symbol``, which may be nested."""
        data = self.database.file_with(symbol)
        candidates: Iterable[bytes] = [data] if data is not None else self._beside(symbol)
        for each in candidates:
            file = PlainFile.FromString(each)
            if symbol in declared(file):
                return file.name
        return None

    def _beside(self, symbol: str) -> Iterator[bytes]:
        """The files of the package that ``symbol`` is in: it may be the value of an enum there."""
        scope = symbol.rpartition(".")[0]
        index = self.database.pack.index
        files = {
            number for name, number in index.symbols.items() if name.rpartition(".")[0] == scope
        }
        for number in sorted(files):
            yield self.database.pack.descriptor(number)
