"""The listening server of the fast engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from mockforge.certificates import server_context
from mockforge.errors import StartError
from mockforge.listening import Listening
from mockforge.open_files import allow_connections
from mockforge.sockets import UNIX
from mockforge_grpc.transport.engine import HOST_SETTING, NO_TLS, PORT_SETTING, Engine
from mockforge_grpc.transport.http2.connection import Connection
from mockforge_grpc.transport.http2.hub import Hub
from mockforge_grpc.transport.http2.session import session_maker

if TYPE_CHECKING:
    from mockforge.config.listeners import ListenerTls
    from mockforge.observe.budget import MemoryBudget
    from mockforge_grpc.transport.call import Application
    from mockforge_grpc.transport.limits import GrpcLimits

_TLS_SECTION: Final = "grpc.tls"


class Http2Engine(Engine):
    """Calls over HTTP/2 on the project's own sockets: cleartext with prior knowledge, and TLS on a second
    port. ``library`` is what frames: ``ngh2`` or ``h2``."""

    name: ClassVar[str] = "http2"
    wire_faults: ClassVar[bool] = True

    def __init__(
        self,
        application: Application,
        limits: GrpcLimits,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ListenerTls = NO_TLS,
        budget: MemoryBudget | None = None,
        pure: bool = False,
    ) -> None:
        super().__init__(application, limits, host=host, port=port, tls=tls, budget=budget)
        self.library, self._make_session = session_maker(pure=pure)
        self._hub: Hub | None = None
        self._listening = Listening()
        self._addresses: list[str] = []
        self._tls_addresses: list[str] = []

    async def start(self) -> None:
        allow_connections(self.limits.max_connections, "grpc.max_connections")
        loop = asyncio.get_running_loop()
        hub = Hub(self.application, self.limits, self.stats, self._make_session, loop, self.budget)
        make = partial(Connection, hub)
        await self._start_tls(make)
        self._addresses = await self._listening.open(
            self._host,
            self._port,
            make,
            scheme="grpc",
            setting=PORT_SETTING,
            host_setting=HOST_SETTING,
        )
        self._hub = hub

    async def _start_tls(self, make: Callable[[], Connection]) -> None:
        tls = self._tls
        if tls.cert is None:
            return
        if self._host.startswith(UNIX):
            raise StartError(
                f"TLS cannot be served at {self._host}",
                hint="set grpc.host (--host) to an address, or unset grpc.tls.cert",
            )
        context = server_context(tls.cert, tls.key, tls.client_ca, section=_TLS_SECTION)
        context.set_alpn_protocols(["h2"])
        self._tls_addresses = await self._listening.open(
            self._host,
            tls.port,
            make,
            scheme="grpcs",
            setting=f"{_TLS_SECTION}.port",
            host_setting=HOST_SETTING,
            context=context,
            handshake_timeout=self.limits.handshake or None,
        )

    def addresses(self) -> list[str]:
        return list(self._addresses)

    def tls_addresses(self) -> list[str]:
        return list(self._tls_addresses)

    @property
    def connections(self) -> int:
        return 0 if self._hub is None else len(self._hub.connections)

    @property
    def streams(self) -> int:
        return 0 if self._hub is None else self._hub.streams

    def memory_bytes(self) -> int:
        return 0 if self._hub is None else self._hub.memory_bytes()

    def held_bytes(self) -> int:
        return 0 if self._hub is None else self._hub.held

    async def drain(self) -> None:
        self._listening.close()
        if self._hub is not None:
            await self._hub.drain()

    def abort(self) -> None:
        self._listening.close()
        if self._hub is not None:
            self._hub.abort()

    async def stopped(self) -> None:
        return  # connections end in the turn after they were cut
