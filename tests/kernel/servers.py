"""Protocol servers for tests of the kernel, and running a kernel inside a test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
from anyio.abc import SocketAttribute, SocketStream, TaskStatus

from mockforge import hookimpl
from mockforge.config import Settings, SettingsModel, load_settings
from mockforge.contracts import ProtocolServer
from mockforge.kernel import Kernel
from mockforge.plugins import Plugins, load_plugins


class EchoServer(ProtocolServer):
    """Answers each chunk with the same chunk. Connections outlive a drain until they end."""

    name = "echo"

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(kernel)
        self.open = 0
        self.reloads = 0
        self.paths: list[Path] = []
        self.fail_reload: Exception | None = None
        self.drained = anyio.Event()
        self._stop = anyio.Event()

    async def serve(self, *, task_status: TaskStatus[str]) -> None:
        async with (
            await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
            anyio.create_task_group() as connections,
        ):
            accepting = anyio.CancelScope()

            async def accept() -> None:
                with accepting:
                    await listener.serve(self._handle, connections)
                await listener.aclose()

            connections.start_soon(accept)
            port = listener.extra_attributes[SocketAttribute.local_port]()
            task_status.started(f"127.0.0.1:{port}")
            await self._stop.wait()
            accepting.cancel()
        self.drained.set()

    async def _handle(self, stream: SocketStream) -> None:
        self.open += 1
        try:
            async with stream:
                async for chunk in stream:
                    await stream.send(chunk)
        finally:
            self.open -= 1

    async def reload(self) -> None:
        if self.fail_reload is not None:
            raise self.fail_reload
        self.reloads += 1

    async def drain(self) -> None:
        self._stop.set()
        await self.drained.wait()

    def connections(self) -> int:
        return self.open

    def watched(self) -> Iterable[Path]:
        return self.paths

    def summary(self) -> Iterable[str]:
        return ["echoes"]


class Brings:
    """A plugin that brings the given servers."""

    def __init__(self, *servers: type[ProtocolServer]) -> None:
        self.servers = servers

    @hookimpl
    def mockforge_register_protocols(self) -> Sequence[type[ProtocolServer]]:
        return self.servers


def plugins_with(*servers: type[ProtocolServer], **more: object) -> Plugins:
    return load_plugins(extra={"servers": Brings(*servers), **more}, entry_points=())


def settings_of(flags: Mapping[str, Any] | None = None) -> Settings:
    return load_settings(SettingsModel(), environ={}, flags=flags, search=False)


@asynccontextmanager
async def running(kernel: Kernel) -> AsyncIterator[Kernel]:
    """The kernel, up; stopped when the block is left."""
    up = anyio.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(kernel.run, lambda _: up.set())
        with anyio.fail_after(20):
            await up.wait()
        yield kernel
        kernel.stop()


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that happens outside of this event loop."""
    while not condition():  # noqa: ASYNC110 - there is nothing to be woken by
        await anyio.sleep(0.01)


def echo_of(kernel: Kernel) -> EchoServer:
    (server,) = [server for server in kernel.servers if isinstance(server, EchoServer)]
    return server


async def connect(kernel: Kernel, name: str = "echo") -> SocketStream:
    host, port = kernel.addresses[name].rsplit(":", 1)
    return await anyio.connect_tcp(host, int(port))
