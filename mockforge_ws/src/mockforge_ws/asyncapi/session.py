"""One connection to a channel: checks what comes, answers it, and sends what the application sends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING, Final

from msgspec import UNSET

from mockforge_ws.asyncapi.receiving import Content
from mockforge_ws.asyncapi.sending import find

if TYPE_CHECKING:
    from mockforge_ws.asyncapi.receiving import Incoming, Verdict
    from mockforge_ws.asyncapi.talk import Talk
    from mockforge_ws.conversation import Conversation
    from mockforge_ws.wire import Connection, Data

log = logging.getLogger("mockforge.ws")

SESSION_BYTES: Final = 1024
"""Estimate of what a session holds: no message waits in it."""
POLICY: Final = 1008
"""Close code (RFC 6455 section 7.4.1)."""
_MOST_REASON: Final = 120


class ChannelSession:
    """The wire's :class:`~mockforge_ws.wire.Session` of a connection to a channel."""

    __slots__ = ("_chance", "_conversation", "_parameters", "_replied", "_sent", "_talk", "_timer",
                 "connection")  # fmt: skip

    connection: Connection

    def __init__(self, talk: Talk, conversation: Conversation) -> None:
        self._talk = talk
        self._conversation = conversation
        self._parameters: Mapping[str, str] = conversation.parameters
        self._chance: Random | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._sent = 0
        self._replied = 0

    # -------------------------------------------------------------- what the wire says

    def start(self, connection: Connection) -> None:
        """The connection is open: the first message goes out."""
        self.connection = connection
        if self._talk.sends:
            self._send()

    def message(self, data: Data) -> None:
        """A message came: it is checked, and answered."""
        verdict = self._judged(data)
        message = verdict.message
        source = None if message is None else f"operation:{message.operation}"
        self._conversation.received(data, source, verdict.findings)
        if verdict.findings and self._talk.manner.mode == "enforce":
            first = verdict.findings[0]
            reason = f"{'' if first.path in (None, '/') else first.path + ': '}{first.message}"
            self.connection.close(POLICY, reason.encode()[:_MOST_REASON].decode("utf-8", "ignore"))
        elif message is not None and message.replies:
            self._answer(message, data)

    def pushed(self, data: Data) -> None:
        """A message from elsewhere was sent."""
        self._conversation.sent(data)

    def writable(self) -> None:
        """What was written is gone: take messages again."""
        self.connection.release()

    def closed(self, code: int, reason: str) -> None:
        """It is over."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._conversation.closed(code, reason)

    def memory_bytes(self) -> int:
        return SESSION_BYTES

    # -------------------------------------------------------------- messages in

    def _judged(self, data: Data) -> Verdict:
        verdict = self._talk.judge.judge(Content(data))
        if verdict.findings and self._talk.manner.mode == "off":
            return verdict._replace(findings=())
        return verdict

    def _answer(self, message: Incoming, data: Data) -> None:
        """The first of the replies that can be made."""
        related = UNSET
        if message.correlation is not None:
            related = find(Content(data).json, message.correlation)
        for reply in message.replies:
            made = reply.make(self._dice(), self._replied, self._parameters, related)
            if made is not None:
                self._replied += 1
                self.connection.send(made)
                self._conversation.sent(made, f"operation:{reply.operation}")
                break
        if self.connection.blocked:  # whoever does not read is not read from
            self.connection.hold()

    # -------------------------------------------------------------- messages out

    def _dice(self) -> Random:
        chance = self._chance
        if chance is None:
            chance = self._chance = self._conversation.chance()
        return chance

    def _send(self) -> None:
        """The next of the messages that are sent by themselves, in turn; none while the client does not
        read."""
        self._timer = None
        connection, talk = self.connection, self._talk
        if not connection.is_open:
            return
        if not connection.blocked:
            turn, which = divmod(self._sent, len(talk.sends))
            message = talk.sends[which]
            made = message.make(self._dice(), turn, self._parameters)
            self._sent += 1
            if made is not None:
                connection.send(made)
                self._conversation.sent(made, f"operation:{message.operation}")
        manner = talk.manner
        if manner.interval > 0 and (not manner.messages or self._sent < manner.messages):
            self._timer = connection.loop.call_later(manner.interval, self._timed)

    def _timed(self) -> None:
        try:
            self._send()
        except Exception:
            log.exception("sending a message failed")
            self.connection.close(1011, "the mock failed")
