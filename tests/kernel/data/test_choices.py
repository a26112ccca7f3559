"""``anyOf``, ``oneOf``, ``not``, ``if``: a branch is taken, and it alone where that is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kernel.data.kit import generator, samples, seeded, valid_samples

A, B = {"type": "string"}, {"type": "string", "minLength": 20}


@pytest.mark.parametrize(
    "schema",
    [
        {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        {"oneOf": [{"type": "number"}, {"type": "integer"}]},
        {"oneOf": [{"multipleOf": 3}, {"multipleOf": 5}], "type": "integer"},
        {"oneOf": [{"type": "string", "pattern": "^a"}, {"type": "string", "pattern": "z$"}]},
        {"oneOf": [{"required": ["a"]}, {"required": ["b"]}], "type": "object",
         "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}, "c": {"type": "integer"}}},
        {"oneOf": [{"required": ["a", "b"]}, {"required": ["b", "c"]}, {"required": ["d"]}],
         "type": "object", "properties": {name: {"type": "integer"} for name in "abcd"}},
        {"oneOf": [{"type": "object", "properties": {"k": {"const": kind}}, "required": ["k"]}
                   for kind in ("x", "y", "z")]},
        {"oneOf": [{"type": "object", "properties": {"a": {"type": "integer"}}},
                   {"type": "object", "properties": {"b": {"type": "integer"}}}]},
        {"oneOf": [{"type": "object", "properties": {"a": {}}, "required": ["a"]},
                   {"type": "object", "properties": {"a": {}, "b": {}}, "required": ["a", "b"]}]},
        {"oneOf": [{"oneOf": [{"minimum": 2}, {"maximum": 5}]}, {"multipleOf": 7}], "type": "integer"},
        {"oneOf": [{"enum": [1, 2]}, {"enum": [2, 3]}]},
        {"oneOf": [{"minimum": 100}, {"type": "integer"}, {"maximum": 98}], "type": "integer"},
        {"oneOf": [{"type": "array", "items": {"type": "integer"}},
                   {"type": "array", "items": {"type": "string"}}]},
        {"anyOf": [{"minimum": 10}, {"maximum": -10}], "type": "integer"},
        {"anyOf": [A, B], "allOf": [{"anyOf": [{"maxLength": 3}, {"minLength": 30}]}]},
        {"not": {"type": ["string", "object"]}},
        {"type": "integer", "not": {"minimum": 5}},
        {"type": "string", "not": {"pattern": "^[a-y]"}},
        {"type": "string", "not": {"enum": ["a", "b"]}, "maxLength": 1},
        {"type": "object", "not": {"required": ["a"]}, "properties": {"a": {}, "b": {}}},
        {"type": "object", "not": {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
         "properties": {"a": {}, "b": {}, "c": {}}},
        {"type": "object", "not": {"properties": {"a": {"const": 1}}, "required": ["a"]},
         "properties": {"a": {"enum": [1, 2]}}, "required": ["a"]},
        {"not": {"not": {"type": "integer"}}},
        {"type": "array", "not": {"contains": {"const": 1}}, "items": {"enum": [1, 2]}, "minItems": 2},
        {"type": "array", "not": {"items": {"type": "string"}}},
        {"type": "array", "not": {"uniqueItems": True}},
        {"type": "object", "if": {"properties": {"k": {"const": "a"}}, "required": ["k"]},
         "then": {"properties": {"v": {"type": "integer"}}, "required": ["v"]},
         "else": {"properties": {"v": {"type": "string"}}, "required": ["v"]},
         "properties": {"k": {"enum": ["a", "b"]}}},
        {"type": "integer", "if": {"minimum": 10}, "then": {"multipleOf": 7}, "else": {"multipleOf": 3}},
        {"allOf": [{"if": {"properties": {"k": {"const": kind}}, "required": ["k"]},
                    "then": {"required": [kind]}} for kind in ("x", "y")],
         "type": "object", "properties": {"k": {"enum": ["x", "y"]}, "x": {}, "y": {}}, "required": ["k"]},
    ],
)  # fmt: skip
def test_choices_are_made_rightly(schema: dict[str, Any]) -> None:
    assert len(valid_samples(schema, count=40)) == 40


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
def test_every_branch_gets_its_turn(keyword: str) -> None:
    schema = {keyword: [{"const": name} for name in ("a", "b", "c")]}
    assert set(valid_samples(schema, count=60)) == {"a", "b", "c"}


def test_a_branch_that_cannot_be_is_never_taken() -> None:
    schema = {"type": "string", "anyOf": [{"type": "integer"}, {"maxLength": 2, "minLength": 3},
                                          {"const": "this"}]}  # fmt: skip
    assert set(valid_samples(schema)) == {"this"}


def test_formats_tell_branches_apart() -> None:
    schema = {
        "oneOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]
    }
    assert {len(value) for value in samples(schema, count=40)} == {10, 20}


def test_null_beside_an_object_is_not_what_users_want_to_see() -> None:
    schema = {
        "anyOf": [{"type": "null"}, {"type": "object", "properties": {"a": {"type": "integer"}}}]
    }
    assert None not in valid_samples(schema, count=40)


def test_second_attempts_are_bounded() -> None:
    """A contradiction that only trying shows: the best attempt comes back, and says so."""
    schema = {
        "type": "array",
        "items": {"type": "string", "pattern": "^a*$", "not": {"pattern": "^a*$"}},
        "minItems": 30,
    }
    values = samples(schema, count=2)
    assert all(len(value) == 30 for value in values)


def test_branches_that_overlap_in_every_way_do_not_pile_up() -> None:
    schema: dict[str, Any] = {
        "oneOf": [{"type": "integer", "multipleOf": step} for step in (2, 3, 5, 7, 11, 13)]
    }
    made = generator(schema)
    for seed in range(600):
        assert made.accepts(made.generate(seeded(seed)))
    filled = made.footprint()
    for seed in range(600, 1200):
        made.generate(seeded(seed))
    # Each branch overlaps with 31 combinations of the others; a few are yet to be met.
    assert made.footprint() <= 1.05 * filled
