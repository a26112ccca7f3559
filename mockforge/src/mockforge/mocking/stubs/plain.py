"""A definition as plain values and as compact text: what a stub keeps of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from mockforge.mocking.stubs.errors import StubError

MAX_DEPTH: Final = 64
MAX_TEXT: Final = 4 * 1024**2
"""Characters of one definition."""


def definition_text(definition: Any) -> str:
    """The text that a stub keeps. ``definition`` is made of plain values."""
    return json.dumps(definition, separators=(",", ":"))


def plain_definition(definition: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """A copy of what a program gave, of plain values only, and its text.

    Raises StubError for what a file could not say: values that are no JSON, too deep, too large."""
    try:
        text = definition_text(definition)
        plain = json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise StubError(f"a stub is made of plain values: {error}") from error
    if len(text) > MAX_TEXT:
        raise StubError(f"the stub is larger than {MAX_TEXT} characters")
    if not isinstance(plain, dict):
        raise StubError("a stub is a mapping", hint="for instance {request: ..., response: ...}")
    level: list[Any] = [plain]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for value in level
            for item in (value.values() if isinstance(value, dict) else value)
            if isinstance(item, dict | list)
        ]
        if not level:
            return plain, text
    raise StubError(f"the stub is nested deeper than {MAX_DEPTH} levels")
