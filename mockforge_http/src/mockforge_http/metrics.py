"""The metrics and memory figures of the HTTP server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from mockforge.mocking import compiled
from mockforge.observe.metrics import MetricSpec, Sample, labelled
from mockforge_http.proxy.proxy import OUTCOMES
from mockforge_http.stubs.pushing import OUTCOMES as PUSHED

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
        "mockforge_http_stubs",
        "gauge",
        (),
        "Stubs that were loaded or put; http.max_stubs is the most.",
    ),
    MetricSpec(
        "mockforge_http_callbacks_total",
        "counter",
        ("outcome",),
        "Callbacks and webhooks by what became of them: sent, failed, refused, dropped.",
    ),
    MetricSpec(
        "mockforge_http_pushes_total",
        "counter",
        ("outcome",),
        "Pushes of stubs by what became of them: sent, unheard (nobody was there), failed, dropped.",
    ),
    MetricSpec(
        "mockforge_http_faults_total",
        "counter",
        ("fault",),
        "Faults injected, by name; status is an error that was answered in place of the mock's answer.",
    ),
    MetricSpec("mockforge_http_delays_total", "counter", (), "Answers held back on purpose."),
    MetricSpec(
        "mockforge_http_delay_seconds_total",
        "counter",
        (),
        "Seconds for which answers were held back on purpose.",
    ),
    MetricSpec(
        "mockforge_http_rate_limited_total",
        "counter",
        (),
        "Requests refused with 429 by http.rate_limits.",
    ),
    MetricSpec(
        "mockforge_http_proxied_total",
        "counter",
        ("outcome",),
        "Requests passed on by what became of them: passed, refused, unreachable, timeout, failed.",
    ),
    MetricSpec(
        "mockforge_http_upstream_connections",
        "gauge",
        ("state",),
        "Connections to upstream servers: active, idle; and requests waiting for one (waiting).",
    ),
    MetricSpec(
        "mockforge_http_recorded_total",
        "counter",
        ("outcome",),
        "Answers of upstream servers by what became of their recording: recorded, repeated, left_out, "
        "dropped, failed.",
    ),
)
"""What this package adds to the kernel's metrics."""


def _clear_fixtures(server: HttpServer) -> None:
    if server.mock.fixtures is not None:
        server.mock.fixtures.cache.clear()


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
    metrics.add_collector(lambda: _faults(server))
    metrics.read(
        "mockforge_dropped_total",
        lambda: server.mock.faults.forgotten,
        component="http.rate_limits",
    )
    memory.register(
        "http.rate_limits",
        lambda: server.mock.faults.memory_bytes(),
        lambda: server.mock.faults.memory_limit(),
    )
    memory.register(
        "http.callbacks",
        lambda: 0 if server.callbacks is None else server.callbacks.sender.held,
        lambda: 0 if server.callbacks is None else int(server.callbacks.sender.settings.max_bytes),
    )
    metrics.add_collector(lambda: _pushes(server))
    metrics.read(
        "mockforge_dropped_total",
        lambda: server.pushes.counts["dropped"],
        component="http.pushes",
    )
    memory.register(
        "http.pushes",
        lambda: server.pushes.held,
        lambda: int(server.pushes.settings.max_bytes),
    )
    metrics.read("mockforge_http_stubs", lambda: len(server.mock.stubs))
    memory.register("matching", compiled.held, compiled.limit)
    memory.on_shed("matching", compiled.clear)
    memory.on_shed("http.operations", lambda: server.mock.store.shed())
    memory.on_shed("http.fixture_cache", lambda: _clear_fixtures(server))
    memory.register("http.stubs", lambda: server.mock.stubs.memory_bytes())
    memory.register(
        "http.stub_files",
        lambda: server.mock.stubs.files_kept[0],
        lambda: server.mock.stubs.files_kept[1],
    )
    metrics.read(
        "mockforge_dropped_total",
        lambda: server.mock.stubs.files_kept[2],
        component="http.stub_files",
    )
    metrics.add_collector(lambda: _passed(server))
    if (recorder := server.recorder) is not None:
        from mockforge.mocking.recording.figures import register_recorder

        register_recorder(metrics, recorder, "http")
        memory.register("http.record", recorder.memory_bytes, recorder.memory_limit)
    metrics.read(
        "mockforge_dropped_total", lambda: _cache(server)[2], component="http.fixture_cache"
    )
    memory.register("http.fixture_cache", lambda: _cache(server)[0], lambda: _cache(server)[1])
    memory.register("http.documents", lambda: server.mock.memory_bytes())
    memory.register(
        "http.operations", lambda: server.mock.store.held, lambda: server.mock.store.limit
    )
    memory.register("http.resources", lambda: _prepared(server)[0], lambda: _prepared(server)[1])
    metrics.read(
        "mockforge_dropped_total", lambda: _prepared(server)[2], component="http.resources"
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
    yield labelled(name, "direction", directions)
    name = "mockforge_http_protocol_errors_total"
    yield labelled(name, "code", plain.errors)


def _faults(server: HttpServer) -> Iterator[tuple[str, list[Sample]]]:
    counts = server.mock.faults
    name = "mockforge_http_faults_total"
    faults = {"status": counts.failed, **server.listener.stats.faults}
    yield labelled(name, "fault", faults)
    name = "mockforge_http_rate_limited_total"
    yield name, [Sample(name, (), counts.refused)]
    name = "mockforge_http_delays_total"
    yield name, [Sample(name, (), counts.waiting.count)]
    name = "mockforge_http_delay_seconds_total"
    yield name, [Sample(name, (), counts.waiting.seconds)]


def _callbacks(server: HttpServer) -> Iterator[tuple[str, list[Sample]]]:
    name = "mockforge_http_callbacks_total"
    counts = _sent(server)
    for outcome in ("sent", "failed", "refused", "dropped"):
        yield name, [Sample(name, (("outcome", outcome),), counts.get(outcome, 0))]


def _pushes(server: HttpServer) -> Iterator[tuple[str, list[Sample]]]:
    name = "mockforge_http_pushes_total"
    counts = server.pushes.counts
    yield name, [Sample(name, (("outcome", outcome),), counts[outcome]) for outcome in PUSHED]


def _passed(server: HttpServer) -> Iterator[tuple[str, list[Sample]]]:
    proxy = server.mock.proxy
    name = "mockforge_http_proxied_total"
    for outcome in OUTCOMES:
        yield name, [Sample(name, (("outcome", outcome),), proxy.counts[outcome])]
    name = "mockforge_http_upstream_connections"
    pool = proxy.pool
    states = {
        "active": 0 if pool is None else pool.active,
        "idle": 0 if pool is None else pool.idle,
        "waiting": 0 if pool is None else pool.waiting,
    }
    yield labelled(name, "state", states)


def _cache(server: HttpServer) -> tuple[int, int, int]:
    """Bytes held by the fixture cache, its limit, and what it let go."""
    store = server.mock.fixtures
    return (
        (0, 0, 0) if store is None else (store.cache.held, store.cache.limit, store.cache.evicted)
    )


def _sent(server: HttpServer) -> Mapping[str, int]:
    return {} if server.callbacks is None else server.callbacks.sender.counts


def _prepared(server: HttpServer) -> tuple[int, int, int]:
    """Bytes of the collections that are prepared to answer, their limit, and how many were let go."""
    resources = server.mock.resources
    if resources is None:
        return 0, 0, 0
    return resources.prepared.held, resources.prepared.limit, resources.prepared.evicted
