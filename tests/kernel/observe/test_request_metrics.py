"""Request metrics: right, and bounded whatever clients send."""

from __future__ import annotations

import threading

import pytest

from mockforge.observe.metrics import Registry, RequestMetrics
from mockforge.observe.metrics.instruments import DURATION_BUCKETS
from tests.traced import tracing


def values(metrics: RequestMetrics, name: str) -> dict[tuple[str, ...], float]:
    """Samples of one name by their label values."""
    return {
        tuple(value for _, value in sample.labels): sample.value
        for _, samples in metrics.collect()
        for sample in samples
        if sample.name == name
    }


def test_one_update_gives_all_families() -> None:
    metrics = RequestMetrics()
    for _ in range(3):
        metrics.observe("http", "GET", "/pets/{petId}", 200, 2_000_000, 100)
    metrics.observe("http", "GET", "/pets", 200, 300_000, 50)
    metrics.observe("http", "POST", "/pets", 422, 300_000, 7)
    metrics.observe("http", "GET", None, 404, 300_000)
    metrics.observe("http", "GET", "/down", 503, 300_000)
    metrics.observe("http", "GET", "/reset", None, 300_000)
    metrics.observe("grpc", "POST", "/a.B/C", 5, 300_000)
    metrics.observe("grpc", "POST", "/a.B/C", 0, 300_000)
    metrics.error("http", "malformed")
    assert values(metrics, "mockforge_requests_total") == {
        ("http", "GET", "200"): 4,
        ("http", "POST", "422"): 1,
        ("http", "GET", "404"): 1,
        ("http", "GET", "503"): 1,
        ("http", "GET", "none"): 1,
        ("grpc", "POST", "5"): 1,
        ("grpc", "POST", "0"): 1,
    }
    assert values(metrics, "mockforge_requests_by_path_total")["/pets/{petId}", "GET", "200"] == 3
    assert values(metrics, "mockforge_requests_by_path_total")["unmatched", "GET", "404"] == 1
    assert values(metrics, "mockforge_errors_total") == {
        ("http", "malformed"): 1,
        ("http", "client_error"): 2,
        ("http", "server_error"): 1,
        ("http", "no_answer"): 1,
        ("grpc", "call_failed"): 1,
    }
    assert values(metrics, "mockforge_response_body_bytes_total")["http", "GET"] == 350
    buckets = values(metrics, "mockforge_request_duration_seconds_bucket")
    assert buckets["http", "GET", "0.00025"] == 0
    assert buckets["http", "GET", "0.0005"] == 4
    assert buckets["http", "GET", "0.0025"] == 7
    assert buckets["http", "GET", "+Inf"] == 7
    assert values(metrics, "mockforge_request_duration_seconds_count")["http", "GET"] == 7
    total = values(metrics, "mockforge_request_duration_seconds_sum")["http", "GET"]
    assert total == pytest.approx(0.0072)


def test_a_duration_on_a_bound_counts_in_its_bucket_and_a_long_one_above_all() -> None:
    metrics = RequestMetrics()
    for bound in DURATION_BUCKETS:
        metrics.observe("http", "GET", "/", 200, round(bound * 1e9))
    metrics.observe("http", "GET", "/", 200, 60 * 10**9)
    metrics.observe("http", "GET", "/", 200, -5)
    buckets = values(metrics, "mockforge_request_duration_seconds_bucket")
    counts = [buckets["http", "GET", f"{bound:g}"] for bound in DURATION_BUCKETS]
    assert counts == list(range(2, len(DURATION_BUCKETS) + 2))
    assert buckets["http", "GET", "+Inf"] == len(DURATION_BUCKETS) + 2


def test_methods_that_clients_make_up_are_one_label() -> None:
    metrics = RequestMetrics()
    for number in range(2000):
        metrics.observe("http", f"BREW{number}", None, 501, 1000)
    assert values(metrics, "mockforge_requests_total") == {("http", "other", "501"): 2000}
    assert metrics.cells == 1


def test_declared_methods_are_labels() -> None:
    metrics = RequestMetrics()
    metrics.allow_methods(["PURGE"])
    metrics.observe("http", "PURGE", "/cache", 204, 1000)
    assert ("http", "PURGE", "204") in values(metrics, "mockforge_requests_total")


def test_past_the_limit_the_path_is_other_and_nothing_is_lost() -> None:
    metrics = RequestMetrics(max_cells=100)
    for number in range(5000):
        metrics.observe("http", "GET", f"/path/{number}", 200, 1000)
    paths = values(metrics, "mockforge_requests_by_path_total")
    assert metrics.cells <= 100
    assert paths["other", "GET", "200"] == 5000 - 75
    assert sum(paths.values()) == 5000
    assert values(metrics, "mockforge_requests_total") == {("http", "GET", "200"): 5000}
    assert values(metrics, "mockforge_dropped_total") == {("metrics",): 5000 - 75}
    metrics.observe("http", "GET", "/path/1", 200, 1000)
    assert metrics.dropped == 5000 - 75, "a path that has its cell keeps it"


def test_the_limit_holds_however_many_statuses_and_protocols_there_are() -> None:
    metrics = RequestMetrics(max_cells=50)
    for number in range(3000):
        metrics.observe(f"p{number % 70}", "GET", f"/{number}", number, 1000)
    assert metrics.cells == 50
    requests = values(metrics, "mockforge_requests_total")
    assert sum(requests.values()) == 3000
    assert requests["other", "other", "other"] > 2000
    for number in range(1000):
        metrics.error("http", f"type-{number}")
    errors = values(metrics, "mockforge_errors_total")
    assert errors["other", "other"] == 1000 - 256


def test_the_bytes_it_states_are_not_below_the_truth() -> None:
    with tracing() as traced:
        metrics = RequestMetrics(max_cells=2000)
        for number in range(3000):
            metrics.observe("http", "GET", f"/pets/{number}", 200, 1000)
        held = traced.held
    assert held * 0.75 <= metrics.bytes <= held * 1.5, (metrics.bytes, held)


def test_a_limit_too_small_to_work_with_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 16"):
        Registry(max_cells=3)


def test_updates_from_threads_add_up() -> None:
    metrics = RequestMetrics(max_cells=50)

    def observe(name: int) -> None:
        for number in range(2000):
            metrics.observe("http", "GET", f"/{name}/{number % 40}", 200, 1000, 1)

    threads = [threading.Thread(target=observe, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert values(metrics, "mockforge_requests_total") == {("http", "GET", "200"): 8000}
    assert values(metrics, "mockforge_response_body_bytes_total") == {("http", "GET"): 8000}
