"""Which of several stubs answers: GripMock's higher priority is our lower one, and of equals its first is our
last."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from .stub import GripStub

DEFAULT = 5
_STEP = 1000


def put_priorities(made: list[tuple[GripStub, dict[str, Any]]]) -> None:
    """Give the native definitions their priorities. Where it matters (stubs that ask for the same, and stubs
    whose one input is for all messages), those of a method are spread."""
    by_method: dict[str, list[tuple[GripStub, dict[str, Any]]]] = defaultdict(list)
    for stub, definition in made:
        by_method[stub.method].append((stub, definition))
    for group in by_method.values():
        ranks = _ranks(group)
        for (stub, definition), rank in zip(group, ranks, strict=True):
            priority = DEFAULT - stub.priority
            if any(ranks):
                priority = priority * _STEP + rank
            if priority != DEFAULT:
                _put(definition, priority)


def _ranks(group: list[tuple[GripStub, dict[str, Any]]]) -> list[int]:
    """0 for those that need none; later ones of equals get more."""
    seen: dict[str, int] = defaultdict(int)
    others = any(not stub.broadcast for stub, _ in group)
    ranks = []
    for stub, definition in group:
        key = json.dumps([stub.priority, definition["grpc"]], sort_keys=True)
        ranks.append(seen[key] + (500 if stub.broadcast and others else 0))
        seen[key] += 1
    return ranks


def _put(definition: dict[str, Any], priority: int) -> None:
    limit = 2**31 - 1
    rest = dict(definition)
    definition.clear()
    if "id" in rest:
        definition["id"] = rest.pop("id")
    definition["priority"] = max(-limit, min(limit, priority))
    definition.update(rest)
