"""A connection without a socket: fast enough for thousands of random inputs."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from mockforge_http.wire import Limits, WireStats
from mockforge_http.wire.connection import Connection
from mockforge_http.wire.hub import Hub
from tests.http.wire.harness import App


class Pipe:
    """What a connection asks of its transport; keeps what is written."""

    def __init__(self) -> None:
        self.written = bytearray()
        self.ended = False
        self.reading = True

    def write(self, data: bytes) -> None:
        assert not self.ended, "written after the end"
        self.written += data

    def write_eof(self) -> None:
        self.ended = True

    def close(self) -> None:
        self.ended = True

    abort = close

    def is_closing(self) -> bool:
        return False

    def can_write_eof(self) -> bool:
        return True

    def pause_reading(self) -> None:
        assert self.reading
        self.reading = False

    def resume_reading(self) -> None:
        assert not self.reading
        self.reading = True

    def set_write_buffer_limits(self, *, high: int) -> None:
        assert high > 0

    def get_write_buffer_size(self) -> int:
        return 0

    def get_extra_info(self, name: str) -> Any:
        return ("127.0.0.1", 1) if name == "peername" else None


def exchange_bytes(app: App, pieces: list[bytes], given: Limits) -> tuple[bytes, bool, Hub]:
    """Feed ``pieces`` to a connection that serves ``app``: what it wrote, whether it ended the
    connection, and its hub."""
    loop = asyncio.new_event_loop()
    try:
        hub = Hub(app, given, WireStats(), loop)
        connection = Connection(hub)
        pipe = Pipe()
        connection.connection_made(cast("asyncio.Transport", pipe))
        for piece in pieces:
            if piece:
                connection.data_received(piece)
                assert not hub.batch, "an answer was left in the batch"
        connection.connection_lost(None)
        assert not hub.connections
        hub.clock.stop()
        return bytes(pipe.written), pipe.ended, hub
    finally:
        loop.close()


def statuses(written: bytes) -> list[int]:
    """The statuses of answers that all say their length."""
    found = []
    position = 0
    while position < len(written):
        end = written.index(b"\r\n\r\n", position)
        head = written[position:end].decode("latin-1").split("\r\n")
        status = int(head[0].split(" ")[1])
        found.append(status)
        fields = dict(line.split(": ", 1) for line in head[1:])
        position = end + 4
        if status >= 200 and status != 204:
            position += int(fields["Content-Length"])
    assert position == len(written)
    return found
