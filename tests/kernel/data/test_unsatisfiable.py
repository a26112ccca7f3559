"""Contradictions are reported: where, and in words."""

from __future__ import annotations

from typing import Any

import pytest

from mockforge.errors import MockForgeError
from mockforge.mocking.data import UnsatisfiableError
from tests.kernel.data.kit import generator, seeded


def deep(schema: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"a": {"type": "object", "properties": {"b/c": schema},
            "required": ["b/c"]}}, "required": ["a"]}  # fmt: skip


@pytest.mark.parametrize(
    ("schema", "path", "reason"),
    [
        (False, "", "`false` allows no value"),
        ({"type": "integer", "minimum": 5, "maximum": 3}, "", "at least 5 and at most 3"),
        ({"type": "number", "minimum": 5, "exclusiveMaximum": 5}, "", "at least 5 and less than 5"),
        ({"type": "integer", "minimum": 1.2, "maximum": 1.8}, "", "no integer between 1.2 and 1.8"),
        ({"type": "number", "multipleOf": 10, "minimum": 11, "maximum": 19}, "", "no multiple of 10"),
        ({"type": "string", "minLength": 5, "maxLength": 3}, "", "minLength 5 is greater than maxLength 3"),
        ({"type": "string", "pattern": "^.{9}$", "maxLength": 3}, "", "at least 9 characters"),
        ({"type": "string", "pattern": "^.{2}$", "minLength": 3}, "", "at most 2 characters"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "", "integer is asked for where only string"),
        ({"allOf": [{"enum": [1, 2]}, {"enum": [3]}]}, "", "nothing in common"),
        ({"type": "string", "enum": [1, 2]}, "", "none of the allowed values"),
        ({"enum": [1], "not": {"const": 1}}, "", "none of the allowed values"),
        ({"type": "array", "minItems": 4, "maxItems": 2}, "", "at least 4 items"),
        ({"type": "array", "prefixItems": [{}], "items": False, "minItems": 2}, "", "at most 1 allowed"),
        ({"type": "array", "uniqueItems": True, "items": {"type": "boolean"}, "minItems": 3}, "",
         "3 different items are asked for, but there are 2"),
        ({"type": "array", "contains": {"type": "string"}, "items": {"type": "integer"}}, "",
         "no item can be what `contains` asks for"),
        ({"type": "object", "required": ["x"], "additionalProperties": False}, "",
         "the property 'x' is required but not allowed"),
        ({"type": "object", "required": ["x"], "propertyNames": {"maxLength": 0}}, "",
         "its name is not allowed"),
        ({"type": "object", "required": ["x", "y"], "maxProperties": 1}, "", "at least 2 properties"),
        ({"not": {}}, "", "`not` excludes every value"),
        ({"type": "integer", "oneOf": [{"type": "string"}, {"minimum": 3, "type": "boolean"}]}, "",
         "no alternative fits"),
        (deep({"type": "integer", "minimum": 5, "maximum": 3}), "/properties/a/properties/b~1c",
         "at least 5 and at most 3"),
        ({"type": "array", "minItems": 1, "items": {"allOf": [{"type": "null"}, {"type": "boolean"}]}},
         "/items", "boolean is asked for where only null"),
    ],
)  # fmt: skip
def test_contradictions_are_named(schema: Any, path: str, reason: str) -> None:
    with pytest.raises(UnsatisfiableError) as caught:
        generator(schema).generate(seeded(0))
    error = caught.value
    assert error.path == path
    assert reason in error.reason
    assert str(error).startswith(f"#{path}: no value can satisfy this schema: ")
    assert isinstance(error, MockForgeError)
    assert error.hint


def test_a_contradiction_at_the_root_is_found_at_once() -> None:
    with pytest.raises(UnsatisfiableError):
        generator({"type": "integer", "minimum": 5, "maximum": 3})


def test_a_contradiction_is_the_same_each_time() -> None:
    made = generator(deep(False))
    for _ in range(3):
        with pytest.raises(UnsatisfiableError, match="'b/c' is required but not allowed"):
            made.generate(seeded(0))
