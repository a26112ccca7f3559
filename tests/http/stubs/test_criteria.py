"""What a stub can ask of a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge.contracts import CustomPredicate
from mockforge.mocking.exchange import Exchange, Request
from mockforge_http.stubs.facts import LARGEST_BODY, Facts
from tests.http.stubs.making import Serving, answers, problems, request

CASES: list[tuple[str, Any, Request, bool]] = [
    ("nothing asked", {}, request("PUT", "/x"), True),
    ("method", {"method": "get"}, request("GET"), True),
    ("other method", {"method": "POST"}, request("GET"), False),
    ("methods", {"method": ["PUT", "GET"]}, request("GET"), True),
    ("any method", {"method": "ANY"}, request("BREW"), True),
    ("HEAD is a GET", {"method": "GET"}, request("HEAD"), True),
    ("path", {"path": "/a"}, request(target="/a?b=1"), True),
    ("encoded path", {"path": "/café"}, request(target="/caf%C3%A9"), True),
    ("template", {"path": "/a/{b}"}, request(target="/a/c"), True),
    ("pattern", {"path": {"matches": r"/a/\d+"}}, request(target="/a/12"), True),
    ("other pattern", {"path": {"matches": r"/a/\d+"}}, request(target="/a/b"), False),
    ("query", {"query": {"a": "1"}}, request(target="/?a=1&b=2"), True),
    ("query as a number", {"query": {"a": 1}}, request(target="/?a=1"), True),
    ("encoded query", {"query": {"a b": "c d"}}, request(target="/?a+b=c%20d"), True),
    ("one of several", {"query": {"a": "2"}}, request(target="/?a=1&a=2"), True),
    ("none of several", {"query": {"a": {"notContains": "2"}}}, request(target="/?a=1&a=2"), False),
    ("absent query", {"query": {"a": {"absent": True}}}, request(target="/?b=1"), True),
    ("header in any case", {"headers": {"x-A": "b"}}, request(headers={"X-a": "b"}), True),
    ("other header", {"headers": {"X-A": "b"}}, request(headers={"X-A": "B"}), False),
    ("header with a comma", {"headers": {"A": "b, c"}}, request(headers={"A": "b, c"}), True),
    ("header lines", {"headers": {"A": "c"}}, request(headers=[("A", "b"), ("a", "c")]), True),
    (
        "one line is not all",
        {"headers": {"A": {"not": {"equals": "c"}}}},
        request(headers=[("A", "b"), ("a", "c")]),
        False,
    ),
    ("no header", {"headers": {"A": {"present": True}}}, request(), False),
    ("cookie", {"cookies": {"s": "1"}}, request(headers={"Cookie": 'r=2; s="1"'}), True),
    ("host", {"host": "api.test"}, request(headers={"Host": "API.test:80"}), True),
    ("host and port", {"host": "api.test:80"}, request(headers={"Host": "api.test:80"}), True),
    ("client", {"client": {"startsWith": "127."}}, request(), True),
    ("client in version 6", {"client": "::1"}, request(client="[::1]:80"), True),
    ("body", {"body": "x"}, request(body=b"x"), True),
    ("json body", {"body": {"json": {"a": 1}}}, request(json={"a": 1, "b": 2}), True),
    ("json path", {"body": {"jsonPath": {"$.a": "b"}}}, request(json={"a": "b"}), True),
    ("absent body", {"body": {"absent": True}}, request(), True),
    ("empty body", {"body": ""}, request(), True),
    ("no body there", {"body": {"contains": "x"}}, request(), False),
    (
        "any of",
        {"anyOf": [{"method": "PUT"}, {"path": "/{a}", "query": {"b": "1"}}]},
        request(target="/a?b=1"),
        True,
    ),
    ("none of", {"anyOf": [{"method": "PUT"}, {"path": "/b"}]}, request(target="/a"), False),
    ("all of", {"allOf": [{"method": "GET"}, {"path": "/a"}]}, request(target="/a"), True),
    ("not", {"not": {"path": {"startsWith": "/a"}, "method": "GET"}}, request("PUT", "/a"), True),
    ("but not", {"not": {"path": "/a", "method": "GET"}}, request("GET", "/a"), False),
]


@pytest.mark.parametrize(
    ("spec", "asked", "fits"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_request_fits_or_does_not(spec: Any, asked: Request, fits: bool) -> None:
    assert answers(spec, asked) is fits


def test_a_compressed_body_is_matched_as_what_it_holds() -> None:
    import gzip

    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    spec = {"body": {"json": {"a": 1}}}
    assert answers(spec, request("POST", "/", headers, gzip.compress(b'{"a": 1}')))
    assert not answers(spec, request("POST", "/", headers, b"no gzip"))


def test_a_body_that_is_too_large_once_it_is_decompressed_is_matched_as_it_was_sent() -> None:
    import gzip

    bomb = gzip.compress(b" " * (LARGEST_BODY + 1))
    facts = Facts(Exchange(request("POST", "/", {"Content-Encoding": "gzip"}, bomb)))
    assert facts.content is not None
    assert facts.content.raw == bomb


def test_predicates_of_plugins_are_asked_about_values_and_the_body() -> None:
    class Even(CustomPredicate):
        name = "even"

        def compile(self, spec: Any) -> Callable[[Any], bool]:
            return lambda value: len(getattr(value, "raw", value) or "x") % 2 == 0

    kit = {"predicates": {"even": Even()}}
    assert answers({"headers": {"A": {"even": True}}}, request(headers={"A": "bc"}), **kit)
    assert answers({"where": {"even": True}}, request(body=b"1234"), **kit)
    assert not answers({"where": {"even": True}}, request(body=b"123"), **kit)


def test_what_is_kept_in_the_state_can_be_asked_for() -> None:
    serving = Serving(
        {"request": {"where": {"state": {"mode": "on", "n": {"gt": 2}}}}, "response": {}}
    )
    assert serving.get("/") is None
    serving.state.put("mode", "on")
    serving.state.put("n", 3)
    assert serving.get("/") is not None


WRONG: list[tuple[Any, str]] = [
    (1, "request: must be a mapping, not a number"),
    ({"mehtod": "GET"}, "request.mehtod: unknown key 'mehtod'"),
    ({"method": "GET /"}, "request.method: must be a method"),
    ({"method": []}, "request.method: an empty list matches nothing"),
    ({"path": "/a?b=1"}, "request.path: a path has no query"),
    ({"path": "/{a}" * 2000}, "request.path: a path has at most 200 segments"),
    ({"headers": 1}, "request.headers: must be a mapping of names to predicates"),
    ({"headers": {"a b": "c"}}, "is not a header name"),
    ({"query": {"a": {"equls": 1}}}, "request.query.a.equls: there is no predicate `equls`"),
    ({"query": {"a": None}}, "request.query.a: there is no predicate"),
    ({"anyOf": []}, "request.anyOf: must be a list of 1 to 100 requests"),
    ({"anyOf": [{"x": 1}]}, "request.anyOf[0].x: unknown key"),
    ({"not": {"operation": "a"}}, "request.not.operation: unknown key"),
    ({"where": {"moon": 1}}, "request.where.moon: unknown key"),
    ({"operation": "getPet"}, "request.operation: no document has an operation 'getPet'"),
    ({"operation": "a", "path": "/a"}, "`operation` says the path already"),
]


@pytest.mark.parametrize(("spec", "says"), WRONG)
def test_a_mistake_is_told_with_its_key_path(spec: Any, says: str) -> None:
    found = problems({"request": spec, "response": {}})
    assert any(says in problem for problem in found), found


def test_groups_lie_only_so_deep_in_each_other() -> None:
    spec: dict[str, Any] = {"method": "GET"}
    for _ in range(20):
        spec = {"not": spec}
    assert "nested deeper" in problems({"request": spec, "response": {}})[0]


@settings(max_examples=150, deadline=None)
@given(
    st.text(
        st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=30
    ),
    st.lists(
        st.tuples(
            st.sampled_from(["host", "cookie", "content-type", "content-encoding", "x"]),
            st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20),
        ),
        max_size=4,
    ),
    st.binary(max_size=40),
)
def test_no_view_of_a_request_ever_raises(
    query: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    facts = Facts(Exchange(request("POST", f"/?{query}", headers, body)))
    for values in (facts.hosts, facts.clients, facts.header(b"x")):
        assert all(isinstance(value, str) for value in values)
    assert all(facts.query.values())
    assert all(facts.cookies.values())
    content = facts.content
    assert (content is None) == (body == b"")
    if content is not None:
        assert isinstance(content.text, str)


def test_of_very_many_parameters_the_first_are_looked_at() -> None:
    facts = Facts(Exchange(request(target="/?" + "&".join(f"a{n}=1" for n in range(20_000)))))
    assert list(facts.query) == [f"a{n}" for n in range(10_000)]
    assert set(map(tuple, facts.query.values())) == {("1",)}


def test_it_makes_no_difference_whether_very_many_parameters_are_encoded() -> None:
    target = "/?a%20b=%31&" + "&".join(f"a{n}=1" for n in range(20_000))
    facts = Facts(Exchange(request(target=target)))
    assert list(facts.query) == ["a b", *(f"a{n}" for n in range(9_999))]


def test_a_header_that_no_octets_can_be_is_matched_by_none() -> None:
    spec = {"headers": {"X": "\u65e5"}}
    assert not answers(spec, request(headers={"X": "?"}))
    assert not answers(spec, request())
