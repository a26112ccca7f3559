"""Static mode: the examples and defaults that a schema itself declares, where they are valid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockforge.mocking.data.plan import Node, Plan
from mockforge.mocking.data.shape import Shape
from mockforge.mocking.data.values import copied

if TYPE_CHECKING:
    from mockforge.mocking.data.compile import Compiler


def example_plan(compiler: Compiler, node: Node, shape: Shape) -> Plan | None:
    """A plan that gives the first valid one of: the examples, the examples of merged schemas put
    together, the defaults that say anything (not null, not empty). None if there is none."""
    candidates = [*shape.examples]
    objects = [value for value in shape.examples if isinstance(value, dict)]
    if len(objects) > 1:
        merged: dict[str, Any] = {}
        for value in reversed(objects):
            merged.update(value)
        candidates.append(merged)
    candidates.extend(value for value in shape.default if value not in (None, {}, []))
    if not candidates:
        return None
    checks = [compiler.checks.of(source) for source in shape.roots]
    hidden = _hidden(compiler, shape)
    for candidate in candidates:
        value = candidate
        if hidden and isinstance(candidate, dict):
            value = {name: item for name, item in candidate.items() if name not in hidden}
        if all(check(value) for check in checks):
            return _constant(value)
    return None


def _constant(value: Any) -> Plan:
    if isinstance(value, dict | list):
        return Plan(lambda _context: copied(value))
    return Plan(lambda _context: value)


def _hidden(compiler: Compiler, shape: Shape) -> frozenset[str]:
    """The properties that are not for the reader."""
    return frozenset(
        name
        for part in shape.objects
        for name, source in part.named.items()
        if compiler.references.hidden(source) and name not in shape.required
    )
