"""The metrics and memory figures of the WebSocket server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mockforge.observe.metrics import MetricSpec, Sample, labelled
from mockforge_ws.proxy.proxy import OUTCOMES as PROXIED

if TYPE_CHECKING:
    from mockforge.kernel import Kernel
    from mockforge_ws.server import WebSocketServer
    from mockforge_ws.wire import WireStats

CATALOGUE = (
    MetricSpec("mockforge_ws_connections_active", "gauge", (), "Open WebSocket connections."),
    MetricSpec(
        "mockforge_ws_connections_total", "counter", (), "WebSocket connections that were opened."
    ),
    MetricSpec(
        "mockforge_ws_refused_total",
        "counter",
        ("status",),
        "Opening requests that were refused, by status.",
    ),
    MetricSpec(
        "mockforge_ws_messages_total",
        "counter",
        ("direction",),
        "Messages that came (in) and were sent (out).",
    ),
    MetricSpec(
        "mockforge_ws_bytes_total",
        "counter",
        ("direction",),
        "Bytes read from (in) and written to (out) open connections, framing included.",
    ),
    MetricSpec(
        "mockforge_ws_limits_total",
        "counter",
        ("limit",),
        "Connections refused or ended by a limit: connections, handshake, head, message, frame, rate, "
        "send_queue, held, idle, pong, close.",
    ),
    MetricSpec(
        "mockforge_ws_proxied_total",
        "counter",
        ("outcome",),
        "Connections passed on by what became of them: passed, declined (by the upstream server), refused, "
        "unreachable, timeout, failed.",
    ),
    MetricSpec(
        "mockforge_ws_upstream_connections",
        "gauge",
        (),
        "Open connections to the upstream server.",
    ),
    MetricSpec(
        "mockforge_ws_recorded_total",
        "counter",
        ("outcome",),
        "Conversations with the upstream server by what became of their recording: recorded, repeated, "
        "left_out, dropped, failed.",
    ),
)
"""What this package adds to the kernel's metrics."""


def register(kernel: Kernel, server: WebSocketServer) -> None:
    """Have ``server`` seen in the metrics and in memory reports."""
    metrics, memory = kernel.metrics, kernel.memory
    for spec in CATALOGUE:
        metrics.declare(spec)
    listener = server.listener
    stats = listener.stats
    metrics.read("mockforge_ws_connections_active", server.connections)
    metrics.read("mockforge_ws_connections_total", lambda: stats.opened)
    metrics.read("mockforge_dropped_total", lambda: stats.dropped, component="ws.messages")
    metrics.add_collector(lambda: _wire(stats, server.proxy.stats))
    metrics.add_collector(lambda: _passed(server))
    metrics.read("mockforge_ws_upstream_connections", lambda: server.proxy.connections)
    memory.register("ws.upstream", server.proxy.memory_bytes)
    if (recorder := server.recorder) is not None:
        from mockforge.mocking.recording.figures import register_recorder

        register_recorder(metrics, recorder, "ws", lambda: recorder.unrecorded)
        memory.register("ws.record", recorder.memory_bytes, recorder.memory_limit)
    memory.register("ws.connections", listener.memory_bytes)
    memory.register("ws.messages", listener.held_bytes, lambda: listener.limits.max_held)
    memory.register("ws.stubs", server.memory_bytes)


def _wire(stats: WireStats, upstream: WireStats) -> Iterator[tuple[str, list[Sample]]]:
    messages = {"in": stats.messages_in, "out": stats.messages_out}
    yield labelled("mockforge_ws_messages_total", "direction", messages)
    octets = {"in": stats.bytes_in, "out": stats.bytes_out}
    yield labelled("mockforge_ws_bytes_total", "direction", octets)
    refused = {str(status): count for status, count in stats.refused.items()}
    yield labelled("mockforge_ws_refused_total", "status", refused)
    limits = {key: count + upstream.limits[key] for key, count in stats.limits.items()}
    yield labelled("mockforge_ws_limits_total", "limit", limits)


def _passed(server: WebSocketServer) -> Iterator[tuple[str, list[Sample]]]:
    counts = server.proxy.counts
    yield labelled("mockforge_ws_proxied_total", "outcome", {key: counts[key] for key in PROXIED})
