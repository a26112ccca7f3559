"""The account of depth and recursion that objects and arrays keep while they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockforge.mocking.data.model import HARD_DEPTH, EndlessError
from mockforge.mocking.data.plan import Node
from mockforge.mocking.data.runtime import Context, Make
from mockforge.mocking.data.shape import Shape

if TYPE_CHECKING:
    from mockforge.mocking.data.compile import Compiler


def entered(compiler: Compiler, node: Node, shape: Shape, fill: Make) -> Make:
    """``fill`` with its depth counted, and with an end to recursion: a schema that already stands
    ``context.levels`` times around this place is not begun once more (once more is granted where
    there is no room, as then only what is needed is made)."""
    if not _may_recur(node, shape):

        def make_plain(context: Context) -> Any:
            if context.depth >= HARD_DEPTH:
                raise EndlessError(node.path, f"it is nested more than {HARD_DEPTH} levels deep")
            context.depth += 1
            try:
                return fill(context)
            finally:
                context.depth -= 1

        return make_plain

    entry = compiler.entry(shape)

    def make(context: Context) -> Any:
        active = context.active
        inside = active.get(entry, 0)
        if inside >= context.levels and inside >= context.levels + context.tight:
            raise EndlessError(node.path, "it contains itself without end")
        if context.depth >= HARD_DEPTH:
            raise EndlessError(node.path, f"it is nested more than {HARD_DEPTH} levels deep")
        active[entry] = inside + 1
        context.depth += 1
        try:
            return fill(context)
        finally:
            context.depth -= 1
            active[entry] = inside

    return make


def _may_recur(node: Node, shape: Shape) -> bool:
    """Whether the schema can stand inside itself: only what references lead to can, and the root."""
    return node.is_root or any(source.ref is not None for source in shape.seen.values())
