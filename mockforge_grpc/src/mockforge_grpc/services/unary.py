"""Calls of methods that take one message."""

from __future__ import annotations

from mockforge_grpc.services.session import NO_REQUEST, TWO_REQUESTS, Session


class OneRequest(Session):
    """Answered when the client has sent its message and said that this is all."""

    __slots__ = ()

    def message(self, data: bytes) -> None:
        """The message came."""
        if self.count:
            if not self.over:
                self.finish(TWO_REQUESTS)
            return
        self.count = 1
        self.messages.append(data)

    def half_closed(self) -> None:
        """The client has said all."""
        if self.over:
            return
        if not self.count:
            self.finish(NO_REQUEST)
        elif self.route.trouble is None or not self.troubled():
            self.answer()
