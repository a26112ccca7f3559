"""``mockforge record``: ``mockforge serve`` with everything passed on and recorded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from mockforge.cli.common import plugin_options, settings_options
from mockforge.cli.serve import ServeCommand, run_servers
from mockforge_http.upstreams import Upstream

if TYPE_CHECKING:
    ParamType = click.ParamType[Any]  # generic for the type checker only, before click 8.4
else:
    ParamType = click.ParamType

HTTP: Final = "http"


class UpstreamType(ParamType):
    """The URL of a server."""

    name = "url"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Upstream:
        try:
            return Upstream.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command(cls=ServeCommand, runs=(HTTP,))
@settings_options
@plugin_options
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON line when all servers are ready."
)
@click.option(
    "--upstream", type=UpstreamType(), required=True, help="Server that answers all requests."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("recorded"),
    show_default=True,
    help="Folder to write to.",
)
@click.pass_context
def record(
    ctx: click.Context,
    /,
    upstream: Upstream,
    output: Path,
    only: tuple[str, ...],
    as_json: bool,
    **given: Any,
) -> None:
    """Pass all requests on to another server and write what it answers as stubs, until Ctrl-C.

    Serve them without that server: `mockforge serve --mocks DIR`. All options of `mockforge serve` are
    understood.
    """
    settings = {
        "http.proxy.upstream": str(upstream),
        "http.proxy.when": "always",
        "http.record.to": str(output),
    }
    known = {name: given.pop(name) for name in ("config", "profile", "without")}
    run_servers(ctx, only=only or (HTTP,), as_json=as_json, given=given, settings=settings, **known)
