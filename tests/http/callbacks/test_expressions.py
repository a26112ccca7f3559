"""Runtime expressions and host patterns, piece by piece."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.mocking.exchange import Request, Response
from mockforge.upstreams.hosts import HostPattern, plain_address
from mockforge_http.callbacks.expressions import ExpressionError, Facts, evaluate

REQUEST = Request("POST", "/a/1?q=x&q=y&e=", [(b"Host", b"mock:1"), (b"X-A", b"b")])
RESPONSE = Response(201, [("Location", "/a/2")], b'{"id": 5, "a/b": ["x", null], "t": true}')
FACTS = Facts(REQUEST, RESPONSE, {"id": "1"}, {"url": "http://x/", "n": 1.5})


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("$url", "http://mock:1/a/1?q=x&q=y&e="),
        ("$method", "POST"),
        ("$statusCode", "201"),
        ("$request.header.x-a", "b"),
        ("$request.query.q", "x"),
        ("$request.query.e", ""),
        ("$request.path.id", "1"),
        ("$request.body#/url", "http://x/"),
        ("$response.header.location", "/a/2"),
        ("$response.body#/id", "5"),
        ("$response.body#/a~1b/0", "x"),
        ("$response.body#/t", "true"),
        ("{$request.body#/url}?n={$request.body#/n}", "http://x/?n=1.5"),
        ("http://x/{not}", "http://x/{not}"),
    ],
)
def test_values(template: str, value: str) -> None:
    assert evaluate(template, FACTS) == value


@pytest.mark.parametrize(
    "template",
    [
        "$request.query.none", "$request.path.none", "$request.header.none", "$request.body#/none",
        "$request.body", "$response.body#/a~1b", "$response.body#/a~1b/1", "$response.body#/a~1b/9",
        "$response.body#/id/0", "$response.query.q", "$nothing", "{$request.cookie.a}", "$request.",
    ],
)  # fmt: skip
def test_what_has_no_value(template: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(template, FACTS)


@given(
    st.text(max_size=60).map("$request.body".__add__) | st.text(max_size=60), st.text(max_size=20)
)
@settings(max_examples=200)
def test_any_text_is_a_value_or_an_error(template: str, held: str) -> None:
    facts = Facts(REQUEST, Response(200, (), held.encode("utf-8", "replace")), {}, {"url": held})
    try:
        value = evaluate(template, facts)
    except ExpressionError:
        return
    assert isinstance(value, str)


def test_values_have_a_longest_length() -> None:
    facts = Facts(REQUEST, RESPONSE, {}, {"url": "x" * 10_000})
    with pytest.raises(ExpressionError, match="longer"):
        evaluate("$request.body#/url", facts)


@pytest.mark.parametrize(
    ("pattern", "host", "port", "names", "covers"),
    [
        ("example.com", "example.com", 80, True, False),
        ("example.com", "a.example.com", 80, False, False),
        ("*.example.com", "a.example.com", 80, False, True),
        ("*.example.com", "example.com", 80, False, False),
        ("*.example.com", "badexample.com", 80, False, False),
        ("*", "anything", 80, False, True),
        ("*:81", "anything", 80, False, False),
        ("example.com:80", "example.com", 80, True, False),
        ("93.184.0.0/16", "anything", 80, True, False),
        ("93.184.1.1:81", "anything", 80, False, False),
        ("[::1]:80", "::1", 80, False, False),
    ],
)
def test_patterns(pattern: str, host: str, port: int, names: bool, covers: bool) -> None:
    read = HostPattern.parse(pattern)
    assert read.names(host, port, plain_address("93.184.1.1")) is names
    assert read.covers(host, port) is covers


def test_an_address_of_ipv4_in_ipv6_is_one_of_ipv4() -> None:
    assert HostPattern.parse("127.0.0.1").names("x", 80, plain_address("::ffff:127.0.0.1"))
    assert HostPattern.parse("[::1]:80").names("::1", 80, plain_address("::1"))


@pytest.mark.parametrize(
    "wrong", ["", "http://a", "a/b", "a:99999", "a.*", "**", "[x]:1", "a b", 5, None]
)
def test_patterns_that_are_none(wrong: Any) -> None:
    with pytest.raises(ValueError, match="expected a host"):
        HostPattern.parse(wrong)
