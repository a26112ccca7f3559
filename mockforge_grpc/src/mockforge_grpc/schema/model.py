"""Skeleton: see below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import Descriptor, DescriptorBase
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message

from mockforge.errors import Place
from mockforge.findings import Finding

from .errors import MessageError


class MessageType:
    """A message type of one schema."""

    __slots__ = ("descriptor", "full_name")
    full_name: str
    descriptor: Descriptor

    def new(self) -> Message:
        """An empty message."""
        raise NotImplementedError

    def parse(self, data: bytes) -> Message:
        """The message in ``data``; MalformedMessageError."""
        raise NotImplementedError

    def to_json(self, message: Message, *, camel: bool = False, defaults: bool = False) -> Any:
        """The proto3 JSON form as plain values, with the names of the .proto file (``camel``: in
        lowerCamelCase). ``defaults`` adds fields without presence that have their default."""
        raise NotImplementedError

    def from_json(self, value: Any, *, place: Place | None = None) -> Message:
        """The message that ``value`` stands for, names in either spelling; MessageError."""
        raise NotImplementedError

    def checked(self, value: Any, *, place: Place | None = None) -> list[MessageError]:
        """What is wrong with ``value`` if every text with a template in it is taken as right."""
        raise NotImplementedError


class HttpRule:
    """One ``google.api.http`` binding: ``method`` ("GET", or a custom kind), ``path`` template, ``body``
    ("" none, "*" the rest, or a field), ``response_body`` ("" the whole message)."""

    __slots__ = ("body", "method", "path", "response_body")
    method: str
    path: str
    body: str
    response_body: str


class Method:
    """One method of a service."""

    __slots__ = ("client_streaming", "full_name", "name", "path", "server_streaming", "service")
    full_name: str  # pkg.Service/Method
    path: str  # /pkg.Service/Method
    service: str  # pkg.Service
    name: str
    client_streaming: bool
    server_streaming: bool

    @property
    def kind(self) -> str:
        """UNARY, CLIENT_STREAM, SERVER_STREAM or BIDI."""
        raise NotImplementedError

    @property
    def input(self) -> MessageType:
        """What clients send."""
        raise NotImplementedError

    @property
    def output(self) -> MessageType:
        """What the server sends."""
        raise NotImplementedError

    def http_rules(self) -> list[HttpRule]:
        """The ``google.api.http`` rule and its additional bindings."""
        raise NotImplementedError


class Service:
    """One service: its methods in the order of the file."""

    __slots__ = ("file", "full_name", "methods")
    full_name: str
    file: str
    methods: tuple[Method, ...]


class Schema:
    """All that one load gave. Never changes: a reload makes a new one."""

    pool: DescriptorPool
    methods: Mapping[str, Method]  # by path, of the services that the sources hold
    services: Mapping[str, Service]  # by full name
    files: Sequence[str]  # names of all proto files
    findings: list[Finding]
    watched: list[Path]
    """Files and folders to look at for changes."""

    @property
    def memory_bytes(self) -> int:
        """About what it holds."""
        raise NotImplementedError

    @property
    def summary(self) -> str:
        """``3 services, 12 methods in 5 files``."""
        raise NotImplementedError

    def method(self, path: str) -> Method | None:
        """By path ``/pkg.Service/Method`` (also methods of types known beside the sources: health,
        reflection)."""
        raise NotImplementedError

    def service(self, full_name: str) -> Service | None:
        """By full name; also ``grpc.health.v1.Health`` and the like, which are not in `services`."""
        raise NotImplementedError

    def message_type(self, full_name: str) -> MessageType | None:
        """By full name (no leading dot): of the sources, well-known or google.rpc."""
        raise NotImplementedError

    def nearest_method(self, name: str) -> str | None:
        """The method most like ``name`` (``pkg.Service/Method``, a leading slash is ignored)."""
        raise NotImplementedError

    def options(self, descriptor: DescriptorBase) -> Message | None:
        """The options of a message, field, method ... with the extensions of this pool readable, or None
        if it has none."""
        raise NotImplementedError

    def option(self, descriptor: DescriptorBase, extension: str) -> Any:
        """The value of the option ``extension`` (``buf.validate.field``), None if not set or unknown."""
        raise NotImplementedError

    def comment(self, descriptor: DescriptorBase) -> str:
        """The comment before (or else behind) what is described, "" if there is none. Read from disk."""
        raise NotImplementedError

    def file_descriptors(
        self,
        *,
        name: str | None = None,
        symbol: str | None = None,
        extension: tuple[str, int] | None = None,
    ) -> list[bytes] | None:
        """For reflection: the serialised FileDescriptorProto of the file with that name, that symbol or
        that extension (of type, number), then those of all it imports. None if there is none."""
        raise NotImplementedError

    def extension_numbers(self, full_name: str) -> list[int] | None:
        """For reflection: numbers of all known extensions of a message type; None if unknown type."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of open files and what was compiled."""
        raise NotImplementedError
