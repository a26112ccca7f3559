"""Second attempts where data cannot be right by construction: make, check, make again differently."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from mockforge.mocking.data.model import Check
from mockforge.mocking.data.plan import Plan
from mockforge.mocking.data.runtime import BARE, FULL, SPARSE, Context, Make
from mockforge.mocking.data.shape import Shape

if TYPE_CHECKING:
    from mockforge.mocking.data.compile import Compiler

_ATTEMPTS: Final = (
    FULL, FULL, SPARSE, BARE, SPARSE, SPARSE, SPARSE, BARE, SPARSE, SPARSE, SPARSE, SPARSE,
)  # fmt: skip


def guarded(
    compiler: Compiler, shape: Shape, plan: Plan, plain: Callable[[], Make] | None = None
) -> Plan:
    """``plan`` with the residual checks of ``shape`` after it.

    ``plain`` gives another maker for second attempts, if there is one. If no attempt succeeds, the
    last value is returned and counted as a miss.
    """
    checks = _checks(compiler, shape)
    if not checks:
        return plan
    first = plan.make
    later = first if plain is None else plain()

    def make(context: Context) -> Any:
        before, mode, nodes = context.misses, context.mode, context.nodes
        value = None
        try:
            for number, attempt in enumerate(_ATTEMPTS):
                if number:
                    if context.retries <= 0:
                        break
                    context.retries -= 1
                context.misses, context.nodes = before, nodes
                context.mode = max(mode, attempt)
                value = (first if context.mode == FULL else later)(context)
                if all(check(value) for check in checks):
                    return value
        finally:
            context.mode = mode
        context.misses = before + 1
        return value

    return plan._replace(make=make)


def _checks(compiler: Compiler, shape: Shape) -> list[Check]:
    """Opposites are judged with formats (``not: {format: email}`` is meant to exclude addresses),
    everything else without."""
    found = {}
    for source in shape.residuals:
        schema = source.schema
        opposite = isinstance(schema, dict) and schema.keys() == {"not"}
        checker = compiler.strict if opposite else compiler.checks
        found[source.key] = checker.of(source)
    return list(found.values())
