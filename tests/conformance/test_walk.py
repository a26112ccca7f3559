"""The walk through documents: the project's own examples, and small documents of the corpus."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from tests.conformance.walk.__main__ import main
from tests.conformance.walk.entries import discover
from tests.corpus import corpus

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
SERVER = f"{shlex.quote(sys.executable)} {HERE / 'wrong_server.py'} {{port}}"
LAST = re.compile(r"operations (\d+), valid (\d+), listed (\d+), failed (\d+)")

SMALL = [
    "oai-v2.0-petstore.yaml",
    "oai-v2.0-uber.yaml",
    "oai-v3.0-petstore-expanded.yaml",
    "oai-v3.0-uspto.yaml",
    "swagger-petstore3.yaml",
    "swagger-petstore31.yaml",
    "redocly-cafe-3.2.yaml",
    "readme-3.0-parameters-style.yaml",
    "readme-3.0-polymorphism.yaml",
]


def last_line(capsys: pytest.CaptureFixture[str]) -> tuple[int, int, int, int, str]:
    said = capsys.readouterr().out
    match = LAST.fullmatch(said.splitlines()[-1])
    assert match is not None, said
    operations, valid, listed, failed = map(int, match.groups())
    return operations, valid, listed, failed, said


@pytest.mark.parametrize("name", SMALL)
def test_a_published_document_is_served_as_it_declares(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([str(corpus("openapi", name))])
    operations, valid, listed, failed, said = last_line(capsys)
    assert (code, failed) == (0, 0), said
    assert operations == valid + listed > 0


def test_a_document_in_many_files_is_served_as_it_declares(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main([str(corpus("openapi-multifile", "oai-petstore-separate"))])
    operations, valid, _, _, said = last_line(capsys)
    assert code == 0, said
    assert operations == valid == 4


@pytest.mark.parametrize(
    "document", discover([ROOT / "examples"]), ids=lambda path: str(path.relative_to(ROOT))
)
def test_an_example_is_served_as_it_declares(
    document: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([str(document), "--repeat"])
    operations, valid, _, _, said = last_line(capsys)
    assert code == 0, said
    assert operations == valid > 0


def test_the_last_line_counts_every_operation_and_the_exit_code_tells_of_failures(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main([str(HERE / "wrong.yaml"), "--server", SERVER])
    operations, valid, listed, failed, said = last_line(capsys)
    assert code == 1
    assert operations == valid + listed + failed
    assert (valid, listed) == (6, 7), said
    assert said.count("\nFAILED") + said.startswith("FAILED") == failed


def test_a_server_that_does_not_start_fails_every_operation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main([str(HERE / "wrong.yaml"), "--server", f"{shlex.quote(sys.executable)} -c exit(7)"])
    operations, _, _, failed, said = last_line(capsys)
    assert code == 1
    assert operations == failed > 0
    assert "exited with 7" in said


def test_only_the_operations_asked_for_are_called(capsys: pytest.CaptureFixture[str]) -> None:
    code = main([str(HERE / "wrong.yaml"), "--server", SERVER, "--only", "^GET /right$"])
    assert code == 0
    assert last_line(capsys)[:4] == (1, 1, 0, 0)


def test_fragments_of_a_document_are_no_documents(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    shutil.copy(HERE / "wrong.yaml", folder / "entry.yaml")
    (folder / "part.yaml").write_text("openapi: 3.0.0\npaths: {}\n")
    (folder / "more.yml").write_text("a: {$ref: 'part.yaml#/paths'}\n")
    (folder / "data.json").write_text('{"nested": {"openapi": "3.0.0"}}')
    (folder / "old.json").write_text('{"swagger": "2.0"}')
    assert [path.name for path in discover([tmp_path])] == ["entry.yaml", "old.json"]


def test_a_missing_file_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["no/such/file.yaml"])
    assert ended.value.code == 2
    assert "no such file" in capsys.readouterr().err
