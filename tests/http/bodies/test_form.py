"""Bodies of ``application/x-www-form-urlencoded``."""

from __future__ import annotations

from typing import Any

import pytest

from mockforge_http.bodies import BodyLimits, EncodingSpec
from tests.http.bodies.sending import FORM, finding_of, send, value_of

STRING = {"type": "string"}
INTEGER = {"type": "integer"}
ADDRESS = {"type": "object", "properties": {"street": STRING, "zip": INTEGER}}
SCHEMA = {
    "type": "object",
    "properties": {
        "id": INTEGER,
        "name": STRING,
        "tags": {"type": "array", "items": STRING},
        "sizes": {"type": "array", "items": INTEGER},
        "address": ADDRESS,
        "lines": {"type": "array", "items": ADDRESS},
    },
}


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"id=5&name=a+b%26", {"id": 5, "name": "a b&"}),
        (b"id=x", {"id": "x"}),
        (b"tags=a&tags=b", {"tags": ["a", "b"]}),
        (b"tags=a", {"tags": ["a"]}),
        (b"tags=", {"tags": [""]}),
        (b"sizes=1&sizes=2", {"sizes": [1, 2]}),
        (b"id=1&id=2", {"id": [1, 2]}),
        (b"address=%7B%22street%22:%22x%22,%22zip%22:1%7D", {"address": {"street": "x", "zip": 1}}),
        (b'lines={"zip":1}&lines={"zip":2}', {"lines": [{"zip": 1}, {"zip": 2}]}),
        (b"more=1&more=2&other=x", {"more": ["1", "2"], "other": "x"}),
        (b"name", {"name": ""}),
        (b"&&", {}),
    ],
)
def test_fields_are_members(raw: bytes, value: Any) -> None:
    assert value_of(FORM, raw, SCHEMA) == value


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"address[street]=x&address[zip]=1", {"address": {"street": "x", "zip": 1}}),
        (b"address%5Bzip%5D=1", {"address": {"zip": 1}}),
        (b"tags[]=a&tags[]=b", {"tags": ["a", "b"]}),
        (b"sizes[1]=2&sizes[0]=1", {"sizes": [1, 2]}),
        (b"lines[0][zip]=1&lines[1][zip]=2", {"lines": [{"zip": 1}, {"zip": 2}]}),
        (b"meta[a][b]=1", {"meta": {"a": {"b": "1"}}}),
    ],
)
def test_brackets_are_read_as_libraries_write_them(raw: bytes, value: Any) -> None:
    assert value_of(FORM, raw, SCHEMA) == value


def test_a_declared_name_with_brackets_is_just_a_name() -> None:
    schema = {"properties": {"tags[]": {"type": "array", "items": INTEGER}}}
    assert value_of(FORM, b"tags[]=1&tags[]=2", schema) == {"tags[]": [1, 2]}


def test_additional_properties_have_their_type() -> None:
    schema = {"type": "object", "additionalProperties": INTEGER}
    assert value_of(FORM, b"a=1&b=2", schema) == {"a": 1, "b": 2}
    lists = {"additionalProperties": {"type": "array", "items": INTEGER}}
    assert value_of(FORM, b"a=1", lists) == {"a": [1]}


@pytest.mark.parametrize(
    ("encoding", "raw", "value"),
    [
        (EncodingSpec(style="form", explode=False), b"address=zip,1", {"address": {"zip": 1}}),
        (EncodingSpec(explode=True), b"zip=1&street=x", {"address": {"zip": 1, "street": "x"}}),
        (EncodingSpec(style="deepObject"), b"address[zip]=1", {"address": {"zip": 1}}),
        (EncodingSpec(style="pipeDelimited"), b"address=zip|1", {"address": {"zip": 1}}),
        (EncodingSpec(content_type="application/json"), b'address={"zip":1}', {"address": {"zip": 1}}),
        (
            EncodingSpec(content_type="application/xml"),
            b"address=%3Caddress%3E%3Czip%3E1%3C/zip%3E%3C/address%3E",
            {"address": {"zip": 1}},
        ),
        (EncodingSpec(content_type="text/plain"), b"address=x", {"address": "x"}),
    ],
)  # fmt: skip
def test_an_encoding_says_how_a_property_is_written(
    encoding: EncodingSpec, raw: bytes, value: Any
) -> None:
    assert value_of(FORM, raw, SCHEMA, encoding={"address": encoding}) == value


@pytest.mark.parametrize("encoding", [{}, {"tags": EncodingSpec(style="deepObject")}])
def test_one_value_is_an_array_where_only_other_texts_are_listed(encoding: Any) -> None:
    tags = {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"enum": ["", "all"]}]}
    schema = {"type": "object", "properties": {"tags": tags}}
    assert value_of(FORM, b"tags=5", schema, encoding=encoding) == {"tags": [5]}
    assert value_of(FORM, b"tags=5&tags=6", schema, encoding=encoding) == {"tags": [5, 6]}
    assert value_of(FORM, b"tags=all", schema, encoding=encoding) == {"tags": "all"}
    assert value_of(FORM, b"tags=", schema, encoding=encoding) == {"tags": ""}


def test_an_array_in_one_field_needs_an_encoding() -> None:
    encoding = {"sizes": EncodingSpec(explode=False)}
    assert value_of(FORM, b"sizes=1,2", SCHEMA, encoding=encoding) == {"sizes": [1, 2]}
    assert value_of(FORM, b"sizes=1,2", SCHEMA) == {"sizes": ["1,2"]}


def test_a_string_declared_as_json_is_a_json_string() -> None:
    encoding = {"name": EncodingSpec(content_type="application/json")}
    assert value_of(FORM, b"name=%22x%22", SCHEMA, encoding=encoding) == {"name": "x"}


def test_every_field_that_is_wrong_is_found() -> None:
    result = send(FORM, b"address={&sizes[=1&id=3&name=%ff", SCHEMA)
    assert result.value["id"] == 3
    assert {(f.code, f.pointer) for f in result.findings} == {
        ("body.malformed", "/address"),
        ("body.malformed", "/sizes"),
        ("body.malformed", "/name"),
    }


RESERVED = b"reserved=:/?#[]@!$&'()*+,;"


def test_reserved_characters_are_refused_only_where_the_document_says_so() -> None:
    schema = {"type": "object", "properties": {"reserved": STRING}}
    closed = {"reserved": EncodingSpec(allow_reserved=False)}
    finding = finding_of(FORM, RESERVED, schema, encoding=closed)
    assert (finding.code, finding.pointer) == ("body.reserved-character", "/reserved")
    for encoding in ({"reserved": EncodingSpec(allow_reserved=True)}, {}):
        assert value_of(FORM, RESERVED, schema, encoding=encoding)["reserved"] == ":/?#[]@!$"
    assert value_of(FORM, b"reserved=a+b*c%2F", schema, encoding=closed) == {"reserved": "a b*c/"}


def test_empty_values_are_refused_only_where_the_document_says_so() -> None:
    closed = {"name": EncodingSpec(allow_empty=False)}
    assert finding_of(FORM, b"name", SCHEMA, encoding=closed).code == "body.empty-value"
    assert value_of(FORM, b"name", SCHEMA, encoding={"name": EncodingSpec(allow_empty=True)}) == {
        "name": ""
    }


def test_unions_of_objects_and_strings_go_by_what_was_sent() -> None:
    schema = {"properties": {"metadata": {"anyOf": [ADDRESS, {"type": "string", "enum": [""]}]}}}
    assert value_of(FORM, b"metadata=", schema) == {"metadata": ""}
    assert value_of(FORM, b"metadata[zip]=1", schema) == {"metadata": {"zip": 1}}


def test_fields_are_counted() -> None:
    limits = BodyLimits(max_fields=10)
    assert value_of(FORM, b"&".join([b"a=1"] * 10), limits=limits) == {"a": ["1"] * 10}
    finding = finding_of(FORM, b"&".join([b"a=1"] * 11), limits=limits)
    assert finding.code == "body.too-many-fields"


def test_members_of_a_deep_object_leave_other_fields_alone() -> None:
    deep = {"address": EncodingSpec(style="deepObject", explode=True)}
    raw = b"address[zip]=1&street=x&more=y"
    value = value_of(FORM, raw, SCHEMA, encoding=deep)
    assert value == {"address": {"zip": 1}, "street": "x", "more": "y"}
    free = {"type": "object", "properties": {"meta": {"type": "object"}}}
    of_free = {"meta": EncodingSpec(style="deepObject", explode=True)}
    assert value_of(FORM, b"meta[a]=1&more=y", free, encoding=of_free) == {
        "meta": {"a": "1"},
        "more": "y",
    }
