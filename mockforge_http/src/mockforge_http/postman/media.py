"""Media types as they are written in ``Content-Type`` headers, brought to one spelling."""

from __future__ import annotations

from typing import Final

from mockforge.mocking.contenttype import parse_content_type

_OF_THE_WIRE: Final = frozenset({"charset", "boundary"})


def normal_media_type(text: str) -> str:
    """``text`` in lower case, without ``charset`` and ``boundary``; ``""`` if it is no media type."""
    name, params = parse_content_type(text)
    if not name:
        return ""
    kept = "".join(
        f";{key}={value}"
        for key, value in params.items()
        if key not in _OF_THE_WIRE and value and value.isascii() and value.isprintable()
    )
    return name + kept
