"""Text, binary and everything without a format of its own."""

from __future__ import annotations

from typing import Any

from mockforge_http.render.json import render_json


def render_text(value: Any) -> bytes:
    """Strings and bytes as they are, nothing for ``None``, anything else as JSON."""
    if isinstance(value, str):
        # Binary data is generated as text in which each character stands for a byte's value or, in
        # examples, is just text; a lone surrogate has no UTF-8 form and is replaced.
        return value.encode("utf-8", "replace")
    if isinstance(value, bytes):
        return value
    return b"" if value is None else render_json(value)
