"""The plan of a message type: how its fields are filled, in order, within a budget of values and depth.

A plan is compiled when its type is first met. What is optional ends where the budget does: fields that hold
other messages, lists and maps are left out then; what the rules demand is made at any depth, up to a fixed
one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mockforge.mocking.data.model import DEMAND_NODES, HARD_DEPTH
from mockforge.mocking.data.runtime import Context

from .errors import UnsatisfiableRulesError

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor

    from .fields import Fields

Fill = Callable[[Any, Context], None]
"""Fills a message (or a part of it) with values."""

_INSIDE: Final = 2
"""How often a type may stand inside itself where it need not."""


class Step(NamedTuple):
    """How one field, or one oneof, is filled."""

    fill: Fill
    needed: bool = False
    """Whether the message is invalid without it."""
    heavy: bool = False
    """Whether it may hold much: a message, a list, a map."""
    target: str | None = None
    """The full name of the message type it holds."""


class Plan:
    """How messages of one type are filled."""

    def __init__(self, descriptor: Descriptor, fields: Fields) -> None:
        self._descriptor = descriptor
        self._name = descriptor.full_name
        self._fields = fields
        self._steps: list[Step] | None = None
        self._heavy = 0
        self._light = 0

    def _compile(self) -> list[Step]:
        steps = self._fields.steps(self._descriptor)
        self._heavy = sum(step.heavy for step in steps)
        self._light = len(steps) - self._heavy
        self._steps = steps
        return steps

    def fill(self, message: Any, context: Context) -> None:
        """Give values to the fields of ``message``."""
        steps = self._steps or self._compile()
        if context.depth >= HARD_DEPTH or context.nodes > DEMAND_NODES:
            raise UnsatisfiableRulesError(
                self._name,
                f"it is nested more than {HARD_DEPTH} levels deep"
                if context.depth >= HARD_DEPTH
                else f"a message of more than {DEMAND_NODES:,} values is asked for",
            )
        active, ceiling, left = context.active, context.ceiling, self._heavy
        inside = active.get(self._name, 0)
        active[self._name] = inside + 1
        context.depth += 1
        context.nodes += self._light
        try:
            for step in steps:
                if not step.heavy:
                    if step.needed or context.nodes < ceiling:
                        step.fill(message, context)
                    continue
                # What is left is shared out among the fields that are still to come.
                context.ceiling = context.nodes + max(ceiling - context.nodes, 0) // left
                left -= 1
                if step.needed or not closed(step, context):
                    step.fill(message, context)
        finally:
            context.ceiling = ceiling
            context.depth -= 1
            active[self._name] = inside


def closed(step: Step, context: Context) -> bool:
    """Whether there is no room for what a heavy ``step`` would make."""
    if not step.heavy:
        return False
    return context.tight or (
        step.target is not None and context.active.get(step.target, 0) >= _INSIDE
    )


def one_of(members: list[Step], *, needed: bool) -> Step:
    """A step that takes one of ``members``: by chance among those there is room for."""
    demanded = [member for member in members if member.needed]
    lightest = min(members, key=lambda member: (member.heavy, member.target is not None))
    size = len(members)

    def fill(message: Any, context: Context) -> None:
        if demanded:
            demanded[0].fill(message, context)
            return
        first = int(context.random() * size)
        for place in range(size):
            member = members[(first + place) % size]
            if not closed(member, context):
                member.fill(message, context)
                return
        if needed:
            lightest.fill(message, context)

    return Step(fill, needed=needed or bool(demanded))
