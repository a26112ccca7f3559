"""Which kind of document a file is, by a key at its root (``openapi``, ``asyncapi``): told without reading it
as YAML, which takes long for large ones, and also where it is not well-formed."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

MOST: Final = 32 * 1024**2
"""Bytes that are looked at."""


def has_root_key(path: Path, key: str) -> bool:
    """Whether the file at ``path`` (YAML or JSON) has ``key`` at its root; ``False`` where it cannot be
    read."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST)
    except OSError:
        return False
    return root_names(content, key)


def root_names(content: bytes, key: str) -> bool:
    """The same for what a file holds."""
    text = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] == b"{":
        try:
            return key in msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            # Not well-formed, or YAML in braces: what it says first counts.
            return _first(key).match(text) is not None
    return _line(key).search(text) is not None


@cache
def _line(key: str) -> re.Pattern[bytes]:
    return re.compile(rb"^(['\"]?)" + re.escape(key.encode()) + rb"\1[ \t]*:", re.MULTILINE)


@cache
def _first(key: str) -> re.Pattern[bytes]:
    return re.compile(rb"\{\s*(['\"]?)" + re.escape(key.encode()) + rb"\1\s*:")
