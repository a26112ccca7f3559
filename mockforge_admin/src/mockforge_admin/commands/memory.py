"""``mockforge memory``: bytes by component of a running server."""

from __future__ import annotations

import click
import msgspec

from mockforge.observe.memory import MemoryReport, render_report
from mockforge_admin.commands.asking import AdminClient, admin_options


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--pss", is_flag=True, help="Also PSS: shared pages divided among their users.")
@admin_options
def memory(url: str, token: str | None, as_json: bool, pss: bool) -> None:
    """Print where the memory of a running server goes."""
    body = AdminClient(url, token).get("/memory", {"pss": "true"} if pss else None)
    if as_json:
        click.echo(body)
    else:
        click.echo(render_report(msgspec.json.decode(body, type=MemoryReport)), nl=False)
