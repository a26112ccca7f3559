"""A server that callbacks are sent to: it keeps what comes and answers what it is told."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any, NamedTuple

PATIENCE = 20.0


class Received(NamedTuple):
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Receiver:
    """Answers with ``statuses`` in turn, then 204; waits for ``may_answer`` before each answer."""

    def __init__(self, *statuses: int) -> None:
        self.requests: Queue[Received] = Queue()
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.url = ""
        self.port = 0
        self._statuses = iter(statuses)

    def next(self) -> Received:
        return self.requests.get(timeout=PATIENCE)

    def take(self, received: Received) -> int:
        self.requests.put(received)
        self.may_answer.wait(PATIENCE)
        return next(self._statuses, 204)


@contextmanager
def receiving(*statuses: int, context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver on a free port of 127.0.0.1; it speaks TLS where there is a ``context``."""
    receiver = Receiver(*statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = receiver.take(Received(self.command, self.path, headers, body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_PUT(self) -> None:
            self.do_POST()

        def log_message(self, *_: Any) -> None: ...

    class Server(ThreadingHTTPServer):
        def get_request(self) -> tuple[Any, Any]:
            connection, address = super().get_request()
            if context is None:
                return connection, address
            with connection:
                return context.wrap_socket(connection, server_side=True), address

        def handle_error(self, *_: Any) -> None: ...

    with Server(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        receiver.port = server.server_address[1]
        receiver.url = f"http://127.0.0.1:{receiver.port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.may_answer.set()
            server.shutdown()
            thread.join()
