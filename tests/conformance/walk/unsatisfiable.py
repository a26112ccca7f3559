"""Proofs that a schema allows no value.

:func:`proof` is sound and not complete: what it returns is a contradiction that can be read off the
document; None means that none was found, not that there is a value.
"""

from __future__ import annotations

import json
import math
from typing import Any

from .node import DanglingError, Node
from .patterns import PatternError, widths
from .schemas import Schemas, Side
from .shapes import TYPES, Shape, shapes

_DEEPEST = 24


class Prover:
    """Proves contradictions in the schemas of one document, for one side of the exchange."""

    def __init__(self, schemas: Schemas, side: Side) -> None:
        self.schemas = schemas
        self.side: Side = side
        self._proved: dict[str, str | None] = {}

    def proof(self, *nodes: Node) -> str | None:
        """Why no value is valid against all of ``nodes``, or None."""
        return self._proof(nodes, ())

    def _proof(self, nodes: tuple[Node, ...], above: tuple[str, ...]) -> str | None:
        key = " ".join(node.uri for node in nodes)
        if key in self._proved:
            return self._proved[key]
        if key in above:
            return f"{nodes[0].pointer} requires a value of itself without end"
        if len(above) > _DEEPEST:
            return None
        try:
            reason = self._every_shape(nodes, (*above, key))
        except DanglingError as error:
            reason = str(error)
        if not above:
            # Inside a recursion a verdict holds for that recursion only.
            self._proved[key] = reason
        return reason

    def _every_shape(self, nodes: tuple[Node, ...], above: tuple[str, ...]) -> str | None:
        found: str | None = None
        count = 0
        for shape in shapes(self.schemas.store, self.schemas.dialect, *nodes):
            count += 1
            reason = self._shape(shape, above)
            if reason is None:
                return self._duplicates(nodes)
            found = found or reason
        if not count:
            return f"no alternative of {nodes[0].pointer} can be followed"
        # The shapes are cut off at a few dozen: then nothing is proved.
        return found if count < 48 else None

    def _duplicates(self, nodes: tuple[Node, ...]) -> str | None:
        """``oneOf`` whose branches all come twice: every value is valid against two or none."""
        for node in nodes:
            target = self.schemas.store.follow(node)
            group = target.value.get("oneOf") if isinstance(target.value, dict) else None
            if not isinstance(group, list) or len(group) < 2 or "discriminator" in target.value:
                continue
            texts = [json.dumps(_essence(branch), sort_keys=True) for branch in group]
            if all(texts.count(text) > 1 for text in texts):
                return f"every branch of oneOf at {target.pointer} is there twice"
        return None

    def _shape(self, shape: Shape, above: tuple[str, ...]) -> str | None:
        where = shape.nodes[0].pointer
        if shape.never:
            return f"{where} is false"
        if any(node.value in (True, {}) for node in shape.refused):
            return f"{where} refuses every value (not: {{}})"
        if shape.enum is not None:
            return self._enum(shape)
        types = set(TYPES) if shape.types is None else shape.types
        if not types & set(TYPES):
            return f"the types at {where} exclude each other"
        first: str | None = None
        for kind in TYPES:
            if kind not in types or (kind == "integer" and "number" in types):
                continue
            reason = self._kind(kind, shape, above)
            if reason is None:
                return None
            first = first or f"{where}: {reason}"
        return first

    def _enum(self, shape: Shape) -> str | None:
        where = shape.nodes[0].pointer
        assert shape.enum is not None
        if not shape.enum:
            return f"no value is common to the enums at {where}"
        for value in shape.enum:
            if all(self.schemas.accepts(node, value, self.side) for node in shape.nodes):
                return None
        return f"no value of the enum at {where} meets the keywords beside it"

    def _kind(self, kind: str, shape: Shape, above: tuple[str, ...]) -> str | None:
        if kind == "string":
            return _string(shape)
        if kind in {"integer", "number"}:
            return _numeric(shape, whole=kind == "integer")
        if kind == "array":
            return self._array(shape, above)
        if kind == "object":
            return self._object(shape, above)
        return None

    def _array(self, shape: Shape, above: tuple[str, ...]) -> str | None:
        if shape.most_items is not None and shape.least_items > shape.most_items:
            return f"minItems {shape.least_items} is more than maxItems {shape.most_items}"
        if shape.least_items > len(shape.prefix) and shape.items:
            reason = self._proof(tuple(shape.items), above)
            if reason is not None:
                return f"an item is needed, and {reason}"
            kinds = self._finite(shape.items) if shape.unique else None
            if kinds is not None and kinds + len(shape.prefix) < shape.least_items:
                return f"{shape.least_items} distinct items are needed of {kinds} values"
        return None

    def _finite(self, nodes: list[Node]) -> int | None:
        """How many values there are, where they are counted by an enum."""
        total = 0
        for shape in shapes(self.schemas.store, self.schemas.dialect, *nodes):
            if shape.enum is None:
                return None
            total += len(shape.enum)
        return total

    def _object(self, shape: Shape, above: tuple[str, ...]) -> str | None:
        needed = [name for name in shape.required if not self._exempt(shape, name)]
        if shape.most_properties is not None:
            least = max(len(needed), shape.least_properties)
            if least > shape.most_properties:
                return f"{least} properties are needed, {shape.most_properties} are allowed"
        for name in needed:
            if name not in shape.properties and not shape.allows_name(name):
                return f"the property {name!r} is required and not allowed"
            if any(name not in named and not patterns for named, patterns in shape.closed):
                return f"the property {name!r} is required and not allowed"
            parts = tuple(shape.properties.get(name, ()))
            reason = self._proof(parts, above) if parts else None
            if reason is not None:
                return f"the property {name!r} is required, and {reason}"
        return None

    def _exempt(self, shape: Shape, name: str) -> bool:
        flag = "writeOnly" if self.side == "answer" else "readOnly"
        for node in shape.properties.get(name, ()):
            for part in (node, self.schemas.store.follow(node)):
                if isinstance(part.value, dict) and part.value.get(flag) is True:
                    return True
        return False


def _essence(branch: Any) -> Any:
    """A branch without the words that decide nothing."""
    if not isinstance(branch, dict):
        return branch
    idle = {"title", "description", "example", "examples", "default", "deprecated"}
    return {key: value for key, value in branch.items() if key not in idle}


_FORMAT_WIDTHS: dict[str, tuple[int, int | None]] = {
    "uuid": (36, 36),
    "date": (10, 10),
    "date-time": (20, None),
    "ipv4": (7, 15),
}


def _string(shape: Shape) -> str | None:
    shortest, longest = shape.least_length, shape.most_length
    if longest is not None and shortest > longest:
        return f"minLength {shortest} is more than maxLength {longest}"
    for name in shape.formats:
        fewest, most = _FORMAT_WIDTHS.get(name, (0, None))
        if longest is not None and fewest > longest:
            return f"format {name} needs {fewest} characters, maxLength is {longest}"
        if most is not None and most < shortest:
            return f"format {name} allows {most} characters, minLength is {shortest}"
    for pattern in shape.patterns:
        try:
            fewest, most = widths(pattern)
        except PatternError:
            continue
        if longest is not None and fewest > longest:
            return f"{pattern!r} needs {fewest} characters, maxLength is {longest}"
        if most is not None and most < shortest:
            return f"{pattern!r} allows {most} characters, minLength is {shortest}"
    return None


def _numeric(shape: Shape, *, whole: bool) -> str | None:
    low = max(_given(shape.minimum, shape.above), default=None)
    high = min(_given(shape.maximum, shape.below), default=None)
    if low is None or high is None:
        return None
    open_end = low == high and (shape.above == low or shape.below == high)
    if low > high or open_end:
        return f"no number lies between {low} and {high}"
    if whole:
        first = math.floor(low) + 1 if shape.above == low else math.ceil(low)
        last = math.ceil(high) - 1 if shape.below == high else math.floor(high)
        if first > last:
            return f"no whole number lies between {low} and {high}"
        for step in shape.multiples:
            if step > 0 and math.floor(last / step) < math.ceil(first / step):
                return f"no multiple of {step} lies between {low} and {high}"
    return None


def _given(*values: float | None) -> list[float]:
    return [value for value in values if value is not None]
