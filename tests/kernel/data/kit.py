"""Short ways to generate and to validate, for the tests of this folder."""

from __future__ import annotations

from random import Random
from typing import Any

from jsonschema import Draft202012Validator
from openapi_schema_validator import OAS30Validator

from mockforge.mocking.data import Dialect, Generator, SchemaStore, compile_generator

MODERN: Dialect = "2020-12"


def generator(
    schema: Any,
    dialect: Dialect = MODERN,
    *,
    documents: dict[str, Any] | None = None,
    **options: Any,
) -> Generator:
    """A generator for a schema that refers to nothing but itself (and ``documents``)."""
    store = SchemaStore(documents)
    base = store.add("urn:test", schema)
    return compile_generator(schema, base, resolver=store, dialect=dialect, **options)


def seeded(seed: int) -> Random:
    """A source of chance."""
    return Random(seed)  # noqa: S311  (test data)


def samples(
    schema: Any, dialect: Dialect = MODERN, *, count: int = 20, **options: Any
) -> list[Any]:
    """Values of one generator, seeded 0, 1, 2 ..."""
    made = generator(schema, dialect, **options)
    return [made.generate(seeded(seed)) for seed in range(count)]


def valid_samples(
    schema: Any, dialect: Dialect = MODERN, *, count: int = 20, **options: Any
) -> list[Any]:
    """The same, each proved by a validator that knows nothing of MockForge."""
    values = samples(schema, dialect, count=count, **options)
    validator = Draft202012Validator(schema) if dialect == MODERN else OAS30Validator(schema)
    for value in values:
        errors = [error.message for error in validator.iter_errors(value)]
        assert not errors, (value, errors)
    return values
