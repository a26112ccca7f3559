"""What compiling one place gives, and the place itself.

A :class:`Node` stands for one place in the generated document: the schemas that apply there and the
name it has. It is compiled when it is first made, so that a recursive schema, or a description of a
thousand schemas of which an answer needs ten, costs what is used.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mockforge.mocking.data.model import Source, UnsatisfiableError
from mockforge.mocking.data.references import References
from mockforge.mocking.data.runtime import Context, Make
from mockforge.mocking.data.shape import Shape

if TYPE_CHECKING:
    from mockforge.mocking.data.compile import Compiler


class Plan(NamedTuple):
    """A maker, and what its value cannot do without: all of ``needs``, or one of ``ways``."""

    make: Make
    needs: tuple[Node, ...] = ()
    ways: tuple[Node, ...] = ()
    level: int = 0
    """1 for objects and arrays: how much deeper their parts lie."""


class Node:
    """A place. ``field`` is its name, ``owner`` the name of the object it belongs to, ``wishes`` are
    values to prefer (see :mod:`~mockforge.mocking.data.discriminator`).

    What a node was compiled from is let go of afterwards and folded again in the rare case that it
    is needed again: a large description has thousands of nodes.
    """

    __slots__ = (
        "_container",
        "_floor",
        "_measuring",
        "_parent",
        "_plan",
        "_shape",
        "_step",
        "compiler",
        "field",
        "make",
        "owner",
        "sources",
        "wishes",
    )

    def __init__(
        self,
        compiler: Compiler,
        sources: tuple[Source, ...],
        *,
        field: str = "",
        owner: str = "",
        parent: Node | None = None,
        step: str = "",
        wishes: tuple[str, ...] = (),
        shape: Shape | None = None,
    ) -> None:
        self.compiler = compiler
        self.sources = sources
        self.field = field
        self.owner = owner
        self.wishes = wishes
        self.make: Make = self._make_first
        self._parent = parent
        self._step = step
        self._shape = shape
        self._plan: Plan | None = None
        self._container: bool | None = None
        self._floor: float | None = None
        self._measuring = False
        compiler.places += 1

    @property
    def is_root(self) -> bool:
        """Whether this is the whole value."""
        return self._parent is None or (self._parent.is_root and not self._step)

    @property
    def path(self) -> str:
        """Where this is in the schema, as a JSON Pointer."""
        steps = []
        node: Node | None = self
        while node is not None:
            steps.append(node._step)
            node = node._parent
        return "".join(reversed(steps))

    @property
    def shape(self) -> Shape:
        """What applies here. Of a variant, only until it is compiled."""
        if self._shape is None:
            self._shape = Shape()
            for source in self.sources:
                self.compiler.folder.fold_root(self._shape, source)
        return self._shape

    def variant(self, shape: Shape) -> Node:
        """The same place with a narrower shape."""
        return Node(
            self.compiler,
            self.sources,
            field=self.field,
            owner=self.owner,
            parent=self,
            wishes=self.wishes,
            shape=shape,
        )

    @property
    def plan(self) -> Plan:
        """The compiled plan; a contradiction is a plan too, whose maker raises it each time."""
        if self._plan is None:
            shape = self.shape
            self._container = is_container(self.compiler.references, shape)
            try:
                self._plan = self.compiler.compile(self, shape)
            except UnsatisfiableError as error:
                self._plan = Plan(_raiser(error), level=-1)
            self.make = self._plan.make
            self._shape = None
        return self._plan

    def _make_first(self, context: Context) -> Any:
        return self.plan.make(context)

    @property
    def container(self) -> bool:
        """Whether the value will be an object or an array."""
        if self._container is None:
            self._container = is_container(self.compiler.references, self.shape)
        return self._container

    @property
    def floor(self) -> float:
        """The least nesting that a value here needs; infinite if it cannot end."""
        if self._floor is not None:
            return self._floor
        if self._measuring:
            return math.inf
        self._measuring = True
        try:
            floor = _measure(self.plan)
        finally:
            self._measuring = False
        if not math.isinf(floor):
            # An infinite result may only mean that the way round is being measured further up.
            self._floor = floor
        return floor


def _measure(plan: Plan) -> float:
    if plan.level < 0:
        return math.inf
    if plan.ways:
        least = math.inf
        for way in plan.ways:
            least = min(least, way.floor)
            if least == 0:
                break
        return least
    return plan.level + max((node.floor for node in plan.needs), default=0)


def _raiser(error: UnsatisfiableError) -> Make:
    kind, path, reason = type(error), error.path, error.reason

    def make(_context: Context) -> Any:
        raise kind(path, reason)

    return make


def likely_types(shape: Shape) -> Sequence[str]:
    """The types to choose from: those that the keywords speak of, if any; ``null`` only if nothing
    else is left."""
    types = shape.types - {"null"}
    if not types:
        return ["null"] if shape.types else []
    hinted = types & shape.hints
    if hinted and len(types) > 1:
        types = hinted
    elif len(types) == 5:
        return ["string"]
    return [name for name in ("object", "array", "string", "number", "boolean") if name in types]


def is_container(references: References, shape: Shape) -> bool:
    """Whether a value of ``shape`` will, or may, be an object or an array."""
    if shape.enum is not None:
        return any(isinstance(value, dict | list) for value in shape.enum)
    if _CONTAINERS.isdisjoint(shape.types):
        return False
    if not _CONTAINERS.isdisjoint(likely_types(shape)):
        return True
    return any(
        _may_be_container(references, source, 0)
        for choice in shape.choices
        for branch in choice.branches
        for source in branch.sources
    )


def _may_be_container(references: References, source: Source, depth: int) -> bool:
    """A look at a branch that is not folded in yet."""
    if not isinstance(source.schema, dict) or depth > _LOOK:
        return False
    view = references.view(source.schema)
    names = view.get("type", ())
    names = [names] if isinstance(names, str) else names
    if names:
        return not _CONTAINERS.isdisjoint(names)
    if not _CONTAINER_KEYWORDS.isdisjoint(view):
        return True
    inner = [schema for keyword in ("allOf", "anyOf", "oneOf") for schema in view.get(keyword, ())]
    sources = [references.child(source, schema) for schema in inner]
    if "$ref" in view:
        sources.append(references.follow(source, view["$ref"]))
    return any(_may_be_container(references, other, depth + 1) for other in sources)


_CONTAINERS: Final = frozenset({"object", "array"})
_CONTAINER_KEYWORDS: Final = frozenset(
    {"properties", "additionalProperties", "items", "prefixItems"}
)
_LOOK: Final = 4
"""How many schemas deep the look goes."""
