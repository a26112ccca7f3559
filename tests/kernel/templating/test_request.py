"""``request`` in templates."""

from __future__ import annotations

import json

import pytest

from mockforge.mocking.exchange import Request
from mockforge.mocking.matching.content import Content
from mockforge.mocking.pairs import MAX_COOKIES, split_cookies
from mockforge.mocking.templating import request_context
from tests.kernel.templating.kit import REQUEST, render


def ask(source: str, request: Request, **path: str) -> str:
    return render(source, within=request_context(request, path=path))


def request_with(target: str = "/", body: bytes = b"", **headers: str) -> Request:
    fields = [
        (name.replace("_", "-").encode(), value.encode("latin-1"))
        for name, value in headers.items()
    ]
    return Request("GET", target, fields, body)  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("request.path == '/pets/42'", "true"),
        ("request.path.startswith('/pets')", "true"),
        ("request.path.split('/')", '["","pets","42"]'),
        ("request.path | upper", "/PETS/42"),
        ("request.path ~ '!'", "/pets/42!"),
        ("request.path.petId", "42"),
        ("request.path['petId']", "42"),
        ("request.path[-1]", "42"),
        ("request.path[9] is defined", "false"),
        ("request.query.limit", "3"),
        ("request.query['limit']", "3"),
        ("request.query.get('nope', 'd')", "d"),
        ("'limit' in request.query", "true"),
        ("request.query.q", "a b"),
        ("request.query.all.tag | length", "2"),
        ("request.headers.host", "pets.example"),
        ("request.headers['HOST']", "pets.example"),
        ("request.headers.x-trace-id | upper", "T-1"),
        ("request.headers.X_Trace_Id", "t-1"),
        ("request.headers.get('X-Trace-Id')", "t-1"),
        ("request.headers.get('nope') is none", "true"),
        ("request.headers.nope is defined", "false"),
        ("request.headers['x-' ~ 'trace-id']", "t-1"),
        ("request.cookies.session", "abc"),
        ("request.json.owner.name", "Ada"),
        ("request.body.owner.name", "Ada"),
        ("request.body['name']", "Rex"),
        ("request.body[:7]", '{"name"'),
        ("request.body.startswith('{')", "true"),
        ("request.body | length", "85"),
        ("request.body == request.body", "true"),
        ("request.method | lower", "post"),
        ("request", "POST /pets/42?limit=3&tag=x&tag=y&q=a%20b"),
        ("request.nope is defined", "false"),
    ],
)
def test_views(expression: str, text: str) -> None:
    assert render(f"{{{{ {expression} }}}}") == text


def test_paths_and_queries_are_decoded() -> None:
    request = request_with("/a%20b/%C3%A9?q=%C3%A9+x&flag&=v&a=1%262&bad=%ff")
    assert ask("{{ request.path }}", request) == "/a b/é"
    assert ask("{{ request.url }}", request).startswith("/a%20b/%C3%A9?q=")
    shown = "{{ [request.query.q, request.query.flag, request.query.a, request.query.bad] }}"
    assert ask(shown, request) == '["é x","","1&2","\ufffd"]'


def test_a_plain_query_and_one_to_decode_are_read_alike() -> None:
    for target in ("/?a=1&a=2&&b&c=", "/?a=%31&a=2&&b&c="):
        assert ask("{{ request.query | items }}", request_with(target)) == (
            '[["a","1"],["b",""],["c",""]]'
        )


def test_a_path_value_hides_a_method_of_the_same_name() -> None:
    request = request_with("/x")
    assert ask("{{ request.path.upper }}", request, upper="value") == "value"
    assert ask("{{ request.path.items }}", request, items="many") == "many"


def test_forms_give_first_values_and_all() -> None:
    request = request_with(
        body=b"city=Oslo&tag=a&tag=b%20c", Content_Type="application/x-www-form-urlencoded"
    )
    assert ask("{{ request.form.city }} {{ request.form.all.tag }}", request) == 'Oslo ["a","b c"]'
    assert ask("{{ request.form.city }}", REQUEST) == ""


def test_a_body_that_is_no_json_is_nothing_as_json() -> None:
    request = request_with(body=b"{oops", Content_Type="application/json")
    assert ask("[{{ request.json }}][{{ request.json.a.b }}] {{ request.body }}", request) == (
        "[][] {oops"
    )


def test_bodies_are_text_in_their_charset() -> None:
    request = request_with(
        body="é".encode("latin-1"), Content_Type="text/plain; charset=iso-8859-1"
    )
    assert ask("{{ request.body }}", request) == "é"
    assert ask("{{ request.body }}", request_with(body=b"\xff")) == "\ufffd"


def test_cookies_are_read_leniently() -> None:
    request = request_with(Cookie='a=1; b="two"; c; =x; a=3')
    cookies = "{{ request.cookies.a }}|{{ request.cookies.b }}|{{ request.cookies.c }}"
    assert ask(cookies, request) == "1|two|"


def test_views_that_are_there_already_are_used() -> None:
    content = Content(b"", json={"name": "given"})
    context = request_context(REQUEST, content=content)
    assert render("{{ request.json.name }}", within=context) == "given"


def test_views_are_made_when_they_are_first_asked_for() -> None:
    context = request_context(REQUEST, path={"petId": "42"})
    render("{{ request.path.petId }}", within=context)
    assert set(context["request"]) == {"path"}
    assert REQUEST.body not in context["request"].values()


def test_the_whole_request_is_shown_as_json() -> None:
    shown = json.loads(render("{{ request | json }}"))
    assert shown["path"] == "/pets/42"
    assert shown["headers"]["x-trace-id"] == "t-1"
    assert shown["query"] == {"limit": "3", "tag": "x", "q": "a b"}
    assert json.loads(shown["body"])["name"] == "Rex"


def test_of_a_flood_of_parameters_the_first_are_read() -> None:
    for equals in ("=1", "=%31"):
        request = request_with("/?" + "&".join(f"p{number}{equals}" for number in range(20_000)))
        assert ask("{{ request.query | length }}", request) == "10000"
        assert ask("{{ request.query.p9999 }}{{ request.query.p10000 }}", request) == "1"


def test_cookies_are_those_that_stubs_match() -> None:
    sent = 'a=1; b = "two" ;c="; d; a=2; e=x=y; f="g"h"'
    read = json.loads(ask("{{ request.cookies.all | json }}", request_with(cookie=sent)))
    assert read == {"a": ["1", "2"], "b": ["two"], "c": ['"'], "e": ["x=y"], "f": ['g"h']}
    assert read == split_cookies(sent)
    many = "; ".join(f"c{number}=x" for number in range(MAX_COOKIES + 5))
    shown = ask("{{ request.cookies | length }}", request_with(cookie=many))
    assert shown == str(MAX_COOKIES)
