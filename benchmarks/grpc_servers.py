"""Servers to compare with, and the mock as a process that can be asked:
``python -m benchmarks.grpc_servers bare|native PORT`` and ``... mock SETTINGS``.

``bare`` is grpc.aio with a handler that sends back the bytes that came; ``native`` the same on
``pygrpc-native``, where that is installed. ``mock`` serves with the settings (JSON) and prints its port; for
each line on its standard input it prints what is open; it ends with its input.
"""

from __future__ import annotations

import asyncio
import json
import sys
from importlib import import_module
from typing import Any

from .grpc_stubs import HELLO


async def _echo(module: Any, port: int) -> None:
    """Serve as code that is generated from a proto does."""
    import grpc

    async def echo(request: bytes, _: Any) -> bytes:
        return request

    service, _, name = HELLO[1:].partition("/")
    handlers: dict[str, Any] = {name: grpc.unary_unary_rpc_method_handler(echo)}
    server = module.server(options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
    server.add_registered_method_handlers(service, handlers)
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


def _mock(settings: dict[str, Any]) -> None:
    from mockforge.testing import MockServer

    def value(name: str) -> float:
        return sum(
            sample.value
            for family in server.metrics.collect()
            if family.name == name
            for sample in family.samples
        )

    with MockServer(only=("grpc",), settings=settings) as server:
        print(server.address("grpc").rpartition(":")[2], flush=True)
        for _ in sys.stdin:
            found = {
                "calls": value("mockforge_grpc_calls_active"),
                "connections": value("mockforge_grpc_connections_active"),
                "begun": value("mockforge_grpc_calls_total"),
                "cancelled": value("mockforge_grpc_cancelled_total"),
            }
            print(json.dumps(found), flush=True)


def main() -> None:
    """Serve until a signal, or the end of the input."""
    kind, given = sys.argv[1:3]
    if kind == "mock":
        _mock(json.loads(given))
    else:
        asyncio.run(
            _echo(
                import_module({"bare": "grpc.aio", "native": "pygrpc_native.aio"}[kind]), int(given)
            )
        )


if __name__ == "__main__":
    main()
