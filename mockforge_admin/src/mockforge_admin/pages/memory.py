"""Memory: bytes by component, over time, and where Python allocates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anyio import to_thread
from quart import render_template

from mockforge_admin.history import Stretch
from mockforge_admin.pages.charts import Chart, Line
from mockforge_admin.pages.page import Page, View

if TYPE_CHECKING:
    from mockforge_admin.server import AdminServer

STRETCHES: Final = 240
_KINDS: Final = ("odd", "bad", "good", "none")
"""Of the lines of the largest components."""
_MEGABYTE: Final = 1024**2


def page(admin: AdminServer) -> View:
    """The page."""

    async def view() -> str:
        return await render_template("memory.html", **await _figures(admin))

    return view


def figures(admin: AdminServer) -> View:
    """The part that changes."""

    async def view() -> str:
        return await render_template("_memory.html", **await _figures(admin))

    return view


async def _figures(admin: AdminServer) -> dict[str, Any]:
    kernel = admin.kernel
    tracing = admin.tracing
    snapshot = await to_thread.run_sync(tracing.snapshot, 15) if tracing.running else None
    return {
        "report": kernel.memory.report(),
        "budget": kernel.budget.limit,
        "over_budget": kernel.budget.over,
        "chart": _chart(admin.history.stretches(STRETCHES), kernel.budget.limit),
        "snapshot": snapshot,
    }


def _chart(stretches: list[Stretch], budget: int) -> Chart:
    latest = stretches[-1].memory if stretches else {}
    largest = sorted(latest, key=lambda name: -latest[name])[: len(_KINDS)]
    lines = [
        Line("RSS", [None if each.rss is None else each.rss / _MEGABYTE for each in stretches])
    ]
    lines += [
        Line(name, [each.memory.get(name, 0) / _MEGABYTE for each in stretches], kind)
        for name, kind in zip(largest, _KINDS, strict=False)
        if latest[name]
    ]
    limit = budget / _MEGABYTE if budget else None
    return Chart("Memory, MiB", [each.time for each in stretches], lines, limit=limit, digits=1)


PAGE = Page("Memory", "/memory", "m", (("/memory", page), ("/parts/memory", figures)))
