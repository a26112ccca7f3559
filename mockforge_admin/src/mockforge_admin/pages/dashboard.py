"""The dashboard: what runs, how fast, how well, and what it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from quart import render_template

from mockforge_admin.history import Stretch
from mockforge_admin.pages.charts import Chart, Line
from mockforge_admin.pages.page import Page, View
from mockforge_admin.pages.requests import tries

if TYPE_CHECKING:
    from mockforge_admin.server import AdminServer

STRETCHES: Final = 120


def page(admin: AdminServer) -> View:
    """The page."""

    async def view() -> str:
        return await render_template("dashboard.html", **_figures(admin))

    return view


def figures(admin: AdminServer) -> View:
    """The part that changes."""

    async def view() -> str:
        return await render_template("_dashboard.html", **_figures(admin))

    return view


def _figures(admin: AdminServer) -> dict[str, Any]:
    kernel = admin.kernel
    stretches = admin.history.stretches(STRETCHES)
    budget = kernel.budget.limit
    return {
        "kernel": kernel,
        "totals": kernel.journal.totals(),
        "latest": stretches[-1] if stretches else None,
        "charts": _charts(stretches, budget),
        "over_budget": kernel.budget.over,
        "failed": [row for row in kernel.plugins.rows if row.state == "failed"],
        "warnings": [each for server in kernel.servers for each in server.warnings()][:20],
        "recent": kernel.journal.recent(8),
        "hints": tries(admin),
    }


def _charts(stretches: list[Stretch], budget: int) -> list[Chart]:
    times = [each.time for each in stretches]

    def line(name: str, values: list[float | None], kind: str = "") -> Line:
        return Line(name, values, kind)

    megabytes = 1024**2
    return [
        Chart(
            "Requests a second",
            times,
            [
                line("requests", [each.requests_per_second for each in stretches]),
                line("errors", [each.errors_per_second for each in stretches], "bad"),
            ],
            digits=1,
        ),
        Chart(
            "Time to answer, ms",
            times,
            [
                line("p50", [each.p50_ms for each in stretches]),
                line("p95", [each.p95_ms for each in stretches], "odd"),
                line("p99", [each.p99_ms for each in stretches], "bad"),
            ],
            digits=2,
        ),
        Chart(
            "Memory (RSS), MiB",
            times,
            [
                line(
                    "RSS",
                    [None if each.rss is None else each.rss / megabytes for each in stretches],
                )
            ],
            limit=budget / megabytes if budget else None,
            digits=1,
        ),
        Chart(
            "Processor, %",
            times,
            [line("cpu", [100 * each.cpu for each in stretches])],
            digits=0,
        ),
    ]


PAGE = Page("Dashboard", "/", "d", (("/", page), ("/parts/dashboard", figures)))
