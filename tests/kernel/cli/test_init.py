"""``mockforge init`` writes what ``examples/petstore`` holds, and it is fine."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mockforge.cli import run
from mockforge.config import SettingsModel, check_file
from mockforge.contracts import ConfigSection

EXAMPLE = Path(__file__).resolve().parents[3] / "examples/petstore"


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_it_writes_the_example_of_the_repository(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["init", str(tmp_path / "new/project")]) == 0
    written = contents(tmp_path / "new/project")
    assert written == contents(EXAMPLE)
    assert set(written) >= {"openapi.yaml", "mockforge.yaml", "README.md"}
    assert capsys.readouterr().out.endswith(f"next: cd {tmp_path}/new/project && mockforge serve\n")


def test_without_a_folder_it_writes_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["init"]) == 0
    assert (tmp_path / "openapi.yaml").exists()
    assert capsys.readouterr().out.endswith("\nnext: mockforge serve\n")


@pytest.mark.parametrize("name", ["mockforge.yaml", "fixtures/GET/pets/42.json"])
def test_it_overwrites_nothing_and_then_writes_nothing(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("mine")
    assert run(["init", str(tmp_path)]) == 2
    assert f"{tmp_path / name} exists already" in capsys.readouterr().err
    assert contents(tmp_path) == {name: b"mine"}


def test_a_folder_that_cannot_be_made_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert run(["init", str(tmp_path / "file/below")]) == 2
    assert "cannot write" in capsys.readouterr().err


def test_the_example_document_is_valid() -> None:
    validators = pytest.importorskip("openapi_spec_validator")
    document = yaml.safe_load((EXAMPLE / "openapi.yaml").read_text())
    assert document["openapi"].startswith("3.1.")
    errors = validators.OpenAPIV31SpecValidator(document).iter_errors()
    assert [error.message for error in errors] == []


def test_the_example_settings_are_valid() -> None:
    http = pytest.importorskip("mockforge_http.config")
    model = SettingsModel([ConfigSection("http", http.HttpConfig)])
    assert check_file(model, EXAMPLE / "mockforge.yaml") == []
