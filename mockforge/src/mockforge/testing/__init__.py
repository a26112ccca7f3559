"""The test kit: a mock server inside the test process, and what to assert on it.

    with MockServer("openapi.yaml") as server:
        httpx.get(server.url + "/pets/1")
        server.assert_called("GET", "/pets/{petId}", times=1)

With pytest the fixture ``mock_server`` makes such servers and stops them when the test ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockforge.testing.server import MockServer

__all__ = ["MockServer"]


def __getattr__(name: str) -> Any:
    # The pytest plugin lives in this package and is imported in every pytest run: the kernel must
    # not come along.
    if name == "MockServer":
        from mockforge.testing.server import MockServer

        return MockServer
    raise AttributeError(name)
