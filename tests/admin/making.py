"""A mock server with the admin, and a client for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from mockforge.testing import MockServer

PETSTORE = Path(__file__).resolve().parents[2] / "examples/petstore/openapi.yaml"


class Admin(NamedTuple):
    """A running mock server and a client for its admin API; paths are below ``/__mockforge``."""

    server: MockServer
    client: httpx.Client

    @property
    def address(self) -> str:
        return self.server.address("admin")

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.client.get(f"/__mockforge{path}", **options)

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self.client.request(method, f"/__mockforge{path}", **options)

    def call(self, target: str = "/pets", method: str = "GET", **options: Any) -> httpx.Response:
        """A request to the mock itself."""
        return httpx.request(method, self.server.url + target, **options)


@contextmanager
def admin(
    *documents: Path,
    only: tuple[str, ...] = ("http", "admin"),
    plugins: Mapping[str, object] | None = None,
    **settings: Any,
) -> Iterator[Admin]:
    """``settings`` are those of ``admin``, others with their section: ``{"http.mocks": ...}``."""
    given = {key if "." in key else f"admin.{key}": value for key, value in settings.items()}
    with (
        MockServer(
            *(documents or (PETSTORE,)), only=only, settings=given, plugins=plugins or {}
        ) as server,
        httpx.Client(base_url=server.address("admin"), timeout=60) as client,
    ):
        yield Admin(server, client)
