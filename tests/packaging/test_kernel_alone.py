"""The distribution ``mockforge`` by itself: useful, and clear about what is missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.packaging.venv import ROOT, Venv


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Venv:
    venv = Venv(tmp_path_factory.mktemp("alone") / "venv")
    venv.install("mockforge")
    return venv


@pytest.mark.parametrize(
    "arguments", [["serve"], ["serve", "openapi.yaml"], ["serve", "--http-port", "3000"]]
)
def test_serve_exits_2_with_the_pip_line(venv: Venv, tmp_path: Path, arguments: list[str]) -> None:
    done = venv.run("-m", "mockforge", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "hint: pip install 'mockforge[http]'"
    assert done.stdout == ""


def test_nothing_is_listed_but_what_can_be_installed(venv: Venv) -> None:
    done = venv.run("-m", "mockforge", "plugins", "--all", "--json")
    document = json.loads(done.stdout)
    assert document["plugins"] == []
    assert document["not_installed"][0]["name"] == "http"


def test_the_example_project_is_in_the_wheel(venv: Venv, tmp_path: Path) -> None:
    done = venv.run("-m", "mockforge", "init", ".", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    example = ROOT / "examples/petstore"
    for file in example.rglob("*"):
        if file.is_file():
            written = tmp_path / file.relative_to(example)
            assert written.read_bytes() == file.read_bytes()


def test_the_command_and_the_module_are_the_same(venv: Venv) -> None:
    by_module = venv.run("-m", "mockforge", "--version")
    by_command = venv.run(str(venv.bin / "mockforge"), "--version")
    assert by_module.stdout == by_command.stdout
    assert by_module.stdout.startswith("mockforge 2")


def test_the_pytest_plugin_is_registered(venv: Venv, tmp_path: Path) -> None:
    done = venv.run("-m", "pytest", "--fixtures", "-q", cwd=tmp_path)
    assert "mock_server" in done.stdout
