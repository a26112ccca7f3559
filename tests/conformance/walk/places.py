"""Places inside a value, each with what the schema says there: where a mutation may be made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .node import DanglingError, Node
from .schemas import Schemas
from .shapes import Shape, shapes

Path = tuple[str | int, ...]
ABSENT: Any = object()
"""The value at a place where there is none yet."""
_DEEPEST = 5


@dataclass(frozen=True, slots=True)
class Place:
    """``value`` at ``path`` of a valid value, or an optional property that is ``ABSENT``."""

    path: Path
    value: Any
    shape: Shape

    @property
    def scalar(self) -> bool:
        """Whether neither an object nor an array can stand here."""
        return self.shape.types is not None and not self.shape.types & {"object", "array"}


class Places:
    """Finds the places of values in the schemas of one document."""

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas

    def of(self, node: Node, value: Any, *, deepest: int = _DEEPEST) -> Iterator[Place]:
        """The places of ``value``, which is valid against the schema at ``node``, outer ones first."""
        waiting: list[tuple[Path, Any, list[Node]]] = [((), value, [node])]
        while waiting:
            path, here, nodes = waiting.pop(0)
            shape = self._shape(nodes, here)
            if shape is None:
                continue
            yield Place(path, here, shape)
            if len(path) >= deepest:
                continue
            if isinstance(here, dict):
                for name, parts in shape.properties.items():
                    if not self.unsent(parts):
                        waiting.append(((*path, name), here.get(name, ABSENT), parts))
            elif isinstance(here, list) and here:
                parts = shape.prefix[:1] or shape.items
                if parts:
                    waiting.append(((*path, 0), here[0], parts))

    def unsent(self, nodes: list[Node]) -> bool:
        """Whether a property is none of requests."""
        for node in nodes:
            try:
                found = (node.value, self.schemas.store.follow(node).value)
            except DanglingError:
                return True
            if any(isinstance(one, dict) and one.get("readOnly") is True for one in found):
                return True
        return False

    def _shape(self, nodes: list[Node], value: Any) -> Shape | None:
        """The shape that ``value`` has, or the first of several."""
        first: Shape | None = None
        try:
            for shape in shapes(self.schemas.store, self.schemas.dialect, *nodes):
                first = first or shape
                if value is ABSENT or _has(shape, value):
                    return shape
        except DanglingError:
            return None
        return first


def _has(shape: Shape, value: Any) -> bool:
    kind = type_of(value)
    if shape.types is not None and kind not in shape.types:
        return kind == "integer" and "number" in shape.types
    return not isinstance(value, dict) or all(name in value for name in shape.required)


def type_of(value: Any) -> str:
    """The JSON type; whole numbers are integers."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if float(value).is_integer() else "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def put(root: Any, path: Path, value: Any) -> Any:
    """``root`` with another value at ``path``."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    copied: Any = list(root) if isinstance(root, list) else dict(root)
    inner = copied[step] if isinstance(step, int) or step in copied else None
    copied[step] = put(inner, rest, value)
    return copied


def drop(root: Any, path: Path) -> Any:
    """``root`` without the property at ``path``."""
    *outer, name = path
    parent = root
    for step in outer:
        parent = parent[step]
    return put(root, tuple(outer), {key: part for key, part in parent.items() if key != name})
