"""``mockforge lint``: who checks what, how it is printed, and the exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mockforge.cli import run
from tests.kernel.cli.running import environment
from tests.kernel.site import Site

LINTER = """
from mockforge.findings import Finding

@hookimpl
def mockforge_register_lint_kinds():
    return ["recipes (.recipe)"]

@hookimpl
def mockforge_lint_file(path):
    return check(path) if path.suffix == ".recipe" else None

def check(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        severity, _, message = line.partition(" ")
        if severity == "wait":
            input()
        elif severity != "fine":
            yield Finding("recipe.odd", message, severity, str(path), number, 1, hint="taste it")
"""


@pytest.fixture
def folder(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    site.plugin("linter", LINTER)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: site.entry_points())
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_findings_are_lines_with_place_and_hint_and_an_error_exits_1(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.recipe").write_text("fine\nerror too salty\nwarning bland\n")
    assert run(["lint", "a.recipe"]) == 1
    output = capsys.readouterr()
    assert output.out.splitlines() == [
        "a.recipe:2:1: error: too salty [recipe.odd]",
        "  hint: taste it",
        "a.recipe:3:1: warning: bland [recipe.odd]",
        "  hint: taste it",
    ]
    assert output.err == "1 checked: 1 errors, 1 warnings\n"


def test_warnings_alone_exit_0(folder: Path) -> None:
    (folder / "a.recipe").write_text("warning bland\n")
    assert run(["lint", "a.recipe"]) == 0


def test_json_is_one_array(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.recipe").write_text("error salty\nwarning bland\n")
    assert run(["lint", "--format", "json", "a.recipe"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [(finding["message"], finding.get("severity", "error")) for finding in found] == [
        ("salty", "error"),
        ("bland", "warning"),
    ]
    (folder / "a.recipe").write_text("fine\n")
    assert run(["lint", "--format", "json", "a.recipe"]) == 0
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize("style", ["text", "json"])
def test_findings_are_printed_as_they_come(folder: Path, site: Site, style: str) -> None:
    (folder / "a.recipe").write_text("error first\nwait\nerror second\n")
    with subprocess.Popen(
        [sys.executable, "-m", "mockforge", "lint", "--format", style, "a.recipe"],
        cwd=folder,
        env=environment(site.root),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        begin = child.stdout.read(len("[\n{" if style == "json" else "a.recipe:1:1: error: first"))
        assert begin  # while the linter waits for input
        assert child.poll() is None
        child.stdin.write("go\n")
        child.stdin.close()
        rest = child.stdout.read()
        assert "second" in rest


def test_a_file_of_no_known_kind_is_an_error_naming_the_known_ones(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.bin").write_text("")
    assert run(["lint", "a.bin"]) == 1
    output = capsys.readouterr().out
    assert "a.bin: error: is not of a kind that can be checked [lint.unknown-kind]" in output
    assert "hint: known: settings (mockforge.yaml), recipes (.recipe)" in output


def test_folders_are_searched_and_other_peoples_left_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("b.recipe", "sub/a.recipe", "node_modules/x.recipe", ".git/y.recipe", ".z.recipe"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("error found\n")
    (folder / "other.txt").write_text("not a recipe")
    (folder / "loop").symlink_to(folder)
    assert run(["lint", "."]) == 1
    lines = [line for line in capsys.readouterr().out.splitlines() if "error" in line]
    assert [line.partition(":")[0] for line in lines] == ["b.recipe", "sub/a.recipe"]


def test_a_folder_without_anything_to_check_is_an_error(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "empty").mkdir()
    assert run(["lint", "empty"]) == 1
    assert "empty: error: holds no file of a kind" in capsys.readouterr().out


def test_the_settings_file_is_checked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "mockforge.yaml").write_text("core:\n  max_request_lgs: 5\n")
    assert run(["lint", "mockforge.yaml"]) == 1
    output = capsys.readouterr().out
    assert "mockforge.yaml:2:3" in output
    assert "max_request_logs" in output
    (folder / "mockforge.yaml").write_text("core:\n  max_request_logs: 5\n")
    assert run(["lint", "mockforge.yaml"]) == 0


def test_a_linter_that_fails_does_not_pass_the_file(
    folder: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.plugin("broken", "@hookimpl\ndef mockforge_lint_file(path):\n    raise ValueError('no')\n")
    (folder / "a.recipe").write_text("fine\n")
    assert run(["lint", "a.recipe"]) == 1
    assert "plugin broken: mockforge_lint_file raised ValueError" in capsys.readouterr().out


def test_a_file_that_is_not_there_is_a_usage_error(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lint", "gone.recipe"]) == 2
    assert "'gone.recipe' does not exist" in capsys.readouterr().err
