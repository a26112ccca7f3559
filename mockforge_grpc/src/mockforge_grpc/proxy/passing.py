"""The upstream server as the application sees it: what is passed on, and what came of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

from mockforge_grpc.proxy.channel import check, open_channel
from mockforge_grpc.status import Code, Status

if TYPE_CHECKING:
    import grpc.aio

    from mockforge_grpc.config_proxy import ProxySettings
    from mockforge_grpc.proxy.relay import Relay
    from mockforge_grpc.recording import Recorder
    from mockforge_grpc.services.session import Session

OUTCOMES: Final = ("passed", "failed", "cancelled")
"""Calls that the upstream server answered; that it could not be asked for; that the client gave up."""
_LOOP: Final = Status(
    Code.FAILED_PRECONDITION, "the upstream server passes calls on to this one: there is a loop"
)
_GRACE: Final = 60.0
"""Seconds for calls under way when the settings change."""
_RELAY_BYTES: Final = 40_000
"""About what a call under way holds at the side of the upstream server, besides its messages."""


class Proxy:
    """Passes calls on as ``settings`` say; ``recorder`` notes them. ``max_message`` is the listener's.

    StartError, ConfigError: they cannot be passed on.
    """

    def __init__(
        self, settings: ProxySettings, recorder: Recorder | None, *, max_message: int
    ) -> None:
        self.settings = settings
        self.recorder = recorder
        self.counts: Counter[str] = Counter()
        """Calls by what became of them (:data:`OUTCOMES`)."""
        self.via = f"2.0 mockforge-{token_hex(6)}"
        """By which calls that come back are known (``Via``, RFC 9110 section 7.6.3)."""
        self.relays: set[Relay] = set()
        """Under way."""
        self._max_message = max_message
        self._channel: grpc.aio.Channel | None = None
        self._closing: set[asyncio.Task[None]] = set()
        if settings.upstream is not None:
            check(settings)

    def follow(self, settings: ProxySettings, *, max_message: int) -> None:
        """Go by other settings from now on; calls under way have a minute to end. StartError, ConfigError."""
        if settings.upstream is not None:
            check(settings)
        channel = self._channel
        if channel is not None and (settings, max_message) != (self.settings, self._max_message):
            self._channel = None
            closing = asyncio.get_running_loop().create_task(channel.close(grace=_GRACE))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
        self.settings, self._max_message = settings, max_message

    @property
    def always(self) -> bool:
        """Whether all calls are passed on."""
        return self.settings.upstream is not None and self.settings.when == "always"

    def memory_bytes(self) -> int:
        """About how many bytes the calls under way hold, besides their messages (those count as waiting)."""
        return _RELAY_BYTES * len(self.relays)

    def pass_on(self, session: Session) -> None:
        """Have the upstream server answer a call, unless it comes from there."""
        from mockforge_grpc.proxy.relay import Relay

        if any(name == "via" and self.via in str(value) for name, value in session.call.metadata):
            self.counts["failed"] += 1
            session.finish(_LOOP)
            return
        Relay(self, session).begin()

    def channel(self) -> Any:
        """The channel, opened when it is first asked for."""
        if self._channel is None:
            upstream = self.settings.upstream
            assert upstream is not None  # noqa: S101 - asked only where there is one
            self._channel = open_channel(self.settings, upstream, self._max_message)
        return self._channel

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection to the upstream server at the moment."""
        if self._channel is None:
            return False
        import grpc

        return bool(self._channel.get_state() is grpc.ChannelConnectivity.READY)

    async def close(self) -> None:
        """End what is under way, and the connection."""
        for relay in list(self.relays):
            relay.stop()
        for relay in list(self.relays):
            await relay.ended()
        if self._channel is not None:
            await self._channel.close()
            self._channel = None
        if self._closing:
            await asyncio.wait(self._closing)
