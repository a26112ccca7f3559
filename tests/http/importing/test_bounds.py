"""What importers take in is bounded, and what is left out is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mockforge.errors import StartError
from mockforge_http.importing import copied, curl, har
from mockforge_http.importing.curl import CurlImporter
from mockforge_http.importing.har import HarImporter
from mockforge_http.importing.mockoon import MockoonImporter
from mockforge_http.importing.wiremock import WireMockImporter, folders, reading
from tests.http.importing.mappings import write


def _mapping(name: str) -> dict[str, Any]:
    return {"request": {"urlPath": f"/{name}"}, "response": {"bodyFileName": name}}


def test_files_past_a_size_of_all_are_left_out_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copied, "MOST_BYTES", 1000)
    files = {"a.bin": b"a" * 600, "b.bin": b"b" * 600, "c.bin": b"c" * 400}
    made = WireMockImporter().convert(write(tmp_path, *map(_mapping, files), files=files))
    assert {name: len(content) for name, content in made.files.items()} == {
        "__files/a.bin": 600,
        "__files/c.bin": 400,
    }
    (finding,) = (each for each in made.findings if each.code == "import.too-large")
    assert (finding.severity, Path(finding.file or "").name) == ("error", "b.bin")


def test_files_of_mockoon_are_bounded_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copied, "MOST_BYTES", 1000)
    for name in "ab":
        (tmp_path / f"{name}.bin").write_bytes(b"x" * 600)
    routes = [
        {
            "type": "http",
            "method": "get",
            "endpoint": name,
            "responses": [{"bodyType": "FILE", "filePath": f"{file}.bin"}],
        }
        for name, file in (("a", "a"), ("again", "a"), ("b", "b"))
    ]
    path = tmp_path / "environment.json"
    path.write_text(json.dumps({"routes": routes}))
    made = MockoonImporter().convert(path)
    assert list(made.files) == ["__files/a.bin"]
    assert [each.code for each in made.findings] == ["import.too-large"]


def test_mappings_are_bounded_in_size_and_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, *(_mapping(str(number)) for number in range(4)))
    monkeypatch.setattr(folders, "MOST_FILES", 3)
    with pytest.raises(StartError, match="more than 3 files"):
        WireMockImporter().convert(tmp_path)
    monkeypatch.undo()
    monkeypatch.setattr(reading, "_LIMITS", reading._LIMITS.__class__(size=10))
    with pytest.raises(StartError, match="larger than 10 bytes"):
        WireMockImporter().convert(tmp_path)


def test_entries_of_an_archive_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(har, "MOST_ENTRIES", 3)
    entries = [
        {
            "request": {"method": "GET", "url": f"http://a/{number}"},
            "response": {"status": 200, "content": {"text": ""}},
        }
        for number in range(5)
    ]
    path = tmp_path / "a.har"
    path.write_text(json.dumps({"log": {"entries": entries}}))
    made = HarImporter().convert(path)
    assert len(made.stubs) == 3
    assert [each.code for each in made.findings] == ["import.too-many"]


def test_commands_are_bounded_in_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curl, "LARGEST", 20)
    path = tmp_path / "commands.sh"
    path.write_text("curl http://a/1234567890")
    with pytest.raises(StartError, match="larger than 20 bytes"):
        CurlImporter().convert(path)
