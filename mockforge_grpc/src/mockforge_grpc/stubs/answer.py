"""The answers of a stub, compiled: the same for everyone, one message that is made, or a script."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from struct import pack
from typing import TYPE_CHECKING

from mockforge.mocking.exchange import Response

if TYPE_CHECKING:
    from mockforge.mocking.scripts import Made, Program
    from mockforge_grpc.schema import Method
    from mockforge_grpc.status import Status
    from mockforge_grpc.transport import Metadata


class FixedAnswer:
    """The same for everyone, and given at once: at most one message (``body``), and the status. ``response``
    is the answer as the journal keeps it."""

    __slots__ = ("body", "metadata", "response", "size", "status", "trailers")

    def __init__(
        self,
        body: bytes | None,
        status: Status,
        metadata: Metadata = (),
        trailers: Metadata = (),
        *,
        streamed: bool = False,
    ) -> None:
        self.body = body
        self.status = status
        self.metadata = metadata
        self.trailers = trailers
        self.size = 0 if body is None else len(body)
        kept = b"" if body is None else framed((body,)) if streamed else body
        self.response = noted(status, metadata, trailers, kept)


class MadeAnswer:
    """One message, made of the call, and success."""

    __slots__ = ("make", "metadata", "trailers")

    def __init__(self, make: Made, metadata: Metadata, trailers: Metadata) -> None:
        self.make = make
        self.metadata = metadata
        self.trailers = trailers


class PlayedAnswer:
    """A program. ``scripted`` is whether it is a ``script`` of the stub's own, which sees every message of
    the client; ``metadata`` are sent before it begins, ``trailers`` at its end."""

    __slots__ = ("metadata", "program", "scripted", "trailers")

    def __init__(
        self,
        program: Program,
        metadata: Metadata | Made = (),
        trailers: Metadata | Made = (),
        *,
        scripted: bool = False,
    ) -> None:
        self.program = program
        self.metadata = metadata
        self.trailers = trailers
        self.scripted = scripted


Answer = FixedAnswer | MadeAnswer | PlayedAnswer


def noted(status: Status, metadata: Metadata, trailers: Metadata, body: bytes) -> Response:
    """How the journal keeps an answer: the code as status; metadata, trailers and message as headers."""
    headers = [*_texts(metadata), *_texts(trailers)]
    if status.message:
        headers.append(("grpc-message", status.message))
    return Response(int(status.code), headers, body)


def _texts(metadata: Metadata) -> Iterator[tuple[str, str]]:
    for name, value in metadata:
        yield name, value if isinstance(value, str) else b64encode(value).decode("ascii")


def framed(messages: Sequence[bytes]) -> bytes:
    """Messages of a stream as the journal keeps them: each after its length in four octets."""
    return b"".join(pack("!I", len(message)) + message for message in messages)


Key = tuple[str, bool, bool]


def key_of(method: Method) -> Key:
    """What answers are compiled for: the type they are of, and which sides are streams."""
    return method.output.full_name, method.client_streaming, method.server_streaming
