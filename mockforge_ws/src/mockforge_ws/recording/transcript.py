"""One conversation as it passes: its messages with their times, within the limits on them."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Final, NamedTuple

from mockforge_ws.wire import Data, size_of

if TYPE_CHECKING:
    from mockforge_ws.recording.recorder import Recorder

ABNORMAL: Final = 1006
COST: Final = 2_000
"""About what a conversation holds besides its messages."""
_MESSAGE_COST: Final = 120
"""About what a message holds besides what is in it."""


class Opening(NamedTuple):
    """How a conversation was opened. ``matched`` are the request headers that stubs are to match, ``headers``
    those of the answer."""

    path: str
    query: str
    matched: tuple[tuple[str, str], ...]
    subprotocol: str | None
    headers: tuple[tuple[str, str], ...]


class Said(NamedTuple):
    """A message: ``at`` seconds after the conversation began, by the upstream server or (``came``) by the
    client."""

    at: float
    came: bool
    data: Data


class Closed(NamedTuple):
    """The upstream server ended the conversation, with a close or (``code`` 1006) without."""

    at: float
    code: int
    reason: str


class Recorded(NamedTuple):
    """A conversation that is over. ``closed`` is ``None`` where it was not the upstream server that ended
    it."""

    opening: Opening
    messages: list[Said]
    closed: Closed | None


class Transcript:
    """What is told of one conversation. It ends by itself where a limit is reached."""

    __slots__ = ("_begun", "_messages", "_opening", "_recorder", "_size")

    def __init__(self, recorder: Recorder, opening: Opening) -> None:
        self._recorder = recorder
        self._opening: Opening | None = opening
        self._messages: list[Said] = []
        self._size = COST
        self._begun = perf_counter()
        recorder.held += COST

    def received(self, data: Data) -> None:
        """The client said ``data``."""
        self._add(data, came=True)

    def sent(self, data: Data) -> None:
        """The upstream server said ``data``."""
        self._add(data, came=False)

    def end(self, code: int | None = None, reason: str = "") -> None:
        """It is over. ``code`` is that of the upstream server where that has ended it."""
        if self._opening is not None:
            closed = None if code is None else Closed(self._now(), code, reason)
            self._finish(self._opening, closed)

    def _add(self, data: Data, *, came: bool) -> None:
        opening, recorder = self._opening, self._recorder
        if opening is None:
            recorder.unrecorded += 1
            return
        settings = recorder.settings
        size = _MESSAGE_COST + size_of(data)
        if (
            len(self._messages) >= settings.max_messages
            or self._size + size > settings.max_conversation
        ):
            recorder.unrecorded += 1
            recorder.warn(
                "a conversation has more messages than websocket.record.max_messages, or more bytes "
                "than websocket.record.max_conversation"
            )
            self._finish(opening, None)
            return
        if recorder.held + size > settings.max_bytes:
            recorder.unrecorded += 1 + len(self._messages)
            self._opening = None
            self._messages = []
            recorder.held -= self._size
            recorder.give_up("dropped", "conversations take more than websocket.record.max_bytes")
            return
        self._messages.append(Said(self._now(), came, data))
        self._size += size
        recorder.held += size

    def _finish(self, opening: Opening, closed: Closed | None) -> None:
        self._opening = None
        messages, self._messages = self._messages, []
        self._recorder.put(Recorded(opening, messages, closed), self._size)

    def _now(self) -> float:
        return perf_counter() - self._begun
