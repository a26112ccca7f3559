"""What ``docs/matching.md`` says, sentence by sentence, against a server that runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
import pytest

from mockforge.testing import MockServer

_FILE: Final = Path(__file__).resolve().parents[2] / "docs/matching.md"
PAGE: Final = " ".join(_FILE.read_text(encoding="utf-8").split()) if _FILE.exists() else ""

NOW: Final = datetime.now(UTC)
DEEP: Final = "<a>" * 101 + "</a>" * 101
SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"


class Row(NamedTuple):
    """Words of the page, what a stub asks, and requests that it answers and does not answer: values of the
    header ``V`` (``None``: none is sent) where ``asks`` is a predicate, else what httpx takes."""

    words: str
    asks: Any
    yes: list[Any]
    no: list[Any]


def header(words: str, predicate: Any, yes: list[Any], no: list[Any]) -> Row:
    """A predicate on a header."""
    return Row(
        words, {"headers": {"V": predicate}}, [_sent(v) for v in yes], [_sent(v) for v in no]
    )


def _sent(value: str | None) -> dict[str, Any]:
    return {} if value is None else {"headers": {"V": value}}


def query(words: str, predicate: Any, yes: list[str], no: list[str]) -> Row:
    """A predicate on the parameter ``a``."""
    return Row(
        words,
        {"query": {"a": predicate}},
        [{"query": text} for text in yes],
        [{"query": text} for text in no],
    )


def body(words: str, predicate: Any, yes: list[Any], no: list[Any]) -> Row:
    """A predicate on the body: of text where it is text, else of JSON."""

    def sent(value: Any) -> dict[str, Any]:
        return {"content": value} if isinstance(value, str | bytes) else {"json": value}

    return Row(words, {"body": predicate}, [sent(v) for v in yes], [sent(v) for v in no])


def at(**offset: float) -> str:
    return (NOW + timedelta(**offset)).isoformat(timespec="seconds")


PLACEHOLDERS: Final[list[tuple[str, list[Any], list[Any]]]] = [
    ("any-string}", [{"a": "x"}], [{"a": 1}, {}]),
    ("any-number}", [{"a": 1.5}], [{"a": True}]),
    ("any-boolean}", [{"a": False}], [{"a": 0}]),
    ("ignore}", [{"a": None}], [{}]),
    ("ignore-element}", [{"a": 1}, {}], [{"b": 1}]),
    ("regex}r.x", [{"a": "rex"}], [{"a": "rexy"}]),
]
ROWS: Final = [
    header("A value that is no mapping means `equals`", "rex", ["rex"], ["Rex", "rex2", None]),
    header("Several predicates in one mapping must all hold",
           {"startsWith": "r", "endsWith": "x"}, ["rex", "rx"], ["re", "ex"]),
    query("one that matches is enough", {"equals": "2"}, ["a=1&a=2"], ["a=1", "a=1&a=3"]),
    query("must hold for all of them", {"notContains": "x"}, ["a=1&a=2", ""], ["a=1&a=x"]),
    query("must hold for all of them", {"not": "x"}, ["a=1&a=2"], ["a=1&a=x"]),
    query("must hold for all of them", {"notMatches": r"\d"}, ["a=x&a=yy"], ["a=x&a=1"]),
    query("must hold for all of them", {"absent": True}, ["b=1"], ["a=", "a=1&a=2"]),
    header("A value that is absent satisfies", {"equals": None}, [None], ["", "null"]),
    header("A value that is absent satisfies", {"notMatches": "x"}, [None, "y"], ["x"]),
    header("Add `present: true` to ask for a value as well",
           {"notContains": "x", "present": True}, ["a"], ["x", None]),
    header("Numbers and booleans are compared as text", {"equals": 3}, ["3"], ["3.0", "03"]),
    header("Numbers and booleans are compared as text", {"equals": True}, ["true"], ["True"]),
    body("inside JSON `3` is `3.0`", {"jsonPath": {"$.n": {"equals": 3}}},
         [{"n": 3}, '{"n": 3.0}'], [{"n": 4}]),
    body("An array or an object is compared as `jsonExact` does", {"equals": {"a": [1, 2]}},
         [{"a": [1, 2]}], [{"a": [2, 1]}, {"a": [1, 2], "b": 1}]),
    header("is this but for upper and lower case", {"equalsIgnoreCase": "Rex"}, ["rEX"], ["re"]),
    header("holds this text somewhere, or nowhere", {"contains": "e"}, ["rex"], ["rx", None]),
    header("is described **as a whole** by the regular expression", {"matches": "r.x"},
           ["rex"], ["rexy", "arex"]),
    header("Write `.*` around it to search", {"matches": ".*r.x.*"}, ["a rex b"], ["re"]),
    header("is there (be it empty), or is not", {"present": True}, ["", "a"], [None]),
    header("is there (be it empty), or is not", {"absent": True}, [None], ["", "a"]),
    header("is one of these", {"in": ["rex", 3]}, ["rex", "3"], ["Rex", "rex,3", None]),
    header("is a number on this side of the limit", {"lt": 5}, ["4.9", "-1"], ["5", "x", None]),
    header("is a number on this side of the limit", {"lte": 5, "gt": 1}, ["5"], ["5.1", "1"]),
    header("is a number on this side of the limit", {"gte": 5}, ["5"], ["4"]),
    body("consists of these octets", {"base64": "aGVsbG8="}, ["hello"], ["hello!", "aGVsbG8="]),
    header("the value is decoded from Base64 first", {"base64": {"startsWith": "user:"}},
           ["dXNlcjpyZXg="], ["user:rex", "cmV4"]),
    *(header("what Java and Python users write", {"matches": pattern}, [yes], [no])
      for pattern, yes, no in [
          ("(?i)rex", "REX", "RE"), (r"\Qa.b\E", "a.b", "axb"), (r"\p{Alpha}+", "abc", "ab1"),
          ("[a-z&&[^b]]", "a", "b"), ("a(?=b)b", "ab", "a"), (r"(.)\1", "aa", "ab")]),
    body("`.` matches line ends too", {"matches": "a.b"}, ["a\nb"], ["a\n\nb"]),
    header("or relative to now", {"before": "now +3 days"}, [at(days=2)], [at(days=4), "soon", None]),
    header("or relative to now", {"after": "now -1h"}, [at(minutes=-30)], [at(hours=-2)]),
    header("What is expected is ISO 8601", {"sameTime": "2026-01-31T12:00:00Z"},
           ["2026-01-31T13:00:00+01:00", "Sat, 31 Jan 2026 12:00:00 GMT"], ["2026-01-31T12:00:01Z"]),
    header("A time without a zone is taken as UTC", {"sameTime": "2026-01-31T12:00:00"},
           ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00"], ["2026-01-31T12:00:00+01:00"]),
    *(header("how the value is written", {"sameTime": "2026-01-31", "format": form}, [yes], [no])
      for form, yes, no in [
          ("dd.MM.yyyy", "31.01.2026", "2026-01-31"), ("%Y/%m/%d", "2026/01/31", "2026/02/01"),
          ("unix", "1769817600", "1769817601"), ("epoch", "1769817600000", "1769817600")]),
    header("cut the value, or what is expected",
           {"sameTime": "2026-01-01", "truncate": "first day of month"},
           ["2026-01-31T12:00:00Z"], ["2026-02-01T00:00:00Z"]),
    header("(before an offset is added)",
           {"sameTime": "now +1 day", "truncateExpected": "first day of next year"},
           [f"{NOW.year + 1}-01-02T00:00:00Z"], [f"{NOW.year + 1}-01-01T00:00:00Z"]),
    body("more members, more items and another order of items are fine", {"json": {"a": [1, 2]}},
         [{"a": [3, 2, 1], "b": 0}], [{"a": [1]}, [1, 2], "no json"]),
    body("takes nothing more, less, or in another order", {"jsonExact": {"a": [1, 2]}},
         [{"a": [1, 2]}], [{"a": [2, 1]}, {"a": [1, 2], "b": 0}, {}]),
    body("Both take YAML or JSON text", {"json": '{"a": 1}'}, [{"a": 1, "b": 2}], [{"b": 2}]),
    body("the options `ignoreArrayOrder` and `ignoreExtraElements`",
         {"json": {"a": [1, 2]}, "ignoreArrayOrder": False}, [{"a": [1, 2], "b": 0}], [{"a": [2, 1]}]),
    body("the options `ignoreArrayOrder` and `ignoreExtraElements`",
         {"jsonExact": {"a": [1, 2]}, "ignoreArrayOrder": True}, [{"a": [2, 1]}],
         [{"a": [2, 1], "b": 0}]),
    body("Numbers are compared by value", {"jsonExact": {"n": 100}}, ['{"n": 1e2}'], ['{"n": "100"}']),
    *(body(f"`${{json-unit.{kind}", {"jsonExact": {"a": f"${{json-unit.{kind}"}}, yes, no)
      for kind, yes, no in PLACEHOLDERS),
    body("a path that must lead somewhere", {"jsonPath": "$.a.b"}, [{"a": {"b": None}}], [{"a": {}}, "x"]),
    body("a list of them", {"jsonPath": ["$.a", "$.b"]}, [{"a": 1, "b": 2}], [{"a": 1}]),
    body("Where a path leads to several nodes, one is enough",
         {"jsonPath": {"$..n": {"gt": 2}}}, [{"n": 1, "m": {"n": 3}}], [{"n": 1}]),
    body("(a negation holds for all)", {"jsonPath": {"$[*].n": {"not": 3}}},
         [[{"n": 1}, {"n": 2}]], [[{"n": 1}, {"n": 3}]]),
    body("the array and each of its items count", {"jsonPath": {"$.tags": {"contains": "small"}}},
         [{"tags": ["big", "very small"]}], [{"tags": ["big"]}]),
    body("'$.name': rex", {"jsonPath": {"$.name": "rex", "$.owner.zip": {"absent": True},
         "$.tags.length()": {"gte": 2}}}, [{"name": "rex", "tags": [1, 2]}],
         [{"name": "rex", "tags": [1]}, {"name": "rex", "tags": [1, 2], "owner": {"zip": 1}}]),
    body("@.kind == 'dog' && @.age < 3", {"jsonPath": "$.pets[?(@.kind == 'dog' && @.age < 3)]"},
         [{"pets": [{"kind": "dog", "age": 2}]}], [{"pets": [{"kind": "dog", "age": 3}]}]),
    *(body("what users of Jayway's library write", {"jsonPath": path}, [yes], [no])
      for path, yes, no in [
          ("$[?(@.a =~ /R.X/i)]", [{"a": "rex"}], [{"a": "r"}]),
          ("$[?(@.a in [1, 2])]", [{"a": 2}], [{"a": 3}]),
          ("$[?(@.a nin [1, 2])]", [{"a": 3}], [{"a": 1}]),
          ("$[?(@.a subsetof [1, 2])]", [{"a": [1]}], [{"a": [1, 3]}]),
          ("$[?(@.a anyof [1, 2])]", [{"a": [2, 3]}], [{"a": [3]}]),
          ("$[?(@.a noneof [1, 2])]", [{"a": [3]}], [{"a": [2, 3]}]),
          ("$[?(@.a size 2)]", [{"a": [1, 2]}], [{"a": [1]}]),
          ("$[?(@.a empty true)]", [{"a": []}], [{"a": [1]}]),
          ("$[?(@.a contains 'x')]", [{"a": ["x"]}], [{"a": ["y"]}])]),
    *(body("`.keys()`", {"jsonPath": {path: {"equals": wanted}}}, [yes], [no])
      for path, wanted, yes, no in [
          ("$.length()", 2, [1, 2], [1]), ("$.size()", 2, [1, 2], [1]), ("$.min()", 1, [3, 1], [2]),
          ("$.max()", 3, [3, 1], [2]), ("$.sum()", 4, [3, 1], [2]), ("$.avg()", 2, [3, 1], [1]),
          ("$.keys()", "a", {"a": 1}, {"b": 1}), ("$.first()", 1, [1, 2], [2, 1]),
          ("$.last()", 2, [1, 2], [2, 1]), ("$[(@.length-1)]", 2, [1, 2], [2, 1])]),
    body("tests its members and, if none passes, the object itself",
         {"jsonPath": "$[?(@.type == 'a')]"}, [{"x": {"type": "a"}}, {"type": "a"}], [{"type": "b"}]),
    body("is not true of the number 3", {"jsonPath": "$[?(@.id == '3')]"}, [[{"id": "3"}]], [[{"id": 3}]]),
    body("draft 4 to 2020-12", {"jsonSchema": {"prefixItems": [{"type": "string"}]}}, [["a"]], [[1]]),
    body("draft 4 to 2020-12",
         {"jsonSchema": {"$schema": "http://json-schema.org/draft-04/schema#",
                         "minimum": 3, "exclusiveMinimum": True}}, [4], [3]),
    body("references lead to places inside of it",
         {"jsonSchema": {"$ref": "#/$defs/n", "$defs": {"n": {"type": "number"}}}}, [1], [["x"]]),
    body("A value that is no JSON is checked as a string",
         {"jsonSchema": {"type": "string", "maxLength": 3}}, ["abc"], ["abcd", [1]]),
    body("White space around texts, comments, the order of attributes, prefixes",
         {"xml": '<a x="1" y="2"><b>t</b></a>'},
         ['<a y="2" x="1"> <!-- c --> <b> t </b></a>'], ['<a x="1"><b>t</b></a>', "<a"]),
    body("the order of elements with different names do not count", {"xml": "<a><b/><c/></a>"},
         ["<a><c/><b/></a>"], ["<a><b/></a>"]),
    body("prefixes", {"xml": '<p:a xmlns:p="urn:x"/>'}, ['<q:a xmlns:q="urn:x"/>'],
         ['<p:a xmlns:p="urn:y"/>']),
    body("`namespaceAware: false` compares local names only",
         {"xml": '<p:a xmlns:p="urn:x"/>', "namespaceAware": False}, ['<a xmlns="urn:y"/>'], ["<b/>"]),
    body("lets elements of the same name stand in any order",
         {"xml": "<a><b>1</b><b>2</b></a>", "ignoreOrder": True}, ["<a><b>2</b><b>1</b></a>"],
         ["<a><b>2</b><b>2</b></a>"]),
    *(body(f"`${{xmlunit.{kind}", {"xml": f"<a>${{xmlunit.{kind}{rest}</a>"}, [yes], [no])
      for kind, rest, yes, no in [
          ("ignore}", "", "<a>x</a>", "<b/>"), ("isNumber}", "", "<a>1.5</a>", "<a>x</a>"),
          ("isDateTime}", "", "<a>2026-01-31T12:00:00Z</a>", "<a>x</a>"),
          ("matchesRegex(", "r.x)}", "<a>rex</a>", "<a>rx</a>")]),
    body("asked about the text of each node that is found",
         {"xpath": {"//item/@sku": {"in": ["a", "b"]}, "count(//item)": {"gte": 2}}},
         ['<i><item sku="z"/><item sku="a"/></i>'], ['<i><item sku="a"/></i>']),
    body("an XPath 1.0 expression, a list of them", {"xpath": ["//b", "//c"]}, ["<a><b/><c/></a>"],
         ["<a><b/></a>"]),
    body("a name without a prefix is in no namespace",
         {"xpath": "/s:Envelope/Body", "namespaces": {"s": SOAP}},
         [f'<x:Envelope xmlns:x="{SOAP}"><Body/></x:Envelope>'],
         [f'<Envelope xmlns="{SOAP}"><Body/></Envelope>']),
    body("a name without a prefix matches in any namespace", {"xpath": "/Envelope/Body"},
         [f'<Envelope xmlns="{SOAP}"><Body/></Envelope>'], ["<Envelope/>"]),
    body("a prefix is the one that the document writes", {"xpath": "/x:a"},
         ['<x:a xmlns:x="urn:x"/>'], ['<y:a xmlns:y="urn:x"/>']),
    body("they match nothing but negations", {"xpath": "//a"}, ["<a/>"],
         ["<!DOCTYPE a><a/>", DEEP, "<a>" + "<b/>" * 50_001 + "</a>"]),
    body("they match nothing but negations", {"not": {"xpath": "//a"}}, [DEEP, "<b/>"], ["<a/>"]),
    Row("form: {name: rex, tag: {present: true}}",
        {"body": {"form": {"name": "rex", "tag": {"present": True}}}},
        [{"data": {"name": "rex", "tag": ""}}], [{"data": {"name": "rex"}}, {"content": "name"}]),
    Row("photo: {filename: {endsWith: .png}, contentType: image/png}, meta: {json: {name: rex}}",
        {"body": {"multipart": {"photo": {"filename": {"endsWith": ".png"}, "contentType": "image/png"},
                                "meta": {"json": {"name": "rex"}}}}},
        [{"files": {"photo": ("a.png", b"x", "image/png"), "meta": (None, '{"name": "rex"}')}}],
        [{"files": {"photo": ("a.png", b"x", "image/png")}},
         {"files": {"photo": ("a.gif", b"x", "image/gif"), "meta": (None, '{"name": "rex"}')}}]),
    Row("[{name: meta, headers: {Content-Type: {contains: json}}, body: {jsonPath: $.name}}]",
        {"body": {"multipart": [{"name": "meta", "headers": {"Content-Type": {"contains": "json"}},
                                 "body": {"jsonPath": "$.name"}}]}},
        [{"files": {"meta": ("m", '{"name": 1}', "application/json")}}],
        [{"files": {"meta": ("m", '{"name": 1}', "text/plain")}}]),
    Row("`allParts: true` asks that every part is so",
        {"body": {"multipart": [{"filename": {"endsWith": ".txt"}}], "allParts": True}},
        [{"files": {"a": ("a.txt", b""), "b": ("b.txt", b"")}}],
        [{"files": {"a": ("a.txt", b""), "b": ("b.png", b"")}}]),
    header("`allOf: [...]`, `anyOf: [...]` take predicates, `not: ...` takes one",
           {"anyOf": ["a", {"allOf": [{"startsWith": "b"}, {"not": {"endsWith": "c"}}]}]},
           ["a", "bd"], ["bc", "c", None]),
    Row("queries and forms of up to 10,000 fields", {"body": {"form": {"a": "1"}}},
        [{"content": "b=0&" * 9_999 + "a=1"}], [{"content": "b=0&" * 10_000 + "a=1"}]),
    Row("up to 1,000 cookies", {"cookies": {"a": "1"}},
        [{"headers": {"Cookie": "b=0;" * 999 + "a=1"}}],
        [{"headers": {"Cookie": "b=0;" * 1000 + "a=1"}}]),
]  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server that has every row's stub, at a path of its own."""
    folder = tmp_path_factory.mktemp("stubs")
    stubs = [
        {"request": {"path": f"/{number}", **row.asks}, "response": {"status": 202}}
        for number, row in enumerate(ROWS)
    ]
    (folder / "stubs.json").write_text(json.dumps(stubs))
    settings = {"http.mocks": [str(folder)]}
    with (
        MockServer(settings=settings) as server,
        httpx.Client(base_url=server.url, timeout=60) as client,
    ):
        yield client


@pytest.mark.parametrize("number", range(len(ROWS)), ids=lambda number: ROWS[number].words[:40])
def test_requests_are_told_apart_as_the_page_says(number: int, client: httpx.Client) -> None:
    row = ROWS[number]
    assert row.words in PAGE
    for wanted, requests in ((202, row.yes), (404, row.no)):
        for request in requests:
            rest = dict(request)
            search = rest.pop("query", "")
            answer = client.post(f"/{number}?{search}", **rest)
            assert answer.status_code == wanted, (row.words, request)


def test_every_predicate_of_the_page_is_in_a_row() -> None:
    asked = json.dumps([row.asks for row in ROWS])
    named = set(re.findall(r"`(\w+): ", PAGE)) | {"json", "jsonExact", "jsonPath", "jsonSchema"}
    assert not [name for name in named if f'"{name}"' not in asked]


def test_dates_as_http_writes_them_are_dates(client: httpx.Client) -> None:
    number = next(
        at
        for at, row in enumerate(ROWS)
        if row.asks == {"headers": {"V": {"before": "now +3 days"}}}
    )
    soon = format_datetime(NOW, usegmt=True)
    assert client.post(f"/{number}", headers={"V": soon}).status_code == 202
