"""The project that ``mockforge init`` writes does what its README says."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mockforge.cli import run

pytest.importorskip("mockforge_http.plugin")

DEADLINE = 30
"""Seconds for a change to take effect, far more than it takes."""

EXPECTED = {
    "/pets": 200,
    "/pets/1": 200,
    "-H 'Prefer: example=none' /pets": 200,
    "-H 'Prefer: code=404' /pets/1": 404,
    "-H 'Accept: text/csv' /pets": 200,
    "/pet": 404,
    "/pets/42": 200,
}
"""What each curl line of the README answers."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    assert run(["init", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def url(project: Path) -> Iterator[str]:
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "mockforge",
            "serve",
            "--json",
            "--http-port",
            "0",
            "--ws-port",
            "0",
            "--admin-port",
            "0",
        ],
        cwd=project,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            assert child.stdout is not None
            yield json.loads(child.stdout.readline())["http"]
        finally:
            child.send_signal(signal.SIGTERM)
        assert child.wait(DEADLINE) == 0


def curl_lines(project: Path) -> dict[str, str]:
    lines = re.findall(r"^    (curl .*)$", (project / "README.md").read_text(), re.MULTILINE)
    return {
        line.removeprefix("curl -i ").replace("http://127.0.0.1:3000", ""): line for line in lines
    }


def test_the_readme_has_the_lines_that_are_tested_here(project: Path) -> None:
    assert set(curl_lines(project)) == set(EXPECTED)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("line", EXPECTED)
def test_each_curl_line_answers_as_promised(project: Path, url: str, line: str) -> None:
    command = curl_lines(project)[line].replace("http://127.0.0.1:3000", url)
    done = subprocess.run(
        ["sh", "-c", f"{command} -s"], capture_output=True, text=True, timeout=30, check=True
    )
    status, _, rest = done.stdout.partition("\n")
    assert status.split()[1] == str(EXPECTED[line])
    body = rest.split("\n\n", 1)[1]
    if line == "/pets/42":
        assert json.loads(body)["name"] == "Marvin"
    if line.startswith("-H 'Prefer: example=none'"):
        assert json.loads(body) == []
    if "csv" in line:
        assert body.startswith("id,kind,name,status\n")
    if line == "/pet":
        assert "/pets" in body


def test_the_document_is_found_fine_and_a_mistake_in_it_is_found(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lint", str(project)]) == 0
    broken = tmp_path / "openapi.yaml"
    text = (project / "openapi.yaml").read_text()
    broken.write_text(text.replace("schemas/NewDog'", "schemas/NoDog'"))
    capsys.readouterr()
    assert run(["lint", str(broken)]) == 1
    assert f"{broken}:" in capsys.readouterr().out


@pytest.mark.shows("core.watch", "--watch")
def test_under_watch_a_change_takes_effect_and_a_broken_file_keeps_the_last_good_state(
    project: Path, tmp_path: Path
) -> None:
    for file in ("openapi.yaml", "mockforge.yaml"):
        shutil.copy(project / file, tmp_path)
    (tmp_path / "fixtures").mkdir()
    document = tmp_path / "openapi.yaml"
    good = document.read_text()
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "mockforge",
            "serve",
            "--json",
            "--watch",
            "--http-port",
            "0",
            "--ws-port",
            "0",
            "--admin-port",
            "0",
        ],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            assert child.stdout is not None
            assert child.stderr is not None
            url = json.loads(child.stdout.readline())["http"]
            assert httpx.get(f"{url}/pets/1").json()["name"] == "Rex"

            document.write_text(good.replace("name: Rex", "name: Max"))
            assert "reloaded" in child.stderr.readline()
            assert httpx.get(f"{url}/pets/1").json()["name"] == "Max"

            document.write_text(good.replace("paths:", "paths: ["))
            line = child.stderr.readline()
            assert "http not reloaded, the last good state stays: openapi.yaml:" in line
            assert httpx.get(f"{url}/pets/1").json()["name"] == "Max"

            document.write_text(good.replace("/pets/{petId}:", "/animals/{petId}:"))
            assert "reloaded" in child.stderr.readline()
            assert httpx.get(f"{url}/animals/1").json()["name"] == "Rex"
            assert httpx.get(f"{url}/pets/1").status_code == 404
        finally:
            child.terminate()
        assert child.wait(DEADLINE) == 0


def test_only_http_imports_nothing_of_the_heavy_libraries(project: Path) -> None:
    code = """
import os, signal, sys
from mockforge.cli import ready, run
ready.print_ready = lambda kernel: os.kill(os.getpid(), signal.SIGTERM)
assert run(["serve", "--json", "--only", "http", "--http-port", "0"]) == 0
heavy = {"grpc", "quart", "wsproto", "wasmtime", "openapi_core", "hypercorn", "jinja2", "watchfiles",
         "pydantic"}
print(*(heavy & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == []
