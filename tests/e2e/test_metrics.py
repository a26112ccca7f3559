"""Every metric by what makes it move, read from the text that Prometheus would read."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from mockforge import hookimpl
from mockforge.kernel import Kernel
from mockforge.observe.journal import JournalEntry
from mockforge.observe.metrics import Sample
from mockforge.testing import MockServer
from tests.e2e.raw import connected, get
from tests.e2e.slow import Gate
from tests.e2e.wired.names import metric_specs
from tests.http.server.documents import PET, content, document
from tests.http.server.documents import get as get_operation
from tests.kernel.observe.waiting import wait_until

MANY = {
    f"/things/{number}": get_operation(("200", content(json={"schema": PET})))
    for number in range(40)
}
DOCUMENT = document(
    {
        "/pets/{petId}": get_operation(("200", content(text={"example": "answer"}))),
        "/slow": get_operation(("200", content(text={"example": "answer"}))),
        **MANY,
    }
)

Key = tuple[str, frozenset[tuple[str, str]]]


class Odd:
    """Logs nothing, measures nothing, and says what it holds."""

    @hookimpl
    def mockforge_startup(self, kernel: Kernel) -> None:
        kernel.metrics.add_collector(self.collect)

    @staticmethod
    def collect() -> Iterable[tuple[str, Iterable[Sample]]]:
        raise ValueError("nothing to read")

    @hookimpl
    def mockforge_log_request(self, entry: JournalEntry) -> None:
        raise ValueError("nowhere to write")

    @hookimpl
    def mockforge_report_memory(self) -> Mapping[str, int]:
        return {"odd.cache": 1234}


class Metrics:
    """The metrics of a server, by name and labels; ``first`` are those after its first requests."""

    def __init__(self, server: MockServer) -> None:
        self.server = server
        self._first = self.samples()

    def first(self, name: str, **labels: str) -> float:
        return self._first[name, frozenset(labels.items())]

    def samples(self) -> dict[Key, float]:
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(self.server.metrics.render())
            for sample in family.samples
        }

    def __call__(self, name: str, **labels: str) -> float:
        return self.samples()[name, frozenset(labels.items())]

    def becomes(self, value: float, name: str, **labels: str) -> None:
        """Wait until it has this value."""
        wait_until(lambda: self.samples().get((name, frozenset(labels.items()))) == value)


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate()


@pytest.fixture(scope="module")
def metrics(gate: Gate) -> Iterator[Metrics]:
    """Those of a server that has answered three pets, refused a path and a request line."""
    settings: dict[str, Any] = {"core.max_request_logs": 20, "http.operation_cache": "100KB"}
    with MockServer(DOCUMENT, plugins={"gate": gate, "odd": Odd()}, settings=settings) as server:
        with connected(server.url) as client:
            for number in range(3):
                assert client.ask(get(f"/pets/{number}")).status == 200
            assert client.ask(get("/nothing")).status == 404
            assert client.ask(b"nonsense\r\n\r\n").status == 400
        yield Metrics(server)
        gate.open()


@pytest.mark.shows(
    "mockforge_requests_total",
    "mockforge_requests_by_path_total",
    "mockforge_errors_total",
    "mockforge_http_protocol_errors_total",
)
def test_requests_are_counted_by_status_path_and_error(metrics: Metrics) -> None:
    assert (
        metrics.first("mockforge_requests_total", protocol="http", method="GET", status="200") == 3
    )
    assert (
        metrics.first("mockforge_requests_total", protocol="http", method="GET", status="404") == 1
    )
    by_path = "mockforge_requests_by_path_total"
    assert metrics.first(by_path, path="/pets/{petId}", method="GET", status="200") == 3
    assert metrics.first(by_path, path="unmatched", method="GET", status="404") == 1
    assert metrics.first("mockforge_errors_total", protocol="http", error_type="client_error") == 2
    refused = "mockforge_http_protocol_errors_total"
    assert metrics.first(refused, code="malformed-request-line") == 1


@pytest.mark.shows(
    "mockforge_request_duration_seconds",
    "mockforge_response_body_bytes_total",
    "mockforge_http_bytes_total",
)
def test_time_and_bytes_of_answers_are_measured(metrics: Metrics) -> None:
    duration = "mockforge_request_duration_seconds"
    assert metrics.first(f"{duration}_count", protocol="http", method="GET") == 4
    assert metrics.first(f"{duration}_bucket", protocol="http", method="GET", le="+Inf") == 4
    assert 0 < metrics.first(f"{duration}_sum", protocol="http", method="GET") < 60
    bodies = metrics.first("mockforge_response_body_bytes_total", protocol="http", method="GET")
    assert bodies > 3 * len("answer")
    sent = 3 * len(get("/pets/0")) + len(get("/nothing")) + len(b"nonsense\r\n\r\n")
    assert metrics.first("mockforge_http_bytes_total", direction="in") == sent
    assert metrics.first("mockforge_http_bytes_total", direction="out") > bodies


@pytest.mark.shows(
    "mockforge_requests_in_flight",
    "mockforge_connections_active",
    "mockforge_http_connections_total",
)
def test_what_is_open_goes_up_and_down(metrics: Metrics, gate: Gate) -> None:
    active = "mockforge_connections_active"
    metrics.becomes(0, active, protocol="http")
    accepted = metrics("mockforge_http_connections_total", outcome="accepted")
    with connected(metrics.server.url) as client:
        client.send(get("/slow"))
        metrics.becomes(1, "mockforge_requests_in_flight", protocol="http")
        assert metrics(active, protocol="http") == 1
        gate.open()
        assert client.answer() is not None
        assert metrics("mockforge_requests_in_flight", protocol="http") == 0
    metrics.becomes(0, active, protocol="http")
    assert metrics("mockforge_http_connections_total", outcome="accepted") == accepted + 1


@pytest.mark.shows(
    "http.operation_cache",
    "mockforge_memory_bytes",
    "mockforge_limit_bytes",
    "mockforge_dropped_total",
    "mockforge_journal_entries",
    "mockforge_journal_bytes",
    "mockforge_report_memory",
)
def test_what_is_held_stays_below_its_limit_and_what_is_let_go_is_counted(metrics: Metrics) -> None:
    with connected(metrics.server.url) as client:
        for path in MANY:
            assert client.ask(get(path)).status == 200
    held, limit, dropped = (
        f"mockforge_{name}" for name in ("memory_bytes", "limit_bytes", "dropped_total")
    )
    assert metrics(limit, component="http.operations") == 100_000
    assert 0 < metrics(held, component="http.operations") <= 100_000
    assert 0 < metrics(dropped, component="http.operations") < len(MANY)
    assert metrics("mockforge_journal_entries") == 20
    assert metrics("mockforge_journal_bytes") == metrics(held, component="journal")
    assert metrics(limit, component="journal") == 16 * 1024**2
    assert metrics(dropped, component="journal") > 20
    assert metrics(held, component="http.documents") > 0
    assert metrics(held, component="odd.cache") == 1234


@pytest.mark.shows("mockforge_request_logger_failures_total", "mockforge_collect_failures_total")
def test_failures_of_plugins_are_counted_and_nothing_else_is_lost(metrics: Metrics) -> None:
    failures = "mockforge_request_logger_failures_total"
    wait_until(lambda: metrics(failures, logger="plugin odd") >= 5)
    before = metrics("mockforge_collect_failures_total")
    assert metrics("mockforge_collect_failures_total") == before + 1
    assert before > 0


@pytest.mark.shows(
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
    "process_open_fds",
    "process_max_fds",
    "process_start_time_seconds",
)
def test_the_process_is_measured(metrics: Metrics) -> None:
    assert metrics("process_resident_memory_bytes") > 10_000_000
    before = metrics("process_cpu_seconds_total")
    wait_until(lambda: metrics("process_cpu_seconds_total") > before)
    if os.path.isdir("/proc/self/fd"):  # noqa: PTH112 - where it can be told
        with connected(metrics.server.url) as client:
            assert client.ask(get("/pets/1")).status == 200
            opened = metrics("process_open_fds")
        metrics.becomes(0, "mockforge_connections_active", protocol="http")
        assert metrics("process_open_fds") < opened <= metrics("process_max_fds")
    assert 0 <= time.time() - metrics("process_start_time_seconds") < 24 * 3600


def test_nothing_is_exposed_that_no_catalogue_declares(metrics: Metrics) -> None:
    declared = {spec.name: (spec.type, spec.help) for spec in metric_specs()}
    text = metrics.server.metrics.render()
    for line in text.splitlines():
        _, kind, name, rest = line.split(" ", 3) if line.startswith("#") else ("", "", "", "")
        if kind == "TYPE":
            assert declared[name][0] == rest
        elif kind == "HELP":
            assert declared[name][1] == rest
