"""A message that came: as conditions test it and as templates see it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import UNSET

from mockforge.mocking.matching import Content
from mockforge_ws.wire import Data


class Incoming:
    """One message; its views are made when they are first asked for."""

    __slots__ = ("_content", "data")

    def __init__(self, data: Data) -> None:
        self.data = data
        self._content: Content | None = None

    @property
    def is_text(self) -> bool:
        """Whether it came as text."""
        return isinstance(self.data, str)

    @property
    def content(self) -> Content:
        """What predicates look at."""
        content = self._content
        if content is None:
            data = self.data
            content = Content.of_text(data) if isinstance(data, str) else Content(data)
            self._content = content
        return content


class MessageView(dict[str, Any]):
    """``message``: ``text``, ``json``, ``base64``, ``binary`` (whether it is); as text, the text."""

    __slots__ = ("_incoming",)

    def __init__(self, incoming: Incoming) -> None:
        super().__init__(text=incoming.content.text, binary=not incoming.is_text)
        self._incoming = incoming

    def __missing__(self, key: str) -> Any:
        make = _VIEWS.get(key)
        if make is None:
            raise KeyError(key)
        value = self[key] = make(self._incoming)
        return value

    def get(self, key: str, default: Any = None) -> Any:
        """A view, or ``default`` where there is none of that name."""
        return self[key] if key in _VIEWS or key in self else default

    def __str__(self) -> str:
        return self._incoming.content.text


def _json(incoming: Incoming) -> Any:
    value = incoming.content.json
    return None if value is UNSET else value


def _base64(incoming: Incoming) -> str:
    return base64.b64encode(incoming.content.raw).decode("ascii")


_VIEWS: Final[Mapping[str, Callable[[Incoming], Any]]] = {
    "json": _json,
    "base64": _base64,
}
