"""A server that answers wrongly on purpose, one way for each path: the judge's own examination.

Started as ``python wrong_server.py PORT``; uses the standard library alone.
"""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

JSON = "application/json"
ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/right": (200, {"Content-Type": JSON, "X-Total": "3"}, b'{"id": 1, "name": "rex"}'),
    "/undeclared-status": (
        418,
        {"Content-Type": JSON, "X-Total": "3"},
        b'{"id": 1, "name": "rex"}',
    ),
    "/refused": (422, {"Content-Type": JSON}, b'{"error": "no"}'),
    "/wrong-media-type": (200, {"Content-Type": "text/plain", "X-Total": "3"}, b"rex"),
    "/no-media-type": (200, {"X-Total": "3"}, b'{"id": 1, "name": "rex"}'),
    "/no-json": (200, {"Content-Type": JSON, "X-Total": "3"}, b'{"id": 1,'),
    "/invalid-body": (200, {"Content-Type": JSON, "X-Total": "3"}, b'{"id": "one", "name": "rex"}'),
    "/invalid-format": (200, {"Content-Type": JSON}, b'{"born": "yesterday"}'),
    "/write-only": (200, {"Content-Type": JSON}, b'{"password": "secret"}'),
    "/missing-header": (200, {"Content-Type": JSON}, b'{"id": 1, "name": "rex"}'),
    "/invalid-header": (
        200,
        {"Content-Type": JSON, "X-Total": "many"},
        b'{"id": 1, "name": "rex"}',
    ),
    "/no-content": (204, {}, b""),
    "/unexpected-content": (200, {"Content-Type": JSON}, b"{}"),
    "/invalid-xml": (200, {"Content-Type": "application/xml"}, b"<pet><id>one</id></pet>"),
    "/wrong-root": (200, {"Content-Type": "application/xml"}, b"<dog><id>1</id></dog>"),
    "/xml": (
        200,
        {"Content-Type": "application/xml"},
        b'<pet id="1"><tags><tag>a</tag></tags></pet>',
    ),
    "/text": (200, {"Content-Type": "text/plain; charset=utf-8"}, b"purple"),
    "/discriminated": (200, {"Content-Type": JSON}, b'{"kind": "Dog", "meows": true}'),
    "/wrong-example": (200, {"Content-Type": JSON}, b'{"id": "one"}'),
    "/impossible": (500, {"Content-Type": JSON}, b"{}"),
    "/dangling": (200, {"Content-Type": JSON}, b"{}"),
    "/pair": (200, {"Content-Type": JSON}, b'{"second": 2}'),
    "/attribute": (200, {"Content-Type": "application/xml"}, b'<pet owner="rex"/>'),
    "/silent": (501, {}, b""),
    "/interim": (404, {}, b""),
    "/base/in-base": (200, {}, b""),
}


class Handler(BaseHTTPRequestHandler):
    """Answers any method by path; ``/changing`` never twice alike, ``/gone`` not at all."""

    protocol_version = "HTTP/1.1"
    count = 0

    def handle_any(self) -> None:
        """Read the request's body, write the answer of its path."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        if path == "/gone":
            self.close_connection = True
            return
        status, headers, body = ANSWERS.get(path, (404, {}, b""))
        if path == "/changing":
            Handler.count += 1
            status, headers, body = 200, {"Content-Type": JSON}, b"%d" % Handler.count
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_HEAD = do_QUERY = do_TRACE = do_OPTIONS = handle_any  # noqa: N815  # names of http.server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name in http.server
        """Say nothing."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
