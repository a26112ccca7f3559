"""Mock servers for tests, and clients: `websockets`, and one that sends octets as they are given."""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from websockets.sync.client import ClientConnection, connect

from mockforge.testing import MockServer

ECHO: Mapping[str, Any] = {
    "id": "echo",
    "websocket": {"path": "/echo", "script": [{"forever": ["expect", "echo"]}]},
}
PATIENCE = 20.0
"""Seconds after which a test has hung."""


@contextmanager
def mocking(
    folder: Path, *stubs: Mapping[str, Any], only: tuple[str, ...] = ("ws",), **settings: Any
) -> Iterator[MockServer]:
    """A server with ``stubs``; ``settings`` are those of ``websocket``, with dots as two underscores."""
    file = folder / "stubs.json"
    file.write_text(json.dumps(list(stubs)))
    given = {f"websocket.{key.replace('__', '.')}": value for key, value in settings.items()}
    with MockServer(only=only, settings={"websocket.scripts": [str(file)], **given}) as server:
        yield server


def script(*steps: Any, path: str = "/s", **more: Any) -> dict[str, Any]:
    """A stub that plays ``steps``."""
    return {"id": path.strip("/"), "websocket": {"path": path, "script": list(steps), **more}}


@contextmanager
def client(server: MockServer, path: str = "/s", **options: Any) -> Iterator[ClientConnection]:
    """A client of ``websockets``."""
    options.setdefault("compression", None)
    options.setdefault("open_timeout", PATIENCE)
    options.setdefault("close_timeout", PATIENCE)
    with connect(server.address("ws") + path, **options) as connection:
        yield connection


def value_of(server: MockServer, name: str, **labels: str) -> float:
    """A metric's value at the moment."""
    wanted = tuple(labels.items())
    for family in server.metrics.collect():
        if family.name == name:
            return sum(
                sample.value for sample in family.samples if set(wanted) <= set(sample.labels)
            )
    raise AssertionError(f"no metric {name}")


class RawClient:
    """One connection to ``url`` that speaks octets."""

    def __init__(self, url: str, *, receive_buffer: int | None = None) -> None:
        parts = urlsplit(url)
        self.socket = socket.socket(socket.AF_INET)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE)
        self.socket.connect((parts.hostname, parts.port))
        self.reader = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def head(self) -> tuple[int, dict[str, str]]:
        """The next answer's status and headers; 0 at the end of the connection."""
        line = self.reader.readline().decode()
        headers: dict[str, str] = {}
        while (field := self.reader.readline().decode().rstrip("\r\n")) != "":
            name, _, value = field.partition(": ")
            headers[name.lower()] = value
        return int(line.split()[1]) if line else 0, headers

    def refused(self) -> tuple[int, Any]:
        """The status and problem document of a refusal."""
        status, headers = self.head()
        return status, json.loads(self.reader.read(int(headers["content-length"])))

    def open(self, path: str, *lines: str) -> dict[str, str]:
        """The opening handshake; the headers of the answer."""
        self.send(handshake(path, *lines))
        status, headers = self.head()
        assert status == 101
        return headers

    def frame(self) -> tuple[int, bytes]:
        """The next frame: its first octet, and the payload. ``(0, b"")`` at the end."""
        try:
            first = self.reader.read(2)
        except ConnectionResetError:
            return 0, b""
        if len(first) < 2:
            return 0, b""
        length = first[1] & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self.reader.read(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self.reader.read(8))
        return first[0], self.reader.read(length)

    def closed(self) -> tuple[int, str]:
        """Code and reason of the close frame that comes next, everything else passed over."""
        while True:
            first, payload = self.frame()
            if first == 0x88:
                return struct.unpack("!H", payload[:2])[0], payload[2:].decode()
            assert first, "the connection ended without a close"

    def close(self) -> None:
        self.reader.close()
        self.socket.close()


@contextmanager
def raw(server: MockServer, **options: Any) -> Iterator[RawClient]:
    """A :class:`RawClient`."""
    made = RawClient(server.address("ws"), **options)
    try:
        yield made
    finally:
        made.close()


def handshake(path: str, *lines: str) -> bytes:
    """An opening request."""
    key = base64.b64encode(os.urandom(16)).decode()
    head = [
        f"GET {path} HTTP/1.1",
        "Host: mock.test",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        *lines,
    ]
    return "\r\n".join([*head, "", ""]).encode()


def masked(payload: bytes, first: int = 0x81) -> bytes:
    """A frame as a client sends it, with a mask of zeros; ``first`` is its first octet."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", first, 0x80 | size)
    elif size < 65536:
        head = struct.pack("!BBH", first, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, size)
    return head + b"\0\0\0\0" + payload
