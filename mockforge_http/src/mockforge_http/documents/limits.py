"""How much of a document is read, decoded and kept: every bound of this package in one place."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bounds for one document; passing one is a ``DocumentError`` that names the bound."""

    file_bytes: int = 64 * 1024**2
    """Largest single file."""
    total_bytes: int = 256 * 1024**2
    """All files of a document together."""
    files: int = 20_000
    """Most files of a document."""
    depth: int = 256
    """Deepest nesting of objects and arrays, whatever the notation."""
    alias_bytes: int = 16 * 1024**2
    """Most bytes of JSON that the anchors of one YAML file may keep and its aliases may add."""
    decoded_bytes: int = 4 * 1024**2
    """Decoded parts kept in memory, by estimate; the least used go first."""
    findings: int = 200
    """Most findings kept of one document; the rest is counted."""


DEFAULT_LIMITS = Limits()
