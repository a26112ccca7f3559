"""A stateful server and a client of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from mockforge.testing import MockServer


class Client:
    """Short calls that give status and decoded body."""

    def __init__(self, http: httpx.Client, server: MockServer) -> None:
        self.http = http
        self.server = server
        self.last = httpx.Response(200)

    def call(self, method: str, path: str, value: Any = None, **more: Any) -> tuple[int, Any]:
        """The status and the body, ``None`` if there is none."""
        if value is not None:
            more["json"] = value
        self.last = self.http.request(method, path, **more)
        return self.last.status_code, self.last.json() if self.last.content else None

    def get(self, path: str, **more: Any) -> tuple[int, Any]:
        return self.call("GET", path, **more)

    def post(self, path: str, value: Any = None) -> tuple[int, Any]:
        return self.call("POST", path, value)

    @property
    def source(self) -> str:
        """What answered last."""
        return self.last.headers["x-mockforge-source"]


@contextmanager
def stateful(*documents: Any, **settings: Any) -> Iterator[Client]:
    """A server that keeps what is posted and holds its own answers against the document."""
    given = {
        "http.stateful": True,
        "http.source_header": True,
        "http.validation.responses": "fail",
        **{key.replace("__", "."): value for key, value in settings.items()},
    }
    with (
        MockServer(*documents, settings=given) as server,
        httpx.Client(base_url=server.url) as http,
    ):
        yield Client(http, server)
