"""Services and their methods, made when they are first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .index import CLIENT_STREAMING, SERVER_STREAMING, ServiceEntry
from .options import HTTP

if TYPE_CHECKING:
    from google.protobuf.descriptor import MethodDescriptor

    from .model import Schema
    from .types import MessageType

_KINDS: Final = ("UNARY", "CLIENT_STREAM", "SERVER_STREAM", "BIDI")
_VERBS: Final = ("get", "put", "post", "delete", "patch")


class HttpRule(NamedTuple):
    """One binding of ``google.api.http``: ``method`` ("GET" or any other), the ``path`` template, ``body``
    ("" none, "*" all that the path does not have, or the name of a field), ``response_body`` ("" the
    whole message, or the name of a field)."""

    method: str
    path: str
    body: str = ""
    response_body: str = ""


class Method:
    """One method of a service. Its types are looked up when they are first asked for."""

    __slots__ = (
        "_input",
        "_output",
        "_schema",
        "client_streaming",
        "full_name",
        "name",
        "path",
        "server_streaming",
        "service",
    )

    def __init__(self, schema: Schema, service: str, name: str, bits: int) -> None:
        self._schema = schema
        self._input: MessageType | None = None
        self._output: MessageType | None = None
        self.service = service
        self.name = name
        self.full_name = f"{service}/{name}"
        self.path = f"/{service}/{name}"
        self.client_streaming = bool(bits & CLIENT_STREAMING)
        self.server_streaming = bool(bits & SERVER_STREAMING)

    def __repr__(self) -> str:
        return f"<Method {self.full_name}>"

    @property
    def kind(self) -> str:
        """UNARY, CLIENT_STREAM, SERVER_STREAM or BIDI."""
        return _KINDS[self.client_streaming + 2 * self.server_streaming]

    @property
    def descriptor(self) -> MethodDescriptor:
        """Its descriptor in the pool."""
        service = self._schema.pool.FindServiceByName(self.service)
        return service.methods_by_name[self.name]

    @property
    def input(self) -> MessageType:
        """What clients send."""
        if self._input is None:
            self._input = self._schema.types.of(self.descriptor.input_type)
        return self._input

    @property
    def output(self) -> MessageType:
        """What the server sends."""
        if self._output is None:
            self._output = self._schema.types.of(self.descriptor.output_type)
        return self._output

    def http_rules(self) -> list[HttpRule]:
        """The ``google.api.http`` rule and its additional bindings, [] if there is none."""
        rule = self._schema.option(self.descriptor, HTTP)
        if rule is None:
            return []
        return list(filter(None, map(_http_rule, (rule, *rule.additional_bindings))))


def _http_rule(rule: Any) -> HttpRule | None:
    pattern = rule.WhichOneof("pattern")
    if pattern in _VERBS:
        return HttpRule(pattern.upper(), getattr(rule, pattern), rule.body, rule.response_body)
    if pattern == "custom":
        return HttpRule(rule.custom.kind, rule.custom.path, rule.body, rule.response_body)
    return None


class Service:
    """One service: its methods in the order of the file."""

    __slots__ = ("file", "full_name", "methods")

    def __init__(self, full_name: str, file: str, methods: tuple[Method, ...]) -> None:
        self.full_name = full_name
        self.file = file
        self.methods = methods

    def __repr__(self) -> str:
        return f"<Service {self.full_name}>"


class Services(Mapping[str, Service]):
    """By full name; each is made when it is asked for."""

    def __init__(self, schema: Schema, entries: Sequence[ServiceEntry]) -> None:
        self._schema = schema
        self._entries = {entry.name: entry for entry in entries}
        self._made: dict[str, Service] = {}

    def __getitem__(self, full_name: str) -> Service:
        if (made := self._made.get(full_name)) is None:
            entry = self._entries[full_name]
            file = self._schema.files[entry.file]
            methods = tuple(
                Method(self._schema, full_name, name, bits) for name, bits in entry.methods
            )
            made = self._made[full_name] = Service(full_name, file, methods)
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def paths(self) -> Iterator[str]:
        """The paths of all methods."""
        for entry in self._entries.values():
            for name, _ in entry.methods:
                yield f"/{entry.name}/{name}"


class Methods(Mapping[str, Method]):
    """By path ``/pkg.Service/Method``."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._made: dict[str, Method] = {}

    def __getitem__(self, path: str) -> Method:
        if (known := self._made.get(path)) is None:
            service, _, name = path.removeprefix("/").rpartition("/")
            methods = self._services[service].methods if path.startswith("/") else ()
            for method in methods:
                if method.name == name:
                    known = self._made[path] = method
                    break
            else:
                raise KeyError(path)
        return known

    def __iter__(self) -> Iterator[str]:
        return self._services.paths()

    def __len__(self) -> int:
        return sum(1 for _ in self)
