"""Schemas of OpenAPI 2.0, 3.0 and 3.1: what each version means by its words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mockforge.mocking.data.model import Dialect, Direction
from tests.http.validation.making import accepts, validator


def test_nullable_adds_null_to_the_type_of_3_0() -> None:
    schema = {"type": "string", "nullable": True}
    assert accepts(schema, None, "oas3.0")
    assert accepts(schema, "x", "oas3.0")
    assert not accepts(schema, 1, "oas3.0")


def test_nullable_without_a_type_beside_it_has_no_effect() -> None:
    """OpenAPI 3.0.4 section 4.7.24.2: "only takes effect if `type` is explicitly defined within the same
    Schema Object"."""
    schema = {"nullable": True, "allOf": [{"$ref": "#/components/schemas/Pet"}]}
    assert not accepts(schema, None, "oas3.0", components={"Pet": {"type": "object"}})


def test_nullable_does_not_add_null_to_an_enum() -> None:
    """The same place: "other Schema Object constraints retain their defined behavior, and therefore may
    disallow the use of null"."""
    assert not accepts({"type": "string", "nullable": True, "enum": ["a"]}, None, "oas3.0")
    assert accepts({"type": "string", "nullable": True, "enum": ["a", None]}, None, "oas3.0")


def test_nullable_means_nothing_to_2_0_and_3_1() -> None:
    for dialect in ("oas2", "2020-12"):
        assert not accepts({"type": "string", "nullable": True}, None, dialect)


def test_x_nullable_is_what_authors_of_2_0_write() -> None:
    assert accepts({"type": "string", "x-nullable": True}, None, "oas2")


def test_exclusive_bounds_are_flags_before_3_1() -> None:
    schema = {"minimum": 1, "exclusiveMinimum": True, "maximum": 3, "exclusiveMaximum": False}
    assert [n for n in range(5) if accepts(schema, n, "oas3.0")] == [2, 3]


def test_exclusive_bounds_are_numbers_from_3_1() -> None:
    schema = {"exclusiveMinimum": 1, "exclusiveMaximum": 3}
    assert [n for n in range(5) if accepts(schema, n)] == [2]


def test_a_reference_stands_alone_before_3_1() -> None:
    schema = {"$ref": "#/components/schemas/Name", "maxLength": 1}
    components = {"Name": {"type": "string"}}
    assert accepts(schema, "long", "oas3.0", components=components)
    assert not accepts(schema, "long", "2020-12", components=components)


def test_tuples_and_type_lists_of_3_1() -> None:
    schema = {"type": ["array", "null"], "prefixItems": [{"type": "integer"}], "items": False}
    assert accepts(schema, [1])
    assert accepts(schema, None)
    assert not accepts(schema, [1, 2])


def test_a_whole_number_may_be_written_with_a_fraction() -> None:
    for dialect in ("oas2", "oas3.0", "2020-12"):
        assert accepts({"type": "integer"}, 1.0, dialect)
        assert accepts({"type": "integer"}, Decimal("1.0"), dialect)
        assert not accepts({"type": "integer"}, 1.5, dialect)


def test_large_integers_and_decimals_are_exact() -> None:
    assert accepts({"maximum": 10**30}, 10**30)
    assert not accepts({"maximum": 10**30}, 10**30 + 1)
    assert accepts({"multipleOf": 0.01}, 19.99)
    assert accepts({"multipleOf": 0.01}, Decimal("12345678901234567890.12"))
    assert not accepts({"multipleOf": 0.01}, Decimal("12345678901234567890.123"))
    assert accepts({"const": 10**20}, 10**20)
    assert not accepts({"const": 10**20}, 10**20 + 1)


@pytest.mark.parametrize("direction", ["request", "response"])
@pytest.mark.parametrize("dialect", ["oas2", "oas3.0", "2020-12"])
def test_what_is_hidden_from_a_sender_is_not_required_of_it(
    dialect: Dialect, direction: Direction
) -> None:
    flag = "readOnly" if direction == "request" else "writeOnly"
    schema = {
        "type": "object",
        "required": ["id", "name"],
        "properties": {"id": {"type": "integer", flag: True}, "name": {"type": "string"}},
    }
    assert accepts(schema, {"name": "x"}, dialect, direction=direction)
    assert not accepts(schema, {"id": 1}, dialect, direction=direction)
    other: Direction = "response" if direction == "request" else "request"
    assert not accepts(schema, {"name": "x"}, dialect, direction=other)


def test_a_hidden_property_that_is_sent_is_let_through_and_checked() -> None:
    schema = {"properties": {"id": {"type": "integer", "readOnly": True}}}
    assert accepts(schema, {"id": 1}, "oas3.0")
    assert not accepts(schema, {"id": "x"}, "oas3.0")


HIDDEN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "behind a reference": (
        {"required": ["id"], "properties": {"id": {"$ref": "#/components/schemas/Id"}}},
        {"Id": {"type": "integer", "readOnly": True}},
    ),
    "beside a reference": (
        {"required": ["id"], "properties": {"id": {"$ref": "#/components/schemas/Id", "readOnly": True}}},
        {"Id": {"type": "integer"}},
    ),
    "required in one part, declared in another": (
        {"allOf": [{"$ref": "#/components/schemas/Base"}, {"required": ["id"]}]},
        {"Base": {"properties": {"id": {"readOnly": True}}}},
    ),
    "required by a part, declared around it": (
        {"allOf": [{"$ref": "#/components/schemas/Base"}], "properties": {"id": {"readOnly": True}}},
        {"Base": {"required": ["id"]}},
    ),
    "in an allOf of its own": (
        {"required": ["id"], "properties": {"id": {"allOf": [{"readOnly": True}, {"type": "integer"}]}}},
        {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", HIDDEN)
def test_what_is_hidden_is_found_wherever_the_document_says_so(case: str) -> None:
    schema, components = HIDDEN[case]
    assert accepts(schema, {}, "oas3.0", components=components)
    assert not accepts(schema, {}, "oas3.0", direction="response", components=components)


def test_the_same_part_requires_a_name_of_those_who_declare_it_openly() -> None:
    """The excuse holds where the property is declared as hidden, not wherever the part is used."""
    components = {"Base": {"required": ["id"]}}
    part = {"$ref": "#/components/schemas/Base"}
    schema = {
        "properties": {
            "hidden": {"allOf": [part], "properties": {"id": {"readOnly": True}}},
            "open": {"allOf": [part], "properties": {"id": {"type": "integer"}}},
        }
    }
    assert accepts(schema, {"hidden": {}}, "oas3.0", components=components)
    assert not accepts(schema, {"open": {}}, "oas3.0", components=components)


def test_a_schema_that_is_malformed_in_one_place_is_enforced_in_the_others() -> None:
    schema = {
        "type": ["string", "string"],
        "required": ["a", "a"],
        "minLength": "3",
        "maxLength": 4,
        "pattern": 7,
    }
    assert accepts(schema, "abcd")
    assert not accepts(schema, "abcde")


def test_a_reference_that_leads_nowhere_is_named_and_asks_for_nothing() -> None:
    made = validator(
        {"properties": {"a": {"$ref": "#/components/schemas/Gone"}, "b": {"type": "integer"}}}
    )
    assert made.is_valid({"a": object.__name__, "b": 1})
    assert not made.is_valid({"b": "x"})
    assert [problem for problem in made.problems if "Gone" in problem]


def test_recursive_schemas_are_checked_at_every_depth() -> None:
    components = {
        "Node": {
            "type": "object",
            "properties": {"next": {"$ref": "#/components/schemas/Node"}, "n": {"type": "integer"}},
        }
    }
    value: dict[str, Any] = {"n": "x"}
    for _ in range(50):
        value = {"n": 1, "next": value}
    made = validator({"$ref": "#/components/schemas/Node"}, "oas3.0", components=components)
    assert not made.is_valid(value)
    while "next" in value and value["next"]["n"] == 1:
        value = value["next"]
    value["next"] = {"n": 1}
    assert made.is_valid(value)


def test_a_schema_that_only_refers_to_itself_accepts_everything() -> None:
    components = {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}
    assert accepts({"$ref": "#/components/schemas/A"}, 1, "oas3.0", components=components)


def test_a_generic_list_is_bound_by_dynamic_references() -> None:
    """The example of OpenAPI 3.1.1 section 4.8.24.8.8."""
    components = {
        "generic": {
            "$id": "test:/generic",
            "type": "array",
            "items": {"$dynamicRef": "#item"},
            "$defs": {"any": {"$dynamicAnchor": "item"}},
        },
        "numbers": {
            "$id": "test:/numbers",
            "$ref": "test:/generic",
            "$defs": {"number": {"$dynamicAnchor": "item", "type": "number"}},
        },
    }
    assert accepts({"$ref": "test:/numbers"}, [1, 2], components=components)
    assert not accepts({"$ref": "test:/numbers"}, ["x"], components=components)
    assert accepts({"$ref": "test:/generic"}, ["x"], components=components)


def test_a_dialect_without_the_validation_vocabulary_asserts_nothing() -> None:
    """`jsonSchemaDialect` and `$schema`, JSON Schema 2020-12 core, section 8.1.2."""
    components = {
        "Dialect": {
            "$id": "test:/dialect",
            "$vocabulary": {"https://json-schema.org/draft/2020-12/vocab/core": True},
        }
    }
    schema = {"maximum": 1, "properties": {"a": False}}
    for metaschema in (None, "https://spec.openapis.org/oas/3.1/dialect/base"):
        assert not accepts(schema, 2, components=components, metaschema=metaschema)
    assert accepts(schema, 2, components=components, metaschema="test:/dialect")
    assert accepts({**schema, "$schema": "test:/dialect"}, 2, components=components)
    assert not accepts(schema, {"a": 1}, components=components, metaschema="test:/dialect")
