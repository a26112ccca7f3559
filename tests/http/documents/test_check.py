"""The check in a process of its own: what it finds, how it is bounded, and that it stays outside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import psutil
import pytest

from mockforge.findings import Finding
from mockforge_http.documents import Cache, Limits, check, open_document
from mockforge_http.documents.check import check_document, run_check

from .making import PET, api, write

BROKEN: dict[str, Any] = {
    "paths": {"/pets/{id}": {"get": {"responses": {"200": {"descriptio": "x"}}}}},
}


@pytest.mark.parametrize("version", ["2.0", "3.0.3", "3.1.0", "3.2.0"])
def test_a_good_document_has_no_findings(tmp_path: Path, version: str) -> None:
    assert run_check(write(tmp_path, {"a.json": api(version)})) == []


@pytest.mark.parametrize("version", ["2.0", "3.0.3", "3.1.0", "3.2.0"])
def test_findings_have_their_place(tmp_path: Path, version: str) -> None:
    path = write(tmp_path, {"a.json": api(version, **BROKEN)})
    found = run_check(path)
    spec = [finding for finding in found if finding.code == "document.spec"]
    assert spec
    assert all(finding.file == str(path) and finding.line for finding in spec)
    assert any("descriptio" in finding.message for finding in spec)
    line = path.read_text().splitlines()[(spec[0].line or 0) - 1]
    assert '"200"' in line or '"paths"' in line or '"/pets' in line
    undeclared = [f for f in found if f.code == "document.path-parameter-undeclared"]
    assert len(undeclared) == 1


def test_files_of_the_document_are_given_to_the_validator_as_yaml_12(tmp_path: Path) -> None:
    """Dates and `on` in files read by the validator itself would be something else."""
    document = api(components={"schemas": {"Pet": {"$ref": "models/pet.yaml"}}})
    files = {
        "a.json": document,
        "models/pet.yaml": "type: object\nproperties: {on: {type: string, default: 2024-01-01}}\n",
    }
    assert run_check(write(tmp_path, files)) == []
    files["models/pet.yaml"] = "properties: {on: {type: string, default: 5}}\n"
    (found,) = run_check(write(tmp_path, files))
    assert found.message == "5 is not of type 'string'"


def test_a_document_that_does_not_open_is_a_finding(tmp_path: Path) -> None:
    path = write(tmp_path, {"a.yaml": "openapi: 3.1.0\npaths: [\n"})
    (found,) = run_check(path)
    assert (found.code, found.line, found.severity) == ("document.unreadable", 3, "error")


def test_what_the_validator_cannot_handle_is_said(tmp_path: Path) -> None:
    schemas = {
        "Pet": {"$ref": "https://example.com/tag"},
        "Tag": {"$id": "https://example.com/tag", "type": "string"},
    }
    path = write(tmp_path, {"a.json": api(components={"schemas": schemas})})
    found = run_check(path)
    assert [finding.severity for finding in found] in ([], ["info"])


def test_it_is_given_up_after_its_time(tmp_path: Path) -> None:
    path = write(tmp_path, {"a.json": api()})
    expected = Finding(
        "document.check-incomplete",
        "the check by openapi-core took longer than 0.01 s; not all of the document was checked",
        "info",
        file=str(path),
    )
    assert run_check(path, timeout=0.01) == [expected]
    assert anyio.run(lambda: check_document(path, timeout=0.01)) == [expected]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits address space surely")
def test_it_is_ended_when_it_needs_too_much_memory(tmp_path: Path) -> None:
    path = write(tmp_path, {"a.json": api()})
    (found,) = run_check(path, memory=24 * 1024**2)
    assert found.code == "document.check-incomplete"
    assert "ended early" in found.message or "stopped" in found.message


def test_both_ways_find_the_same_and_remember_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, {"a.json": api(**BROKEN)})
    cache = Cache(tmp_path / "cache")
    found = anyio.run(lambda: check_document(path, cache=cache))
    assert found

    def none_needed(*_: object) -> list[str]:
        raise AssertionError("the result is known")

    monkeypatch.setattr(check, "_command", none_needed)
    assert run_check(path, cache=cache) == found
    assert anyio.run(lambda: check_document(path, cache=cache)) == found
    path.write_text(path.read_text().replace("Pets", "Cats"))
    with pytest.raises(AssertionError, match="the result is known"):
        run_check(path, cache=cache)


def test_a_check_that_was_given_up_is_not_remembered(tmp_path: Path) -> None:
    path = write(tmp_path, {"a.json": api(**BROKEN)})
    cache = Cache(tmp_path / "cache")
    (given_up,) = run_check(path, cache=cache, timeout=0.01)
    assert "took longer than 0.01 s" in given_up.message
    assert any(finding.severity == "error" for finding in run_check(path, cache=cache))


def test_cancelling_ends_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marker = tmp_path / "pid"
    script = f"import os,time; open({str(marker)!r},'w').write(str(os.getpid())); time.sleep(60)"
    monkeypatch.setattr(check, "_command", lambda *_: [sys.executable, "-c", script])
    path = write(tmp_path, {"a.json": api()})

    async def run() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(check_document, path)
            with anyio.fail_after(30):
                while not marker.exists() or not marker.read_text():  # noqa: ASYNC110 - a file
                    await anyio.sleep(0.01)
            tasks.cancel_scope.cancel()

    anyio.run(run)
    assert not psutil.pid_exists(int(marker.read_text()))


def test_the_serving_process_never_loads_the_validator(tmp_path: Path) -> None:
    path = write(tmp_path, {"a.json": api(**BROKEN), "pet.json": PET})
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from mockforge_http.documents import open_document\n"
        "from mockforge_http.documents.check import run_check\n"
        "path = Path(sys.argv[1])\n"
        "with open_document(path) as document:\n"
        "    [document.operation(ref) for ref in document.operations()]\n"
        "assert run_check(path)\n"
        "heavy = ('openapi_core', 'openapi_spec_validator', 'jsonschema', 'jsonschema_path')\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    assert finished.stdout == "[]\n"


def test_findings_are_bounded(tmp_path: Path) -> None:
    schemas = {f"S{n}": {"type": "nonsense"} for n in range(50)}
    with open_document(
        write(tmp_path, {"a.json": api(components={"schemas": {"Pet": PET, **schemas}})})
    ) as doc:
        found = list(check.findings_of(doc, Limits(findings=5)))
    assert 0 < len(found) <= 5
