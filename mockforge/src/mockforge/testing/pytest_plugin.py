"""The pytest plugin, loaded by pytest in every run: nothing is imported here until it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockforge.testing.server import MockServer


@pytest.fixture
def mock_server() -> Iterator[Callable[..., MockServer]]:
    """Start mock servers: ``mock_server("openapi.yaml", ...)`` takes what
    ``mockforge.testing.MockServer`` takes and returns it running; it is stopped when the test ends."""
    with ExitStack() as stack:

        def start(*documents: Any, **options: Any) -> MockServer:
            from mockforge.testing.server import MockServer

            return stack.enter_context(MockServer(*documents, **options))

        yield start
