"""The metrics and memory figures of the gRPC server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mockforge.observe.metrics import MetricSpec, Sample, labelled

if TYPE_CHECKING:
    from mockforge.kernel import Kernel
    from mockforge_grpc.server import GrpcServer
    from mockforge_grpc.transport import TransportStats

CATALOGUE = (
    MetricSpec("mockforge_grpc_connections_active", "gauge", (), "Open gRPC connections."),
    MetricSpec(
        "mockforge_grpc_connections_total", "counter", (), "gRPC connections that were opened."
    ),
    MetricSpec("mockforge_grpc_calls_active", "gauge", (), "gRPC calls under way."),
    MetricSpec("mockforge_grpc_calls_total", "counter", (), "gRPC calls that began."),
    MetricSpec(
        "mockforge_grpc_cancelled_total",
        "counter",
        (),
        "gRPC calls that the client or the loss of its connection ended.",
    ),
    MetricSpec(
        "mockforge_grpc_messages_total",
        "counter",
        ("direction",),
        "Messages that came (in) and were sent (out).",
    ),
    MetricSpec(
        "mockforge_grpc_bytes_total",
        "counter",
        ("direction",),
        "Bytes read from (in) and written to (out) connections; those of messages with the engine "
        "grpcio.",
    ),
    MetricSpec(
        "mockforge_grpc_refused_total",
        "counter",
        ("reason",),
        "What was no gRPC call, or none to read on, by reason: method, content_type, timeout, "
        "compression, metadata_encoding, message_encoding, protocol.",
    ),
    MetricSpec(
        "mockforge_grpc_limits_total",
        "counter",
        ("limit",),
        "Calls and connections refused or ended by a limit: connections, handshake, idle, keepalive, "
        "message, metadata, queued, held, resets, pings, deadline, "
        "memory.",
    ),
    MetricSpec(
        "mockforge_grpc_proxied_total",
        "counter",
        ("outcome",),
        "Calls passed on by what became of them: passed, failed (the upstream server did not answer), "
        "cancelled (by the client).",
    ),
    MetricSpec(
        "mockforge_grpc_recorded_total",
        "counter",
        ("outcome",),
        "Calls of the upstream server by what became of their recording: recorded, repeated, left_out, "
        "dropped, failed.",
    ),
)
"""What this package adds to the kernel's metrics."""


def register(kernel: Kernel, server: GrpcServer) -> None:
    """Have ``server`` seen in the metrics and in memory reports."""
    metrics, memory = kernel.metrics, kernel.memory
    for spec in CATALOGUE:
        metrics.declare(spec)
    engine = server.engine
    stats = engine.stats
    metrics.read("mockforge_grpc_connections_active", server.connections)
    metrics.read("mockforge_grpc_connections_total", lambda: stats.opened)
    metrics.read("mockforge_grpc_calls_active", lambda: engine.streams)
    metrics.read("mockforge_grpc_calls_total", lambda: stats.calls)
    metrics.read("mockforge_grpc_cancelled_total", lambda: stats.cancelled)
    metrics.add_collector(lambda: _wire(stats))
    memory.register("grpc.connections", engine.memory_bytes)
    memory.register("grpc.messages", engine.held_bytes, lambda: engine.limits.max_held)
    holding = server.holding
    memory.register("grpc.waiting", lambda: holding.bytes, lambda: holding.limit)
    memory.register("grpc.stubs", server.memory_bytes)
    memory.register("grpc.schema", lambda: server.schema.memory_bytes)
    metrics.add_collector(lambda: _passed(server))
    memory.register("grpc.upstream", server.proxy.memory_bytes)
    if (recorder := server.recorder) is not None:
        from mockforge.mocking.recording.figures import register_recorder

        register_recorder(metrics, recorder, "grpc")
        memory.register("grpc.record", recorder.memory_bytes, recorder.memory_limit)


def _passed(server: GrpcServer) -> Iterator[tuple[str, list[Sample]]]:
    from mockforge_grpc.proxy import OUTCOMES

    counts = server.proxy.counts
    yield labelled(
        "mockforge_grpc_proxied_total", "outcome", {key: counts[key] for key in OUTCOMES}
    )


def _wire(stats: TransportStats) -> Iterator[tuple[str, list[Sample]]]:
    yield labelled(
        "mockforge_grpc_messages_total",
        "direction",
        {"in": stats.messages_in, "out": stats.messages_out},
    )
    yield labelled(
        "mockforge_grpc_bytes_total", "direction", {"in": stats.bytes_in, "out": stats.bytes_out}
    )
    yield labelled("mockforge_grpc_refused_total", "reason", stats.refused)
    yield labelled("mockforge_grpc_limits_total", "limit", stats.limits)
