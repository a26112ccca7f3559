"""Where the settings file is looked for, and what reading settings costs before there is one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mockforge.config import find_file, is_settings_file
from mockforge.errors import ConfigError


def deep(folder: Path, levels: int) -> Path:
    for level in range(levels):
        folder /= f"level{level}"
    folder.mkdir(parents=True)
    return folder


def test_the_file_in_the_working_folder_is_used(tmp_path: Path) -> None:
    (tmp_path / "mockforge.yml").touch()
    inner = deep(tmp_path, 1)
    (inner / "mockforge.toml").touch()
    assert find_file(inner) == inner / "mockforge.toml"


@pytest.mark.parametrize(("levels", "found"), [(0, True), (1, True), (5, True), (6, False)])
def test_up_to_five_folders_above_are_searched(tmp_path: Path, levels: int, found: bool) -> None:
    (tmp_path / "mockforge.json").touch()
    assert find_file(deep(tmp_path, levels) if levels else tmp_path) == (
        tmp_path / "mockforge.json" if found else None
    )


def test_a_folder_of_that_name_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "mockforge.yaml").mkdir()
    (tmp_path / "mockforge.yml").touch()
    assert find_file(tmp_path) == tmp_path / "mockforge.yml"


def test_two_files_above_are_an_error_too(tmp_path: Path) -> None:
    (tmp_path / "mockforge.yaml").touch()
    (tmp_path / "mockforge.toml").touch()
    with pytest.raises(ConfigError, match=r"holds mockforge\.yaml and mockforge\.toml"):
        find_file(deep(tmp_path, 2))


def test_the_working_folder_gives_a_relative_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mockforge.yaml").touch()
    assert find_file(Path()) == Path("mockforge.yaml")
    monkeypatch.chdir(deep(tmp_path, 1))
    assert find_file(Path()) == tmp_path / "mockforge.yaml"


def test_settings_files_are_known_by_name() -> None:
    assert is_settings_file(Path("a/mockforge.yml"))
    assert not is_settings_file(Path("a/mockforge.ini"))
    assert not is_settings_file(Path("a/stubs.yaml"))


def test_importing_the_settings_imports_nothing_heavy(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from mockforge.config import SettingsModel, load_settings\n"
        "heavy = {'click', 'yaml', 'asyncio', 'anyio', 'tomllib', 'jsonschema'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "load_settings(SettingsModel(), environ={})\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
