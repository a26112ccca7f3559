"""The metrics and memory figures of the HTTP server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from mockforge.observe.metrics import MetricSpec, Sample

if TYPE_CHECKING:
    from mockforge.kernel import Kernel
    from mockforge_http.server import HttpServer

CATALOGUE = (
    MetricSpec(
        "mockforge_http_connections_total",
        "counter",
        ("outcome",),
        "Connections by what became of them: accepted, refused (over http.max_connections), timed_out.",
    ),
    MetricSpec(
        "mockforge_http_bytes_total",
        "counter",
        ("direction",),
        "Bytes read from (in) and written to (out) connections without TLS, heads and framing included.",
    ),
    MetricSpec(
        "mockforge_http_protocol_errors_total",
        "counter",
        ("code",),
        "Requests without TLS that were refused before they were understood, by the code of the problem.",
    ),
    MetricSpec(
        "mockforge_http_callbacks_total",
        "counter",
        ("outcome",),
        "Callbacks and webhooks by what became of them: sent, failed, refused, dropped.",
    ),
)
"""What this package adds to the kernel's metrics."""


def register(kernel: Kernel, server: HttpServer) -> None:
    """Have ``server`` seen in the metrics and in memory reports."""
    metrics, memory = kernel.metrics, kernel.memory
    for spec in CATALOGUE:
        metrics.declare(spec)
    metrics.add_collector(lambda: _wire(server))
    metrics.read("mockforge_requests_in_flight", lambda: server.in_flight, protocol="http")
    metrics.read(
        "mockforge_dropped_total", lambda: server.mock.store.evicted, component="http.operations"
    )
    metrics.add_collector(lambda: _callbacks(server))
    metrics.read(
        "mockforge_dropped_total",
        lambda: _sent(server).get("dropped", 0),
        component="http.callbacks",
    )
    memory.register(
        "http.callbacks",
        lambda: 0 if server.callbacks is None else server.callbacks.sender.held,
    )
    memory.register("http.documents", lambda: server.mock.memory_bytes())
    memory.register(
        "http.operations", lambda: server.mock.store.held, lambda: server.mock.store.limit
    )
    memory.register(
        "http.connections", lambda: sum(each.memory_bytes() for each in server.listeners)
    )


def _wire(server: HttpServer) -> Iterator[tuple[str, list[Sample]]]:
    every = [listener.stats for listener in server.listeners]
    name = "mockforge_http_connections_total"
    for outcome in ("accepted", "refused", "timed_out"):
        total = sum(getattr(stats, outcome) for stats in every)
        yield name, [Sample(name, (("outcome", outcome),), total)]
    plain = server.listener.stats
    name = "mockforge_http_bytes_total"
    directions = {"in": plain.bytes_in, "out": plain.bytes_out}
    yield name, [Sample(name, (("direction", key),), value) for key, value in directions.items()]
    name = "mockforge_http_protocol_errors_total"
    yield name, [Sample(name, (("code", key),), value) for key, value in plain.errors.items()]


def _callbacks(server: HttpServer) -> Iterator[tuple[str, list[Sample]]]:
    name = "mockforge_http_callbacks_total"
    counts = _sent(server)
    for outcome in ("sent", "failed", "refused", "dropped"):
        yield name, [Sample(name, (("outcome", outcome),), counts.get(outcome, 0))]


def _sent(server: HttpServer) -> Mapping[str, int]:
    return {} if server.callbacks is None else server.callbacks.sender.counts
