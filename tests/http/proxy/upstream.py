"""Servers that requests are passed on to: one that thinks, and one that says exactly what it is told."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any, NamedTuple

PATIENCE = 20.0


class Received(NamedTuple):
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The values of ``name``, joined; ``None`` if it did not come."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None


class Said(NamedTuple):
    """An answer; with ``length`` false it is chunked, ``pieces`` by pieces."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/plain"),)
    body: bytes = b"hello"
    pieces: tuple[bytes, ...] | None = None


class Upstream:
    """Answers as ``answer`` says; keeps what came."""

    def __init__(self, answer: Callable[[Received], Said]) -> None:
        self.answer = answer
        self.requests: Queue[Received] = Queue()
        self.connections = 0
        self.url = ""
        self.port = 0

    def next(self) -> Received:
        return self.requests.get(timeout=PATIENCE)


def hello(_: Received) -> Said:
    return Said()


@contextmanager
def upstream(
    answer: Callable[[Received], Said] = hello, *, context: ssl.SSLContext | None = None
) -> Iterator[Upstream]:
    """A server on a free port of 127.0.0.1; it speaks TLS where there is a ``context``."""
    made = Upstream(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65_537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            received = Received(self.command, self.path, list(self.headers.items()), body)
            made.requests.put(received)
            self.say(made.answer(received))

        def say(self, said: Said) -> None:
            self.send_response_only(said.status)
            for name, value in said.headers:
                self.send_header(name, value)
            if said.pieces is not None:
                self.send_header("Transfer-Encoding", "chunked")
            elif said.status not in (204, 304):
                self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            if self.command == "HEAD":
                return
            for piece in said.pieces or ():
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n" if said.pieces is not None else said.body)

        def log_message(self, *_: Any) -> None: ...

    class Server(ThreadingHTTPServer):
        def get_request(self) -> tuple[Any, Any]:
            connection, address = super().get_request()
            made.connections += 1
            connection.settimeout(PATIENCE)
            if context is None:
                return connection, address
            with connection:
                return context.wrap_socket(connection, server_side=True), address

        def handle_error(self, *_: Any) -> None: ...

    with Server(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        made.port = server.server_address[1]
        made.url = f"{'http' if context is None else 'https'}://127.0.0.1:{made.port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()


class Bytes:
    """A server that sends given bytes when a request head has come, and then does what ``then`` says."""

    def __init__(self) -> None:
        self.url = ""
        self.heads: Queue[bytes] = Queue()
        self.closed = threading.Event()
        """Set when the client has closed a connection."""


@contextmanager
def saying(
    *pieces: bytes, hold: bool = False, gate: threading.Event | None = None
) -> Iterator[Bytes]:
    """Sends ``pieces``; waits for ``gate`` before each but the first. Then it closes the connection, or with
    ``hold`` waits until the client does."""
    made = Bytes()
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                received = connection.recv(65_536)
                if not received:
                    return
                head += received
            made.heads.put(head)
            try:
                for number, piece in enumerate(pieces):
                    if number and gate is not None:
                        gate.wait(PATIENCE)
                    connection.sendall(piece)
                if hold:
                    while connection.recv(65_536):
                        pass
                    made.closed.set()
            except OSError:
                made.closed.set()

    made.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def settings(**given: Any) -> Mapping[str, Any]:
    """Settings of ``http.proxy``."""
    return {f"http.proxy.{key}": value for key, value in given.items()}
