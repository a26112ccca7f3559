"""From shapes to makers: enumerations, choices, types. The kinds of values have pages of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from mockforge.mocking.data.arrays import array_plan
from mockforge.mocking.data.check import Checker
from mockforge.mocking.data.combine import choice_plan
from mockforge.mocking.data.examples import example_plan
from mockforge.mocking.data.fold import Folder
from mockforge.mocking.data.guard import guarded
from mockforge.mocking.data.model import DataLimits, Key, Source, UnsatisfiableError
from mockforge.mocking.data.names import owner_matters
from mockforge.mocking.data.numbers import number_maker
from mockforge.mocking.data.objects import object_plan
from mockforge.mocking.data.plan import Node, Plan, likely_types
from mockforge.mocking.data.references import References
from mockforge.mocking.data.runtime import FULL, Context, Make
from mockforge.mocking.data.shape import Shape
from mockforge.mocking.data.strings import string_maker
from mockforge.mocking.data.values import copied

_NodeKey = tuple[tuple[Key, ...], str, str, tuple[str, ...]]


class Compiler:
    """Compiles the places of one document; each place (schemas and names) once.

    ``checks`` judges without and ``strict`` with the ``format`` keyword. ``places`` counts the nodes
    that were made.
    """

    def __init__(self, references: References, limits: DataLimits, *, use_examples: bool) -> None:
        self.references = references
        self.limits = limits
        self.use_examples = use_examples
        self.folder = Folder(references)
        self.checks = Checker(references, formats=False)
        self.strict = Checker(references, formats=True)
        self._nodes: dict[_NodeKey, Node] = {}
        self._entries: dict[Key, int] = {}
        self.places = 0

    def node(
        self,
        sources: tuple[Source, ...],
        *,
        field: str,
        owner: str,
        parent: Node | None = None,
        step: str = "",
        wishes: tuple[str, ...] = (),
    ) -> Node:
        """The place where all of ``sources`` apply: ``step`` from ``parent``."""
        owner = owner if owner_matters(field) else ""
        key = (tuple(source.key for source in sources), field, owner, wishes)
        node = self._nodes.get(key)
        if node is None:
            node = self._nodes[key] = Node(
                self, sources, field=field, owner=owner, parent=parent, step=step, wishes=wishes
            )
        return node

    def entry(self, shape: Shape) -> int:
        """A number for the schema by which the shape was entered: what recursion is told by."""
        if shape.entry is None:
            return -1
        return self._entries.setdefault(shape.entry, len(self._entries))

    def compile(self, node: Node, shape: Shape) -> Plan:
        """The plan for a place with the given shape. Raises :class:`UnsatisfiableError` for a
        contradiction."""
        if shape.never is not None:
            raise UnsatisfiableError(node.path, shape.never)
        if self.use_examples:
            plan = example_plan(self, node, shape)
            if plan is not None:
                return plan
        if node.wishes and shape.enum is None:
            wished = self.accepted(shape, node.wishes)
            if wished:
                return Plan(_constants(wished[:1]))
        if shape.enum is not None:
            return self._enumeration(node, shape)
        if shape.choices:
            return choice_plan(self, node, shape)
        return self._by_type(node, shape)

    def accepted(self, shape: Shape, values: Iterable[Any]) -> list[Any]:
        """Those of ``values`` that satisfy all of the schemas."""
        checks = [self.checks.of(source) for source in shape.roots]
        return [value for value in values if all(check(value) for check in checks)]

    def _enumeration(self, node: Node, shape: Shape) -> Plan:
        values = self.accepted(shape, shape.enum or ())
        if not values:
            raise UnsatisfiableError(
                node.path, "none of the allowed values fits the rest of the schema"
            )
        wished = [value for value in node.wishes if value in values]
        return Plan(_constants(wished[:1] or [v for v in values if v is not None] or values))

    def _by_type(self, node: Node, shape: Shape) -> Plan:
        """One plan per likely type, of which one is drawn each time; the other types only if none
        of these can be."""
        plans, error = self._of_types(node, shape, likely_types(shape))
        likely = likely_types(shape)
        others = [name for name in _ORDER if name in shape.types and name not in likely]
        if not plans:
            plans, _ = self._of_types(node, shape, others)
            if not plans:
                raise error or UnsatisfiableError(
                    node.path, "no type is left that a value could have"
                )
            return _drawn(plans)
        plan = _drawn(plans)
        if not others:
            return plan
        return _with_others(plan, lambda: self._of_types(node, shape, others)[0])

    def _of_types(
        self, node: Node, shape: Shape, names: Iterable[str]
    ) -> tuple[list[Plan], UnsatisfiableError | None]:
        plans, error = [], None
        for name in names:
            try:
                plans.append(self._of_type(node, shape, name))
            except UnsatisfiableError as problem:
                error = error or problem
        return plans, error

    def _of_type(self, node: Node, shape: Shape, name: str) -> Plan:
        if name == "object":
            return guarded(self, shape, object_plan(self, node, shape))
        if name == "array":
            return guarded(self, shape, array_plan(self, node, shape))
        make = self._scalar(node, shape, name, plausible=True)
        return guarded(
            self, shape, Plan(make), lambda: self._scalar(node, shape, name, plausible=False)
        )

    def _scalar(self, node: Node, shape: Shape, name: str, *, plausible: bool) -> Make:
        if name == "string":
            return string_maker(self.limits, node, shape, plausible=plausible)
        if name == "number":
            return number_maker(node, shape, plausible=plausible)
        return _boolean if name == "boolean" else _null

    def plain(self, node: Node) -> Make:
        """A maker for a text or a number that goes by the schema alone, as varied as it can be; for
        anything else, the usual one."""
        shape = Shape()
        for source in node.sources:
            self.folder.fold_root(shape, source)
        likely = likely_types(shape)
        if shape.enum is not None or shape.choices or shape.residuals or len(likely) != 1:
            return node.make
        return self._scalar(node, shape, likely[0], plausible=False) if likely[0] in (
            "string", "number",
        ) else node.make  # fmt: skip


_ORDER: Final = ("string", "number", "boolean", "object", "array", "null")


def _boolean(context: Context) -> bool:
    return context.random() < 0.5


def _null(_context: Context) -> None:
    return None


def _constants(values: list[Any]) -> Make:
    """A maker that draws from ``values``; lists and objects are copied."""
    size = len(values)
    if any(isinstance(value, dict | list) for value in values):
        return lambda context: copied(values[int(context.random() * size)])
    if size == 1:
        constant = values[0]
        return lambda _context: constant
    return lambda context: values[int(context.random() * size)]


def _drawn(plans: list[Plan]) -> Plan:
    """One of the plans; the shallowest where there is no room, any where it is tried again."""
    size = len(plans)
    if size == 1:
        return plans[0]
    flat = min(range(size), key=lambda at: plans[at].level)

    def make(context: Context) -> Any:
        if context.mode == FULL and context.tight:
            return plans[flat].make(context)
        return plans[int(context.random() * size)].make(context)

    return Plan(make, plans[flat].needs, plans[flat].ways, plans[flat].level)


def _with_others(plan: Plan, others: Callable[[], list[Plan]]) -> Plan:
    """``plan``; the other types (``null`` ...) where its parts turn out to be impossible, and now
    and then in second attempts."""
    made: list[Plan] = []

    def make(context: Context) -> Any:
        if context.mode == FULL or context.random() < 0.75:
            try:
                return plan.make(context)
            except UnsatisfiableError:
                if not (made or _filled(made, others)):
                    raise
        if not (made or _filled(made, others)):
            return plan.make(context)
        return _drawn(made).make(context)

    return plan._replace(make=make)


def _filled(made: list[Plan], others: Callable[[], list[Plan]]) -> bool:
    made.extend(others())
    return bool(made)
