"""The command line as a whole: cheap to start, clear in what it refuses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from mockforge.cli import INTERRUPTED, run
from tests.kernel.cli.running import mockforge
from tests.kernel.site import Site

COMMANDS = ["config", "init", "lint", "plugins", "serve"]


def test_version_imports_neither_asyncio_nor_yaml_nor_plugins() -> None:
    code = """
        import sys
        from mockforge.cli import run
        assert run(["--version"]) == 0
        heavy = {"asyncio", "anyio", "yaml", "msgspec", "pluggy.PluginManager",
                 "mockforge.plugins", "mockforge.config", "mockforge.kernel"} & set(sys.modules)
        assert not heavy, heavy
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(code)], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.startswith("mockforge 2")


def test_it_runs_as_a_module_and_lists_its_commands(site: Site, tmp_path: Path) -> None:
    done = mockforge(site.root, "--help", cwd=tmp_path)
    assert done.returncode == 0
    for command in COMMANDS:
        assert f"\n  {command} " in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    assert f"Usage: mockforge {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (["srve"], ["error: no such command: srve", "hint: did you mean serve?"]),
        (
            ["xyzzy"],
            [
                "error: no such command: xyzzy",
                "hint: commands: config, import, init, lint, logs, memory, plugins, record, serve",
            ],
        ),
        (
            ["lint", "--frmat", "json", "x"],
            [
                "error: No such option '--frmat'. (Did you mean one of: '--fast', '--format'?)",
                "hint: see mockforge lint --help",
            ],
        ),
        (["lint"], ["error: Missing argument 'FILE...'", "hint: see mockforge lint --help"]),
    ],
)
def test_usage_errors_are_two_lines_and_exit_2(
    arguments: list[str], lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    output = capsys.readouterr()
    assert output.err.splitlines() == lines
    assert output.out == ""


COMMAND_PLUGIN = """
import click
from mockforge.errors import ConfigError, Place, StartError

@click.command()
@click.option("--fail", type=click.Choice(["config", "start", "interrupt"]))
def greet(fail):
    "Say hello."
    if fail == "config":
        raise ConfigError("too loud", hint="whisper", place=Place("a.yaml", 3, 5, "greet.volume"))
    if fail == "start":
        raise StartError("no voice")
    if fail == "interrupt":
        raise KeyboardInterrupt
    click.echo("hello")

@click.command("serve")
def shadow():
    "Never reached: built-in commands win."

@hookimpl
def mockforge_register_commands():
    return [greet, shadow]
"""


@pytest.mark.shows("mockforge_register_commands")
def test_plugins_add_commands_which_share_the_way_errors_are_shown(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.plugin("greet", COMMAND_PLUGIN)
    assert run(["greet"]) == 0
    assert capsys.readouterr().out == "hello\n"
    assert run(["greet", "--fail", "config"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "error: a.yaml:3:5 (greet.volume): too loud",
        "hint: whisper",
    ]
    assert run(["greet", "--fail", "start"]) == 3
    assert capsys.readouterr().err == "error: no voice\n"
    assert run(["greet", "--fail", "interrupt"]) == INTERRUPTED
    assert run(["--help"]) == 0
    output = capsys.readouterr().out
    assert "greet    Say hello." in output
    assert "Run mock servers" in output


def test_a_reader_that_goes_away_is_no_error(site: Site, tmp_path: Path) -> None:
    for number in range(40):
        site.plugin(f"p{number:02}", "@hookimpl\ndef mockforge_report_memory():\n    return {}\n")
    command = f"{sys.executable} -m mockforge plugins | true"
    done = subprocess.run(
        ["sh", "-c", f"{command}; exit 0"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(site.root), "PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
