"""The wordings of OpenAPI 2.0, 3.0 and JSON Schema 2020-12, and who may see which property."""

from __future__ import annotations

from typing import Any

import pytest

from mockforge.mocking.data import Dialect, Direction
from tests.kernel.data.kit import generator, samples, seeded, valid_samples


@pytest.mark.parametrize("dialect", ["oas2", "oas3.0"])
def test_exclusive_bounds_of_draft_4(dialect: Dialect) -> None:
    schema = {"type": "integer", "minimum": 1, "exclusiveMinimum": True, "maximum": 3,
              "exclusiveMaximum": True}  # fmt: skip
    assert set(samples(schema, dialect)) == {2}


def test_an_exclusive_bound_that_is_false_or_has_no_bound_means_nothing() -> None:
    schema = {"type": "integer", "minimum": 2, "exclusiveMinimum": False, "maximum": 2,
              "exclusiveMaximum": False}  # fmt: skip
    assert set(valid_samples(schema, "oas3.0")) == {2}
    assert valid_samples({"type": "integer", "exclusiveMinimum": True}, "oas3.0", count=2)


def test_nullable_allows_null_beside_a_type_in_3_0_only() -> None:
    schema = {"type": "string", "nullable": True, "enum": [None]}
    assert samples(schema, "oas3.0", count=1) == [None]
    accepts = {
        dialect: generator({"type": "string", "nullable": True}, dialect).accepts(None)
        for dialect in ("oas2", "oas3.0", "2020-12")
    }
    assert accepts == {"oas2": False, "oas3.0": True, "2020-12": False}


@pytest.mark.parametrize(("dialect", "length"), [("oas2", 0), ("oas3.0", 0), ("2020-12", 40)])
def test_keywords_beside_a_reference_count_since_3_1(dialect: Dialect, length: int) -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"$ref": "#/definitions/text", "minLength": 40}},
        "required": ["a"],
        "definitions": {"text": {"type": "string", "maxLength": 50}},
    }
    shortest = min(len(value["a"]) for value in samples(schema, dialect, count=40))
    assert shortest >= length
    assert length or shortest < 40


def test_a_file_is_a_text_of_bytes() -> None:
    assert all(isinstance(value, str) for value in samples({"type": "file"}, "oas2"))


def test_tuples_of_draft_4() -> None:
    schema = {"type": "array", "items": [{"type": "integer"}, {"type": "string"}],
              "additionalItems": False, "minItems": 2}  # fmt: skip
    for first, second in samples(schema, "oas2"):
        assert isinstance(first, int)
        assert isinstance(second, str)


def test_dependencies_of_draft_4() -> None:
    schema = {"type": "object", "properties": {"a": {}, "b": {}},
              "dependencies": {"a": ["c"], "b": {"required": ["d"]}}}  # fmt: skip
    for value in samples(schema, "oas3.0"):
        assert value.keys() >= {"a", "b", "c", "d"}


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string", "minLength": "3", "pattern": 7, "format": None}, str),
        ({"type": "object", "properties": {"a": None, "b": {"type": "integer"}}, "required": True}, dict),
        ({"type": "object", "required": [1, 2]}, dict),
        ({"type": "any"}, object),
        ({"type": "integer", "minimum": "5", "maximum": float("nan"), "multipleOf": 0}, int),
        ({"type": "array", "items": "string"}, list),
        ({"allOf": [], "anyOf": {}, "oneOf": [7]}, object),
        ({"$ref": 5, "type": "integer"}, int),
        ({"type": "string", "discriminator": {"mapping": {}}}, str),
        ({"enum": "abc", "type": "string"}, str),
        ({"x-anything": [1], "type": "boolean"}, bool),
    ],
)  # fmt: skip
def test_malformed_keywords_are_passed_over(schema: dict[str, Any], kind: type) -> None:
    values = samples(schema, "oas3.0", count=3) + samples(schema, count=3)
    assert [value for value in values if not isinstance(value, kind)] == []


SECRETIVE = {
    "type": "object",
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string"},
        "password": {"type": "string", "writeOnly": True},
        "key": {"$ref": "#/definitions/key"},
    },
    "required": ["id", "name", "password"],
    "definitions": {"key": {"type": "string", "writeOnly": True}},
}


@pytest.mark.parametrize("dialect", ["oas2", "oas3.0", "2020-12"])
@pytest.mark.parametrize(
    ("direction", "names"),
    [("response", ["id", "name"]), ("request", ["name", "password", "key"])],
)
def test_a_reader_gets_what_is_for_him(
    dialect: Dialect, direction: Direction, names: list[str]
) -> None:
    made = generator(SECRETIVE, dialect, direction=direction)
    value = made.generate(seeded(1))
    assert list(value) == names
    assert made.accepts(value)


def test_an_example_is_stripped_of_what_is_not_for_the_reader() -> None:
    schema = {**SECRETIVE, "example": {"id": 1, "name": "n", "password": "p", "key": "k"}}
    assert samples(schema, "oas3.0", use_examples=True, count=1) == [{"id": 1, "name": "n"}]
