"""One run: a server with everything, schemathesis against its admin."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Final

import httpx

from mockforge.testing import MockServer
from tests.conformance.schemathesis.report import Report, UnreadableReportError, read_report
from tests.conformance.schemathesis.running import CHECKS

SETTINGS: Final = Path(__file__).parent / "schemathesis.toml"
DOCUMENT: Final = Path(__file__).parents[3] / "examples/petstore/openapi.yaml"
ENDLESS: Final = ("GET /__mockforge/logs/stream",)
"""Operations whose answer does not end."""
_LONGEST: Final = 900.0
"""Seconds after which a run is given up."""


def run(tool: str, *, examples: int = 20, seed: int = 42) -> Report:
    """Let ``tool`` test the admin, ``examples`` cases of the fuzzing phase for each operation."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in ("mocks", "fixtures"):
            (folder / each).mkdir()
        settings = {
            "http.mocks": [str(folder / "mocks")],
            "http.fixtures": str(folder / "fixtures"),
            "websocket.port": 0,
        }
        with MockServer(DOCUMENT, only=("http", "ws", "admin"), settings=settings) as server:
            address = server.address("admin")
            document = folder / "document.json"
            answer = httpx.get(f"{address}/__mockforge/openapi.json", timeout=60)
            document.write_text(json.dumps(answer.json()))
            report = folder / "report.ndjson"
            command = [
                *(tool, "--config-file", str(SETTINGS), "run", str(document), "--url", address),
                *("--phases", "examples,coverage,fuzzing", "--checks", ",".join(CHECKS)),
                *("--seed", str(seed), "--max-examples", str(examples)),
                *("--generation-database", "none", "--continue-on-failure", "--no-color"),
                *("--report", "ndjson", "--report-ndjson-path", str(report)),
            ]
            for operation in ENDLESS:
                command += ["--exclude-name", operation]
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=_LONGEST, check=False
            )
            if done.returncode not in (0, 1):
                said = " ".join((done.stderr or done.stdout)[-600:].split())
                raise UnreadableReportError(f"schemathesis exited with {done.returncode}: {said}")
            return read_report(report)
