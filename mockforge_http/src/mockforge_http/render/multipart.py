"""``multipart/*`` bodies (RFC 2046 section 5.1; RFC 7578 for form-data)."""

from __future__ import annotations

import re
from typing import Any
from zlib import crc32

from mockforge_http.render.text import render_text


def boundary_of(media_type: str) -> str:
    """The boundary named in the media type, or one made from it: the same for the same type, so that
    answers stay reproducible."""
    found = re.search(r'boundary="?([^";]+)', media_type, re.IGNORECASE)
    return found[1] if found else f"mockforge-{crc32(media_type.encode()):08x}"


def render_multipart(value: Any, boundary: str) -> bytes:
    """An object as named parts, an array as parts in order; anything else as one part."""
    parts: list[tuple[str, Any]]
    if isinstance(value, dict):
        parts = [
            (f'Content-Disposition: form-data; name="{_quoted(name)}"', part)
            for name, item in value.items()
            for part in (item if isinstance(item, list) else (item,))
        ]
    else:
        parts = [("", part) for part in (value if isinstance(value, list) else [value])]
    lines: list[bytes] = []
    for disposition, part in parts:
        kind = "text/plain" if isinstance(part, str | bytes) else "application/json"
        lines.append(f"--{boundary}".encode())
        if disposition:
            lines.append(disposition.encode())
        lines += [f"Content-Type: {kind}".encode(), b"", render_text(part)]
    lines.append(f"--{boundary}--".encode())
    return b"\r\n".join(lines) + b"\r\n"


def _quoted(name: str) -> str:
    # The three characters that RFC 7578 section 4.2 (by way of WHATWG HTML) escapes.
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
