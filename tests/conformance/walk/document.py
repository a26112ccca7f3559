"""A document: its dialect and its operations."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from . import openapi3, swagger2
from .model import Dialect, Operation
from .node import DanglingError, Node, Store

_VARIABLE = re.compile(r"\{[^{}]*\}")


class Document:
    """An entry document read from ``path``.

    ``operations`` are those of ``paths``; webhooks and callbacks are calls that the described
    server makes, not receives. ``broken`` names path items that could not be followed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store = Store()
        self.root = self.store.open(path)
        if not isinstance(self.root.value, dict):
            raise DanglingError(f"{path} is no document")
        self.dialect = _dialect(self.root)
        read = swagger2 if self.dialect == "2.0" else openapi3
        self.operations: list[Operation] = list(read.operations(self.store, self.root))
        _pair_twins(self.operations)


def _dialect(root: Node) -> Dialect:
    if "swagger" in root.value:
        return "2.0"
    version = str(root.value.get("openapi", "3.0"))
    if version.startswith("3.2"):
        return "3.2"
    return "3.1" if version.startswith("3.1") else "3.0"


def _pair_twins(operations: list[Operation]) -> None:
    """Paths that differ in the names of their variables, or after a ``#``, match the same targets."""
    same: defaultdict[tuple[str, str], list[Operation]] = defaultdict(list)
    for operation in operations:
        shape = _VARIABLE.sub("{}", operation.path.partition("#")[0])
        same[operation.method, operation.base + shape].append(operation)
    for group in same.values():
        for operation in group:
            operation.twins = [other for other in group if other is not operation]
