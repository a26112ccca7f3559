"""The parts that the walk's verdicts rest on: reading, validating, making values, proving."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conformance.walk import serialize
from tests.conformance.walk.formats import CHECKER
from tests.conformance.walk.loading import UnreadableError, load
from tests.conformance.walk.mediatypes import covers, family
from tests.conformance.walk.model import Dialect
from tests.conformance.walk.node import DanglingError, Node, SourceFile, Store
from tests.conformance.walk.patterns import PatternError, compiled, samples
from tests.conformance.walk.schemas import Schemas
from tests.conformance.walk.unsatisfiable import Prover
from tests.conformance.walk.values import Values
from tests.conformance.walk.xmlbody import XmlReader
from tests.corpus import corpus


def schema(value: Any) -> Node:
    return Node(value, SourceFile("made:test", value))


def schemas(dialect: Dialect = "3.0") -> Schemas:
    return Schemas(Store(), dialect)


# Reading


def test_yaml_is_read_as_yaml_1_2(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(
        "no: no\nday: 2020-01-01\nzero: 012\nyes: true\nnothing: ~\n200: ok\nbig: 1e3\nbase: 0x10\n"
        "time: 12:30:45\nempty:\nmerged: {<<: {a: 1}, b: .5}\n"
    )
    assert load(file) == {
        "no": "no", "day": "2020-01-01", "zero": 12, "yes": True, "nothing": None, "200": "ok",
        "big": 1000.0, "base": 16, "time": "12:30:45", "empty": None, "merged": {"a": 1, "b": 0.5},
    }  # fmt: skip


def test_a_long_yaml_file_is_read_alike_twice(tmp_path: Path) -> None:
    file = tmp_path / "long.yaml"
    file.write_text("".join(f"key{number}: [{number}, no]\n" for number in range(8000)))
    assert load(file) == load(file) == {f"key{n}": [n, "no"] for n in range(8000)}


def test_what_is_neither_json_nor_yaml_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text("a: [1\nb: {")
    with pytest.raises(UnreadableError, match=r"broken\.yaml"):
        load(file)


def test_references_are_followed_through_files_anchors_and_identities(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "one: {$ref: 'b.yaml#/two'}\nnamed: {$ref: '#here'}\nby: {$ref: '/ids/x#/deep'}\n"
        "lost: {$ref: 'b.yaml#/none'}\ncircle: {$ref: '#/circle'}\n"
        "defs: [{$anchor: here, v: 2}, {$id: /ids/x, deep: {v: 3}}]\n"
    )
    (tmp_path / "b.yaml").write_text("two: {$ref: '#/three'}\nthree: {v: 1}\n")
    store = Store()
    root = store.open(tmp_path / "a.yaml")
    assert store.follow(root.child("one")).value == {"v": 1}
    assert store.follow(root.child("named")).value["v"] == 2
    assert store.follow(root.child("by")).value == {"v": 3}
    with pytest.raises(DanglingError, match="leads nowhere"):
        store.follow(root.child("lost"))
    with pytest.raises(DanglingError, match="circle"):
        store.follow(root.child("circle"))


# Validating

SUITE: list[tuple[Dialect, str, str]] = [
    *(("3.0", "draft4", name) for name in (
        "additionalProperties", "allOf", "anyOf", "enum", "maxItems", "maxLength", "maximum",
        "maxProperties", "minItems", "minLength", "minimum", "minProperties", "multipleOf", "not",
        "oneOf", "pattern", "required", "type", "infinite-loop-detection",
    )),
    *(("3.1", "draft2020-12", name) for name in (
        "additionalProperties", "allOf", "anchor", "anyOf", "boolean_schema", "const", "contains",
        "dependentRequired", "dependentSchemas", "enum", "exclusiveMaximum", "exclusiveMinimum",
        "if-then-else", "items", "maxContains", "maxLength", "minContains", "not", "oneOf",
        "pattern", "patternProperties", "prefixItems", "properties", "propertyNames", "ref",
        "required", "type", "unevaluatedItems", "unevaluatedProperties", "uniqueItems",
        "optional/format/date", "optional/format/ipv4", "optional/format/ipv6",
        "optional/format/uuid", "optional/format/duration", "optional/format/json-pointer",
        "optional/ecmascript-regex",
    )),
]  # fmt: skip
UNREADABLE = {
    "ECMA 262 has no support for \\Z anchor from .NET",
    "patterns always use unicode semantics with pattern",
    "patterns always use unicode semantics with patternProperties",
    "\\a is not an ECMA 262 control escape",
    "pattern with non-ASCII digits",
    "patternProperties with non-ASCII digits",
    "\\p{Letter} in patternProperties",
}
"""Groups on expressions without a counterpart, which judge nothing."""


@pytest.mark.parametrize(
    ("dialect", "folder", "name"), SUITE, ids=[f"{folder}-{name}" for _, folder, name in SUITE]
)
def test_verdicts_are_those_of_the_json_schema_test_suite(
    dialect: Dialect, folder: str, name: str
) -> None:
    groups = json.loads(
        corpus("json-schema-test-suite", "tests", folder, f"{name}.json").read_text()
    )
    wrong = []
    for group in groups:
        if group["description"] in UNREADABLE:
            continue
        judge = schemas(dialect)
        node = schema(group["schema"])
        wrong += [
            f"{group['description']}: {test['description']}"
            for test in group["tests"]
            if judge.accepts(node, test["data"], "answer") != test["valid"]
        ]
    assert wrong == []


@pytest.mark.parametrize(
    ("value", "valid"),
    [(None, True), ("a", True), (1, False)],
)
def test_nullable_allows_null_in_3_0_alone(value: Any, valid: bool) -> None:
    node = schema({"type": "string", "nullable": True})
    assert schemas("3.0").accepts(node, value, "answer") is valid
    assert schemas("3.1").accepts(node, value, "answer") is (value == "a")


def test_what_is_beside_a_reference_counts_in_3_1_alone() -> None:
    value = {"$ref": "#/$defs/text", "maxLength": 1, "$defs": {"text": {"type": "string"}}}
    assert schemas("3.0").accepts(schema(value), "long", "answer")
    assert not schemas("3.1").accepts(schema(value), "long", "answer")


def test_a_property_for_the_other_side_is_neither_asked_for_nor_allowed() -> None:
    node = schema({
        "allOf": [{"properties": {"secret": {"type": "string", "writeOnly": True}}}, {"type": "object"}],
        "required": ["secret"],
    })  # fmt: skip
    judge = schemas()
    assert not judge.accepts(node, {}, "request")
    assert judge.accepts(node, {"secret": "a"}, "request")
    assert judge.accepts(node, {}, "answer")
    assert judge.accepts(schema({"allOf": [node.value]}), {}, "answer")
    assert judge.accepts(node, {"secret": "a"}, "answer") is False


def test_the_discriminator_decides_between_alternatives() -> None:
    value = {
        "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
        "discriminator": {"propertyName": "kind", "mapping": {"miau": "#/components/schemas/Cat"}},
        "components": {
            "schemas": {
                "Cat": {"type": "object", "required": ["lives"]},
                "Dog": {"type": "object", "properties": {"lives": {"maximum": 1}}},
            }
        },
    }
    judge, node = schemas(), schema(value)
    assert judge.accepts(node, {"kind": "miau", "lives": 1}, "answer")  # valid against both
    assert not judge.accepts(node, {"kind": "miau"}, "answer")
    assert judge.accepts(node, {"kind": "Dog"}, "answer")
    assert not judge.accepts(node, {"kind": "Cow", "lives": 1}, "answer")  # valid against both
    assert judge.accepts(
        node, {"kind": "Cow", "lives": 2}, "answer"
    )  # names none, valid against one
    assert not judge.accepts(node, {"lives": 1}, "answer")


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date-time", "2024-02-29T23:59:60Z", "2023-02-29T00:00:00Z"),
        ("uri", "https://example.com/a?b#c", "/a"),
        ("email", "a@b", "a b@c"),
        ("hostname", "a-b.example", "-a"),
        ("int32", 2**31 - 1, 2**31),
        ("byte", "YQ==", "a"),
        ("regex", "^a$", "("),
        ("time", "01:02:03.5+01:00", "25:00:00Z"),
    ],
)
def test_formats_are_checked(name: str, good: Any, bad: Any) -> None:
    assert CHECKER.conforms(good, name)
    assert not CHECKER.conforms(bad, name)


# Patterns


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (r"^\d+$", "12", True),
        (r"^\d+$", "١٢", False),
        (r"^a$", "a\n", False),
        (r"[[]", "[", True),
        (r"^\/a\/b$", "/a/b", True),
        (r"^(?<year>\d{4})$", "2024", True),
        (r"^\p{L}+$", "é", True),
        (r"^\u{1F600}$", "😀", True),
        (r"^[\w&&~]+$", "a&~", True),
        (r"\cA", "\x01", True),
    ],
)
def test_patterns_match_as_in_ecma_262(pattern: str, text: str, matches: bool) -> None:
    assert bool(compiled(pattern).search(text)) is matches


@pytest.mark.parametrize("pattern", ["(", r"(?i)a", r"\A", "a\\", "[b-a]", r"\p{Nonsense}"])
def test_patterns_that_cannot_be_read_are_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compiled(pattern)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        [r"^[A-Z]{2}\d{4,6}$", r"^(a|bc)+-\w?$", r"[^/]+", r"^AC[0-9a-fA-F]{32}$", r"^\S+@\S+$",
         r"^(?!x)[a-z]+$", r"(\d)\1", r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"]
    ),
    st.integers(0, 6),
)  # fmt: skip
def test_made_texts_match_their_pattern(pattern: str, shortest: int) -> None:
    found = list(samples(pattern, shortest))
    assert found
    assert all(compiled(pattern).search(text) for text in found)


# Making values and proving that there are none

MAKEABLE: list[dict[str, Any]] = [
    {"type": "string", "minLength": 5, "maxLength": 5},
    {"type": "string", "pattern": "^[A-Z]{3}-\\d+$", "minLength": 8},
    {"type": "integer", "minimum": 3, "exclusiveMinimum": True, "maximum": 9, "multipleOf": 4},
    {"type": "number", "minimum": 0, "maximum": 1, "exclusiveMinimum": True},
    {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": True},
    {"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "format": "uuid"}}},
    {"type": "object", "minProperties": 2, "additionalProperties": {"type": "integer"}},
    {"allOf": [{"type": "object", "required": ["a"]}, {"properties": {"a": {"enum": [7]}}}]},
    {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    {"oneOf": [{"properties": {"a": {"type": "string"}}, "type": "object"},
               {"properties": {"b": {"type": "string"}}, "type": "object"}]},
    {"type": "string", "format": "date", "example": "not a date"},
    {"not": {"type": "string"}},
]  # fmt: skip


@pytest.mark.parametrize("value", MAKEABLE, ids=str)
def test_made_values_are_valid(value: dict[str, Any]) -> None:
    node = schema(value)
    if "oneOf" in value and {"type": "number"} in value["oneOf"]:
        made = Values(schemas()).make(node, lambda found: found != 1)
    else:
        made = Values(schemas()).make(node)
    assert schemas().accepts(node, made, "request")
    assert Prover(schemas(), "request").proof(node) is None


IMPOSSIBLE: list[tuple[Any, str]] = [
    ({"type": "integer", "minimum": 2, "maximum": 1}, "no number lies between 2 and 1"),
    ({"type": "integer", "minimum": 1.2, "maximum": 1.8}, "no whole number"),
    ({"type": "string", "minLength": 3, "maxLength": 2}, "minLength"),
    ({"type": "string", "pattern": "^a{5}$", "maxLength": 4}, "needs 5 characters"),
    ({"type": "string", "format": "uuid", "maxLength": 24}, "format uuid"),
    ({"type": "string", "enum": [1, 2]}, "no value of the enum"),
    ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "exclude each other"),
    ({"allOf": [{"enum": ["a"]}, {"enum": ["b"]}]}, "no value is common"),
    ({"type": "array", "minItems": 2, "maxItems": 1}, "minItems"),
    ({"type": "array", "minItems": 3, "uniqueItems": True, "items": {"enum": [1, 2]}}, "distinct"),
    ({"type": "object", "required": ["a"], "additionalProperties": False}, "not allowed"),
    (
        {"type": "object", "required": ["a"], "properties": {"a": {"not": {}}}},
        "refuses every value",
    ),
    ({"oneOf": [{"type": "string"}, {"type": "string", "title": "again"}]}, "is there twice"),
    ({"$ref": "#/none"}, "no 'none'"),
]


@pytest.mark.parametrize(("value", "reason"), IMPOSSIBLE, ids=lambda part: str(part)[:40])
def test_contradictions_are_proved(value: Any, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps(value))
    store = Store()
    node = store.open(file)
    found = Prover(Schemas(store, "3.0"), "answer").proof(node)
    assert found is not None
    assert reason in found


def test_a_value_that_requires_itself_is_impossible(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    own = {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/own"}}}
    file.write_text(json.dumps({"own": own}))
    store = Store()
    found = Prover(Schemas(store, "3.0"), "answer").proof(store.open(file).child("own"))
    assert found is not None
    assert "without end" in found


# Writing


def test_styles_are_written_as_in_the_specification() -> None:
    table = json.loads(corpus("param-style", "style-table.json").read_text())
    values = table["values"]
    wrong = []
    for row in table["tables"]["3.1.2"]:
        explode = row["explode"] == "true"
        for kind, value in values.items():
            wanted = row.get(kind)
            if wanted is None:
                continue
            if row["style"] in {"matrix", "label", "simple"}:
                made = serialize.path_value("color", value, row["style"], explode=explode)
            else:
                made = "?" + "&".join(
                    serialize.query_pairs("color", value, row["style"], explode=explode)
                )
            if made.removeprefix("?") != wanted.removeprefix("?"):
                wrong.append((row["style"], explode, kind, made, wanted))
    assert wrong == []


def test_xml_is_read_as_it_is_written() -> None:
    node = schema({
        "type": "object",
        "xml": {"name": "pet", "namespace": "urn:pets"},
        "properties": {
            "id": {"type": "integer", "xml": {"attribute": True}},
            "name": {"type": "string", "xml": {"name": "nick"}},
            "tags": {"type": "array", "xml": {"wrapped": True},
                     "items": {"type": "string", "xml": {"name": "tag"}}},
            "ages": {"type": "array", "items": {"type": "number"}},
            "owner": {"type": "object", "properties": {"adult": {"type": "boolean"}}},
        },
    })  # fmt: skip
    value = {"id": 1, "name": "rex", "tags": ["a", "b"], "ages": [1.5, 2], "owner": {"adult": True}}
    reader = XmlReader(Store(), "3.0")
    assert reader.decode(reader.encode(value, node), node) == [value]


@pytest.mark.parametrize(
    ("declared", "actual", "score"),
    [
        ("*/*", "text/plain", 1),
        ("text/*", "text/plain", 2),
        ("application/json", "application/json; charset=utf-8", 4),
        ("application/json; version=1", "application/json", 3),
        ("application/json", "application/problem+json", 0),
        ("nonsense", "text/plain", 0),
    ],
)
def test_media_types_are_matched_by_type_and_range(declared: str, actual: str, score: int) -> None:
    assert covers(declared, actual) == score


def test_media_types_have_families() -> None:
    names = ["application/problem+json", "application/x-ndjson", "text/event-stream", "image/svg+xml",
             "application/x-www-form-urlencoded", "multipart/mixed", "text/csv", "image/png"]  # fmt: skip
    assert [family(name) for name in names] == [
        "json", "sequence", "events", "xml", "form", "multipart", "text", "binary"
    ]  # fmt: skip


@pytest.mark.parametrize(("limit", "valid"), [(1, False), (True, True), (0.2, True)])
def test_an_exclusive_bound_that_is_no_number_says_nothing(limit: Any, valid: bool) -> None:
    bounded = schema({"type": "number", "minimum": 0, "exclusiveMinimum": limit})
    assert schemas("3.1").accepts(bounded, 0.25, "request") is valid
