"""The registry: declared, bounded, and not disturbed by one bad reader."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pytest

from mockforge.observe.metrics import CATALOGUE, Family, MetricSpec, Registry, Sample

CONNECTIONS = MetricSpec("test_connections_total", "counter", ("kind",), "Connections so far.")


def family(registry: Registry, name: str) -> Family:
    return next(family for family in registry.collect() if family.name == name)


def samples(registry: Registry, name: str) -> dict[tuple[str, ...], float]:
    return {
        tuple(value for _, value in sample.labels): sample.value
        for sample in family(registry, name).samples
    }


def test_the_catalogue_can_be_declared_and_every_name_is_there_once() -> None:
    registry = Registry()
    for spec in CATALOGUE:
        registry.declare(spec)
        assert spec.help.endswith(".")
    assert [spec.name for spec in registry.declared()] == sorted(spec.name for spec in CATALOGUE)


def test_plugins_declare_their_own_metrics() -> None:
    registry = Registry()
    registry.declare(CONNECTIONS)
    registry.counter("test_connections_total", kind="tls").inc()
    registry.counter("test_connections_total", kind="tls").inc(2)
    assert family(registry, "test_connections_total") == Family(
        "test_connections_total",
        "counter",
        "Connections so far.",
        (Sample("test_connections_total", (("kind", "tls"),), 3),),
    )
    assert CONNECTIONS in registry.declared()


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        (MetricSpec("a-b_total", "counter", (), "."), "not a metric name"),
        (MetricSpec("requests", "counter", (), "."), "end in _total"),
        (MetricSpec("open_total", "gauge", (), "."), "end in _total"),
        (MetricSpec("h", "histogram", ("le",), "."), "not a label name"),
        (MetricSpec("h", "gauge", ("__x",), "."), "not a label name"),
        (MetricSpec("mockforge_memory_bytes", "gauge", (), "."), "declared already"),
    ],
)
def test_declarations_that_cannot_be_rendered_are_refused(spec: MetricSpec, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Registry().declare(spec)


def test_using_a_metric_otherwise_than_declared_is_refused() -> None:
    registry = Registry()
    with pytest.raises(ValueError, match="not declared"):
        registry.counter("mockforge_unheard_of_total")
    with pytest.raises(ValueError, match="has the labels"):
        registry.gauge("mockforge_connections_active", kind="x")
    with pytest.raises(ValueError, match="is a gauge, not a counter"):
        registry.counter("mockforge_connections_active", protocol="http")
    with pytest.raises(ValueError, match="does not go down"):
        registry.counter("mockforge_dropped_total", component="x").inc(-1)


def test_gauges_hold_a_value_or_ask_for_it() -> None:
    registry = Registry()
    gauge = registry.gauge("mockforge_connections_active", protocol="http")
    gauge.inc(5)
    gauge.dec()
    open_now = [1, 2]
    registry.read("mockforge_connections_active", lambda: len(open_now), protocol="grpc")
    assert samples(registry, "mockforge_connections_active") == {("http",): 4, ("grpc",): 2}
    gauge.set(9)
    open_now.append(3)
    registry.remove("mockforge_connections_active", protocol="absent")
    assert samples(registry, "mockforge_connections_active") == {("http",): 9, ("grpc",): 3}
    registry.remove("mockforge_connections_active", protocol="http")
    assert samples(registry, "mockforge_connections_active") == {("grpc",): 3}


def test_histograms_are_cumulative() -> None:
    registry = Registry()
    registry.declare(MetricSpec("test_seconds", "histogram", ("plugin",), "Time."))
    histogram = registry.histogram("test_seconds", plugin="p")
    for duration_ns in (0, 100_000, 100_001, 20 * 10**9, -1):
        histogram.observe_ns(duration_ns)
    found = {
        (sample.name, dict(sample.labels).get("le")): sample.value
        for sample in family(registry, "test_seconds").samples
    }
    assert found["test_seconds_bucket", "0.0001"] == 3
    assert found["test_seconds_bucket", "0.00025"] == 4
    assert found["test_seconds_bucket", "10"] == 4
    assert found["test_seconds_bucket", "+Inf"] == 5
    assert found["test_seconds_count", None] == 5
    assert found["test_seconds_sum", None] == pytest.approx(20.000200001)


def test_label_combinations_are_bounded_and_the_rest_counts_as_other() -> None:
    registry = Registry(max_series=10)
    registry.declare(CONNECTIONS)
    for number in range(500):
        registry.counter("test_connections_total", kind=f"k{number}").inc()
    found = samples(registry, "test_connections_total")
    assert len(found) == 10
    assert sum(found.values()) == 500
    assert found["other",] == 491
    for number in range(50):
        registry.read("mockforge_memory_bytes", lambda: 1, component=f"c{number}")
    assert len(samples(registry, "mockforge_memory_bytes")) == 10
    assert samples(registry, "mockforge_dropped_total")["metrics.series",] == 491 + 40


def test_a_reader_that_raises_is_left_out_counted_and_reported_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    registry = Registry()

    def broken() -> float:
        raise OSError("gone")

    def collector() -> Iterable[tuple[str, Iterable[Sample]]]:
        raise KeyError("plugin")

    def undeclared() -> Iterable[tuple[str, Iterable[Sample]]]:
        yield "unheard_of", []

    registry.read("mockforge_connections_active", broken, protocol="ws")
    registry.read("mockforge_connections_active", lambda: 7, protocol="http")
    registry.add_collector(collector)
    registry.add_collector(undeclared)
    registry.requests.observe("http", "GET", "/", 200, 1)
    for _ in range(2):
        assert samples(registry, "mockforge_connections_active") == {("http",): 7}
        assert samples(registry, "mockforge_requests_total")
    assert samples(registry, "mockforge_collect_failures_total")[()] == 3 * 5
    assert caplog.text.count("a metric could not be read") == 1


def test_collectors_and_instruments_share_a_family() -> None:
    registry = Registry()
    registry.counter("mockforge_dropped_total", component="http.connections").inc(4)
    found = samples(registry, "mockforge_dropped_total")
    assert found["http.connections",] == 4
    assert found["metrics",] == 0
    names = [family.name for family in registry.collect()]
    assert names == sorted(set(names))
    assert not any(math.isnan(value) for value in found.values())
