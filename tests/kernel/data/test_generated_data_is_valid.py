"""Property: whatever can be satisfied is satisfied."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_schema_validator import OAS30Validator

from mockforge.mocking.data import Dialect, SchemaStore, compile_check
from mockforge.mocking.data.check import Checker
from mockforge.mocking.data.model import Source
from mockforge.mocking.data.references import References
from tests.kernel.data.kit import generator, seeded
from tests.kernel.data.strategies import satisfiable, values

# The same cases in every run: a contradiction that only trying can resolve may, once in many
# thousand schemas, take more attempts than there are.
effort = settings(
    max_examples=250,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def right_if_formats_count(schema: Any, dialect: Dialect, value: Any) -> bool:
    """Where branches differ by ``format`` alone, validators that take it for an annotation find two
    of them right: such a value is right for the validators that assert it."""
    check = compile_check(schema, "", resolver=SchemaStore({"": schema}), dialect=dialect)
    return '"format"' in json.dumps(schema) and check(value)


@effort
@given(satisfiable(modern=True), st.integers(0, 2**32))
def test_values_satisfy_schemas_of_2020_12(schema: dict[str, Any], seed: int) -> None:
    value = generator(schema).generate(seeded(seed))
    errors = [error.message for error in Draft202012Validator(schema).iter_errors(value)]
    assert not errors or right_if_formats_count(schema, "2020-12", value), (value, errors)


@effort
@given(satisfiable(modern=False), st.integers(0, 2**32))
def test_values_satisfy_schemas_of_openapi_3_0(schema: dict[str, Any], seed: int) -> None:
    value = generator(schema, "oas3.0").generate(seeded(seed))
    errors = [error.message for error in OAS30Validator(schema).iter_errors(value)]
    assert not errors or right_if_formats_count(schema, "oas3.0", value), (value, errors)


@effort
@given(satisfiable(modern=True), values)
def test_the_evaluator_agrees_with_the_validator(schema: dict[str, Any], value: Any) -> None:
    references = References(SchemaStore({"": schema}), "2020-12", "response")
    own = Checker(references, formats=False).of(Source(schema, "", ("",)))
    assert own(value) == Draft202012Validator(schema).is_valid(value)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(satisfiable(modern=True), st.integers(0, 2**32))
def test_equal_seeds_give_equal_values(schema: dict[str, Any], seed: int) -> None:
    first, second = generator(schema), generator(schema)
    value = first.generate(seeded(seed))
    second.generate(seeded(seed + 1))
    assert second.generate(seeded(seed)) == value
    assert first.generate(seeded(seed)) == value


leaf: dict[str, Any] = {
    "type": "object",
    "properties": {"v": {"type": "integer"}},
    "required": ["v"],
}
node: dict[str, Any] = {
    "type": "object",
    "properties": {"v": {"type": "integer"}, "label": {"type": "string"}},
    "required": ["v"],
}


@pytest.mark.parametrize(
    "schema",
    [
        {**node, "properties": {**node["properties"], "next": {"$ref": "#"}}},
        {**node, "properties": {"all": {"type": "array", "items": {"$ref": "#"}}}, "required": ["all"]},
        {**node, "properties": {"next": {"anyOf": [{"type": "null"}, {"$ref": "#"}]}},
         "required": ["next"]},
        {**node, "properties": {"map": {"type": "object", "additionalProperties": {"$ref": "#"}}},
         "required": ["map"]},
        {"$defs": {"tree": {"oneOf": [{"$ref": "#/$defs/leaf"}, {"$ref": "#/$defs/fork"}]},
                   "leaf": {**leaf, "additionalProperties": False},
                   "fork": {"type": "object", "required": ["l", "r"],
                            "properties": {"l": {"$ref": "#/$defs/tree"},
                                           "r": {"$ref": "#/$defs/tree"}}}},
         "$ref": "#/$defs/tree"},
        {"$defs": {"a": {"type": "object", "required": ["b"], "properties": {"b": {"$ref": "#/$defs/b"}}},
                   "b": {"type": "array", "items": {"$ref": "#/$defs/a"}}},
         "$ref": "#/$defs/a"},
        {"type": "array", "items": {"$ref": "#"}},
        {"type": ["array", "integer"], "items": {"$ref": "#"}, "minItems": 2},
        {"type": "object", "allOf": [{"$ref": "#/$defs/base"}],
         "$defs": {"base": {"properties": {"child": {"$ref": "#"}}}}},
        {"anyOf": [{"$ref": "#"}, {"type": "integer"}], "$comment": "leads back to itself"},
    ],
)  # fmt: skip
def test_recursive_schemas_come_to_an_end(schema: dict[str, Any]) -> None:
    made = generator(schema)
    for seed in range(15):
        value = made.generate(seeded(seed))
        assert made.accepts(value)
        if "$comment" not in schema:  # the validator does not come to an end with this one
            assert Draft202012Validator(schema).is_valid(value)
