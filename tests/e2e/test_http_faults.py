"""What goes wrong on purpose, by its settings, as clients see it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockforge.errors import MockForgeError
from mockforge.testing import MockServer
from mockforge_http.server import HttpServer
from tests.e2e.processes import serving as started
from tests.e2e.raw import Answer, connected, fetch, get
from tests.http.server.documents import content, document
from tests.http.server.documents import get as get_operation

TEXT = "answer " * 100
DOCUMENT = document(
    {
        "/pets/{petId}": get_operation(
            ("200", content(text={"example": TEXT})), operationId="getPet", tags=["animals"]
        ),
        "/orders": get_operation(("200", content(text={"example": "order"})), operationId="orders"),
        "/large": get_operation(("200", content(text={"example": "x" * 5000}))),
    }
)


def serving(settings: Mapping[str, Any], *, seed: int = 1) -> MockServer:
    return MockServer(
        DOCUMENT, settings={f"http.{key}": value for key, value in settings.items()}, seed=seed
    )


def value(server: MockServer, sample: str) -> float:
    """The value of one line of the metrics, 0 if it is not there."""
    return value_in(server.metrics.render(), sample)


def value_in(metrics: str, sample: str) -> float:
    for line in metrics.splitlines():
        name, _, number = line.rpartition(" ")
        if name == sample:
            return float(number)
    return 0


def statuses(server: MockServer, target: str, count: int) -> list[int]:
    return [fetch(server.url, target).status for _ in range(count)]


def delayed(server: MockServer, *targets: str) -> float:
    """The seconds for which answers to ``targets`` were held back."""
    before = value(server, "mockforge_http_delay_seconds_total")
    for target in targets:
        assert fetch(server.url, target).status == 200
    return round(value(server, "mockforge_http_delay_seconds_total") - before, 6)


# ------------------------------------------------------------------ latency


@pytest.mark.shows(
    "http.latency.default",
    "http.latency.overrides",
    "http.latency.overrides[].tag",
    "http.latency.overrides[].path",
    "http.latency.overrides[].operation",
    "http.latency.overrides[].delay",
    "mockforge_http_delays_total",
    "mockforge_http_delay_seconds_total",
)
def test_answers_are_held_back_globally_and_by_path_tag_and_operation() -> None:
    latency = {
        "default": "1ms",
        "overrides": [
            {"path": "/lar*", "delay": "2ms"},
            {"tag": "animals", "delay": "3ms"},
            {"operation": "orders", "delay": {"uniform": {"min": "4ms", "max": "4ms"}}},
        ],
    }
    with serving({"latency": latency}) as server:
        assert delayed(server, "/large") == 0.002
        assert delayed(server, "/pets/1", "/pets/2") == 0.006
        assert delayed(server, "/orders") == 0.004
        assert value(server, "mockforge_http_delays_total") == 4
        assert fetch(server.url, "/nowhere").status == 404
        assert value(server, "mockforge_http_delays_total") == 5


@pytest.mark.shows("http.latency.enabled")
def test_latency_is_switched_on_and_off() -> None:
    with serving({"latency": {"enabled": True}}) as server:
        assert 0.03 <= delayed(server, "/orders") <= 0.07
    with serving({"latency": {"enabled": False, "default": "10m"}}) as server:
        assert delayed(server, "/orders") == 0


def test_the_same_seed_holds_back_for_the_same_time() -> None:
    latency = {"default": {"lognormal": {"median": "1ms", "sigma": 0.4, "max": "5ms"}}}
    times = []
    for seed in (1, 1, 2):
        with serving({"latency": latency}, seed=seed) as server:
            times.append([delayed(server, "/orders") for _ in range(5)])
    assert times[0] == times[1] != times[2]


# ------------------------------------------------------------------ failures


@pytest.mark.shows(
    "http.failures.rate",
    "http.failures.statuses",
    "http.failures.body",
    "http.failures.overrides",
    "http.failures.overrides[].tag",
    "http.failures.overrides[].path",
    "http.failures.overrides[].operation",
    "http.failures.overrides[].rate",
    "http.failures.overrides[].statuses",
    "http.failures.overrides[].body",
)
def test_requests_fail_globally_and_by_path_tag_and_operation() -> None:
    failures = {
        "rate": 1,
        "statuses": [503],
        "body": "all is lost",
        "overrides": [
            {"path": "/large", "rate": 0},
            {"tag": "animals", "rate": 1, "statuses": [502]},
            {"operation": "GET /orders", "rate": 1, "statuses": [504], "body": '{"a": 1}'},
        ],
    }
    with serving({"failures": failures}) as server:
        assert statuses(server, "/large", 5) == [200] * 5
        assert statuses(server, "/pets/1", 5) == [502] * 5
        order = fetch(server.url, "/orders")
        assert (order.status, order.json) == (504, {"a": 1})
        lost = fetch(server.url, "/nowhere")
        assert (lost.status, lost.body) == (503, b"all is lost")
        assert value(server, 'mockforge_http_faults_total{fault="status"}') == 7


@pytest.mark.shows("http.failures.enabled")
def test_failures_are_switched_on_and_off() -> None:
    with serving({"failures": {"enabled": True}}) as server:
        failing = [status for status in statuses(server, "/orders", 150) if status != 200]
        assert 0 < len(failing) < 50
        assert set(failing) <= {500, 502, 503, 504}
    with serving({"failures": {"enabled": False, "rate": 1}}) as server:
        assert statuses(server, "/orders", 5) == [200] * 5


@pytest.mark.shows(
    "http.failures.faults", "http.failures.overrides[].faults", "mockforge_http_faults_total"
)
def test_requests_fail_with_faults_on_the_wire() -> None:
    failures = {
        "rate": 1,
        "faults": ["empty"],
        "overrides": [
            {"path": "/pets/*", "rate": 1, "faults": ["truncate"]},
            {"path": "/large", "rate": 1, "faults": [{"dribble": {"chunks": 5, "over": "5ms"}}]},
        ],
    }
    with serving({"failures": failures}) as server:
        with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
            httpx.get(f"{server.url}/orders")
        with pytest.raises(httpx.RemoteProtocolError, match="received 350 bytes, expected 700"):
            httpx.get(f"{server.url}/pets/1")
        assert httpx.get(f"{server.url}/large").text == "x" * 5000
        for fault in ("empty", "truncate", "dribble"):
            assert value(server, f'mockforge_http_faults_total{{fault="{fault}"}}') == 1
        told = [entry.error for entry in server.journal.recent()]
        assert sorted(map(str, told)) == ["None", "fault: empty", "fault: truncate"]


def outcomes(server: MockServer, count: int) -> list[tuple[int, bytes] | None]:
    """Status and body of each answer, ``None`` where there was none."""
    found: list[tuple[int, bytes] | None] = []
    for number in range(count):
        with connected(server.url) as client:
            client.send(get(f"/pets/{number}"))
            answer: Answer | None = client.answer()
            found.append(None if answer is None else (answer.status, answer.body))
    return found


def test_the_same_seed_and_requests_fail_in_the_same_way() -> None:
    failures = {"rate": 0.5, "statuses": [500, 503], "faults": ["empty", "truncate", "reset"]}
    runs = []
    for seed in (1, 1, 2):
        with serving({"failures": failures}, seed=seed) as server:
            runs.append(outcomes(server, 40))
    assert runs[0] == runs[1] != runs[2]
    assert None in runs[0]
    assert len({each and each[0] for each in runs[0]}) == 4


# ------------------------------------------------------------------ rate limits


@pytest.mark.shows(
    "http.rate_limits",
    "http.rate_limits[].path",
    "http.rate_limits[].tag",
    "http.rate_limits[].operation",
    "http.rate_limits[].requests",
    "http.rate_limits[].window",
    "http.rate_limits[].burst",
    "mockforge_http_rate_limited_total",
)
def test_requests_over_a_limit_get_429() -> None:
    limits = [
        {"path": "/pets/*", "tag": "animals", "requests": 3, "window": "1h"},
        {"operation": "orders", "requests": 60, "window": "1h", "burst": 1},
    ]
    with serving({"rate_limits": limits}) as server:
        assert statuses(server, "/pets/1", 5) == [200, 200, 200, 429, 429]
        refused = fetch(server.url, "/pets/2")
        assert refused.headers["retry-after"] == "1200"
        assert refused.headers["ratelimit-limit"] == "3"
        assert refused.headers["ratelimit-remaining"] == "0"
        assert refused.headers["ratelimit-reset"] == "3600"
        assert refused.json["type"] == "urn:mockforge:problem:rate-limited"
        order = fetch(server.url, "/orders")
        assert (order.status, order.headers["ratelimit-remaining"]) == (200, "0")
        assert fetch(server.url, "/orders").headers["retry-after"] == "60"
        assert "ratelimit-limit" not in fetch(server.url, "/large").headers
        assert value(server, "mockforge_http_rate_limited_total") == 4


def from_address(url: str, address: str) -> int:
    """The status of an answer to a client at ``address``, which all is this machine."""
    transport = httpx.HTTPTransport(local_address=address)
    with httpx.Client(transport=transport) as client:
        return client.get(f"{url}/orders").status_code


@pytest.mark.shows("http.rate_limits[].per", "http.max_limited_clients")
def test_limits_are_for_each_client_or_for_all_together() -> None:
    limits = [{"requests": 1, "window": "1h"}]
    with serving({"rate_limits": limits, "max_limited_clients": 2}) as server:
        first, second, third = "127.0.0.2", "127.0.0.3", "127.0.0.4"
        assert [from_address(server.url, client) for client in (first, second)] == [200, 200]
        assert [from_address(server.url, client) for client in (first, second)] == [429, 429]
        # there is no room for a third, so that the first is forgotten
        assert [from_address(server.url, client) for client in (third, first)] == [200, 200]
        assert value(server, 'mockforge_dropped_total{component="http.rate_limits"}') == 2
        held = value(server, 'mockforge_memory_bytes{component="http.rate_limits"}')
        assert held == value(server, 'mockforge_limit_bytes{component="http.rate_limits"}') > 0
    with serving({"rate_limits": [{**limits[0], "per": "global"}]}) as server:
        assert [from_address(server.url, client) for client in (first, second)] == [200, 429]


def test_counters_outlive_a_reload() -> None:
    with serving({"rate_limits": [{"requests": 1, "window": "1h"}]}) as server:
        assert statuses(server, "/orders", 3) == [200, 429, 429]
        server.reload()
        assert statuses(server, "/orders", 2) == [200, 429]
        assert value(server, "mockforge_http_rate_limited_total") == 3


# ------------------------------------------------------------------ stubs

STUBS = """
- {id: reset, request: {path: /reset}, response: {json: {a: 1}, fault: reset}}
- {id: part, request: {path: /part},
   response: {text: hello world, delay: 2ms, fault: {truncate: {keep: 0.2}}}}
- {id: thin, request: {path: /thin}, response: {text: hello world, bandwidth: 1MiB}}
- id: drops
  request: {path: /drops}
  response: {text: "hello {{ request.path }}", template: true, fault: {dribble: {chunks: 3, over: 3ms}}}
"""


def test_a_stub_has_a_delay_and_a_fault_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "stubs.yaml").write_text(STUBS)
    with serving({"mocks": [str(tmp_path)]}) as server:
        with pytest.raises(httpx.ReadError):
            httpx.get(f"{server.url}/reset")
        with pytest.raises(httpx.RemoteProtocolError, match="received 2 bytes, expected 11"):
            httpx.get(f"{server.url}/part")
        assert httpx.get(f"{server.url}/thin").text == "hello world"
        assert httpx.get(f"{server.url}/drops").text == "hello /drops"
        for fault in ("reset", "truncate", "bandwidth", "dribble"):
            assert value(server, f'mockforge_http_faults_total{{fault="{fault}"}}') == 1
        assert value(server, "mockforge_http_delay_seconds_total") == 0.002


def test_the_delays_of_settings_and_stub_add_up(tmp_path: Path) -> None:
    (tmp_path / "stubs.yaml").write_text("{request: {path: /a}, response: {text: a, delay: 2ms}}")
    with serving({"mocks": [str(tmp_path)], "latency": {"default": "3ms"}}) as server:
        assert delayed(server, "/a") == 0.005
        assert delayed(server, "/orders") == 0.003


def matched(server: MockServer) -> int:
    """How often the only stub was taken."""
    (http,) = server.kernel.servers
    assert isinstance(http, HttpServer)
    (stub,) = http.mock.stubs
    return stub.matched


def test_limits_and_failures_come_before_stubs(tmp_path: Path) -> None:
    (tmp_path / "stubs.yaml").write_text("{id: a, request: {path: /a}, response: {text: a}}")
    mocks = {"mocks": [str(tmp_path)]}
    with serving({**mocks, "rate_limits": [{"requests": 1, "window": "1h"}]}) as server:
        assert statuses(server, "/a", 2) == [200, 429]
        assert matched(server) == 1
    with serving({**mocks, "failures": {"rate": 1, "statuses": [503]}}) as server:
        assert statuses(server, "/a", 1) == [503]
        assert matched(server) == 0


# ------------------------------------------------------------------ variables


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "document.json").write_text(json.dumps(DOCUMENT))
    return tmp_path


@pytest.mark.shows("MOCKFORGE_LATENCY_ENABLED")
def test_latency_is_switched_on_by_its_variable(folder: Path) -> None:
    with started(folder, "document.json", env={"MOCKFORGE_LATENCY_ENABLED": "true"}) as running:
        assert running.fetch("/orders").status == 200
        metrics = running.window()["metrics"]
        seconds = value_in(metrics, "mockforge_http_delay_seconds_total")
        count = value_in(metrics, "mockforge_http_delays_total")
        assert 0.03 <= seconds / count <= 0.07


@pytest.mark.shows("MOCKFORGE_FAILURES_ENABLED")
def test_failures_are_switched_on_by_their_variable(folder: Path) -> None:
    env = {
        "MOCKFORGE_FAILURES_ENABLED": "on",
        "MOCKFORGE_HTTP__FAILURES__RATE": "0.5",
        "MOCKFORGE_HTTP__FAILURES__FAULTS": '["empty", {"bandwidth": "1MiB"}]',
        "MOCKFORGE_HTTP__LATENCY__DEFAULT": '{"uniform": {"min": 0, "max": "1ms"}}',
    }
    with started(folder, "document.json", env=env) as running:
        seen = []
        for _ in range(40):
            with connected(running.url) as client:
                client.send(get("/orders"))
                seen.append(client.answer())
        assert 0 < seen.count(None) < 30


# ------------------------------------------------------------------ mistakes


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"latency": {"default": "soon"}}, "http.latency.default: expected a duration"),
        (
            {"latency": {"default": {"uniform": {"min": "2s", "max": "1s"}}}},
            "http.latency.default.uniform.min: min is above max (2s and 1s)",
        ),
        (
            {"latency": {"overrides": [{"delay": {"normal": {"mean": 1}}}]}},
            "http.latency.overrides[0].delay.normal: the key stddev is missing",
        ),
        ({"latency": {"overrides": [{"path": "/"}]}}, "http.latency.overrides[0]: the key delay"),
        ({"failures": {"rate": 2}}, "http.failures.rate: expected a number between 0 and 1"),
        (
            {"failures": {"faults": ["reset", "rset"]}},
            "http.failures.faults[1]: expected one of reset, empty",
        ),
        ({"failures": {"statuses": [99]}}, "http.failures.statuses[0]: expected an integer"),
        ({"rate_limits": [{"requests": 0}]}, "http.rate_limits[0].requests: expected an integer"),
        ({"rate_limits": [{"requests": 1, "window": 0}]}, "http.rate_limits[0]: window"),
        (
            {"rate_limits": [{"requests": 1, "per": "ip"}]},
            "http.rate_limits[0].per: expected one of",
        ),
    ],
)
def test_a_mistake_in_these_settings_is_named_with_its_place(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(MockForgeError) as caught, serving(settings):
        pass
    assert message in str(caught.value)
