"""A client that sends bytes as they are given and sees how a connection ends."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

PATIENCE = 20.0
"""Seconds after which a test has hung."""

HOST = b"Host: mock.test\r\n"


def get(target: str = "/", *, extra: bytes = b"") -> bytes:
    """A whole GET."""
    return b"GET %b HTTP/1.1\r\n%b%b\r\n" % (target.encode(), HOST, extra)


def post(target: str, body: bytes, *, length: int | None = None) -> bytes:
    """A POST; with ``length`` above that of ``body`` an unfinished one."""
    size = len(body) if length is None else length
    return b"POST %b HTTP/1.1\r\n%bContent-Length: %d\r\n\r\n%b" % (
        target.encode(),
        HOST,
        size,
        body,
    )


class Answer(NamedTuple):
    """``whole`` is false where the connection ended within the body."""

    status: int
    headers: dict[str, str]
    body: bytes
    whole: bool

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def detail(self) -> str:
        """That of a problem document."""
        return str(self.json["detail"])


class Raw:
    """One connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._reader = connection.makefile("rb")

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def answer(self) -> Answer | None:
        """The next answer; ``None`` at the end of the connection."""
        line = self._line()
        if not line:
            return None
        headers: dict[str, str] = {}
        while field := self._line():
            name, _, value = field.partition(": ")
            headers[name.lower()] = value
        length = int(headers.get("content-length", 0))
        body = self._read(length)
        return Answer(int(line.split()[1]), headers, body, len(body) == length)

    def ask(self, data: bytes) -> Answer:
        """Send ``data`` and read one answer."""
        self.send(data)
        answer = self.answer()
        assert answer is not None, "the connection ended"
        return answer

    def ended(self) -> bytes:
        """What still comes until the end of the connection."""
        return self._read(-1)

    def _line(self) -> str:
        try:
            return self._reader.readline().decode("latin-1").rstrip("\r\n")
        except ConnectionResetError:
            return ""

    def _read(self, size: int) -> bytes:
        pieces: list[bytes] = []
        try:
            while size and (piece := self._reader.read1(size)):
                pieces.append(piece)
                size -= len(piece) if size > 0 else 0
        except ConnectionResetError:
            pass  # a reset is an end
        return b"".join(pieces)

    def close(self) -> None:
        self._reader.close()
        self._socket.close()


def fetch(url: str, target: str = "/", *, extra: bytes = b"") -> Answer:
    """The answer to one GET on a connection of its own."""
    with connected(url) as client:
        return client.ask(get(target, extra=extra))


def accepts(url: str) -> bool:
    """Whether new connections are accepted, and not closed at once because the server is about to stop."""
    try:
        with connected(url) as client:
            client.send(get("/"))
            return client.answer() is not None
    except OSError:
        return False


@contextmanager
def connected(url: str, *, receive_buffer: int | None = None) -> Iterator[Raw]:
    """A connection to ``url`` (``http://...`` or ``unix:/path``); ``receive_buffer`` makes a client that
    takes little before it reads."""
    parts = urlsplit(url)
    local = parts.scheme == "unix"
    with socket.socket(socket.AF_UNIX if local else socket.AF_INET) as connection:
        if receive_buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(PATIENCE)
        connection.connect(parts.path if local else (parts.hostname, parts.port))
        raw = Raw(connection)
        try:
            yield raw
        finally:
            raw.close()
