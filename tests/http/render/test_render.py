"""Values become bytes of the media type that was chosen."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from decimal import Decimal
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockforge_http.render import is_sequence, render, wire_media_type
from mockforge_http.render.schema import SchemaNode


class Components:
    """A resolver over a dict of component schemas."""

    def __init__(self, **schemas: Any) -> None:
        self.schemas = schemas

    def resolve(self, ref: str, base: str) -> tuple[Any, str]:
        return self.schemas[ref.rpartition("/")[2]], base


def node(schema: Any = True, **components: Any) -> SchemaNode:
    return SchemaNode(schema, "", Components(**components))


def xml(value: Any, schema: Any, **components: Any) -> str:
    text = render("application/xml", value, node(schema, **components)).decode()
    ET.fromstring(text)
    return text.split("\n", 1)[1]


def test_json_is_compact_and_exact() -> None:
    assert render("application/json", {"a": [1, None]}, node()) == b'{"a":[1,null]}'
    assert render("application/vnd.x+json", 2**80, node()) == str(2**80).encode()
    assert render("application/json", Decimal("0.1"), node()) == b"0.1"


def test_text_is_sent_as_it_is_and_other_values_as_json() -> None:
    assert render("text/plain", "hé", node()) == "hé".encode()
    assert render("text/csv", {"a": 1}, node()) == b'{"a":1}'
    assert render("application/octet-stream", b"\x00\xff", node()) == b"\x00\xff"
    assert render("text/plain", None, node()) == b""


def test_forms_repeat_fields_for_arrays() -> None:
    body = render("application/x-www-form-urlencoded", {"a": [1, 2], "b": "x&y"}, node()).decode()
    assert parse_qs(body) == {"a": ["1", "2"], "b": ["x&y"]}


def test_multipart_is_read_back_by_an_email_parser() -> None:
    media_type = wire_media_type("multipart/form-data")
    body = render(media_type, {"name": "rex", "tags": ["a", "b"], "meta": {"x": 1}}, node())
    message = message_from_bytes(f"Content-Type: {media_type}\r\n\r\n".encode() + body)
    parts = message.get_payload()
    assert isinstance(parts, list)
    names = [part.get_param("name", header="content-disposition") for part in parts]  # type: ignore[union-attr]
    assert names == ["name", "tags", "tags", "meta"]
    assert json.loads(parts[3].get_payload(decode=True)) == {"x": 1}  # type: ignore[union-attr, arg-type]


def test_events_carry_their_fields_and_split_lines() -> None:
    body = render("text/event-stream", [{"event": "tick", "data": "a\nb"}, {"x": 1}], node())
    assert body == b'event: tick\ndata: a\ndata: b\n\ndata: {"x":1}\n\n'


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/jsonl", b'1\n{"a":2}\n'),
        ("application/json-seq", b'\x1e1\n\x1e{"a":2}\n'),
    ],
)
def test_sequences_have_their_framing(media_type: str, body: bytes) -> None:
    assert is_sequence(media_type)
    assert render(media_type, [1, {"a": 2}], node()) == body


def test_xml_takes_the_roots_name_from_the_component() -> None:
    schema = {"$ref": "#/components/schemas/Pet"}
    assert xml({"id": 1}, schema, Pet={"type": "object"}) == "<Pet><id>1</id></Pet>"
    named = {"type": "object", "xml": {"name": "pet"}}
    assert xml({"id": 1}, schema, Pet=named) == "<pet><id>1</id></pet>"


def test_xml_writes_attributes_namespaces_and_prefixes() -> None:
    schema = {
        "xml": {"name": "pet", "namespace": "urn:x", "prefix": "p"},
        "properties": {"id": {"xml": {"attribute": True}}, "n": {"xml": {"name": "name"}}},
    }
    assert xml({"id": 'a"<', "n": "r&x"}, schema) == (
        '<p:pet xmlns:p="urn:x" id="a&quot;&lt;"><name>r&amp;x</name></p:pet>'
    )


def test_xml_wraps_arrays_only_when_asked() -> None:
    plain = {"properties": {"tag": {"type": "array", "items": {"type": "string"}}}}
    assert xml({"tag": ["a", "b"]}, plain) == "<xml><tag>a</tag><tag>b</tag></xml>"
    wrapped = {
        "properties": {
            "tags": {
                "type": "array",
                "xml": {"wrapped": True},
                "items": {"type": "string", "xml": {"name": "tag"}},
            }
        }
    }
    assert xml({"tags": ["a", "b"]}, wrapped) == (
        "<xml><tags><tag>a</tag><tag>b</tag></tags></xml>"
    )


def test_xml_takes_names_from_beside_a_reference() -> None:
    schema = {
        "properties": {
            "arn": {"allOf": [{"$ref": "#/Arn"}, {"xml": {"name": "topic"}}]},
            "list": {"allOf": [{"$ref": "#/List"}, {"xml": {"name": "items"}}]},
        }
    }
    components = {
        "Arn": {"type": "string", "xml": {"name": "arn-of-all", "prefix": "p"}},
        "List": {"type": "array", "items": {"xml": {"name": "item"}}, "xml": {"wrapped": True}},
    }
    text = render("text/xml", {"arn": "a", "list": [1]}, node(schema, **components)).decode()
    assert "<p:topic>a</p:topic>" in text
    assert "<items><item>1</item></items>" in text


def test_xml_of_an_array_at_the_top_has_one_root() -> None:
    schema = {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}
    assert xml([{"id": 1}, {"id": 2}], schema, Pet={"type": "object"}) == (
        "<xmls><Pet><id>1</id></Pet><Pet><id>2</id></Pet></xmls>"
    )


def test_xml_looks_through_all_of_and_survives_circular_references() -> None:
    schema = {"$ref": "#/Node"}
    component = {
        "allOf": [{"$ref": "#/Node"}, {"properties": {"k": {"xml": {"attribute": True}}}}],
        "anyOf": [{"$ref": "#/Node"}, {"$ref": "#/Node"}],
    }
    assert xml({"k": 1}, schema, Node=component) == '<Node k="1"></Node>'


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip


def flat(value: Any) -> list[Any]:
    """The items of lists in lists."""
    return [item for each in value for item in flat(each)] if isinstance(value, list) else [value]


@given(JSON)
def test_any_value_gives_well_formed_xml(value: Any) -> None:
    root = ET.fromstring(render("application/xml", {"value": value}, node()))
    assert root.tag == "xml"
    assert [child.tag for child in root] == ["value"] * len(flat(value))


@given(
    JSON, st.sampled_from(["text/plain", "application/x-www-form-urlencoded", "multipart/mixed"])
)
def test_any_value_has_a_form_in_any_media_type(value: Any, media_type: str) -> None:
    assert isinstance(render(media_type, value, node()), bytes)
