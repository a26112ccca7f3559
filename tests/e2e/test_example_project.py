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

import pytest

from mockforge.cli import run

pytest.importorskip("mockforge_http.plugin")

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
        [sys.executable, "-m", "mockforge", "serve", "--json", "--http-port", "0"],
        cwd=project,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            assert child.stdout is not None
            yield json.loads(child.stdout.readline())["http"]
        finally:
            child.send_signal(signal.SIGTERM)
        assert child.wait(30) == 0


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
