"""Asks a running server for its descriptors: server reflection v1, or v1alpha where that is unknown.

The only place of this room that imports grpc, and only when an upstream is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mockforge.errors import Place

from . import bundled, wire
from .errors import ProtoError
from .merging import SourceFile, SourceSet

if TYPE_CHECKING:
    import grpc

_VERSIONS: Final = ("v1", "v1alpha")
_OWN: Final = ("grpc.reflection.",)
_MOST_BYTES: Final = 64 * 1024**2
_MOST_FILES: Final = 20_000


class Upstream(NamedTuple):
    """A server to ask: ``target`` is host:port. ``ca`` (PEM) replaces the trusted authorities with ``tls``;
    ``metadata`` is sent along; ``timeout`` is in seconds, for all of it."""

    target: str
    tls: bool = False
    ca: Path | None = None
    metadata: tuple[tuple[str, str], ...] = ()
    timeout: float = 10.0


def fetch(upstream: Upstream) -> SourceSet:
    """The files behind all services of ``upstream``, reflection itself aside; ProtoError."""
    try:
        import grpc
    except ImportError:
        raise ProtoError(
            "asking an upstream needs the package grpcio", hint="pip install grpcio"
        ) from None
    with _channel(upstream) as channel:
        for version in _VERSIONS:
            try:
                return _Asker(upstream, channel, version).fetch()
            except grpc.RpcError as error:
                unknown = error.code() == grpc.StatusCode.UNIMPLEMENTED
                if unknown and version != _VERSIONS[-1]:
                    continue
                raise _failed(upstream, error, unknown=unknown) from None
    raise AssertionError("one of the versions returns or raises")


def _channel(upstream: Upstream) -> grpc.Channel:
    import grpc

    options = [("grpc.max_receive_message_length", _MOST_BYTES)]
    if not upstream.tls:
        return grpc.insecure_channel(upstream.target, options)
    try:
        authorities = upstream.ca.read_bytes() if upstream.ca is not None else None
    except OSError as error:
        raise ProtoError(
            f"cannot be read: {error.strerror}", place=Place(str(upstream.ca))
        ) from None
    return grpc.secure_channel(upstream.target, grpc.ssl_channel_credentials(authorities), options)


def _failed(upstream: Upstream, error: Any, *, unknown: bool) -> ProtoError:
    place = Place(upstream.target)
    if unknown:
        return ProtoError(
            "this upstream has no server reflection",
            place=place,
            hint="switch it on there, or give its .proto files",
        )
    name = error.code().name
    hints = {
        "UNAVAILABLE": "is it running, and is TLS on both sides or on none?",
        "DEADLINE_EXCEEDED": "is it running, and is TLS on both sides or on none?",
        "UNAUTHENTICATED": "give it metadata with credentials",
        "PERMISSION_DENIED": "give it metadata with credentials",
    }
    return ProtoError(
        f"this upstream does not say what it serves: {name}: {error.details()}",
        place=place,
        hint=hints.get(name),
    )


class _Asker:
    """One stream of questions and answers."""

    def __init__(self, upstream: Upstream, channel: grpc.Channel, version: str) -> None:
        self.upstream = upstream
        self.place = Place(upstream.target)
        request, self.response = _messages(version)
        self.request: Any = request
        self.call = channel.stream_stream(
            f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
            request_serializer=request.SerializeToString,
            response_deserializer=self.response.FromString,
        )

    def fetch(self) -> SourceSet:
        names = sorted(
            each.name
            for each in self.ask([self.request(list_services="")])[0].list_services_response.service
            if not each.name.startswith(_OWN)
        )
        if not names:
            raise ProtoError("this upstream lists no service", place=self.place)
        files: dict[str, bytes] = {}
        for answer in self.ask([self.request(file_containing_symbol=name) for name in names]):
            self.take(answer, files)
        given = set(files)
        while wanted := sorted(self.missing(files)):
            before = len(files)
            for answer in self.ask([self.request(file_by_filename=name) for name in wanted]):
                self.take(answer, files)
            if len(files) == before or len(files) > _MOST_FILES:
                raise ProtoError(
                    f"this upstream does not give the files it refers to: {', '.join(wanted)}",
                    place=self.place,
                )
        origin = self.upstream.target
        made = [SourceFile(name, raw, origin, name in given) for name, raw in files.items()]
        return SourceSet(origin.replace("/", "_"), made)

    def ask(self, questions: Sequence[Any]) -> list[Any]:
        """The answers, in order; ProtoError for one that is an error."""
        answers = list(
            self.call(
                iter(questions), timeout=self.upstream.timeout, metadata=self.upstream.metadata
            )
        )
        for answer in answers:
            if answer.WhichOneof("message_response") == "error_response":
                raise ProtoError(
                    "this upstream cannot describe all it lists: "
                    f"{answer.error_response.error_message}",
                    place=self.place,
                )
        if len(answers) != len(questions):
            raise ProtoError("this upstream ended reflection early", place=self.place)
        return answers

    def take(self, answer: Any, files: dict[str, bytes]) -> None:
        for raw in answer.file_descriptor_response.file_descriptor_proto:
            try:
                files.setdefault(wire.file_name(raw), raw)
            except wire.BrokenWireError as error:
                raise ProtoError(
                    f"this upstream sent a broken descriptor: {error}", place=self.place
                ) from None

    def missing(self, files: dict[str, bytes]) -> Iterator[str]:
        for raw in list(files.values()):
            for name in wire.dependencies(raw):
                if name not in files and bundled.file_by_name(name) is None:
                    yield name


def _messages(version: str) -> tuple[type[Any], type[Any]]:
    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.message_factory import GetMessageClass

    from .builtin import BUILTIN_FILES

    package = f"grpc.reflection.{version}"
    pool = DescriptorPool()
    pool.Add(BUILTIN_FILES[f"{package.replace('.', '/')}/reflection.proto"]())
    request, response = (
        GetMessageClass(pool.FindMessageTypeByName(f"{package}.ServerReflection{name}"))
        for name in ("Request", "Response")
    )
    return request, response
