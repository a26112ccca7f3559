"""Second attempts where data cannot be right by construction: make, check, make again differently."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from mockforge.mocking.data.plan import Plan
from mockforge.mocking.data.runtime import BARE, FULL, SPARSE, Context, Make
from mockforge.mocking.data.shape import Shape

if TYPE_CHECKING:
    from mockforge.mocking.data.compile import Compiler

_ATTEMPTS: Final = (
    FULL, FULL, SPARSE, BARE, SPARSE, SPARSE, BARE, SPARSE, SPARSE, SPARSE,
)  # fmt: skip


_NONE: Final[Any] = object()


def guarded(
    compiler: Compiler, shape: Shape, plan: Plan, plain: Callable[[], Make] | None = None
) -> Plan:
    """``plan`` with the residual checks of ``shape`` after it.

    ``plain`` gives another maker for second attempts, if there is one. If no attempt succeeds, a
    value is counted as a miss and returned all the same: one that would do if formats counted
    (``not: {format: email}``), else the last.
    """
    residuals = {source.key: source for source in shape.residuals}.values()
    if not residuals:
        return plan
    checks = [compiler.checks.of(source) for source in residuals]
    strict = [compiler.strict.of(source) for source in residuals]
    first = plan.make
    later = first if plain is None else plain()

    def make(context: Context) -> Any:
        before, mode, nodes = context.misses, context.mode, context.nodes
        value, second = None, _NONE
        try:
            for number, attempt in enumerate(_ATTEMPTS):
                if number:
                    if context.retries <= 0:
                        break
                    context.retries -= 1
                context.misses, context.nodes = before, nodes
                context.mode = max(mode, attempt)
                value = (first if context.mode == FULL else later)(context)
                if context.misses == before and all(check(value) for check in checks):
                    return value
                if second is _NONE and all(check(value) for check in strict):
                    second = value
        finally:
            context.mode = mode
        context.misses = before + 1
        return value if second is _NONE else second

    return plan._replace(make=make)
