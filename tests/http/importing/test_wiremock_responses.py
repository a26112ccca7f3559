"""What a mapping answers, as a native response."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.http.importing.mappings import translated

PLAIN = {"Content-Type": None}
"""WireMock adds no media type."""
RESPONSES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {"status": 200}),
    ({"status": 404, "body": "no"}, {"status": 404, "headers": PLAIN, "text": "no"}),
    (
        {"headers": {"Content-Type": "text/css", "X": ["a", "b"]}, "body": "{{x}}"},
        {"status": 200, "headers": {"Content-Type": "text/css", "X": ["a", "b"]}, "text": "{{x}}",
         "template": False},
    ),
    ({"jsonBody": {"a": [1, 2.0]}}, {"status": 200, "json": {"a": [1, 2.0]}}),
    ({"base64Body": "AQID"}, {"status": 200, "headers": PLAIN, "base64": "AQID"}),
    ({"bodyFileName": "a/b.json"}, {"status": 200, "headers": PLAIN, "file": "__files/a/b.json"}),
    ({"fixedDelayMilliseconds": 1500}, {"status": 200, "delay": "1500ms"}),
    (
        {"delayDistribution": {"type": "uniform", "lower": 10, "upper": 20}},
        {"status": 200, "delay": {"uniform": {"min": "10ms", "max": "20ms"}}},
    ),
    (
        {"delayDistribution": {"type": "lognormal", "median": 80, "sigma": 0.4, "maxValue": 500}},
        {"status": 200, "delay": {"lognormal": {"median": "80ms", "sigma": 0.4, "max": "500ms"}}},
    ),
    (
        {"chunkedDribbleDelay": {"numberOfChunks": 5, "totalDuration": 1000}},
        {"status": 200, "fault": {"dribble": {"chunks": 5, "over": "1000ms"}}},
    ),
    ({"fault": "CONNECTION_RESET_BY_PEER"}, {"status": 200, "fault": "reset"}),
    ({"fault": "MALFORMED_RESPONSE_CHUNK"}, {"status": 200, "fault": "malformed_chunk"}),
    ({"proxyBaseUrl": "http://a.test/b"}, {"proxy": "http://a.test/b"}),
    (
        {"proxyBaseUrl": "http://a.test", "proxyUrlPrefixToRemove": "/x",
         "removeProxyRequestHeaders": ["Cookie"]},
        {"proxy": {"url": "http://a.test", "remove_headers": ["Cookie"], "remove_prefix": "/x"}},
    ),
    (
        {"proxyBaseUrl": "http://a.test", "additionalProxyRequestHeaders": {"X": "1"}},
        {"proxy": {"url": "http://a.test", "headers": {"X": "1"}}},
    ),
    (
        {"body": "a {{request.method}}", "transformers": ["response-template"]},
        {"status": 200, "headers": PLAIN, "text": "a {{ request.method }}", "template": True},
    ),
    (
        {"body": "{{parameters.n}}", "transformers": ["response-template"],
         "transformerParameters": {"n": "x"}},
        {"status": 200, "headers": PLAIN, "text": "{{ 'x' }}", "template": True},
    ),
    (
        {"jsonBody": {"m": "{{request.method}}", "n": 1}, "transformers": ["response-template"]},
        {"status": 200, "headers": PLAIN, "text": '{"m":"{{ request.method }}","n":1}', "template": True},
    ),
    (
        {"bodyFileName": "t.txt", "headers": {"X": "{{request.url}}"}, "transformers": ["response-template"]},
        {"status": 200, "headers": {**PLAIN, "X": "{{ request.url }}"}, "text": "hi {{ request.method }}",
         "template": True},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), RESPONSES)
def test_responses(given: dict[str, Any], expected: dict[str, Any], tmp_path: Path) -> None:
    files = {"a/b.json": b"{}", "t.txt": b"hi {{request.method}}"}
    stubs, findings = translated(tmp_path, {"request": {}, "response": given}, files=files)
    assert stubs == [{"request": {}, "response": expected}]
    assert findings == []


def test_templates_in_all_responses_where_that_is_asked_for(tmp_path: Path) -> None:
    from mockforge_http.importing.wiremock.reading import read_wiremock
    from tests.http.importing.mappings import write

    write(tmp_path, {"request": {}, "response": {"body": "{{request.method}}"}})
    stub = read_wiremock(tmp_path, everywhere=True).stubs[0].definition
    assert stub["response"]["text"] == "{{ request.method }}"


def test_scenarios_and_priorities(tmp_path: Path) -> None:
    stubs, _ = translated(
        tmp_path,
        {
            "priority": 1,
            "request": {"urlPath": "/a"},
            "scenarioName": "order",
            "requiredScenarioState": "Started",
            "newScenarioState": "paid",
        },
    )
    assert stubs[0]["priority"] == 1
    assert stubs[0]["scenario"] == {"name": "order", "when": "started", "then": "paid"}


@pytest.mark.parametrize("form", ["list", "mapping"])
def test_webhooks(form: str, tmp_path: Path) -> None:
    parameters = {
        "method": "POST",
        "url": "http://a.test/{{originalRequest.query.id}}",
        "headers": {"X": "{{parameters.extra}}"},
        "body": "{{jsonPath originalRequest.body '$.a'}}",
        "delay": {"type": "fixed", "milliseconds": 20},
        "extra": "e",
    }
    actions: Any = (
        {"webhook": parameters}
        if form == "mapping"
        else [{"name": "webhook", "parameters": parameters}]
    )
    stubs, findings = translated(tmp_path, {"request": {}, "postServeActions": actions})
    assert findings == []
    assert stubs[0]["webhook"] == {
        "url": "http://a.test/{{ request.query.id }}",
        "method": "POST",
        "headers": {"X": "{{ 'e' }}"},
        "text": "{{ hbs.text('jsonPath', request.body, '$.a') }}",
        "delay": "20ms",
    }


@pytest.mark.parametrize(
    ("mapping", "code", "pointer"),
    [
        (
            {"response": {"transformers": ["mine"]}},
            "import.transformer",
            "/response/transformers/0",
        ),
        ({"response": {"bodyFileName": "none"}}, "import.file", "/response/bodyFileName"),
        (
            {"response": {"bodyFileName": "../mappings/0.json"}},
            "import.file",
            "/response/bodyFileName",
        ),
        ({"response": {"base64Body": "!"}}, "import.base64", "/response/base64Body"),
        ({"response": {"fault": "EXPLODE"}}, "import.fault", "/response/fault"),
        ({"response": {"body": "a", "jsonBody": {}}}, "import.two-bodies", "/response/jsonBody"),
        (
            {"response": {"fixedDelayMilliseconds": "x"}},
            "import.delay",
            "/response/fixedDelayMilliseconds",
        ),
        (
            {"response": {"statusMessage": "Fine"}},
            "import.status-message",
            "/response/statusMessage",
        ),
        ({"response": {"status": 1000}}, "import.status", "/response/status"),
        ({"serveEventListeners": [{"name": "mine"}]}, "import.listener", "/serveEventListeners/0"),
        (
            {"response": {"body": "{{#if}}", "transformers": ["response-template"]}},
            "import.template",
            "/response/body",
        ),
        (
            {"response": {"body": "{{mine 'x'}}", "transformers": ["response-template"]}},
            "import.template",
            "/response/body",
        ),
        (
            {"response": {"proxyBaseUrl": "http://a.test", "body": "x"}},
            "import.proxy",
            "/response/body",
        ),
    ],
)
def test_what_is_left_out_is_found_with_its_place(
    mapping: dict[str, Any], code: str, pointer: str, tmp_path: Path
) -> None:
    _, findings = translated(tmp_path, {"request": {}, **mapping})
    assert [(each.code, each.path, each.line) for each in findings] == [(code, pointer, 1)]
