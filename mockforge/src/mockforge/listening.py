"""Servers on bound sockets: opened together, closed together. Used by the listeners of protocol servers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mockforge.sockets import UNIX, address_of, bind, remove_socket_file, socket_file

if TYPE_CHECKING:
    from socket import socket
    from ssl import SSLContext

BACKLOG: Final = 1024
"""Connections the system may hold ready before they are accepted."""


class Listening:
    """What listens for one listener. Nothing at first; :meth:`open` may be called for several ports."""

    def __init__(self) -> None:
        self._servers: list[asyncio.Server] = []
        self._socket_file: tuple[Path, int] | None = None

    async def open(
        self,
        host: str,
        port: int,
        make: Callable[[], asyncio.BaseProtocol],
        *,
        scheme: str,
        setting: str,
        host_setting: str,
        backlog: int = BACKLOG,
        context: SSLContext | None = None,
        handshake_timeout: float | None = None,
    ) -> list[str]:
        """Listen at ``host`` (an address, a name, or ``unix:/path``) and ``port`` (0 = any free one) with
        protocols that ``make`` makes; the addresses. StartError as of :func:`~mockforge.sockets.bind`. Where
        ``context`` is given TLS is spoken, within ``handshake_timeout`` seconds. Where it
        fails all is closed, other ports too."""
        sockets: list[socket] = []
        try:
            sockets = await bind(host, port, setting=setting, host_setting=host_setting)
            addresses = [address_of(bound, scheme) for bound in sockets]
            loop = asyncio.get_running_loop()
            at_file = host.startswith(UNIX)
            if at_file:
                self._socket_file = socket_file(host)
            for bound in sockets:
                listen = loop.create_unix_server if at_file else loop.create_server
                self._servers.append(
                    await listen(
                        make,
                        sock=bound,
                        backlog=backlog,
                        ssl=context,
                        ssl_handshake_timeout=handshake_timeout,
                    )
                )
        except BaseException:
            for bound in sockets:
                bound.close()
            self.close()
            raise
        return addresses

    def close(self) -> None:
        """Accept no more."""
        for server in self._servers:
            server.close()
        self._servers.clear()
        if self._socket_file is not None:
            remove_socket_file(*self._socket_file)
            self._socket_file = None
