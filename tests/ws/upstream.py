"""Servers that connections are passed on to: that of `websockets`, and one that says what it is told."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from mockforge.testing import MockServer
from tests.kernel.observe.waiting import wait_until
from tests.ws.making import PATIENCE

Talk = Callable[[ServerConnection], None]


class Upstream:
    """``url`` is where it listens; ``opened`` are the connections that came."""

    def __init__(self) -> None:
        self.url = ""
        self.opened: list[ServerConnection] = []

    @property
    def authority(self) -> str:
        return self.url.partition("://")[2]

    def headers(self) -> list[tuple[str, str]]:
        """Those of the last opening request."""
        wait_until(lambda: self.opened)
        request = self.opened[-1].request
        assert request is not None
        return list(request.headers.raw_items())

    def target(self) -> str:
        """That of the last opening request."""
        request = self.opened[-1].request
        assert request is not None
        return request.path


def echo(connection: ServerConnection) -> None:
    for message in connection:
        connection.send(message)


@contextmanager
def upstream(
    talk: Talk = echo, *, context: ssl.SSLContext | None = None, **options: Any
) -> Iterator[Upstream]:
    """A server on a free port of 127.0.0.1; it speaks TLS where there is a ``context``."""
    made = Upstream()

    def handle(connection: ServerConnection) -> None:
        made.opened.append(connection)
        with suppress(ConnectionClosed):
            talk(connection)

    options.setdefault("compression", None)
    with serve(handle, "127.0.0.1", 0, ssl=context, **options) as server:
        port = server.socket.getsockname()[1]
        made.url = f"{'ws' if context is None else 'wss'}://127.0.0.1:{port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield made
        finally:
            for connection in made.opened:
                connection.socket.close()
            server.shutdown()
            thread.join(PATIENCE)


@contextmanager
def saying(answer: bytes | None) -> Iterator[str]:
    """The URL of a server that reads a request, says ``answer`` and closes; ``None``: it says nothing, and
    keeps the connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        held: list[socket.socket] = []

        def run() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                client.recv(65_536)
                if answer is None:
                    held.append(client)
                else:
                    client.sendall(answer)
                    client.close()

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield f"ws://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(PATIENCE)
            for client in held:
                client.close()


def passing(url: str, *, only: tuple[str, ...] = ("ws",), **more: Any) -> MockServer:
    """A mock that passes on to ``url``; ``more`` are settings of ``websocket``, with dots as two
    underscores."""
    given = {f"websocket.{key.replace('__', '.')}": value for key, value in more.items()}
    return MockServer(only=only, settings={"websocket.proxy.upstream": url, **given})
