"""The command line: ``mockforge COMMAND``, one file per command, plugins add theirs by hook.

Each command's module is imported when that command is called, so that ``mockforge --version`` costs
an interpreter and click. Whatever is wrong with the input ends as one to three lines on standard
error and the exit code of :class:`~mockforge.errors.ExitCode`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from mockforge.cli.common import LazyGroup, print_usage_error
from mockforge.errors import ExitCode, MockForgeError

INTERRUPTED = 130
"""The exit code of a program ended by Ctrl-C (128 + SIGINT)."""


@click.group(
    cls=LazyGroup,
    commands_at={
        "config": "mockforge.cli.config:config",
        "import": "mockforge.cli.importing:import_",
        "init": "mockforge.cli.init:init",
        "lint": "mockforge.cli.lint:lint",
        "plugins": "mockforge.cli.plugins:plugins",
        "record": "mockforge.cli.record:record",
        "serve": "mockforge.cli.serve:serve",
    },
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="mockforge", message="mockforge %(version)s")
def cli() -> None:
    """Mock servers for HTTP, WebSocket and gRPC in one process with a known memory ceiling.

    Start with `mockforge init DIR`, then `mockforge serve` in that folder; or hand a document over:
    `mockforge serve openapi.yaml`.
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line with ``arguments`` (those of the process if not given) and exit."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    from mockforge.cli.common import print_error

    try:
        code = cli.main(
            None if arguments is None else list(arguments),
            prog_name="mockforge",
            standalone_mode=False,
        )
    except MockForgeError as error:
        print_error(error)
        return error.exit_code
    except click.ClickException as error:
        print_usage_error(error)
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (`mockforge plugins | head`): nothing to report to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    return code if isinstance(code, int) else ExitCode.OK
