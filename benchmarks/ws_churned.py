"""A WebSocket mock that tells about what it holds: ``python -m benchmarks.ws_churned STUBS``.

Started by :mod:`benchmarks.ws_churn`. Prints its port as a JSON line, then a JSON line with its figures for
every line on its standard input; ends with its input.
"""

from __future__ import annotations

import gc
import json
import sys

import psutil

from mockforge.testing import MockServer
from mockforge_ws.server import WebSocketServer


def _figures(server: MockServer) -> dict[str, int]:
    process = psutil.Process()
    (ours,) = (each for each in server.kernel.servers if isinstance(each, WebSocketServer))
    gc.collect()
    return {
        "rss": process.memory_info().rss,
        "descriptors": process.num_fds(),
        "connections": ours.connections(),
        "rooms": ours.listener.groups,
        "held": ours.listener.held_bytes(),
        "opened": ours.listener.stats.opened,
        "objects": len(gc.get_objects()),
    }


def main() -> None:
    """Serve until standard input ends."""
    settings = {"websocket.scripts": [sys.argv[1]], "core.max_logged_body": "8KiB"}
    with MockServer(only=("ws",), settings=settings) as server:
        print(json.dumps({"port": int(server.address("ws").rpartition(":")[2])}), flush=True)
        for _ in sys.stdin:
            print(json.dumps(_figures(server)), flush=True)


if __name__ == "__main__":
    main()
