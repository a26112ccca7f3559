"""One TLS connection: hypercorn's TCP server with the gaps closed that matter for bounded memory.

Imported by :mod:`mockforge_http.tls` when TLS is configured.
"""

from __future__ import annotations

import asyncio
from typing import Any

from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.events import Event, Updated


class TlsConnection(TCPServer):
    """A connection that ends when its client has gone. hypercorn keeps it, with all its buffers, until
    the keep-alive timeout is over."""

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
