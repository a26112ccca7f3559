"""``jsonSchema``: whether a JSON value satisfies a schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from mockforge.explanations import cut
from mockforge.mocking.matching.base import (
    BODY,
    Mismatch,
    Predicate,
    Scope,
    Subject,
    shown,
    shown_spec,
)
from mockforge.mocking.matching.content import Content
from mockforge.mocking.matching.jsonvalue import json_of
from mockforge.mocking.regex import engine_options

if TYPE_CHECKING:
    from jsonschema_rs import Validator


class SatisfiesSchema(Predicate):
    """``jsonSchema``. A text that is no JSON is checked as a string."""

    __slots__ = ("_engine",)
    name = "jsonSchema"
    cost = BODY + 1

    def __init__(self, engine: Validator) -> None:
        self._engine = engine

    def matches(self, value: Subject) -> bool:
        """Whether the value satisfies the schema; one that nests too deeply for the validator does not."""
        node = _node(value)
        if node is UNSET:
            return False
        try:
            return self._engine.is_valid(node)
        except (ValueError, OverflowError, RecursionError):
            return False

    def mismatch(self, value: Subject) -> Mismatch | None:
        """The validator's first error, with its path."""
        if self.matches(value):
            return None
        node = _node(value)
        if node is UNSET:
            return Mismatch(str(self), shown(value), 1.0)
        from jsonschema_rs import ValidationError

        try:
            self._engine.validate(node)
        except ValidationError as error:
            path = "".join(f"/{step}" for step in error.instance_path)
            return Mismatch(str(self), cut(error.message), 0.4, path)
        except (ValueError, OverflowError, RecursionError) as failed:
            return Mismatch(str(self), cut(str(failed)), 0.9)
        return Mismatch(str(self), shown(value), 0.9)

    def __str__(self) -> str:
        return "satisfies the schema"


def _node(value: Subject) -> Any:
    node = json_of(value)
    if node is UNSET and value is not None:
        return value.text if isinstance(value, Content) else value
    return node


def compile_json_schema(value: Any, scope: Scope) -> Predicate:
    """``jsonSchema``: a schema, or JSON text of one. Draft 2020-12 unless ``$schema`` says otherwise."""
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except (ValueError, RecursionError) as error:
            raise scope.error(f"the text is no JSON: {cut(str(error))}") from None
    if isinstance(value, Mapping):
        value = dict(value)
    elif not isinstance(value, bool):
        raise scope.error(f"expected a JSON Schema, got {shown_spec(value)}")
    import jsonschema_rs

    try:
        engine = jsonschema_rs.validator_for(
            value,
            validate_formats=True,
            ignore_unknown_formats=True,
            pattern_options=engine_options(),
            retriever=_refused,
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        raise scope.error(
            f"the schema cannot be used: {cut(str(error).partition(chr(10))[0])}"
        ) from None
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise scope.error(f"the schema cannot be used: {cut(str(error))}") from None
    return SatisfiesSchema(engine)


def _refused(uri: str) -> Any:
    raise ValueError(f"{cut(uri)} is outside of the schema; nothing is fetched: put it under $defs")
