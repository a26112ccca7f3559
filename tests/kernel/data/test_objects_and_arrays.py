"""Objects and arrays: which parts there are, by every keyword that speaks of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kernel.data.kit import samples, valid_samples


def test_optional_properties_are_there_in_the_order_of_their_definition() -> None:
    names = ["zulu", "alpha", "mike"]
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in names},
              "required": ["mike"]}  # fmt: skip
    for value in valid_samples(schema):
        assert list(value) == names


def test_a_property_that_cannot_be_is_left_out() -> None:
    schema = {
        "type": "object",
        "properties": {
            "never": False,
            "torn": {"type": "integer", "minimum": 5, "maximum": 3},
            "fine": {"type": "integer"},
        },
    }
    for value in valid_samples(schema):
        assert list(value) == ["fine"]


def test_required_names_without_a_schema_get_a_value() -> None:
    for value in valid_samples({"type": "object", "required": ["email"]}):
        assert "@" in value["email"]


def test_a_map_gets_some_entries() -> None:
    schema = {"type": "object", "additionalProperties": {"type": "integer", "minimum": 3}}
    for value in valid_samples(schema):
        assert len(value) == 2


def test_an_open_object_stays_empty() -> None:
    assert valid_samples({"type": "object"}, count=3) == [{}, {}, {}]


@pytest.mark.parametrize(
    "schema",
    [
        {"patternProperties": {"^x-[a-z]{3}$": {"type": "integer"}}, "additionalProperties": False},
        {"patternProperties": {"^S_": {"type": "string"}, "^I_": {"type": "integer"}},
         "additionalProperties": False, "minProperties": 3},
        {"propertyNames": {"pattern": "^[A-Z]{4}$"}, "minProperties": 3},
        {"propertyNames": {"enum": ["a", "b"]}, "properties": {"a": {}, "c": {}}},
        {"minProperties": 40},
        {"properties": {"a": {}, "b": {}, "c": {}}, "maxProperties": 2, "required": ["c"]},
        {"properties": {"a": {}, "b": {}}, "dependentRequired": {"a": ["z"], "z": ["y"]}},
        {"properties": {"a": {}, "b": {}}, "dependentRequired": {"a": ["z"]},
         "propertyNames": {"maxLength": 1, "not": {"const": "z"}}},
        {"properties": {"a": {}, "b": {}}, "dependentRequired": {"a": ["z"]}, "minProperties": 2,
         "maxProperties": 2},
        {"properties": {"a": {}, "b": {}}, "required": ["a"], "dependentRequired": {"b": ["z"]},
         "maxProperties": 2},
        {"properties": {"a": {}}, "dependentSchemas": {"a": {"required": ["q"],
         "properties": {"q": {"const": 1}}}}},
        {"dependentSchemas": {"a": False}, "properties": {"a": {}, "b": {}}},
        {"allOf": [{"properties": {"a": {"type": "integer"}}},
                   {"properties": {"b": {}}, "required": ["b"]}], "unevaluatedProperties": False},
        {"anyOf": [{"properties": {"a": {}}, "required": ["a"]}, {"properties": {"b": {}}}],
         "unevaluatedProperties": False},
        {"properties": {"a": {}}, "unevaluatedProperties": {"type": "integer"}, "minProperties": 3},
        {"allOf": [{"properties": {"a": {}, "b": {}}},
                   {"properties": {"b": {}}, "additionalProperties": False}]},
    ],
)  # fmt: skip
def test_keywords_of_objects(schema: dict[str, Any]) -> None:
    for value in valid_samples({"type": "object", **schema}):
        assert value


def test_merged_schemas_bind_a_property_together() -> None:
    schema = {
        "allOf": [
            {"properties": {"n": {"type": "integer", "minimum": 5}}, "required": ["n"]},
            {"properties": {"n": {"maximum": 6}}},
            {"properties": {"n": {"type": ["string", "number"]}}},
        ]
    }
    for value in valid_samples(schema):
        assert value["n"] in (5, 6)


def test_arrays_have_one_to_three_items() -> None:
    sizes = {len(value) for value in valid_samples({"type": "array", "items": {"type": "integer"}})}
    assert sizes == {1, 2, 3}


@pytest.mark.parametrize(
    "schema",
    [
        {"minItems": 7},
        {"maxItems": 0},
        {"prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False},
        {"prefixItems": [{"type": "integer"}, {"type": "string"}], "minItems": 4},
        {"prefixItems": [{"type": "integer"}, False], "items": {"type": "null"}},
        {"prefixItems": [{"const": 1}], "unevaluatedItems": False},
        {"unevaluatedItems": {"type": "boolean"}, "minItems": 2},
        {"contains": {"type": "integer", "minimum": 5}, "items": {"type": "number"}},
        {"contains": {"const": "x"}, "minContains": 2, "maxContains": 3, "minItems": 5},
        {"contains": {"const": "x"}, "maxContains": 1, "items": {"enum": ["x", "y"]}, "minItems": 4},
        {"contains": {"const": "x"}, "minContains": 0, "maxContains": 0, "items": {"enum": ["x", "y"]}},
        {"contains": {"const": 7}, "prefixItems": [{"type": "string"}, {}], "maxItems": 2},
        {"allOf": [{"contains": {"multipleOf": 2}}, {"contains": {"multipleOf": 3}}], "maxItems": 1},
        {"contains": {"type": "integer"}, "unevaluatedItems": False},
        {"contains": {"const": 1}, "minContains": 2000},
        {"prefixItems": [{"type": "string"}, {"const": "b"}], "items": False, "allOf": [
            {"contains": {"type": "string", "maxLength": 3}}, {"contains": {"const": "b"}},
            {"contains": {"const": "long"}}]},
        {"uniqueItems": True, "items": {"type": ["boolean", "null"]}, "minItems": 3},
        {"uniqueItems": True, "items": {"anyOf": [{"type": "null"}, {"const": True}]}, "minItems": 2},
        {"uniqueItems": True, "items": {"const": 1}, "contains": {"type": "integer"},
         "allOf": [{"contains": {"const": 1}}]},
        {"contains": {"required": ["a"], "properties": {"a": {"type": "string"}}}, "items": False,
         "prefixItems": [{"type": "object"}, {"type": "object", "properties": {"a": {"type": "null"}}}]},
        {"uniqueItems": True, "items": {"type": "boolean"}, "minItems": 2},
        {"uniqueItems": True, "items": {"enum": ["a", "b", 1, True, 1.5]}, "minItems": 5},
        {"uniqueItems": True, "items": {"type": "integer", "minimum": 1, "maximum": 12}, "minItems": 12},
        {"uniqueItems": True, "items": {"type": "string", "pattern": "^[ab]$"}, "minItems": 2},
        {"uniqueItems": True, "items": {"type": "string"}, "minItems": 200},
        {"uniqueItems": True, "items": {"type": "object", "properties": {"a": {"enum": [1, 2, 3]}},
                                        "required": ["a"]}, "minItems": 3},
        {"allOf": [{"prefixItems": [{"minimum": 3}]}, {"items": {"type": "integer", "maximum": 4}}]},
    ],
)  # fmt: skip
def test_keywords_of_arrays(schema: dict[str, Any]) -> None:
    assert all(isinstance(value, list) for value in valid_samples({"type": "array", **schema}))


def test_items_are_called_like_one_of_the_list() -> None:
    schema = {
        "type": "object",
        "properties": {"emails": {"type": "array", "items": {"type": "string"}}},
    }
    for value in valid_samples(schema):
        assert all("@" in item for item in value["emails"])


def test_types_are_told_by_the_keywords() -> None:
    for schema, kind in [
        ({"properties": {"a": {}}}, dict),
        ({"items": {"type": "string"}}, list),
        ({"minLength": 3}, str),
        ({"minimum": 3}, int | float),
        ({"format": "int64"}, int | float),
        ({"format": "email"}, str),
        ({"required": ["a"]}, dict),
    ]:
        assert all(isinstance(value, kind) for value in samples(schema, count=5)), schema


def test_null_is_the_last_resort() -> None:
    assert None not in samples({"type": ["null", "string"]})
    assert samples({"type": ["null", "string"], "enum": [None]}, count=1) == [None]
    assert samples({"type": "null"}, count=1) == [None]
