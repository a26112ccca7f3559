"""``mockforge record``: ``mockforge serve`` with everything passed on to another server and recorded.

What is run and how is set depends on the scheme of the server's URL; plugins say it
(``mockforge_register_recordings``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from mockforge.cli.common import Refused, chosen_plugins, plugin_options, settings_options
from mockforge.cli.serve import ServeCommand, run_servers

if TYPE_CHECKING:
    from mockforge.contracts import Recording
    from mockforge.plugins import Plugins

RECORDING_KEY: Final = "mockforge.recording"

OWNERS: Final = {"http": "http", "https": "http", "ws": "ws", "wss": "ws"}
"""Which plugin of MockForge's own records a scheme, to name it where it is not there to be asked."""


class RecordCommand(ServeCommand):
    """Runs the protocol that the scheme of ``--upstream`` asks for, unless ``--only`` says otherwise."""

    def runs(
        self, ctx: click.Context, args: list[str], reading: Mapping[str, Any]
    ) -> tuple[str, ...]:
        url = _upstream_of(args)
        if url is None:  # click will say what is missing
            return ()
        plugins = chosen_plugins(
            (), reading["without"], config=reading["config"], profile=reading["profile"]
        )
        recording = _recording_of(ctx, plugins, url)
        ctx.meta[RECORDING_KEY] = recording
        return (recording.protocol,)


@click.command(cls=RecordCommand)
@settings_options
@plugin_options
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON line when all servers are ready."
)
@click.option(
    "--upstream",
    metavar="URL",
    required=True,
    help="Server that answers everything: http://, https://, ws:// or wss://.",
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
    upstream: str,
    output: Path,
    only: tuple[str, ...],
    as_json: bool,
    **given: Any,
) -> None:
    """Pass everything on to another server and write what it answers as stubs, until Ctrl-C.

    Serve them without that server: `mockforge serve --mocks DIR`. All options of `mockforge serve` are
    understood.
    """
    recording: Recording = ctx.meta[RECORDING_KEY]
    try:
        settings = recording.settings(upstream, output)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param_hint="'--upstream'") from None
    known = {name: given.pop(name) for name in ("config", "profile", "without")}
    run_servers(
        ctx,
        only=only or (recording.protocol,),
        as_json=as_json,
        given=given,
        settings=settings,
        **known,
    )


def _upstream_of(args: list[str]) -> str | None:
    """The value of ``--upstream``, which says what options there are besides."""
    scan = click.command(
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )(click.option("--upstream")(lambda **_: None))
    found: str | None = scan.make_context("record", list(args), resilient_parsing=True).params[
        "upstream"
    ]
    return found


def _recording_of(ctx: click.Context, plugins: Plugins, url: str) -> Recording:
    from mockforge.plugins import pip_line

    recordings = plugins.recordings()
    scheme = url.strip().partition("://")[0].lower()
    found = recordings.get(scheme)
    if found is not None:
        return found
    owner = OWNERS.get(scheme)
    if owner is None:
        known = ", ".join(f"{scheme}://" for scheme in sorted({*recordings, *OWNERS}))
        raise click.BadParameter(
            f"expected the URL of a server ({known}), got {url!r}", ctx, param_hint="'--upstream'"
        )
    row = plugins.get(owner)
    if row is None:
        state, hint = "not installed", pip_line(owner)
    elif row.state == "blocked":
        state, hint = f"left out by {row.reason}", f"leave {row.reason} away"
    else:
        state, hint = f"{row.state}: {row.reason}", "mockforge plugins"
    raise Refused(
        f"{scheme}:// is recorded by the plugin {owner}, which is {state}", hint=hint, ctx=ctx
    )
