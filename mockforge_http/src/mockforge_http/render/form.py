"""``application/x-www-form-urlencoded`` bodies (WHATWG URL section 5; OpenAPI style ``form``, exploded)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from mockforge_http.render.text import render_text


def render_form(value: Any) -> bytes:
    """An object as fields, its arrays as repeated fields, nested objects as JSON; a string as it is."""
    if not isinstance(value, dict):
        return render_text(value)
    return urlencode(list(_fields(value))).encode()


def _fields(value: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    for name, item in value.items():
        for part in item if isinstance(item, list) else (item,):
            yield name, render_text(part)
