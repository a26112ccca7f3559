"""Files in which something stands where it does not belong are read, or refused by name; nothing else."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mockforge.contracts import Importer
from mockforge.errors import MockForgeError
from mockforge_http.importing.har import HarImporter
from mockforge_http.importing.mockoon import MockoonImporter
from mockforge_http.importing.pact import PactImporter
from mockforge_http.importing.postman import PostmanImporter
from mockforge_http.importing.wiremock import WireMockImporter

JUNK: tuple[Any, ...] = (None, True, 10**30, "[", "\0\ud800{{#", [[1]], {"a": {"b": 5}})

_TEXTS = {"equalTo": "a", "caseInsensitive": True}
WIREMOCK: dict[str, Any] = {
    "id": "a",
    "name": "a",
    "priority": 3,
    "scenarioName": "s",
    "requiredScenarioState": "Started",
    "newScenarioState": "n",
    "request": {
        "method": "POST",
        "urlPathTemplate": "/a/{b}",
        "pathParameters": {"b": _TEXTS},
        "queryParameters": {"q": {"hasExactly": [_TEXTS]}, "r": {"and": [_TEXTS, {"absent": True}]}},
        "formParameters": {"f": {"not": _TEXTS}},
        "headers": {"h": {"matches": "a.*"}, "d": {"before": "now", "expectedOffset": 1,
                    "expectedOffsetUnit": "days", "actualFormat": "yyyy", "truncateActual": "x"}},
        "cookies": {"c": {"contains": "a"}},
        "basicAuthCredentials": {"username": "u", "password": "p"},
        "host": _TEXTS, "port": 80, "scheme": "http", "clientIp": _TEXTS,
        "multipartPatterns": [{"matchingType": "ALL", "name": "n", "headers": {"h": _TEXTS},
                               "bodyPatterns": [_TEXTS]}],
        "bodyPatterns": [
            {"equalToJson": "{}", "ignoreArrayOrder": True},
            {"matchesJsonPath": {"expression": "$.a", "equalTo": "1"}},
            {"matchesJsonSchema": "{}", "schemaVersion": "V4"},
            {"equalToXml": "<a>[[xmlunit.ignore]]</a>", "enablePlaceholders": True,
             "placeholderOpeningDelimiterRegex": "\\[\\[", "placeholderClosingDelimiterRegex": "]]",
             "exemptedComparisons": ["NAMESPACE_URI"], "namespaceAwareness": "NONE"},
            {"matchesXPath": {"expression": "//a", "equalTo": "1"}, "xPathNamespaces": {"x": "urn:x"}},
            {"binaryEqualTo": "AQ=="},
        ],
        "customMatcher": {"name": "state-matcher", "parameters": {
                          "hasContext": "a", "property": {"p": _TEXTS},
                          "list": {"0": _TEXTS}, "updateCountEqualTo": 1}},
    },
    "response": {
        "status": 200, "statusMessage": "a", "headers": {"h": ["a", "b"]}, "body": "{{request.path}}",
        "transformers": ["response-template"], "transformerParameters": {"a": 1},
        "delayDistribution": {"type": "lognormal", "median": 1, "sigma": 0.1, "maxValue": 5},
        "fixedDelayMilliseconds": 5, "chunkedDribbleDelay": {"numberOfChunks": 2, "totalDuration": 10},
        "fault": "EMPTY_RESPONSE", "additionalProxyRequestHeaders": {"a": "b"},
        "removeProxyRequestHeaders": ["c"],
    },
    "serveEventListeners": [
        {"name": "webhook", "parameters": {"method": "POST", "url": "http://a.test/", "headers": {"a": "b"},
         "body": "x", "delay": {"type": "uniform", "lower": 1, "upper": 2}}},
        {"name": "recordState", "parameters": {
            "context": "c", "state": {"a": "b"}, "list": {"addLast": {"a": "b"}}}},
        {"name": "deleteState", "parameters": {
            "context": "c", "list": {"deleteWhere": {"property": "a", "value": "b"}}}},
    ],
}  # fmt: skip
PROXIED: dict[str, Any] = {
    "request": {"urlPattern": "/a.*"},
    "response": {"proxyBaseUrl": "http://a.test", "proxyUrlPrefixToRemove": "/a", "jsonBody": {"a": 1}},
}  # fmt: skip
SENT: dict[str, Any] = {
    "request": {"url": "/a?b=1"},
    "response": {"base64Body": "AQ==", "bodyFileName": "a.txt",
                 "delayDistribution": {"type": "uniform", "lower": 1, "upper": 2}},
}  # fmt: skip
HAR: dict[str, Any] = {"log": {"entries": [{
    "request": {"method": "POST", "url": "http://a.test/a?b=1", "headers": [{"name": "a", "value": "b"}],
                "postData": {"mimeType": "application/json", "text": "{}",
                             "params": [{"name": "a", "value": "b"}]}},
    "response": {"status": 200, "headers": [{"name": "a", "value": "b"}],
                 "content": {"mimeType": "text/plain", "text": "YQ==", "encoding": "base64"}},
}]}}  # fmt: skip
MOCKOON: dict[str, Any] = {
    "endpointPrefix": "api",
    "data": [{"id": "d", "uuid": "u", "name": "n", "value": "{}"}],
    "headers": [{"key": "a", "value": "b"}],
    "routes": [{
        "type": "http", "method": "get", "endpoint": "a/:b", "enabled": True, "responseMode": "SEQUENTIAL",
        "responses": [
            {"statusCode": 200, "label": "l", "headers": [{"key": "a", "value": "b"}], "body": "{{body 'a'}}",
             "bodyType": "INLINE", "latency": 5, "databucketID": "d", "filePath": "f", "default": True,
             "rulesOperator": "OR", "disableTemplating": False,
             "rules": [{"target": "query", "modifier": "a", "value": "b", "operator": "equals",
                        "invert": True}]},
            {"bodyType": "DATABUCKET", "databucketID": "d"}, {"bodyType": "FILE", "filePath": "f"},
        ],
    }, {
        "endpoint": "b", "responses": [
            {"label": "l", "rules": [{"target": "body", "modifier": "a", "value": "b", "operator": "regex_i"},
                                     {"target": "header", "modifier": "a", "operator": "null"}]},
            {"rules": [{"target": "method", "value": "b", "operator": "equals"}]},
        ],
    }],
}  # fmt: skip
PACT: dict[str, Any] = {
    "consumer": {"name": "c"}, "metadata": {"pactSpecification": {"version": "4.0"}},
    "interactions": [{
        "type": "Synchronous/HTTP", "description": "d",
        "request": {"method": "POST", "path": "/a", "query": {"q": ["1"]}, "headers": {"H": ["a"]},
                    "body": {"content": {"a": 1}, "contentType": "application/json", "encoded": False},
                    "matchingRules": {"path": {"matchers": [{"match": "regex", "regex": "a"}]},
                                      "body": {"$.a": {"matchers": [{"match": "type"}]}}}},
        "response": {"status": 200, "headers": {"H": "a"}, "body": {"content": "YQ==", "encoded": "base64"},
                     "generators": {"a": 1}},
    }],
}  # fmt: skip
POSTMAN: dict[str, Any] = {
    "info": {"name": "n", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
    "variable": [{"key": "base", "value": "http://a.test"}],
    "item": [{"name": "f", "item": [{
        "name": "r",
        "request": {"method": "POST", "header": [{"key": "a", "value": "b"}],
                    "url": {"raw": "{{base}}/a/:b?c=d", "host": ["{{base}}"], "path": ["a", ":b"],
                            "query": [{"key": "c", "value": "d"}], "variable": [{"key": "b", "value": "1"}]},
                    "body": {"mode": "raw", "raw": "{}", "options": {"raw": {"language": "json"}}}},
        "response": [{"name": "s", "code": 200, "status": "OK", "header": [{"key": "a", "value": "b"}],
                      "cookie": [{"name": "c", "value": "v", "path": "/", "secure": True}], "body": "{}",
                      "originalRequest": {"method": "GET", "url": "{{base}}/a"}}],
    }]}],
}  # fmt: skip

FILES: list[tuple[type[Importer], dict[str, Any]]] = [
    (WireMockImporter, WIREMOCK),
    (WireMockImporter, PROXIED),
    (WireMockImporter, SENT),
    (HarImporter, HAR),
    (MockoonImporter, MOCKOON),
    (PactImporter, PACT),
    (PostmanImporter, POSTMAN),
]


def _places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _places(each, (*at, key))


def _with(value: Any, at: tuple[Any, ...], junk: Any) -> Any:
    if not at:
        return junk
    changed = copy.deepcopy(value)
    holder = changed
    for key in at[:-1]:
        holder = holder[key]
    holder[at[-1]] = junk
    return changed


@pytest.mark.parametrize(("importer", "whole"), FILES)
def test_whatever_stands_anywhere_is_read_or_refused(
    importer: type[Importer], whole: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(whole))
    assert importer().convert(path).stubs, "as it is, the file gives stubs"
    wrong: list[str] = []
    for at in _places(whole):
        for junk in JUNK:
            path.write_text(json.dumps(_with(whole, at, junk)))
            try:
                importer().convert(path)
            except MockForgeError:
                continue
            except Exception as error:
                wrong.append(f"{'/'.join(map(str, at))} = {junk!r}: {error!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("importer", "whole"), FILES)
def test_a_key_that_is_given_twice_is_named(
    importer: type[Importer], whole: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    text = json.dumps(whole)
    path.write_text('{"x-twice": 1, "x-twice": 2, ' + text[1:])
    codes = [each.code for each in importer().convert(path).findings]
    assert "import.key-twice" in codes
