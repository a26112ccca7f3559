"""JSON values: equality as JSON Schema has it, and copies.

Python finds ``True == 1`` where JSON does not, and lists and objects cannot be put in a set:
:func:`identity` mends both (JSON Schema 2020-12 core, section 4.2.2).
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any


def identity(value: Any) -> Hashable:
    """A hashable stand-in: equal for two values exactly when they are equal as JSON."""
    kind = type(value)
    if kind is str or kind is int or kind is float or value is None:
        return value  # type: ignore[no-any-return]
    if kind is bool:
        return (bool, value)
    if isinstance(value, dict):
        return (dict, frozenset((name, identity(item)) for name, item in value.items()))
    if isinstance(value, list | tuple):
        return (list, tuple(identity(item) for item in value))
    return value  # type: ignore[no-any-return]


def copied(value: Any) -> Any:
    """A copy that shares no list or object with ``value``."""
    if isinstance(value, dict):
        return {name: copied(item) for name, item in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value


def type_of(value: Any) -> str:
    """The JSON type (``integer`` counts as ``number``)."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list | tuple):
        return "array"
    return "number"


def is_integer(value: Any) -> bool:
    """Whether the value is a number without a fraction: 1.0 is (section 6.3)."""
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
