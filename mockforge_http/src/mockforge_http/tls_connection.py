"""One TLS connection: hypercorn's TCP server with the gaps closed that matter for bounded memory.

Imported by :mod:`mockforge_http.tls` when TLS is configured.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.events import Event, Updated
from hypercorn.protocol import ProtocolWrapper
from hypercorn.protocol.h2 import H2Protocol

_EXTENDED_CONNECT: Final = 0x8
"""The number of SETTINGS_ENABLE_CONNECT_PROTOCOL (RFC 8441 section 3)."""


class TlsConnection(TCPServer):
    """A connection that ends when its client has gone. hypercorn keeps it, with all its buffers, until
    the keep-alive timeout is over."""

    _wrapper: ProtocolWrapper

    @property
    def protocol(self) -> ProtocolWrapper:
        """What speaks the protocol agreed on."""
        return self._wrapper

    @protocol.setter
    def protocol(self, wrapper: ProtocolWrapper) -> None:
        self._wrapper = wrapper
        if isinstance(wrapper.protocol, H2Protocol):
            # A client that is told of extended CONNECT opens WebSockets on this connection, where
            # none can be, and not on one of HTTP/1.1, where they can.
            settings = wrapper.protocol.connection.local_settings
            del settings[_EXTENDED_CONNECT]

    async def _read_data(self) -> None:
        try:
            await super()._read_data()
        finally:
            await self.idle_task.stop()

    async def protocol_send(self, event: Event) -> None:
        """Do what the protocol says, but start no idle time for a client that has gone."""
        if not (isinstance(event, Updated) and self.reader.at_eof()):
            await super().protocol_send(event)


async def serve(
    app: Any,
    config: Any,
    context: Any,
    state: dict[str, Any],
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    """Serve one connection to its end."""
    loop = asyncio.get_running_loop()
    await TlsConnection(app, loop, config, context, state, reader, writer)
