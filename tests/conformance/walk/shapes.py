"""Schemas laid flat: what all of a schema's parts together say about a value.

References are followed, ``allOf`` is merged, and each choice of alternatives (``oneOf``, ``anyOf``,
``if``) gives a shape of its own. The maker of values and the prover of contradictions read shapes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from .model import Dialect
from .node import DanglingError, Node, Store

TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
_MOST_SHAPES = 48
_DEEPEST = 40


@dataclass(slots=True)
class Shape:
    """What is asked of a value; None and empty mean that nothing is."""

    nodes: list[Node]
    """The schema objects that were merged."""
    never: bool = False
    """One of them is ``false``."""
    types: set[str] | None = None
    enum: list[Any] | None = None
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    """Exclusive minimum."""
    below: float | None = None
    """Exclusive maximum."""
    multiples: list[float] = field(default_factory=list)
    least_length: int = 0
    most_length: int | None = None
    patterns: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    least_items: int = 0
    most_items: int | None = None
    unique: bool = False
    items: list[Node] = field(default_factory=list)
    prefix: list[Node] = field(default_factory=list)
    contains: list[Node] = field(default_factory=list)
    least_properties: int = 0
    most_properties: int | None = None
    required: dict[str, None] = field(default_factory=dict)
    properties: dict[str, list[Node]] = field(default_factory=dict)
    closed: list[tuple[set[str], list[str]]] = field(default_factory=list)
    """For each ``additionalProperties: false``: the names and patterns that it leaves open."""
    additional: list[Node] = field(default_factory=list)
    names: list[Node] = field(default_factory=list)
    """``propertyNames``."""
    refused: list[Node] = field(default_factory=list)
    """``not``."""
    discriminators: list[tuple[str, str]] = field(default_factory=list)
    """Property and the value that names the chosen alternative."""
    rivals: list[Node] = field(default_factory=list)
    """The branches of ``oneOf`` that were not chosen: no value may be valid against them."""

    def allows_name(self, name: str) -> bool:
        """Whether ``additionalProperties: false`` leaves room for a property (patterns count as room)."""
        return all(name in named or patterns for named, patterns in self.closed)


def shapes(store: Store, dialect: Dialect, *nodes: Node) -> Iterator[Shape]:
    """The shapes of values that are valid against all of ``nodes``, at most a few dozen.

    Raises :class:`DanglingError` when a reference that every shape needs leads nowhere.
    """
    flat = _Flattener(store, dialect)
    yield from islice(flat.run(list(nodes), [], _Choices(), 0), _MOST_SHAPES)


class _Flattener:
    def __init__(self, store: Store, dialect: Dialect) -> None:
        self.store = store
        self.dialect = dialect

    def run(
        self, waiting: list[Node], done: list[Node], chosen: _Choices, depth: int
    ) -> Iterator[Shape]:
        """Take schemas from ``waiting`` until all are in ``done``; each alternative runs on alone."""
        waiting = list(waiting)
        done = list(done)
        while waiting:
            node = waiting.pop(0)
            value = node.value
            if not isinstance(value, dict):
                done.append(node)
                continue
            if isinstance(value.get("$ref"), str):
                if depth > _DEEPEST:
                    raise DanglingError(f"the reference at {node.pointer} runs in a circle")
                depth += 1
                waiting.insert(0, self.store.lookup(value["$ref"], node.file))
                if self.dialect in {"2.0", "3.0"} or len(value) == 1:
                    continue
            if node in done:
                continue
            done.append(node)
            all_of = node.get("allOf")
            if all_of is not None:
                waiting[:0] = list(all_of.elements())
            groups = list(self._alternatives(node))
            if groups:
                yield from self._fork(groups, waiting, done, chosen, depth)
                return
        yield _merge(done, chosen, self.dialect, self.store)

    def _alternatives(self, node: Node) -> Iterator[_Group]:
        for keyword in ("oneOf", "anyOf"):
            group = node.get(keyword)
            branches = [[branch] for branch in group.elements()] if group is not None else []
            if branches:
                yield _Group(node, branches, exclusive=keyword == "oneOf")
        if self.dialect in {"3.1", "3.2"} and (condition := node.get("if")) is not None:
            then, otherwise = node.get("then"), node.get("else")
            held = [[condition, *([then] if then else [])], [otherwise] if otherwise else []]
            yield _Group(node, held, exclusive=False)

    def _fork(
        self,
        groups: list[_Group],
        waiting: list[Node],
        done: list[Node],
        chosen: _Choices,
        depth: int,
    ) -> Iterator[Shape]:
        group = groups[0]
        for branch in group.branches:
            now = chosen.with_branch(group, branch)
            try:
                if len(groups) > 1:
                    yield from self._fork(groups[1:], branch + waiting, done, now, depth)
                else:
                    yield from self.run(branch + waiting, done, now, depth + 1)
            except DanglingError:
                continue


@dataclass(frozen=True, slots=True)
class _Group:
    node: Node
    branches: list[list[Node]]
    exclusive: bool


@dataclass(frozen=True, slots=True)
class _Choices:
    named: tuple[tuple[str, str], ...] = ()
    rivals: tuple[Node, ...] = ()

    def with_branch(self, group: _Group, branch: list[Node]) -> _Choices:
        others = [other for rival in group.branches if rival is not branch for other in rival]
        return _Choices(
            (*self.named, *_naming(group.node, branch)),
            (*self.rivals, *others) if group.exclusive else self.rivals,
        )


def _naming(node: Node, branch: list[Node]) -> list[tuple[str, str]]:
    """The discriminating property and its value for a branch."""
    discriminator = node.value.get("discriminator")
    if not isinstance(discriminator, dict) or not branch or not isinstance(branch[0].value, dict):
        return []
    reference = branch[0].value.get("$ref")
    if not isinstance(reference, str):
        return []
    last = reference.rpartition("/")[2]
    for name, target in (discriminator.get("mapping") or {}).items():
        if target in (reference, last):
            return [(str(discriminator.get("propertyName")), name)]
    return [(str(discriminator.get("propertyName")), last.split(".")[0])]


def _merge(nodes: list[Node], chosen: _Choices, dialect: Dialect, store: Store) -> Shape:
    shape = Shape(nodes, discriminators=list(chosen.named), rivals=list(chosen.rivals))
    for node in nodes:
        if node.value is False:
            shape.never = True
        elif isinstance(node.value, dict):
            _scalars(shape, node.value, dialect)
            _members(shape, node, store)
    return shape


def _scalars(shape: Shape, value: dict[str, Any], dialect: Dialect) -> None:
    types = _types(value)
    if types is not None:
        shape.types = types if shape.types is None else shape.types & types
    allowed = [value["const"]] if "const" in value and dialect > "3.0" else value.get("enum")
    if isinstance(allowed, list):
        shape.enum = allowed if shape.enum is None else [v for v in shape.enum if v in allowed]
    low, high = value.get("minimum"), value.get("maximum")
    above, below = value.get("exclusiveMinimum"), value.get("exclusiveMaximum")
    if above is True:
        low, above = None, low
    if below is True:
        high, below = None, high
    shape.minimum, shape.above = _most(shape.minimum, low), _most(shape.above, above)
    shape.maximum, shape.below = _least(shape.maximum, high), _least(shape.below, below)
    if _number(value.get("multipleOf")):
        shape.multiples.append(value["multipleOf"])
    shape.least_length = max(shape.least_length, _count(value.get("minLength")) or 0)
    shape.most_length = _fewer(shape.most_length, value.get("maxLength"))
    if isinstance(value.get("pattern"), str):
        shape.patterns.append(value["pattern"])
    if isinstance(value.get("format"), str):
        shape.formats.append(value["format"])
    shape.least_items = max(shape.least_items, _count(value.get("minItems")) or 0)
    shape.most_items = _fewer(shape.most_items, value.get("maxItems"))
    shape.unique = shape.unique or value.get("uniqueItems") is True
    shape.least_properties = max(shape.least_properties, _count(value.get("minProperties")) or 0)
    shape.most_properties = _fewer(shape.most_properties, value.get("maxProperties"))


def _members(shape: Shape, node: Node, store: Store) -> None:
    value = node.value
    for keyword, held in (("items", shape.items), ("contains", shape.contains),
                          ("propertyNames", shape.names), ("not", shape.refused)):  # fmt: skip
        if (part := node.get(keyword)) is not None and not isinstance(part.value, list):
            held.append(part)
    if (prefix := node.get("prefixItems")) is not None and not shape.prefix:
        shape.prefix = list(prefix.elements())
    if isinstance(value.get("required"), list):
        shape.required.update(dict.fromkeys(map(str, value["required"])))
    properties = node.get("properties")
    for name, part in store.follow(properties).members() if properties is not None else ():
        shape.properties.setdefault(name, []).append(part)
    additional = node.get("additionalProperties")
    if additional is not None and additional.value is False:
        patterns = list(value.get("patternProperties") or ())
        shape.closed.append((set(value.get("properties") or ()), patterns))
    elif additional is not None and isinstance(additional.value, dict):
        shape.additional.append(additional)


def _types(value: dict[str, Any]) -> set[str] | None:
    written = value.get("type")
    if written == "file":
        written = "string"
    types = (
        {written}
        if isinstance(written, str)
        else set(written)
        if isinstance(written, list)
        else None
    )
    if types is None:
        return None
    if value.get("nullable") is True:
        types = types | {"null"}
    return types | {"integer"} if "number" in types else types


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _count(value: Any) -> int | None:
    return int(value) if _number(value) else None


def _most(one: float | None, other: Any) -> float | None:
    if not _number(other):
        return one
    value: float = other
    return value if one is None else max(one, value)


def _least(one: float | None, other: Any) -> float | None:
    if not _number(other):
        return one
    value: float = other
    return value if one is None else min(one, value)


def _fewer(one: int | None, other: Any) -> int | None:
    count = _count(other)
    return one if count is None else count if one is None else min(one, count)
