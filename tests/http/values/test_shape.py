"""What schemas say about the form of a value."""

from __future__ import annotations

from typing import Any

import pytest

from mockforge_http.values.shape import list_of
from tests.http.values.nodes import shape

INTEGER = {"type": "integer"}
STRING = {"type": "string"}


@pytest.mark.parametrize(
    ("schema", "kinds"),
    [
        (INTEGER, {"integer"}),
        ({"type": "number"}, {"integer", "number"}),
        ({"type": "integer", "nullable": True}, {"integer", "null"}),
        ({"type": ["integer", "null"]}, {"integer", "null"}),
        ({"type": "file"}, {"string"}),
        ({"enum": [1, 2]}, {"integer"}),
        ({"const": "x"}, {"string"}),
        ({"enum": [1.5, None, True, [], {}]}, {"integer", "number", "null", "boolean", "array", "object"}),
        ({"type": "string", "enum": [1, 2]}, {"string"}),
        ({"anyOf": [INTEGER, STRING]}, {"integer", "string"}),
        ({"oneOf": [INTEGER, {"anyOf": [STRING, {"type": "null"}]}]}, {"integer", "string", "null"}),
        ({"allOf": [{"type": ["string", "number"]}, STRING]}, {"string"}),
        ({"type": "number", "allOf": [{"anyOf": [INTEGER, STRING]}]}, {"integer"}),
        ({"$ref": "#/A"}, {"integer"}),
        ({"$ref": "#/Loop"}, {"boolean"}),
    ],
)  # fmt: skip
def test_types_are_found_through_references_and_combinations(schema: Any, kinds: set[str]) -> None:
    components = {
        "A": {"allOf": [{"$ref": "#/B"}]},
        "B": INTEGER,
        "Loop": {"anyOf": [{"type": "boolean"}], "allOf": [{"$ref": "#/Loop"}]},
    }
    found = shape(schema, **components)
    assert found.kinds == kinds
    assert not found.open


@pytest.mark.parametrize(
    "schema",
    [True, False, {}, {"minimum": 3}, {"$ref": "#/Nowhere"}, {"anyOf": [INTEGER, {"maximum": 1}]},
     {"$ref": "#/Self"}, {"type": "nonsense"}],
)  # fmt: skip
def test_what_is_not_said_stays_open_and_text_stays_text(schema: Any) -> None:
    found = shape(schema, Self={"$ref": "#/Self"})
    assert found.open
    assert found.convert("5") == "5"


def test_properties_are_seen_from_every_part() -> None:
    found = shape(
        {
            "allOf": [{"$ref": "#/Base"}, {"properties": {"b": {"type": "boolean"}}}],
            "oneOf": [{"properties": {"c": INTEGER}}, {"properties": {"c": STRING, "d": INTEGER}}],
        },
        Base={"type": "object", "properties": {"a": INTEGER}},
    )
    assert set(found.properties()) == {"a", "b", "c", "d"}
    assert found.member("a").convert("1") == 1
    assert found.member("b").convert("true") is True
    assert found.member("c").kinds == {"integer", "string"}
    assert found.member("d").open  # the first branch allows anything there
    assert found.member("z").convert("1") == "1"


def test_parts_that_cannot_be_objects_say_nothing_about_members_and_items() -> None:
    found = shape({"oneOf": [STRING, {"type": "array", "items": INTEGER}]})
    assert found.item().kinds == {"integer"}
    found = shape({"anyOf": [STRING, {"type": "object", "additionalProperties": INTEGER}]})
    assert found.member("x").kinds == {"integer"}


def test_additional_and_pattern_properties_describe_the_others() -> None:
    found = shape({"additionalProperties": INTEGER, "properties": {"a": STRING}})
    assert found.member("z").convert("1") == 1
    assert found.takes_any_name
    found = shape({"patternProperties": {"^x-": INTEGER}, "properties": {"a": STRING}})
    assert found.extra().convert("1") == 1
    assert not shape({"properties": {"a": STRING}}).takes_any_name
    assert not shape({"type": "object", "additionalProperties": False}).takes_any_name
    assert shape({"type": "object"}).takes_any_name


def test_a_condition_hints_at_the_type_of_a_member() -> None:
    found = shape({"if": {"properties": {"id": INTEGER}}, "properties": {"id": {}}})
    assert found.member("id").convert("5") == 5
    assert found.member("id").convert("x") == "x"


def test_a_member_that_one_alternative_declares_is_meant_by_the_others_too() -> None:
    declared = {"properties": {"volume": {"type": ["number", "null"]}, "hot": {"type": "boolean"}}}
    found = shape({"oneOf": [{"properties": {"calories": INTEGER}}, {"allOf": [declared]}]})
    assert found.member("volume").convert("2.5") == 2.5
    assert found.member("hot").convert("true") is True
    assert found.member("calories").convert("7") == 7
    assert found.member("volume").convert("large") == "large"
    assert found.member("volume").convert("null") == "null"
    assert found.member("volume").open


def test_items_go_by_position_where_the_schema_does() -> None:
    found = shape({"prefixItems": [INTEGER, {"type": "boolean"}], "items": STRING})
    assert not found.uniform
    assert [found.item(i).kinds for i in range(4)] == [
        {"integer"}, {"boolean"}, {"string"}, {"string"},
    ]  # fmt: skip
    assert shape({"type": "array", "items": [INTEGER]}).item(0).kinds == {"integer"}
    assert shape({"type": "array", "items": INTEGER}).uniform
    assert list_of(shape(INTEGER)).item(5).kinds == {"integer"}


def test_keywords_are_found_nearest_first() -> None:
    found = shape({"allOf": [{"default": 2}], "$ref": "#/A"}, A={"default": 1})
    assert found.find("default") == 1
    assert found.find("format") is None


def test_the_form_of_an_untyped_schema_is_what_it_speaks_of() -> None:
    assert shape({"properties": {}}).object
    assert shape({"items": {}}).array
    assert shape({}).free
    assert not shape({"properties": {}}).scalar


def test_alternatives_are_bounded() -> None:
    many = {"anyOf": [{"type": "string"}] * 40}
    found = shape({"allOf": [many] * 10})
    assert len(list(found.nodes())) < 200
    deep: Any = {}
    for _ in range(500):
        deep = {"allOf": [deep]}
    assert shape(deep).open


@pytest.mark.parametrize(
    ("schema", "value", "alone"),
    [
        ({"type": "array"}, "a", True),
        (STRING, "a", False),
        ({"anyOf": [{"type": "array"}, {"type": "string", "enum": [""]}]}, "a", True),
        ({"anyOf": [{"type": "array"}, {"type": "string", "enum": [""]}]}, "", False),
        ({"anyOf": [{"items": STRING}, {"const": "all"}]}, "a", True),
        ({"anyOf": [{"items": STRING}, {"const": "all"}]}, "all", False),
        ({"anyOf": [{"type": "array"}, {"enum": ["b"]}, STRING]}, "a", False),
        ({"anyOf": [{"type": "object"}, {"enum": ["b"]}]}, "a", False),
        ({"type": ["array", "string"]}, "a", False),
    ],
)
def test_a_value_that_is_not_among_the_listed_ones_is_an_item(
    schema: Any, value: str, alone: bool
) -> None:
    assert shape(schema).is_item(value) is alone
