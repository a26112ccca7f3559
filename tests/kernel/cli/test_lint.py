"""``mockforge lint``: who checks what, how it is printed, and the exit code."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mockforge.cli import run
from tests.kernel.cli.running import environment
from tests.kernel.site import Site

LINTER = """
from mockforge.findings import Finding
from mockforge.progress import note

@hookimpl
def mockforge_register_lint_kinds():
    return ["recipes (.recipe)"]

@hookimpl
def mockforge_lint_file(path, fast):
    return check(path, fast) if path.suffix == ".recipe" else None

def check(path, fast):
    note("tasting")
    for number, line in enumerate(path.read_text().splitlines(), 1):
        severity, _, message = line.partition(" ")
        if severity == "wait":
            input()
        elif severity != "fine" and not (fast and "slow" in message):
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


def test_fast_is_passed_on_to_those_who_check(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.recipe").write_text("error slow\nwarning quick\n")
    assert run(["lint", "--fast", "a.recipe"]) == 0
    output = capsys.readouterr().out
    assert "quick" in output
    assert "slow" not in output


REQUIRED = {
    "log": {"version", "runs"},
    "run": {"tool"},
    "driver": {"name"},
    "rule": {"id"},
    "result": {"message"},
}
"""What SARIF 2.1.0 requires (sections 3.13, 3.14, 3.19, 3.49, 3.27)."""


def test_sarif_is_a_log_with_one_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a b.recipe").write_text("error salty\nwarning bland\ninfo odd\n")
    assert run(["lint", "--format", "sarif", "a b.recipe", str(folder / "a b.recipe")]) == 1
    log = json.loads(capsys.readouterr().out)
    (sarif,) = log["runs"]
    driver = sarif["tool"]["driver"]
    assert log.keys() >= REQUIRED["log"]
    assert sarif.keys() >= REQUIRED["run"]
    assert driver.keys() >= REQUIRED["driver"]
    assert log["version"] == "2.1.0"
    assert all(rule.keys() >= REQUIRED["rule"] for rule in driver["rules"])
    results = sarif["results"]
    assert [result["level"] for result in results] == ["error", "warning", "note"] * 2
    assert all(driver["rules"][result["ruleIndex"]]["id"] == "recipe.odd" for result in results)
    assert results[0]["message"]["text"] == "salty (hint: taste it)"
    (location,) = results[0]["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20b.recipe", "uriBaseId": "SRCROOT"},
        "region": {"startLine": 1, "startColumn": 1},
    }
    assert sarif["originalUriBaseIds"]["SRCROOT"]["uri"] == f"{folder.as_uri()}/"
    artifact = results[3]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": (folder / "a b.recipe").as_uri()}


def test_sarif_without_findings_is_a_log_too(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.recipe").write_text("fine\n")
    assert run(["lint", "--format", "sarif", "a.recipe"]) == 0
    (sarif,) = json.loads(capsys.readouterr().out)["runs"]
    assert sarif["results"] == []
    assert sarif["tool"]["driver"]["rules"] == []


def test_who_looks_at_a_terminal_sees_what_takes_long(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line is there while the check waits, and gone before a finding is printed."""
    written: list[str] = []
    seen = threading.Event()

    class Terminal(io.StringIO):
        def write(self, text: str) -> int:
            if not isinstance(text, str):  # it is asked whether it takes bytes
                raise TypeError("not text")
            written.append(text)
            if "tasting" in text:
                seen.set()
            return len(text)

        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("mockforge.cli.busy._PATIENCE", 0.0)
    monkeypatch.setattr("mockforge.cli.busy._REFRESH", 0.01)
    monkeypatch.setattr("builtins.input", lambda: seen.wait(30) and "")
    monkeypatch.setattr("sys.stderr", Terminal())
    (folder / "a.recipe").write_text("wait\nerror salty\n")
    assert run(["lint", "a.recipe"]) == 1
    assert seen.is_set()
    drawn = [text for text in written if "a.recipe: tasting" in text]
    assert drawn
    last = max(index for index, text in enumerate(written) if text in drawn)
    assert "\r\x1b[K" in written[last + 1 :]
