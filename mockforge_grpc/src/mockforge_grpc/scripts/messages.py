"""A message that came: as conditions test it and as templates see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mockforge.mocking.matching import Content

if TYPE_CHECKING:
    from mockforge_grpc.schema import MessageType


class Incoming:
    """One message; its JSON form is made when it is first asked for. MalformedMessageError where it is none
    of its type."""

    __slots__ = ("_content", "_kind", "data")

    def __init__(self, data: bytes, kind: MessageType) -> None:
        self.data = data
        self._kind = kind
        self._content: Content | None = None

    @property
    def content(self) -> Content:
        """What predicates look at."""
        content = self._content
        if content is None:
            kind = self._kind
            json = kind.to_json(kind.parse(self.data), defaults=True)
            content = self._content = Content.of_json(json)
        return content

    @property
    def json(self) -> Any:
        """What templates see."""
        return self.content.json


class HalfClosed:
    """What is delivered to a script that waits for the client to have said all."""

    __slots__ = ()


HALF_CLOSED: Final = HalfClosed()


def is_half_closed(message: object) -> bool:
    """The condition of ``expect: end``."""
    return message is HALF_CLOSED
