"""``readOnly`` and ``writeOnly`` in the schemas of items (OpenAPI 3.1.1 section 4.8.24.3.2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from mockforge_http.render.schema import SchemaNode

Flag = Literal["readOnly", "writeOnly"]
_DEEPEST: Final = 12


def is_flagged(node: SchemaNode | None, flag: Flag) -> bool:
    """Whether the property that ``node`` describes is marked with ``flag``."""
    if node is None:
        return False
    found = node.find(flag)
    return found is not None and found[0] is True


def required_names(node: SchemaNode) -> set[str]:
    """The names that ``node`` requires in any case: what a branch of ``oneOf`` needs, others may not."""
    names: set[str] = set()
    seen: set[tuple[str, str]] = set()
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if not isinstance(part.schema, dict):
            continue
        required = part.schema.get("required")
        if isinstance(required, list):
            names.update(name for name in required if isinstance(name, str))
        ref = part.schema.get("$ref")
        if isinstance(ref, str) and (ref, part.base) not in seen:
            seen.add((ref, part.base))
            schema, base = part.resolver.resolve(ref, part.base)
            waiting.append(type(part)(schema, base, part.resolver))
        waiting.extend(part.child(inner) for inner in part.schema.get("allOf") or ())
    return names


def without(value: Any, nodes: Iterable[SchemaNode], flag: Flag, depth: int = 0) -> Any:
    """``value`` without the properties, at any depth, that one of ``nodes`` marks with ``flag``."""
    nodes = list(nodes)
    if not nodes or depth > _DEEPEST:
        return value
    if isinstance(value, list):
        inner = [node for each in nodes if (node := each.items()) is not None]
        return [without(item, inner, flag, depth + 1) for item in value] if inner else value
    if not isinstance(value, dict):
        return value
    kept: dict[str, Any] = {}
    for name, member in value.items():
        below = [node for each in nodes if (node := each.property(name)) is not None]
        if any(is_flagged(node, flag) for node in below):
            continue
        nested = isinstance(member, dict | list)
        kept[name] = without(member, below, flag, depth + 1) if nested else member
    return kept
