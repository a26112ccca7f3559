"""Payloads: the dialects they are written in, and that what is generated is what is accepted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from mockforge.mocking.data import Dice, SchemaStore, compile_generator
from mockforge_ws.asyncapi.bundle import bundle
from mockforge_ws.asyncapi.formats import dialect_of, kind_of
from mockforge_ws.asyncapi.receiving import Content, Incoming, Judge
from mockforge_ws.asyncapi.sending import find, put
from mockforge_ws.asyncapi.validation import MOST, Check
from tests.ws.asyncapi.making import ask, closed, document, receiving, sending, serving
from tests.ws.making import client

DRAFT_07 = "application/schema+json;version=draft-07"
DRAFT_2020 = "application/schema+yaml;version=2020-12"
OPENAPI = "application/vnd.oai.openapi;version=3.0.3"


@pytest.mark.parametrize(
    ("payload", "good", "bad"),
    [
        ({"items": [{"type": "integer"}], "additionalItems": False}, [1], [1, 2]),
        ({"dependencies": {"a": ["b"]}}, {"a": 1, "b": 1}, {"a": 1}),
        ({"dependencies": {"a": {"required": ["b"]}}}, {"b": 1}, {"a": 1}),
        ({"exclusiveMinimum": 3}, 4, 3),
        ({"$ref": "#/components/schemas/N", "minimum": 9}, 5, "5"),
        ({"if": {"const": 1}, "else": {"type": "string"}}, 1, 2),
        (
            {"schemaFormat": DRAFT_07, "schema": {"propertyNames": {"pattern": "^a"}}},
            {"ab": 1},
            {"b": 1},
        ),
        (
            {
                "schemaFormat": DRAFT_2020,
                "schema": {"$ref": "#/$defs/n", "maximum": 9, "$defs": {"n": {"type": "integer"}}},
            },
            5,
            10,
        ),
        ({"schemaFormat": DRAFT_2020, "schema": {"$ref": "#/components/schemas/N"}}, 5, "5"),
        (
            {
                "schemaFormat": DRAFT_2020,
                "schema": {
                    "prefixItems": [{"$ref": "#n"}],
                    "$defs": {"n": {"$anchor": "n", "const": 1}},
                },
            },
            [1],
            [2],
        ),
        ({"schemaFormat": OPENAPI, "schema": {"type": "string", "nullable": True}}, None, 1),
        ({"$ref": "#/components/schemas/Wrapped"}, "x", 1),
        ({"properties": {"in": {"$ref": "#/components/schemas/Wrapped"}}}, {"in": "x"}, {"in": 1}),
        ({"oneOf": [{"const": 1}, {"$ref": "#/components/schemas/N"}]}, 2, 1),
        ({"type": "string", "format": "date-time"}, "2026-01-01T00:00:00Z", "yesterday"),
        ({"pattern": "^\\d{2}$"}, "12", "x12"),
        ({"patternProperties": {"^n_": {"type": "integer"}}}, {"n_a": 1}, {"n_a": "x"}),
        ({"required": ["a", "a"]}, {"a": 1}, {}),
        ({"$id": "https://example.com/x", "$ref": "#/components/schemas/N"}, 1, "x"),
        (False, UNSET, 1),
    ],
)
def test_a_schema_means_what_its_dialect_says(
    tmp_path: Path, payload: Any, good: Any, bad: Any
) -> None:
    value = document(
        {"ask": receiving("q", replies=("a",))},
        {"q": {"payload": payload}, "a": {"examples": [{"payload": "ok"}]}},
        components={
            "schemas": {
                "N": {"type": "integer"},
                "Wrapped": {"schemaFormat": DRAFT_2020, "schema": {"type": "string"}},
            }
        },
    )
    with serving(tmp_path, value) as server, client(server, "/room") as room:
        if good is not UNSET:
            assert ask(room, good) == "ok"

        room.send(json.dumps(bad))
        assert closed(room)[0] == 1008


@pytest.mark.parametrize(
    ("stated", "dialect"),
    [
        (None, "draft-07"),
        ("application/vnd.aai.asyncapi+json;version=3.0.0", "draft-07"),
        ("application/schema+json", "draft-07"),
        ("application/schema+json; version=draft-04", "draft-07"),
        ('application/schema+yaml;version="2019-09"', "2020-12"),
        ("application/vnd.oai.openapi+yaml;version=3.1.0", "2020-12"),
        ("application/vnd.apache.avro;version=1.9.0", None),
        ("application/raml+yaml;version=1.0", None),
        ("application/schema+json;version=draft-99", None),
    ],
)
def test_schema_formats(stated: str | None, dialect: str | None) -> None:
    assert dialect_of(stated) == dialect


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        (None, "json"),
        ("", "json"),
        ("application/json; charset=utf-8", "json"),
        ("application/cloudevents+json", "json"),
        ("text/plain", "text"),
        ("application/xml", "text"),
        ("application/x-protobuf", "binary"),
    ],
)
def test_content_types(content_type: str | None, kind: str) -> None:
    assert kind_of(content_type) == kind


def test_what_has_no_readable_schema_is_sent_by_example_only(tmp_path: Path) -> None:
    avro = {
        "schemaFormat": "application/vnd.apache.avro;version=1.9.0",
        "schema": {"type": "record"},
    }
    messages = {"a": {"payload": avro, "examples": [{"payload": {"n": 1}}]}, "b": {"payload": avro}}
    value = document({"tell": sending("a", "b"), "ask": receiving("b", replies=("a",))}, messages)
    with serving(tmp_path, value, asyncapi__interval=0) as server, client(server, "/room") as room:
        assert ask(room, "anything") == {"n": 1}


# ------------------------------------------------------------------ checking

_LEAVES = st.sampled_from(
    [
        {"type": "string", "maxLength": 5},
        {"type": "integer", "minimum": -3, "maximum": 9},
        {"enum": ["a", 1, None]},
        {"type": "boolean"},
        {"const": {"k": [1]}},
        {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.5},
        {"$ref": "#/definitions/one"},
    ]
)


def _grown(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    named = st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3)
    return st.one_of(
        named.map(
            lambda each: {"type": "object", "properties": each, "required": sorted(each)[:1]}
        ),
        inner.map(lambda each: {"type": "array", "items": each, "maxItems": 2}),
        st.lists(inner, min_size=1, max_size=3).map(lambda each: {"anyOf": each}),
    )


SCHEMAS = st.recursive(_LEAVES, _grown, max_leaves=6)


@settings(max_examples=150, deadline=None)
@given(schema=SCHEMAS, seed=st.integers(0, 1000))
def test_what_is_generated_is_accepted(schema: dict[str, Any], seed: int) -> None:
    whole = {**schema, "definitions": {"one": {"type": "integer"}}}
    store = SchemaStore({"": whole})
    entry = {"allOf": [whole]}
    generator = compile_generator(entry, "", resolver=store, dialect="draft-07")
    check = Check(bundle(entry, "", store, "draft-07"))
    value = generator.generate(Dice(seed))
    assert check.accepts(value)
    assert check.problems(value) == []


@settings(max_examples=150, deadline=None)
@given(
    schema=SCHEMAS,
    value=st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=5),
)
def test_a_value_has_problems_just_when_it_is_not_accepted(
    schema: dict[str, Any], value: Any
) -> None:
    whole = {**schema, "definitions": {"one": {"type": "integer"}}}
    check = Check(bundle({"allOf": [whole]}, "", SchemaStore({"": whole}), "draft-07"))
    assert check.accepts(value) == (not check.problems(value))


def test_problems_are_bounded_and_say_where() -> None:
    check = Check({"items": {"type": "integer"}})
    problems = check.problems(["x"] * 1000)
    assert len(problems) == MOST
    assert [each.pointer for each in problems[:2]] == ["/0", "/1"]
    long = check.problems(["y" * 100_000])
    assert len(long[0].message) < 1000


def test_of_alternatives_the_one_that_was_meant_is_told() -> None:
    def kind(name: str) -> dict[str, Any]:
        fields = {"kind": {"const": name}, "n": {"type": "integer"}}
        return {"properties": fields, "required": ["kind", "n"]}

    check = Check({"oneOf": [kind("a"), kind("b"), kind("c")]})
    (problem,) = check.problems({"kind": "b", "n": "x"})
    assert problem.pointer == "/n"


def test_of_messages_the_one_that_was_meant_is_told() -> None:
    def message(name: str) -> Incoming:
        fields = {"kind": {"const": name}, "n": {"type": "integer"}}
        check = Check({"properties": fields, "required": ["kind", "n"]})
        return Incoming(name, f"on-{name}", "json", check)

    judge = Judge((message("a"), message("b"), message("c")))
    assert judge.judge(Content('{"kind": "c", "n": 1}')).findings == ()
    verdict = judge.judge(Content('{"kind": "b"}'))
    assert verdict.message is not None
    assert verdict.message.name == "b"
    assert [each.hint for each in verdict.findings] == ["read as message b of operation on-b"]


@given(st.one_of(st.text(), st.binary()))
def test_any_message_is_judged(data: str | bytes) -> None:
    incoming = [Incoming(kind, kind, kind, Check({"type": "array"})) for kind in ("json", "text")]
    verdict = Judge(tuple(incoming)).judge(Content(data))
    assert verdict.message is not None


@pytest.mark.parametrize("depth", [100, 100_000])
def test_deep_messages_are_judged(depth: int) -> None:
    incoming = Incoming("a", "a", "json", Check({"type": "object"}))
    assert Judge((incoming,)).judge(Content("[" * depth + "]" * depth)).findings


# ------------------------------------------------------------------ pointers into payloads

_TOKENS = st.lists(st.sampled_from(["a", "b", "0", "1", "-", ""]), max_size=4).map(tuple)
_JSON = st.recursive(
    st.none() | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "0", ""]), inner)
    ),
)


@given(value=_JSON, tokens=_TOKENS)
def test_what_is_put_is_found_or_there_was_no_room(value: Any, tokens: tuple[str, ...]) -> None:
    made = put(value, tokens, "new")
    assert find(made, tokens) in ("new", UNSET)
    if isinstance(value, dict) and len(tokens) == 1:
        assert find(made, tokens) == "new"
