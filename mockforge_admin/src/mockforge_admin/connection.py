"""One connection: hypercorn's TCP server, ended when its client has gone.

Imported by :mod:`mockforge_admin.hosting` when the first client connects.
"""

from __future__ import annotations

from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.events import Event, Updated


class AdminConnection(TCPServer):
    """hypercorn would keep a connection whose client has gone, with all its buffers, until the keep-alive
    timeout is over."""

    async def _read_data(self) -> None:
        try:
            await super()._read_data()
        finally:
            await self.idle_task.stop()

    async def protocol_send(self, event: Event) -> None:
        """Do what the protocol says, but start no idle time for a client that has gone."""
        if not (isinstance(event, Updated) and self.reader.at_eof()):
            await super().protocol_send(event)
