"""Sizes: bounded where the schema leaves them open, honoured where it demands them, within reason."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockforge.mocking.data import DataLimits, UnsatisfiableError
from mockforge.mocking.data.model import DEMAND_ITEMS, DEMAND_STRING
from tests.kernel.data.kit import generator, samples, seeded, valid_samples

WIDE: dict[str, Any] = {
    "type": "object",
    "properties": {f"p{number}": {"$ref": "#/$defs/level1"} for number in range(10)},
    "$defs": {
        f"level{level}": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                **{f"p{number}": {"$ref": f"#/$defs/level{level + 1}"} for number in range(10)},
            },
        }
        for level in range(1, 12)
    }
    | {"level12": {"type": "string"}},
}


def values_in(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(values_in, value.values()))
    if isinstance(value, list):
        return 1 + sum(map(values_in, value))
    return 1


def depth_of(value: Any) -> int:
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return 1 + max(map(depth_of, inner), default=0)
    return 0


def test_what_could_grow_without_end_is_cut_fairly() -> None:
    for value in valid_samples(WIDE, count=3):
        assert 1_000 < values_in(value) <= 1_600
        assert len(json.dumps(value)) < 100_000
        sizes = [values_in(item) for item in value.values()]
        assert len(sizes) == 10
        assert max(sizes) < 2 * min(sizes)


@pytest.mark.parametrize("nodes", [10, 100, 1000])
def test_the_number_of_values_can_be_set(nodes: int) -> None:
    for value in samples(WIDE, count=3, limits=DataLimits(max_nodes=nodes)):
        assert values_in(value) <= nodes + 20


@pytest.mark.parametrize("depth", [1, 3, 5])
def test_the_depth_can_be_set(depth: int) -> None:
    for value in samples(WIDE, count=3, limits=DataLimits(max_depth=depth, max_nodes=100_000)):
        assert depth_of(value) == depth


def test_the_number_of_items_and_properties_can_be_set() -> None:
    limits = DataLimits(max_items=7, max_properties=4)
    sizes = {
        len(value) for value in samples({"type": "array", "items": {}}, limits=limits, count=60)
    }
    assert max(sizes) == 7
    properties = {f"p{number}": {"type": "integer"} for number in range(9)}
    schema = {"type": "object", "properties": properties, "required": ["p8"]}
    for value in samples(schema, limits=limits):
        assert list(value) == ["p0", "p1", "p2", "p8"]


def test_required_properties_are_there_at_any_depth() -> None:
    schema: dict[str, Any] = {"type": "integer"}
    for _ in range(20):
        schema = {"type": "object", "properties": {"a": schema, "b": {}}, "required": ["a"]}
    for value in valid_samples(schema, count=3):
        assert depth_of(value) == 20


def test_recursion_is_shown_once() -> None:
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "parent": {"$ref": "#"},
                       "children": {"type": "array", "items": {"$ref": "#"}}},
    }  # fmt: skip
    for value in valid_samples(schema):
        assert value["parent"] == {"name": value["parent"]["name"], "children": []}
        assert all("parent" not in child for child in value["children"])


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"type": "array", "items": {}, "minItems": DEMAND_ITEMS + 1}, "items are beyond"),
        ({"type": "object", "minProperties": DEMAND_ITEMS + 1}, "properties are beyond"),
        ({"type": "string", "minLength": DEMAND_STRING + 1}, "minLength"),
        ({"type": "string", "pattern": "(a{2000}){2000}"}, "at least 4000000 characters"),
        ({"type": "array", "contains": {"const": 1}, "minContains": 20_000}, "minContains"),
        ({"type": "array", "minItems": 5_000,
          "items": {"type": "array", "items": {"type": "integer"}, "minItems": 5_000}},
         "more than 200000 values"),
        ({"type": "array", "minItems": 2, "items": {"$ref": "#"}}, "without end"),
        ({"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}, "without end"),
    ],
)  # fmt: skip
def test_what_is_asked_for_beyond_reason_is_refused(schema: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnsatisfiableError, match=reason):
        generator(schema).generate(seeded(0))


@pytest.mark.parametrize(
    ("schema", "least"),
    [
        ({"type": "string", "minLength": DEMAND_STRING}, DEMAND_STRING),
        ({"type": "string", "format": "uri", "minLength": 20_000}, 20_000),
        ({"type": "string", "pattern": "^.{5000}$"}, 5000),
        ({"type": "string", "pattern": "^(?=.*x).{300,}$"}, 300),
        ({"type": "array", "items": {"type": "integer"}, "minItems": DEMAND_ITEMS}, DEMAND_ITEMS),
        ({"type": "object", "minProperties": 1000}, 1000),
    ],
)
def test_what_is_asked_for_within_reason_is_given(schema: dict[str, Any], least: int) -> None:
    (value,) = valid_samples(schema, count=1)
    assert len(value) >= least


def test_a_schema_nested_beyond_reading_is_refused() -> None:
    schema: dict[str, Any] = {"type": "integer"}
    for _ in range(2000):
        schema = {"allOf": [schema]}
    with pytest.raises(UnsatisfiableError, match="nested too deeply"):
        generator(schema).generate(seeded(0))
