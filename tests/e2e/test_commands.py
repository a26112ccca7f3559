"""The commands besides ``serve``, in processes of their own, each option by what it changes."""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.kernel.cli.running import ECHO_PLUGIN
from tests.kernel.cli.running import mockforge as start
from tests.kernel.site import Site

LOUD = "import sys\nprint('imported', file=sys.stderr)\n" + ECHO_PLUGIN.replace('"echo"', '"loud"')


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Where the plugin ``loud`` is installed, which says when it is imported; its server is ``echo``."""
    site = Site(tmp_path / "site")
    site.plugin("loud", LOUD)
    return site


def mockforge(site: Site, *arguments: str, **env: str) -> CompletedProcess[str]:
    return start(site.root, *arguments, cwd=site.root.parent, env=env)


@pytest.mark.shows("mockforge --version")
def test_version(site: Site) -> None:
    done = mockforge(site, "--version")
    assert done.stdout.startswith("mockforge 2")
    assert done.stderr == ""


@pytest.mark.shows("mockforge plugins", "mockforge plugins --json", "mockforge plugins --all")
def test_plugins_are_listed(site: Site) -> None:
    done = mockforge(site, "plugins")
    assert "loud   loaded   mockforge-loud 1.0" in done.stdout
    listed = json.loads(mockforge(site, "plugins", "--json", "--all").stdout)
    assert {"loud", "http"} <= {row["name"] for row in listed["plugins"]}
    assert {"name": "grpc", "install": "pip install 'mockforge[grpc]'"} in listed["not_installed"]


SHOWING = [("plugins", "--json"), ("config", "show", "--json"), ("config", "schema")]


def sections(done: CompletedProcess[str]) -> set[str]:
    """What a command of ``SHOWING`` shows of plugins: those that are loaded, or their sections."""
    assert done.returncode == 0, done.stderr
    shown: dict[str, Any] = json.loads(done.stdout)
    if "plugins" in shown:
        return {row["name"] for row in shown["plugins"] if row["state"] == "loaded"}
    if "settings" in shown:
        return {key.partition(".")[0] for key in shown["settings"]} - {"core", "logging"}
    return {name for name in shown["$defs"] if "-" not in name} - {"core", "logging", "profile"}


@pytest.mark.shows(
    "mockforge plugins --without",
    "mockforge plugins --only",
    "mockforge config show --without",
    "mockforge config show --only",
    "mockforge config schema",
    "mockforge config schema --without",
    "mockforge config schema --only",
)
@pytest.mark.parametrize("command", SHOWING, ids=" ".join)
def test_plugins_can_be_left_out_and_are_not_imported_then(
    site: Site, command: tuple[str, ...]
) -> None:
    every = mockforge(site, *command)
    ws = "ws" if command[0] == "plugins" else "websocket"
    assert sections(every) == {"admin", "http", "loud", ws}
    assert every.stderr == "imported\n"
    without = mockforge(site, *command, "--without", "loud")
    assert sections(without) == {"admin", "http", ws}
    assert without.stderr == ""
    # Of MockForge's own only what is named; those of others may be more than a server.
    assert sections(mockforge(site, *command, "--only", "echo")) == {"loud"}


@pytest.mark.shows("mockforge config show --config", "mockforge config show --profile")
def test_settings_are_shown_as_a_file_and_its_profile_make_them(site: Site) -> None:
    (site.root.parent / "other.yaml").write_text(
        "core: {seed: 1}\nprofiles: {ci: {core: {seed: 2}}}\n"
    )

    def seed(*arguments: str) -> tuple[int, str | None]:
        shown = json.loads(mockforge(site, "config", "show", "--json", *arguments).stdout)
        row = shown["settings"]["core.seed"]
        return row["value"], row["where"]

    assert seed() == (0, None)
    assert seed("--config", "other.yaml") == (1, "other.yaml:1:8")
    assert seed("--config", "other.yaml", "--profile", "ci") == (2, "other.yaml:2:24")


@pytest.mark.shows(
    "mockforge config check",
    "mockforge config check FILE",
    "mockforge config check --only",
    "mockforge config check --without",
)
def test_a_settings_file_is_checked_with_the_plugins_that_take_part(site: Site) -> None:
    (site.root.parent / "other.yaml").write_text("loud: {wrod: x}\nhttp: {prot: 1}\n")
    wrong = mockforge(site, "config", "check", "other.yaml")
    assert wrong.returncode == 1
    assert "other.yaml:1:8 (loud.wrod): error" in wrong.stdout
    assert "other.yaml:2:8 (http.prot): error" in wrong.stdout
    assert (
        "loud.wrod" not in mockforge(site, "config", "check", "other.yaml", "--without=loud").stdout
    )
    assert "http.prot" not in mockforge(site, "config", "check", "other.yaml", "--only=echo").stdout
    assert mockforge(site, "config", "check").returncode == 0
    assert mockforge(site, "config", "check", MOCKFORGE_CORE__SEED="x").returncode == 1


@pytest.mark.shows("mockforge init", "mockforge init DIR", "mockforge lint", "mockforge lint FILE")
def test_the_example_is_written_and_found_fine(site: Site) -> None:
    assert mockforge(site, "init", "example").returncode == 0
    assert (site.root.parent / "example/openapi.yaml").is_file()
    done = mockforge(site, "lint", "example")
    assert done.returncode == 0
    assert "0 errors" in done.stderr


LINTER = """
from mockforge.findings import Finding

@hookimpl
def mockforge_lint_file(path, fast):
    word = "is odd at first sight" if fast else "is odd"
    return [Finding("odd", word, file=str(path))] if path.suffix == ".odd" else None

@hookimpl
def mockforge_register_lint_kinds():
    return ["odd files (.odd)"]
"""


@pytest.mark.shows(
    "mockforge lint --fast",
    "mockforge lint --format",
    "mockforge lint --without",
    "mockforge_lint_file",
    "mockforge_register_lint_kinds",
)
def test_findings_of_plugins_are_lines_or_json(site: Site) -> None:
    site.plugin("linter", LINTER)
    (site.root.parent / "a.odd").write_text("")
    assert "a.odd: error: is odd [odd]" in mockforge(site, "lint", "a.odd").stdout
    found = json.loads(mockforge(site, "lint", "--format", "json", "a.odd").stdout)
    assert [finding["message"] for finding in found] == ["is odd"]
    assert "odd at first sight" in mockforge(site, "lint", "--fast", "a.odd").stdout
    (site.root.parent / "b.bin").write_text("")
    assert "odd files (.odd)" in mockforge(site, "lint", "b.bin").stdout
    assert "is odd" not in mockforge(site, "lint", "--without", "linter", "a.odd").stdout
