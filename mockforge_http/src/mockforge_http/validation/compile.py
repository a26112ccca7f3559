"""From a bundled schema to a compiled validator (jsonschema-rs), and from its errors to findings."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any, Final

import jsonschema_rs

from mockforge.mocking.data.model import Schema

_BACKTRACKS: Final = 100_000
"""Steps back that a pattern may take before it is given up: milliseconds, not hours."""
_PATTERN_BYTES: Final = 1 << 20

Validator = jsonschema_rs.Draft202012Validator


def compile_validator(schema: Schema) -> tuple[Validator, list[str]]:
    """A validator for ``schema`` (JSON Schema 2020-12, self-contained), and the patterns that had to be
    left out because they are not regular expressions.

    Patterns run on an engine of linear time where they can; lookaround and back-references need the other
    one, which stops after a bounded number of steps back. Either way no input can make a match hang.
    """
    dropped: list[str] = []
    try:
        return _compile(schema, jsonschema_rs.RegexOptions(size_limit=_PATTERN_BYTES * 10)), dropped
    except ValueError:
        fancy = jsonschema_rs.FancyRegexOptions(backtrack_limit=_BACKTRACKS)
    try:
        return _compile(schema, fancy), dropped
    except ValueError:
        schema = _without_broken_patterns(schema, fancy, dropped)
    return _compile(schema, fancy), dropped


def _compile(schema: Schema, patterns: Any) -> Validator:
    return Validator(
        schema,
        formats=_FORMATS,
        validate_formats=True,
        ignore_unknown_formats=True,
        pattern_options=patterns,
        offline=True,
    )


def _without_broken_patterns(schema: Any, options: Any, dropped: list[str]) -> Any:
    if isinstance(schema, list):
        return [_without_broken_patterns(item, options, dropped) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "pattern" and isinstance(value, str) and not _is_pattern(value, options):
            dropped.append(value)
        elif key == "patternProperties" and isinstance(value, dict):
            kept[key] = {}
            for pattern, item in value.items():
                if _is_pattern(pattern, options):
                    kept[key][pattern] = _without_broken_patterns(item, options, dropped)
                else:
                    dropped.append(pattern)
        elif key in ("enum", "const"):
            kept[key] = value
        else:
            kept[key] = _without_broken_patterns(value, options, dropped)
    return kept


def _is_pattern(text: str, options: Any) -> bool:
    try:
        Validator({"pattern": text}, pattern_options=options)
    except ValueError:
        return False
    return True


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _is_base64url(text: str) -> bool:
    return text.isascii() and all(char.isalnum() or char in "-_=" for char in text)


_FORMATS: Final = {"byte": _is_base64, "base64url": _is_base64url}
"""Formats of the OpenAPI format registry that the validator does not know."""


def errors(validator: Validator, value: Any, most: int) -> Iterator[jsonschema_rs.ValidationError]:
    """At most ``most`` errors of ``value``."""
    for number, error in enumerate(validator.iter_errors(value)):
        if number >= most:
            return
        yield error
