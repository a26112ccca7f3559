"""``mockforge serve``: run the mock servers.

Its options are not written here: they come from the settings of whatever plugins are loaded, so the
command line is read twice, first only for which plugins take part.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from mockforge.cli.common import (
    Refused,
    chosen_plugins,
    plugin_options,
    selection_flags,
    settings_options,
)
from mockforge.errors import PluginError

if TYPE_CHECKING:
    from mockforge.config import Settings, SettingsModel
    from mockforge.plugins import Plugins

PLUGINS_KEY: Final = "mockforge.plugins"
MODEL_KEY: Final = "mockforge.model"

OWNERS: Final = {
    "--host": "http",
    "--http-port": "http",
    "--spec": "http",
    "--mocks": "http",
    "--fixtures": "http",
    "--validation": "http",
    "--ws-port": "ws",
    "--ws-script": "ws",
    "--ws-proxy": "ws",
    "--asyncapi": "ws",
    "--grpc-port": "grpc",
    "--proto": "grpc",
    "--admin-port": "admin",
}
"""Which plugin of MockForge's own brings an option, to name it where it is not there to be asked."""


class ServeCommand(click.Command):
    """Adds the options of the loaded plugins' settings before it reads the command line."""

    def runs(
        self, ctx: click.Context, args: list[str], reading: Mapping[str, Any]
    ) -> tuple[str, ...]:
        """The protocols that run unless ``--only`` says otherwise; none: those of the settings. ``reading``
        are the options that say which plugins and settings there are."""
        return ()

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        from mockforge.plugins.settings import settings_model

        reading = _first_reading(args)
        runs = self.runs(ctx, args, reading)
        reading["only"] = reading["only"] or runs
        plugins = chosen_plugins(**reading)
        ctx.meta[PLUGINS_KEY] = plugins
        ctx.meta[MODEL_KEY] = settings_model(plugins)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            _refuse_option(error, plugins)
        except click.UsageError as error:
            if "unexpected extra argument" in error.message:
                _refuse_document(error, plugins)
            raise

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        from mockforge.config.flags import flag_options

        *own, help_option = super().get_params(ctx)
        model = ctx.meta.get(MODEL_KEY)
        return [*own, *(flag_options(model) if model is not None else ()), help_option]


@click.command(cls=ServeCommand)
@settings_options
@plugin_options
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON line when all servers are ready."
)
@click.pass_context
def serve(
    ctx: click.Context,
    /,
    config: Path | None,
    profile: str | None,
    only: tuple[str, ...],
    without: tuple[str, ...],
    as_json: bool,
    **given: Any,
) -> None:
    """Run mock servers until Ctrl-C.

    SIGTERM and SIGINT finish what is under way and exit with 0; a second one exits at once. SIGHUP
    reads settings and documents again.
    """
    run_servers(
        ctx,
        config=config,
        profile=profile,
        only=only,
        without=without,
        as_json=as_json,
        given=given,
    )


def run_servers(
    ctx: click.Context,
    *,
    config: Path | None,
    profile: str | None,
    only: tuple[str, ...],
    without: tuple[str, ...],
    as_json: bool,
    given: Mapping[str, Any],
    settings: Mapping[str, Any] | None = None,
) -> None:
    """What ``serve`` does, for every command that is a :class:`ServeCommand`: run the servers until they
    are told to stop. ``given`` are the values of the options that the settings bring, ``settings`` further
    ones by their dotted keys."""
    from mockforge.cli.ready import print_ready, print_summary
    from mockforge.config import LoggingConfig, load_settings
    from mockforge.config.flags import UnclaimedError, flags_from_params
    from mockforge.kernel import Kernel, run_kernel
    from mockforge.logs import close_logging, configure_logging

    plugins: Plugins = ctx.meta[PLUGINS_KEY]
    model: SettingsModel = ctx.meta[MODEL_KEY]
    try:
        flags = flags_from_params(model, given) | selection_flags(plugins, only, without)
    except UnclaimedError as error:
        _refuse_document(click.UsageError(error.message, ctx), plugins)
        raise
    flags |= settings or {}

    def read() -> Settings:
        settings = load_settings(model, file=config, profile=profile, flags=flags)
        configure_logging(settings.section("logging", LoggingConfig))
        return settings

    _check_protocols(plugins)
    try:
        first = read()
        run_kernel(
            lambda: Kernel(first, plugins, reread=read),
            print_ready if as_json else print_summary,
        )
    finally:
        close_logging()


def _first_reading(args: list[str]) -> dict[str, Any]:
    """The values of the options that say which plugins and settings there are."""
    scan = click.command(
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )(settings_options(plugin_options(lambda **_: None)))
    return scan.make_context("serve", list(args), resilient_parsing=True).params


def _check_protocols(plugins: Plugins) -> None:
    """Refuse to start nothing."""
    from mockforge.plugins import pip_line

    if plugins.selected_protocols():
        return
    failed = [row for row in plugins.rows if row.state == "failed"]
    for row in plugins.rows:
        for problem in row.problems:
            if problem.hook == "mockforge_register_protocols":
                raise PluginError(
                    f"no protocol can run: the plugin {row.name} raised {problem.message}",
                    hint="mockforge plugins",
                )
    blocked = [row.name for row in plugins.rows if row.state == "blocked"]
    if failed:
        raise PluginError(
            f"no protocol can run: the plugin {failed[0].name} failed: {failed[0].reason}",
            hint="mockforge plugins",
        )
    if blocked or plugins.protocols():
        raise PluginError("--only and --without leave no protocol to run", hint="mockforge plugins")
    raise PluginError("no protocol is installed", hint=pip_line("http"))


def _refuse_option(error: click.NoSuchOption, plugins: Plugins) -> NoReturn:
    owner = OWNERS.get(error.option_name)
    if owner is not None:
        _refuse_absent(
            f"{error.option_name} is an option of the plugin {owner}", owner, plugins, error
        )
    absent = [row.name for row in plugins.rows if row.state != "loaded"]
    if absent and not error.possibilities:
        # Whether one of these has the option cannot be told without importing them.
        raise Refused(
            f"no such option: {error.option_name}",
            hint=f"not loaded, so their options are not known: {', '.join(absent)}",
            ctx=error.ctx,
        ) from error
    raise error


def _refuse_document(error: click.UsageError, plugins: Plugins) -> None:
    row = plugins.get("http")
    if row is None or row.state != "loaded":
        _refuse_absent("documents are served by the plugin http", "http", plugins, error)


def _refuse_absent(message: str, name: str, plugins: Plugins, error: click.UsageError) -> NoReturn:
    from mockforge.plugins import pip_line

    row = plugins.get(name)
    if row is None:
        state, hint = "not installed", pip_line(name)
    elif row.state == "blocked":
        state, hint = f"left out by {row.reason}", f"leave {row.reason} away, or the option"
    elif row.state == "failed":
        state, hint = f"failed: {row.reason}", "mockforge plugins"
    else:
        raise error
    raise Refused(f"{message}, which is {state}", hint=hint, ctx=error.ctx) from error
