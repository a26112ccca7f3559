"""Which properties an object has: those that can be made, and those that it must have."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mockforge.mocking.data.model import DEMAND_ITEMS, Source, UnsatisfiableError, pointer_token
from mockforge.mocking.data.plan import Node
from mockforge.mocking.data.shape import Shape

if TYPE_CHECKING:
    from mockforge.mocking.data.compile import Compiler


class Property(NamedTuple):
    """A property that can be made. ``container``: it holds an object or array."""

    name: str
    node: Node
    required: bool
    container: bool


def properties_of(compiler: Compiler, node: Node, shape: Shape) -> list[Property]:
    """The properties of objects of ``shape`` in the order of their definition. Raises
    :class:`.UnsatisfiableError` where one is required that must not be there."""
    required = _required(shape)
    _check_sizes(node, shape, required)
    return list(_Properties(compiler, node, shape, required).found.values())


def _check_sizes(node: Node, shape: Shape, required: dict[str, None]) -> None:
    most = shape.max_properties
    least = max(shape.min_properties, len(required))
    if most is not None and least > most:
        raise UnsatisfiableError(
            node.path, f"at least {least} properties are asked for, at most {most} allowed"
        )
    if shape.min_properties > DEMAND_ITEMS:
        raise UnsatisfiableError(
            node.path,
            f"{shape.min_properties} properties are beyond the {DEMAND_ITEMS} that are generated",
        )


def _required(shape: Shape) -> dict[str, None]:
    """The required names, with those that their presence requires."""
    required = dict(shape.required)
    grown = True
    while grown:
        grown = False
        for name, others in shape.dependents:
            if name in required:
                for other in others:
                    grown = grown or other not in required
                    required.setdefault(other)
    return required


class _Properties:
    """The properties of a shape that can be made, by name."""

    def __init__(
        self, compiler: Compiler, node: Node, shape: Shape, required: dict[str, None]
    ) -> None:
        self._compiler = compiler
        self._node = node
        self._shape = shape
        self._rules = [compiler.checks.of(source) for source in shape.name_rules]
        self._owner = (shape.names or (shape.title or node.field or node.owner,))[0]
        self.found: dict[str, Property] = {}
        names = dict.fromkeys(name for part in shape.objects for name in part.named)
        for name in (*names, *(name for name in required if name not in names)):
            self._add(name, required=name in required)
        self._close(dict(shape.dependents))
        self._cut(compiler.limits.max_properties)

    def _add(self, name: str, *, required: bool) -> bool:
        """Add the property; False if it must not be there."""
        sources = [source for part in self._shape.objects for source in part.at(name)]
        reason = self._obstacle(name, sources)
        if reason is not None:
            if required:
                raise UnsatisfiableError(
                    self._node.path, f"the property {name!r} is required but {reason}"
                )
            return False
        if not required and any(map(self._compiler.references.hidden, sources)):
            return False
        node = self._compiler.node(
            tuple(sources),
            field=name,
            owner=self._owner,
            parent=self._node,
            step=f"/properties/{pointer_token(name)}",
            wishes=self._shape.labels.get(name, ()),
        )
        self.found[name] = Property(name, node, required, node.container)
        return True

    def _obstacle(self, name: str, sources: list[Source]) -> str | None:
        if any(source.schema is False for source in sources):
            return "not allowed"
        if not all(rule(name) for rule in self._rules):
            return "its name is not allowed"
        return None

    def _close(self, dependents: dict[str, tuple[str, ...]]) -> None:
        """Leave out optional properties that require what must not be there."""
        grown = True
        while grown:
            grown = False
            for name, others in dependents.items():
                if name not in self.found:
                    continue
                for other in others:
                    if other not in self.found and not self._add(other, required=False):
                        del self.found[name]
                        grown = True
                        break

    def _cut(self, most: int) -> None:
        room = most - sum(item.required for item in self.found.values())
        for name, item in list(self.found.items()):
            if not item.required:
                room -= 1
                if room < 0:
                    del self.found[name]
