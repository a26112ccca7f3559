"""One load: its services and methods, and the way to everything else it knows."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.descriptor_pool import DescriptorPool

from mockforge.errors import Place
from mockforge.findings import Finding
from mockforge.nearest import nearest

from .database import Database
from .declarations import Sources, file_of
from .index import CLIENT_STREAMING, SERVER_STREAMING
from .pack import Pack
from .reflection import FileGraph
from .services import Method, Methods, Service, Services
from .types import MessageType, TypeTable

if TYPE_CHECKING:
    from google.protobuf.descriptor import DescriptorBase
    from google.protobuf.message import Message


class Schema:
    """All that one load gave. Never changes; a reload makes a new one, and the old one is closed when no
    call needs it any more."""

    def __init__(self, pack: Pack, watched: Sequence[Path] = ()) -> None:
        self._pack = pack
        index = pack.index
        self.files: Sequence[str] = tuple(entry.name for entry in index.files)
        """Names of all files, as imports spell them."""
        self.findings: list[Finding] = index.findings
        self.watched = list(watched)
        """Files and folders to look at for changes."""
        database = Database(pack)
        self._graph = FileGraph(database)
        self.pool = DescriptorPool(database)
        self.types = TypeTable(self.pool, database)
        self._sources = Sources(database)
        self._services = Services(self, index.services)
        self.services: Mapping[str, Service] = self._services
        """By full name: of all files, also of those that are only imported."""
        self.methods: Mapping[str, Method] = Methods(self._services)
        """By path, of these services."""
        self._beside: dict[str, Service] = {}
        self._near: dict[str, str | None] = {}

    # ---------------------------------------------------------------- looking up

    def method(self, path: str) -> Method | None:
        """By path ``/pkg.Service/Method``; only of `services`."""
        return self.methods.get(path)

    def service(self, full_name: str) -> Service | None:
        """By full name; also those that are in no source, such as ``grpc.health.v1.Health``."""
        if (known := self.services.get(full_name) or self._beside.get(full_name)) is not None:
            return known
        try:
            found = self.pool.FindServiceByName(full_name)
        except KeyError:
            return None
        methods = tuple(
            Method(
                self,
                full_name,
                each.name,
                CLIENT_STREAMING * each.client_streaming + SERVER_STREAMING * each.server_streaming,
            )
            for each in found.methods
        )
        made = self._beside[full_name] = Service(full_name, found.file.name, methods)
        return made

    def message_type(self, full_name: str) -> MessageType | None:
        """By full name: of the sources, of google.protobuf, google.rpc and the other common protos."""
        return self.types.get(full_name)

    def nearest_method(self, name: str) -> str | None:
        """The method ``pkg.Service/Method`` most like ``name`` (a leading slash is ignored): one with the
        same method name, or with the same service, before others."""
        if name not in self._near:
            if len(self._near) >= _MOST_NEAR:
                self._near.clear()
            self._near[name] = self._nearest_method(name)
        return self._near[name]

    def _nearest_method(self, name: str) -> str | None:
        service, _, method = name.strip("/").rpartition("/")
        same_service = nearest(service, self._services) if service else None
        if same_service is not None:
            names = [each.name for each in self._services[same_service].methods]
            if (close := nearest(method, names)) is not None:
                return f"{same_service}/{close}"
        for path in self._services.paths():
            if path.rpartition("/")[2].lower() == method.lower():
                return path[1:]
        return nearest(name.strip("/"), (path[1:] for path in self._services.paths()))

    # ---------------------------------------------------------------- descriptors

    def options(self, descriptor: DescriptorBase) -> Message | None:
        """The options of a message, field, method ..., with the extensions of this pool readable; None if
        it has none."""
        return self.types.options.of(descriptor)

    def option(self, descriptor: DescriptorBase, extension: str) -> Any:
        """The value of the option ``extension`` (``buf.validate.field``); None if not set or unknown."""
        return self.types.options.get(descriptor, extension)

    def comment(self, descriptor: DescriptorBase) -> str:
        """The comment before (or else behind) what is described, "" if there is none. Read from disk."""
        source = self._sources.of(descriptor)
        return source.comment if source is not None else ""

    def place(self, descriptor: Any) -> Place:
        """Where something was declared, as far as that is known."""
        origin = self.origin(file_of(descriptor).name) or None
        source = self._sources.of(descriptor)
        return Place(origin, source.line, source.column) if source is not None else Place(origin)

    def origin(self, file: str) -> str:
        """Where the file called ``file`` comes from: a path, or the upstream; "" if unknown."""
        number = self._graph.database.numbers.get(file)
        return "" if number is None else self._pack.index.files[number].origin

    def is_given(self, file: str) -> bool:
        """Whether a source holds the file called ``file``; otherwise it is only imported."""
        number = self._graph.database.numbers.get(file)
        return number is not None and self._pack.index.files[number].given

    def file_descriptors(
        self,
        *,
        name: str | None = None,
        symbol: str | None = None,
        extension: tuple[str, int] | None = None,
    ) -> list[bytes] | None:
        """For reflection: the serialised FileDescriptorProto of the file with that name, that symbol
        (message, field, enum, enum value, service, method, extension) or that extension (of a type, by
        number), then those of all that it imports. None if there is none."""
        if extension is not None:
            found = self._graph.with_extension(*extension)
        elif symbol is not None:
            found = self._graph.with_symbol(symbol)
        else:
            found = name
        return None if found is None else self._graph.closure(found)

    def extension_numbers(self, full_name: str) -> list[int] | None:
        """For reflection: the numbers of all known extensions of a message type; None if there is no such
        type."""
        if self.types.descriptor(full_name) is None:
            return None
        return sorted(number for number, _ in self._pack.index.extensions.get(full_name, ()))

    # ---------------------------------------------------------------- itself

    @property
    def summary(self) -> str:
        """``3 services, 12 methods in 5 files``."""
        given = sum(entry.given for entry in self._pack.index.files)
        counts = ((len(self.services), "service"), (len(self.methods), "method"))
        said = ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts)
        return f"{said} in {given} file{'' if given == 1 else 's'}"

    @property
    def memory_bytes(self) -> int:
        """About what the index and the descriptors that were used take; for reports, not cheap."""
        index = self._pack.index
        names = [entry.name for entry in index.files] + [entry.origin for entry in index.files]
        names += index.symbols
        total = sum(map(sys.getsizeof, names)) + sys.getsizeof(index.symbols)
        methods = sum(len(service.methods) for service in index.services)
        total += _ENTRY * (len(index.files) + len(index.services) + methods)
        return total + self._graph.database.served_bytes * _EXPANSION

    def close(self) -> None:
        """Let go of the file and of what was compiled. What was handed out stays usable as far as it was
        used before."""
        self.types.clear()
        self._sources.clear()
        self._pack.close()


_MOST_NEAR: Final = 200
"""Answers about misspelt names that are kept: a client that errs does so more than once."""
_ENTRY: Final = 150
"""Of an entry of the index, beside its texts."""
_EXPANSION: Final = 6
"""A descriptor in a pool takes about this many times its serialised size."""
