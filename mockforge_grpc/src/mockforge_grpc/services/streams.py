"""Calls of methods that take a stream of messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from zlib import crc32

from mockforge_grpc.services.session import Session
from mockforge_grpc.status import Code, Status
from mockforge_grpc.stubs.answer import FixedAnswer, PlayedAnswer
from mockforge_grpc.stubs.criteria import ALL_MESSAGES, FIRST_MESSAGE, NO_MESSAGE

if TYPE_CHECKING:
    from mockforge_grpc.services.routes import Route
    from mockforge_grpc.stubs.answer import Answer
    from mockforge_grpc.transport.call import Call

MESSAGE_COST = 64
"""Bytes that a message which is kept takes besides its own."""
CHOOSING, LATE, PLAYING, OVER = range(4)


class RequestStream(Session):
    """Answered as soon as enough has come to choose a stub: nothing, the first message, or all.

    ``digest`` tells streams of different messages apart.
    """

    __slots__ = ("_half_closed", "_keep", "_level", "_pending", "_size", "_stage", "digest")

    def __init__(self, route: Route, call: Call) -> None:
        super().__init__(route, call)
        self._level, self._keep = route.needs()
        self._half_closed = False
        self._size = 0
        self._stage = CHOOSING
        self._pending: Callable[[], None] | None = None
        self.digest = 0

    def begin(self) -> None:
        """Answer at once what needs to see no message."""
        if self._level == NO_MESSAGE:
            self._choose()

    @property
    def has_half_closed(self) -> bool:
        return self._half_closed

    def message(self, data: bytes) -> None:
        """A message came."""
        if self._stage == OVER:
            return
        self.note_received(data)
        self.digest = crc32(data, self.digest)
        if self.player is not None:
            self.player.message(data)
            return
        if self._keep or not self.messages or self._stage == LATE or self._level < ALL_MESSAGES:
            self._keep_message(data)
        if self._stage == CHOOSING and self._level == FIRST_MESSAGE:
            self._choose()

    def _keep_message(self, data: bytes) -> None:
        world = self.world
        size = len(data) + MESSAGE_COST
        self._size += size
        fits = self.world.notes.holding.take(size)
        if not fits or (
            self.messages
            and (len(self.messages) >= world.max_collected or self._size > world.max_message)
        ):
            self.finish(
                Status(
                    Code.RESOURCE_EXHAUSTED,
                    "more messages than are kept (grpc.max_collected, grpc.max_message, grpc.max_held)",
                )
            )
            return
        self.messages.append(data)

    def half_closed(self) -> None:
        """The client has said all."""
        self._half_closed = True
        if self._stage == OVER:
            return
        if self.player is not None:
            self.player.half_closed()
        elif self._stage == CHOOSING:
            self._choose()
        elif self._pending is not None:
            pending, self._pending = self._pending, None
            pending()

    def _choose(self) -> None:
        self._stage = LATE
        if self.route.trouble is None or not self.troubled():
            self.answer()

    # What answers a client stream and is no script waits until the client has said all.

    def fall_back(self) -> None:
        if self.world.passes_on:
            super().fall_back()
        else:
            self._when_all_came(super().fall_back)

    def answer_fixed(self, fixed: FixedAnswer) -> None:
        self._when_all_came(lambda: super(RequestStream, self).answer_fixed(fixed))

    def give(self, answer: Answer, number: int) -> None:
        if isinstance(answer, PlayedAnswer) and answer.scripted:
            super().give(answer, number)
        elif isinstance(answer, FixedAnswer):
            self.answer_fixed(answer)
        else:
            self._when_all_came(lambda: super(RequestStream, self).give(answer, number))

    def _when_all_came(self, do: Callable[[], None]) -> None:
        if self._half_closed or self.route.server_streaming:
            do()
        else:
            self._pending = do

    def take_over(self, player: Any) -> None:
        self._stage = PLAYING
        super().take_over(player)
        # The player has them now.
        del self.messages[1:]

    def _over(self, response: Any, sent: int) -> None:
        self._stage = OVER
        self.world.notes.holding.give(self._size)
        self._size = 0
        super()._over(response, sent)
