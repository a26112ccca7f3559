"""What a mapping asks for, as a native request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mockforge.mocking.matching import compile_predicate
from tests.http.importing.mappings import translated

URLS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"url": "/a?b=c"}, {"url": "/a?b=c"}),
    ({"urlPath": "/a"}, {"path": "/a"}),
    ({"urlPath": "/a/{b}"}, {"path": {"equals": "/a/{b}"}}),
    ({"urlPattern": "/a/[0-9]+\\?x=.*"}, {"url": {"matches": "/a/[0-9]+\\?x=.*"}}),
    ({"urlPathPattern": "/a/[^/]++"}, {"path": {"matches": "/a/[^/]++"}}),
    ({"urlPathTemplate": "/a/{id}/b"}, {"path": "/a/{id}/b"}),
    ({"urlPattern": ".*"}, {}),
    ({}, {}),
    (
        {"urlPathTemplate": "/a/{id}", "pathParameters": {"id": {"matches": "[0-9]+"}}},
        {"path": "/a/{id}", "allOf": [{"path": {"matches": "/a/(?:[0-9]+)"}}]},
    ),
    (
        {"urlPathTemplate": "/a/{id}", "pathParameters": {"id": {"doesNotMatch": "x"}}},
        {"path": "/a/{id}", "allOf": [{"not": {"path": {"matches": "/a/(?:x)"}}}]},
    ),
]


@pytest.mark.parametrize(("given", "expected"), URLS)
def test_urls(given: dict[str, Any], expected: dict[str, Any], tmp_path: Path) -> None:
    stubs, findings = translated(tmp_path, {"request": {"method": "GET", **given}})
    assert stubs == [{"request": {"method": "GET", **expected}, "response": {"status": 200}}]
    assert findings == []


VALUES: list[tuple[dict[str, Any], Any]] = [
    ({"equalTo": "a"}, "a"),
    ({"equalTo": "A", "caseInsensitive": True}, {"equalsIgnoreCase": "A"}),
    ({"contains": "a"}, {"contains": "a"}),
    ({"doesNotContain": "a"}, {"notContains": "a"}),
    ({"matches": "a+"}, {"matches": "a+"}),
    ({"doesNotMatch": "a+"}, {"notMatches": "a+"}),
    ({"absent": True}, {"absent": True}),
    ({"anything": "anything"}, {"anyOf": [{"present": True}, {"absent": True}]}),
    ({"or": [{"equalTo": "a"}, {"absent": True}]}, {"anyOf": [{"equals": "a"}, {"absent": True}]}),
    ({"and": [{"contains": "a"}, {"contains": "b"}]}, {"allOf": [{"contains": "a"}, {"contains": "b"}]}),
    ({"not": {"equalTo": "a"}}, {"not": {"equals": "a"}}),
    ({"includes": [{"equalTo": "a"}, {"matches": "b"}]}, {"allOf": [{"equals": "a"}, {"matches": "b"}]}),
    ({"before": "now +3 days"}, {"before": "now +3 days"}),
    ({"after": "2020-01-01T00:00:00Z"}, {"after": "2020-01-01T00:00:00Z"}),
    (
        {"equalToDateTime": "now", "expectedOffset": -2, "expectedOffsetUnit": "hours",
         "actualFormat": "dd/MM/yyyy", "truncateActual": "first day of month"},
        {"sameTime": "now -2 hours", "format": "dd/MM/yyyy", "truncate": "first day of month"},
    ),
]  # fmt: skip


@pytest.mark.parametrize("where", ["headers", "queryParameters"])
@pytest.mark.parametrize(("given", "expected"), VALUES)
def test_values(where: str, given: dict[str, Any], expected: Any, tmp_path: Path) -> None:
    stubs, findings = translated(tmp_path, {"request": {where: {"X": given}}})
    native = "query" if where == "queryParameters" else where
    assert stubs[0]["request"] == {native: {"X": expected}}
    assert findings == []
    compile_predicate(expected)


BODIES: list[tuple[dict[str, Any], Any]] = [
    ({"equalTo": "a"}, {"equals": "a"}),
    ({"binaryEqualTo": "AQID"}, {"base64": "AQID"}),
    ({"equalToJson": '{"a": 1}'}, {"jsonExact": {"a": 1}}),
    (
        {"equalToJson": {"a": [1]}, "ignoreArrayOrder": True, "ignoreExtraElements": True},
        {"jsonExact": {"a": [1]}, "ignoreArrayOrder": True, "ignoreExtraElements": True},
    ),
    ({"matchesJsonPath": "$.a"}, {"jsonPath": "$.a"}),
    (
        {"matchesJsonPath": {"expression": "$.a", "contains": "x"}},
        {"jsonPath": {"$.a": {"contains": "x"}}},
    ),
    ({"matchesJsonSchema": '{"type": "object"}'}, {"jsonSchema": {"type": "object"}}),
    (
        {"matchesJsonSchema": {"type": "object"}, "schemaVersion": "V4"},
        {"jsonSchema": {"$schema": "http://json-schema.org/draft-04/schema#", "type": "object"}},
    ),
    (
        {"equalToXml": "<a/>", "ignoreOrderOfSameNode": True},
        {"xml": "<a/>", "ignoreOrder": True, "namespaceAware": False},
    ),
    ({"equalToXml": "<a xmlns='urn:x'/>"}, {"xml": "<a xmlns='urn:x'/>"}),
    (
        {"equalToXml": "<a>[[xmlunit.ignore]]</a>", "enablePlaceholders": True,
         "placeholderOpeningDelimiterRegex": "\\[\\[", "placeholderClosingDelimiterRegex": "]]"},
        {"xml": "<a>${xmlunit.ignore}</a>", "namespaceAware": False},
    ),
    ({"matchesXPath": "//a"}, {"xpath": "//a"}),
    (
        {"matchesXPath": {"expression": "//x:a/text()", "equalTo": "1"}, "xPathNamespaces": {"x": "urn:x"}},
        {"xpath": {"//x:a/text()": {"equals": "1"}}, "namespaces": {"x": "urn:x"}},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), BODIES)
def test_bodies(given: dict[str, Any], expected: Any, tmp_path: Path) -> None:
    stubs, findings = translated(tmp_path, {"request": {"bodyPatterns": [given]}})
    assert stubs[0]["request"] == {"body": expected}
    assert findings == []
    compile_predicate(expected)


def test_several_patterns_must_all_hold(tmp_path: Path) -> None:
    patterns = [{"matchesJsonPath": "$.a"}, {"matchesJsonPath": "$.b"}]
    stubs, _ = translated(tmp_path, {"request": {"bodyPatterns": patterns}})
    assert stubs[0]["request"]["body"] == {"allOf": [{"jsonPath": "$.a"}, {"jsonPath": "$.b"}]}


def test_forms_parts_cookies_credentials_and_places(tmp_path: Path) -> None:
    stubs, findings = translated(
        tmp_path,
        {
            "request": {
                "method": "ANY",
                "formParameters": {"f": {"equalTo": "1"}},
                "multipartPatterns": [
                    {
                        "matchingType": "ALL",
                        "headers": {"Content-Type": {"contains": "json"}},
                        "bodyPatterns": [{"equalToJson": "{}"}],
                    }
                ],
                "cookies": {"c": {"matches": "x.*"}},
                "basicAuthCredentials": {"username": "u", "password": "p"},
                "host": {"equalTo": "example.com"},
                "port": 8080,
                "scheme": "HTTPS",
                "clientIp": {"equalTo": "127.0.0.1"},
            }
        },
    )
    assert findings == []
    assert stubs[0]["request"] == {
        "cookies": {"c": {"matches": "x.*"}},
        "headers": {"Authorization": "Basic dTpw"},
        "host": {"allOf": [{"equals": "example.com"}, {"endsWith": ":8080"}]},
        "client": "127.0.0.1",
        "scheme": "https",
        "body": {
            "form": {"f": "1"},
            "multipart": [
                {
                    "headers": {"Content-Type": {"contains": "json"}},
                    "body": {"jsonExact": {}},
                }
            ],
            "allParts": True,
        },
    }


@pytest.mark.parametrize(
    ("request_", "pointer"),
    [
        ({"headers": {"X": {"matches": "("}}}, "/request/headers/X/matches"),
        ({"bodyPatterns": [{"matchesJsonPath": "$["}]}, "/request/bodyPatterns/0/matchesJsonPath"),
        ({"bodyPatterns": [{"equalToJson": "{"}]}, "/request/bodyPatterns/0/equalToJson"),
        ({"bodyPatterns": [{"frobnicates": 1}]}, "/request/bodyPatterns/0"),
        ({"customMatcher": {"name": "mine"}}, "/request/customMatcher"),
        ({"urlPathTemplate": "/a/{b}", "pathParameters": {"c": {"absent": True}}},
         "/request/pathParameters/c"),
        ({"urlPattern": "["}, "/request/urlPattern"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_switches_the_stub_off_and_says_where(
    request_: dict[str, Any], pointer: str, tmp_path: Path
) -> None:
    stubs, findings = translated(tmp_path, {"request": request_})
    assert stubs[0]["enabled"] is False
    assert [(each.severity, each.path) for each in findings] == [("error", pointer)]
    assert findings[0].line == 1


def test_keys_that_wiremock_does_not_have_are_named(tmp_path: Path) -> None:
    _, findings = translated(tmp_path, {"request": {"methods": "GET"}, "respnse": {}})
    assert [(each.path, each.hint) for each in findings] == [
        ("/respnse", "did you mean response?"),
        ("/request/methods", "did you mean method?"),
    ]
