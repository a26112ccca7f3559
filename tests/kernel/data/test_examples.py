"""Static mode: what the schema declares is given, if it is valid."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kernel.data.kit import generator, samples, seeded


def static(schema: Any, dialect: Any = "2020-12") -> Any:
    return samples(schema, dialect, use_examples=True, count=1)[0]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string", "example": "one", "examples": ["two"], "default": "three"}, "one"),
        ({"type": "string", "examples": ["two"], "default": "three"}, "two"),
        ({"type": "string", "default": "three"}, "three"),
        ({"type": "string", "example": 7, "examples": [8, "two"]}, "two"),
        ({"type": "string", "maxLength": 3, "example": "long one", "default": "def"}, "def"),
        ({"type": "integer", "enum": [1, 2, 3], "example": 2}, 2),
        ({"type": "integer", "enum": [3], "example": 9}, 3),
        ({"type": ["string", "null"], "default": None, "const": "x"}, "x"),
        ({"type": "array", "items": {"type": "integer"}, "example": [1, 2, 3, 4, 5]}, [1, 2, 3, 4, 5]),
        ({"type": "array", "items": {"type": "integer", "example": 4}, "default": [], "minItems": 2,
          "maxItems": 2}, [4, 4]),
        ({"type": "object", "properties": {"a": {"type": "integer", "example": 1},
                                           "b": {"type": "integer", "default": 2}}}, {"a": 1, "b": 2}),
        ({"type": "object", "properties": {"a": {"type": "integer", "example": 1}},
          "example": {"a": 5, "b": 6}}, {"a": 5, "b": 6}),
        ({"allOf": [{"type": "object", "required": ["a"], "properties": {"a": {}}, "example": {"a": 1}},
                    {"type": "object", "required": ["b"], "properties": {"b": {}}, "example": {"b": 2}}]},
         {"a": 1, "b": 2}),
        ({"oneOf": [{"type": "object", "example": {"a": 1}, "required": ["a"]}]}, {"a": 1}),
    ],
)  # fmt: skip
def test_the_first_valid_declaration_is_given(schema: dict[str, Any], expected: Any) -> None:
    assert static(schema) == expected
    assert static(schema, "oas3.0") == expected


def test_without_a_valid_one_data_is_generated() -> None:
    made = generator({"type": "integer", "example": "x"}, use_examples=True)
    assert made.accepts(made.generate(seeded(0)))


def test_dynamic_mode_does_not_look_at_them() -> None:
    values = samples({"type": "string", "format": "uuid", "example": "never", "default": "never"})
    assert "never" not in values
    assert len(set(values)) == len(values)


def test_a_given_example_can_be_changed_without_harm() -> None:
    made = generator({"type": "object", "example": {"a": [1]}}, use_examples=True)
    made.generate(seeded(0))["a"].append(2)
    assert made.generate(seeded(0)) == {"a": [1]}


def test_the_same_holds_for_constants() -> None:
    made = generator({"enum": [{"a": [1]}]})
    made.generate(seeded(0))["a"].append(2)
    assert made.generate(seeded(0)) == {"a": [1]}


def test_overrides_replace_what_is_there_and_stays_valid() -> None:
    schema = {
        "type": "object",
        "properties": {
            "id": {"type": "integer"},
            "kind": {"enum": ["a"]},
            "name": {"type": "string"},
        },
        "additionalProperties": False,
    }
    made = generator(schema)
    usual = made.generate(seeded(1))
    wanted = {"id": 7, "kind": "b", "name": 5, "unknown": 1}
    assert made.generate(seeded(1), wanted) == {**usual, "id": 7}


def test_overrides_of_something_else_than_an_object_do_nothing() -> None:
    assert generator({"const": [1]}).generate(seeded(0), {"id": 1}) == [1]
