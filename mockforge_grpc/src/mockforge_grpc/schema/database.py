"""What a descriptor pool asks for files that it does not have yet."""

from __future__ import annotations

from typing import Final

from google.protobuf.descriptor_pb2 import FileDescriptorProto

from . import bundled, wire
from .descriptors import PlainFile
from .pack import Pack

_LONGEST: Final = 500
"""Of names that are looked up: clients may send any."""


class Database:
    """The files of a pack, and behind them the bundled ones. A pool reads from it as it needs."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.served_bytes = 0
        """How much a pool was given."""
        index = pack.index
        self.numbers = {entry.name: number for number, entry in enumerate(index.files)}

    # The names and the KeyError are those that google.protobuf.descriptor_pool.DescriptorPool expects.

    def FindFileByName(self, name: str) -> FileDescriptorProto:  # noqa: N802
        """The file called ``name``."""
        return self._served(self.file(name), name)

    def FindFileContainingSymbol(self, symbol: str) -> FileDescriptorProto:  # noqa: N802
        """The file that declares ``symbol``."""
        return self._served(self.file_with(symbol), symbol)

    def _served(self, data: bytes | None, wanted: str) -> FileDescriptorProto:
        if data is None:
            raise KeyError(wanted)
        self.served_bytes += len(data)
        return PlainFile.FromString(data)

    def file(self, name: str) -> bytes | None:
        """The serialised descriptor of the file called ``name``."""
        if (number := self.numbers.get(name)) is not None:
            return self.pack.descriptor(number)
        return bundled.file_by_name(name)

    def file_with(self, symbol: str) -> bytes | None:
        """The serialised descriptor of the file that declares ``symbol``, which may be nested."""
        if len(symbol) > _LONGEST:
            return None
        outer = symbol
        while outer:
            if (number := self.pack.index.symbols.get(outer)) is not None:
                return self.pack.descriptor(number)
            outer = outer.rpartition(".")[0]
        outer = symbol
        while outer:
            if (data := bundled.file_with_symbol(outer)) is not None:
                # A source may have it under another name.
                name = wire.file_name(data)
                return data if name not in self.numbers else self.file(name)
            outer = outer.rpartition(".")[0]
        return None
