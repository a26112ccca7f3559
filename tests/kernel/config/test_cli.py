"""``mockforge config show``, ``schema`` and ``check``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import jsonschema
import msgspec
import pytest
from msgspec import Meta

from mockforge.cli import run
from mockforge.config import SettingsModel
from mockforge.contracts import ConfigSection

Capture = pytest.CaptureFixture[str]


class Vault(msgspec.Struct, frozen=True):
    """Has a secret."""

    token: Annotated[str | None, Meta(description="Token", extra={"secret": True})] = None
    names: Annotated[tuple[str, ...], Meta(description="Names")] = ("a", "b")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("MOCKFORGE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    model = SettingsModel([ConfigSection("vault", Vault)])
    monkeypatch.setattr("mockforge.plugins.settings.settings_model", lambda _: model)
    return


def write(text: str, name: str = "mockforge.yaml") -> None:
    Path(name).write_text(text)


def rows(text: str) -> dict[str, tuple[str, ...]]:
    """The table of ``config show`` by key."""
    return {line.split()[0]: tuple(line.split(maxsplit=2)[1:]) for line in text.splitlines()}


def test_show_prints_each_setting_with_its_origin(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("core:\n  seed: 7\n  max_logged_body: 1024\nprofiles: {ci: {core: {seed: 8}}}\n")
    monkeypatch.setenv("MOCKFORGE_LOG_LEVEL", "debug")
    assert run(["config", "show"]) == 0
    output = capsys.readouterr().out
    shown = rows(output)
    assert shown["core.seed"] == ("7", "mockforge.yaml:2:3")
    assert shown["core.max_logged_body"] == ("1KiB", "mockforge.yaml:3:3")
    assert shown["core.watch"] == ("false", "default")
    assert shown["logging.level"] == ("debug", "MOCKFORGE_LOG_LEVEL")
    assert '["a", "b"]' in output
    aligned = [
        line for line in output.splitlines() if line.endswith("  default") and "[" not in line
    ]
    assert len({line.rindex("  default") for line in aligned}) == 1
    assert run(["config", "show", "--profile", "ci"]) == 0
    assert rows(capsys.readouterr().out)["core.seed"] == ("8", "mockforge.yaml:4:24")


def test_show_as_json(capsys: Capture) -> None:
    write("[core]\nseed = 7\n", "other.toml")
    assert run(["config", "show", "--json", "--config", "other.toml"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["file"] == "other.toml"
    assert document["profile"] is None
    assert document["settings"]["core.seed"] == {
        "value": 7,
        "origin": "file",
        "where": "other.toml:2:1",
    }
    assert document["settings"]["core.drain_timeout"] == {
        "value": "10s",
        "origin": "default",
        "where": None,
    }


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_secrets_are_masked(capsys: Capture, options: list[str]) -> None:
    write("vault: {token: s3cret}")
    assert run(["config", "show", *options]) == 0
    output = capsys.readouterr().out
    assert "s3cret" not in output
    assert "********" in output
    write("")
    assert run(["config", "show", *options]) == 0
    assert "********" not in capsys.readouterr().out


def test_show_says_what_is_not_read_on_standard_error(capsys: Capture) -> None:
    write("grpc: {}")
    assert run(["config", "show", "--json"]) == 0
    output = capsys.readouterr()
    assert json.loads(output.out)
    assert output.err.startswith("mockforge.yaml:1:1 (grpc): info: settings of the section grpc")


def test_show_refuses_wrong_settings(capsys: Capture) -> None:
    write("core: {sed: 7}")
    assert run(["config", "show"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "error: mockforge.yaml:1:8 (core.sed): there is no such setting",
        "hint: did you mean core.seed?",
    ]


def test_schema_is_a_json_schema(capsys: Capture) -> None:
    assert run(["config", "schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate({"core": {"seed": 3}, "vault": {"names": []}})


def test_check_reports_everything_and_exits_with_1(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("core: {sed: 7}\nwebsocket: {}\nprofiles: {ci: {vault: {names: x}}}\n")
    monkeypatch.setenv("MOCKFORGE_CORE__SEED", "x")
    assert run(["config", "check"]) == 1
    output = capsys.readouterr()
    assert output.out.splitlines() == [
        "mockforge.yaml:1:8 (core.sed): error: there is no such setting [config.invalid]",
        "  hint: did you mean core.seed?",
        (
            "mockforge.yaml:3:25 (profiles.ci.vault.names): error: "
            "expected a list of texts, got 'x' [config.invalid]"
        ),
        "  hint: write ['x'] for a list of one",
        "MOCKFORGE_CORE__SEED (core.seed): error: expected an integer, got 'x' [config.invalid]",
    ]
    assert output.err == "mockforge.yaml and environment: 3 errors\n"


def test_check_of_a_named_file_leaves_the_environment_alone(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("core: {sed: 1}")
    write('{"core": {"seed": 1}}', "other.json")
    monkeypatch.setenv("MOCKFORGE_CORE__SEED", "x")
    assert run(["config", "check", "other.json"]) == 0
    assert capsys.readouterr().err == "other.json: nothing wrong\n"


def test_check_without_a_file_checks_the_environment(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["config", "check"]) == 0
    assert capsys.readouterr().err == "no settings file, environment: nothing wrong\n"
    monkeypatch.setenv("MOCKFORGE_CORE__SEED", "x")
    assert run(["config", "check"]) == 1


def test_check_of_a_file_that_is_not_there_is_a_usage_error(capsys: Capture) -> None:
    assert run(["config", "check", "nope.yaml"]) == 2
    assert "nope.yaml" in capsys.readouterr().err
