"""Bodies that are sequences of items."""

from __future__ import annotations

from typing import Any

import pytest

from mockforge_http.bodies import BodyLimits
from mockforge_http.render import render
from tests.http.bodies.sending import finding_of, send, value_of
from tests.http.values.nodes import node


@pytest.mark.parametrize(
    ("media_type", "raw", "value"),
    [
        ("application/jsonl", b'1\n{"a":2}\n', [1, {"a": 2}]),
        ("application/x-ndjson", b'1\r\n\r\n  \n"x"', [1, "x"]),
        ("application/jsonl", b"", []),
        ("application/json-seq", b'\x1e1\n\x1e{"a":\n2}\n', [1, {"a": 2}]),
        ("application/geo+json-seq", b"\x1e[1]", [[1]]),
        ("text/event-stream", b"\xef\xbb\xbfdata: a\r\ndata:b\r\r", [{"data": "a\nb"}]),
    ],
)
def test_items_are_read_in_order(media_type: str, raw: bytes, value: Any) -> None:
    assert value_of(media_type, raw or b"\n", {"type": "array"}) == value


def test_the_specification_s_event_stream() -> None:
    raw = (
        b"event: addString\ndata: This data is formatted\ndata: across two lines\nretry: 5\n\n"
        b"event: addInt64\ndata: 1234\nunknownField: this is ignored\n\n"
        b': This is a comment\nevent: addJSON\ndata: {"foo": 42}\n'
    )
    assert value_of("text/event-stream", raw) == [
        {"event": "addString", "data": "This data is formatted\nacross two lines", "retry": 5},
        {"event": "addInt64", "data": "1234"},
        {"event": "addJSON", "data": '{"foo": 42}'},
    ]


def test_fields_with_values_that_do_not_count_are_ignored() -> None:
    raw = b"id: a\0b\nretry: soon\ndata\n\nevent: no data\n\ndata: x\nid: 7\n\n"
    assert value_of("text/event-stream", raw) == [{"data": ""}, {"data": "x", "id": "7"}]


def test_an_item_that_is_no_json_is_found_by_its_position() -> None:
    finding = finding_of("application/jsonl", b"1\n\n{\n")
    assert (finding.code, finding.pointer) == ("body.malformed", "/1")
    assert finding_of("application/json-seq", b"\x1e[" * 3).pointer == "/0"


@pytest.mark.parametrize(
    ("media_type", "item"),
    [
        ("application/jsonl", b"1\n"),
        ("application/json-seq", b"\x1e1"),
        ("text/event-stream", b"data:\n"),
    ],
)
def test_items_are_counted(media_type: str, item: bytes) -> None:
    limits = BodyLimits(max_items=10)
    assert value_of(media_type, item * 10, limits=limits)
    assert finding_of(media_type, item * 11, limits=limits).code == "body.too-many-items"
    assert finding_of(media_type, item * 1_000_000).code == "body.too-many-items"


def test_an_item_schema_marks_the_value_as_a_sequence() -> None:
    result = send("application/jsonl", b"1\n", None, item_schema=node({"type": "integer"}))
    assert (result.value, result.sequence) == ([1], True)
    result = send("application/jsonl", b"1\n", {}, item_schema=node({"type": "integer"}))
    assert not result.sequence
    result = send("application/json", b"[1]", None, item_schema=node({"type": "integer"}))
    assert not result.sequence


@pytest.mark.parametrize("media_type", ["application/jsonl", "application/json-seq"])
def test_what_the_renderer_writes_is_read_back(media_type: str) -> None:
    value = [1, {"a": "\n"}, None, [1.5]]
    assert value_of(media_type, render(media_type, value, node())) == value
