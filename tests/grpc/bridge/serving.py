"""Both servers in the process of the test, with the library and its stubs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mockforge.testing import MockServer
from tests.grpc.bridge.making import PROTO

CLIENTS = Path(__file__).parent / "clients"


@contextmanager
def serving(*documents: Any, **settings: Any) -> Iterator[MockServer]:
    """``settings`` are those of the section grpc, or with ``__`` for a dot of any."""
    given = {
        "grpc.protos": [str(PROTO)],
        "grpc.mocks": [str(CLIENTS / "stubs.yaml")],
        "grpc.port": 0,
        **{
            name.replace("__", ".") if "__" in name else f"grpc.{name}": value
            for name, value in settings.items()
        },
    }
    with MockServer(*documents, settings=given, only=["http", "grpc"]) as server:
        yield server


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
