"""What stubs look at in a call, each made when first asked for and then shared by all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from mockforge.mocking.matching import Content
from mockforge_grpc.schema import MalformedMessageError

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from mockforge_grpc.schema import Method
    from mockforge_grpc.transport import Metadata

_NOTHING: Final[Sequence[str]] = ()


class Caller(Protocol):
    """What is known of a call beside its messages."""

    @property
    def metadata(self) -> Metadata: ...
    @property
    def authority(self) -> str: ...
    @property
    def peer(self) -> str: ...


class Facts:
    """One call of ``method``; ``messages`` are those that came and were kept, the first of them always. No
    view raises."""

    __slots__ = ("_contents", "_fields", "_first", "caller", "messages", "method")

    def __init__(self, method: Method, caller: Caller, messages: Sequence[bytes] = ()) -> None:
        self.method = method
        self.caller = caller
        self.messages = list(messages)
        self._first: Message | None = None
        self._contents: list[Content] | None = None
        self._fields: Mapping[str, list[str]] | None = None

    def parse_first(self) -> None:
        """Read the first message. MalformedMessageError."""
        if self._first is None and self.messages:
            self._first = self.method.input.parse(self.messages[0])

    @property
    def content(self) -> Content | None:
        """The first message; ``None`` if there is none."""
        contents = self._contents
        if not contents:
            if not self.messages:
                return None
            contents = self._contents = [self._content_of(0)]
        return contents[0]

    @property
    def contents(self) -> Sequence[Content]:
        """All messages that are kept."""
        contents = self._contents
        if contents is None:
            contents = self._contents = []
        for number in range(len(contents), len(self.messages)):
            contents.append(self._content_of(number))
        return contents

    def _content_of(self, number: int) -> Content:
        kind = self.method.input
        try:
            message = self._first if number == 0 else None
            if message is None:
                message = kind.parse(self.messages[number])
            return Content.of_json(kind.to_json(message, defaults=True))
        except MalformedMessageError:  # the call ends with INTERNAL anyway
            return Content(self.messages[number])

    def json(self) -> Any:
        """The JSON form of the first message, fields without presence included."""
        content = self.content
        return {} if content is None else content.json

    def values(self, name: str) -> Sequence[str]:
        """The values of metadata by lower-case name; of ``-bin`` ones as base64."""
        fields = self._fields
        if fields is None:
            fields = self._fields = metadata_texts(self.caller.metadata)
        return fields.get(name, _NOTHING)

    @property
    def fields(self) -> Mapping[str, list[str]]:
        """All metadata, see :meth:`values`."""
        self.values("")
        return self._fields or {}

    @property
    def clients(self) -> Sequence[str]:
        """The client's address without its port."""
        peer = self.caller.peer
        host, colon, port = peer.rpartition(":")
        address = host.strip("[]") if colon and port.isdecimal() else peer
        return (address,) if address else _NOTHING

    @property
    def authorities(self) -> Sequence[str]:
        """The ``:authority`` in lower case: its name and, with a port, both together."""
        authority = self.caller.authority.lower()
        name, colon, port = authority.rpartition(":")
        if colon and port.isdecimal():
            return (name, authority)
        return (authority,) if authority else _NOTHING


def metadata_texts(metadata: Metadata) -> dict[str, list[str]]:
    """Metadata by name, binary values as base64."""
    from base64 import b64encode

    found: dict[str, list[str]] = {}
    for name, value in metadata:
        text = value if isinstance(value, str) else b64encode(value).decode("ascii")
        found.setdefault(name, []).append(text)
    return found
