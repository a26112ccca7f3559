"""What one rendering may use."""

from __future__ import annotations

from typing import Final

import msgspec

MAX_SOURCE: Final = 256 * 1024
"""Longest template, in characters."""
MAX_DEPTH: Final = 60
"""How deep expressions may be nested. The engine's own parser and interpreter recurse, and have no stack to
spare in threads with small ones."""
MAX_ITEMS: Final = 100_000
"""Items of a list that functions make one by one and filters go through one by one."""


class TemplateLimits(msgspec.Struct, frozen=True):
    """What one rendering may use; past any of these it fails with a
    :class:`~mockforge.mocking.templating.errors.TemplateError`.

    ``fuel`` counts instructions of the engine (a loop round with one value takes about ten), ``max_output``
    characters of the text and of every text or list made on the way, ``max_time`` seconds. ``cache`` are the
    bytes that all programs ready to run may take together.
    """

    fuel: int = 1_000_000
    max_output: int = 4 * 1024**2
    max_time: float = 1.0
    cache: int = 16 * 1024**2


DEFAULT_LIMITS: Final = TemplateLimits()
