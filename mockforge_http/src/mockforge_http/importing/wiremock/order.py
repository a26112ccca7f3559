"""Of stubs with the same priority WireMock prefers the one that was added last, MockForge the more specific
one. Where that makes a difference, priorities are spread so that WireMock's order holds."""

from __future__ import annotations

import re
from typing import Any, Final

from .mapping import DEFAULT_PRIORITY

STEP: Final = 1_000
MOST_COMPARED: Final = 4_000_000
"""Pairs of stubs that are looked at."""


def keep_order(stubs: list[dict[str, Any]]) -> bool:
    """Change the priorities of ``stubs`` (in the order in which they were added) where it is needed;
    whether it was."""
    levels = _levels(stubs)
    if not any(levels):
        return False
    for stub, level in zip(stubs, levels, strict=True):
        priority = stub.pop("priority", DEFAULT_PRIORITY) * STEP - min(level, STEP - 1)
        rest = {key: value for key, value in stub.items() if key != "id"}
        stub_id = {"id": stub["id"]} if "id" in stub else {}
        stub.clear()
        stub.update({**stub_id, "priority": priority, **rest})
    return True


def _levels(stubs: list[dict[str, Any]]) -> list[int]:
    """How far each stub must move before those that were added earlier."""
    levels = [0] * len(stubs)
    shapes = [_Shape(stub) for stub in stubs]
    loose = [index for index, shape in enumerate(shapes) if shape.literal is None]
    by_path: dict[str, list[int]] = {}
    compared = 0
    for index, shape in enumerate(shapes):
        before = (
            [*loose, *by_path.get(shape.literal, ())] if shape.literal is not None else range(index)
        )
        for other in before:
            if other >= index:
                continue
            compared += 1
            if compared > MOST_COMPARED:
                return levels
            earlier = shapes[other]
            if (
                earlier.priority == shape.priority
                and earlier.meets(shape)
                and (earlier.rank < shape.rank or levels[other] > 0)
            ):
                wins_anyway = earlier.rank >= shape.rank
                levels[index] = max(levels[index], levels[other] + (0 if wins_anyway else 1))
        if shape.literal is not None:
            by_path.setdefault(shape.literal, []).append(index)
    return levels


class _Shape:
    """What of a stub decides on its place. The smaller ``rank``, the more specific."""

    __slots__ = ("literal", "method", "pattern", "priority", "rank")

    def __init__(self, stub: dict[str, Any]) -> None:
        request = stub["request"]
        self.priority = stub.get("priority", DEFAULT_PRIORITY)
        self.method = request.get("method")
        path, url = request.get("path"), request.get("url")
        self.literal: str | None = None
        self.pattern: re.Pattern[str] | None = None
        kind = 3
        if isinstance(url, str):
            self.literal, kind = url.partition("?")[0], 0
        elif isinstance(path, str) and "{" not in path:
            self.literal, kind = path, 0
        elif isinstance(path, str):
            kind = 1
        elif isinstance(path, dict) and isinstance(path.get("equals"), str):
            self.literal, kind = path["equals"], 0
        elif isinstance(path, dict):
            kind = 2
        extent = -_telling(path) if kind in (1, 2) else 0
        criteria = sum(
            len(value) if isinstance(value, dict) and key in ("headers", "query", "cookies") else 1
            for key, value in request.items()
            if key not in ("method", "path")
        )
        self.rank = (kind, extent, self.method is None, -criteria)

    def meets(self, other: _Shape) -> bool:
        """Whether one request may fit both, as far as can be told by methods and literal paths."""
        if self.method is not None and other.method is not None and self.method != other.method:
            return False
        return self.literal is None or other.literal is None or self.literal == other.literal


def _telling(path: Any) -> int:
    """How much of a template or pattern is literal at its beginning."""
    text = path if isinstance(path, str) else str(path.get("matches", ""))
    found = re.match(r"[A-Za-z0-9_/\-%~]*", text.removeprefix("^"))
    return len(found[0]) if found else 0
