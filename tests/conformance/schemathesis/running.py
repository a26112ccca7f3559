"""One run: a server for the document, the executable against it."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.conformance.walk.document import Document
from tests.conformance.walk.serving import MOCKFORGE, ServerProcess

from .report import Report, UnreadableReportError, read_report

NAMED_BY: Final = "MOCKFORGE_SCHEMATHESIS"
CHECKS: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
    "missing_required_header",
    "unsupported_method",
)
LIMITS: Final = {
    # Several strings of the thousands of characters that documents allow go into one query.
    "MOCKFORGE_HTTP__MAX_REQUEST_LINE": "1MiB",
    "MOCKFORGE_HTTP__MAX_HEAD": "2MiB",
}
_LONGEST: Final = 1800.0
"""Seconds after which a run is given up."""


@dataclass(frozen=True)
class Options:
    """``examples`` is for each operation; ``operations`` bounds how many of them are tested."""

    seed: int = 42
    examples: int = 15
    operations: int | None = None


def executable() -> str | None:
    """The schemathesis to run: the one that the environment names, else the one on the path."""
    named = os.environ.get(NAMED_BY)
    return shutil.which(named) if named else shutil.which("schemathesis")


def run(tool: str, path: Path, options: Options) -> Report:
    """Serve the document at ``path``, let ``tool`` test it, and read what it found."""
    document = Document(path)
    with (
        tempfile.TemporaryDirectory() as folder,
        ServerProcess(MOCKFORGE, path, environment=LIMITS) as server,
    ):
        settings = Path(folder, "settings.toml")
        settings.write_text(credentials(document.root.value), encoding="utf-8")
        report = Path(folder, "report.ndjson")
        command = [
            *(tool, "--config-file", str(settings), "run", str(path.resolve())),
            *("--origin", f"http://127.0.0.1:{server.port}"),
            *("--phases", "examples,coverage,fuzzing", "--checks", ",".join(CHECKS)),
            *("--seed", str(options.seed), "--max-examples", str(options.examples)),
            *("--generation-database", "none", "--continue-on-failure", "--no-color"),
            *("--report", "ndjson", "--report-ndjson-path", str(report)),
        ]
        for label in sample(document, options):
            command += ["--include-name", label]
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=_LONGEST, check=False
        )
        if done.returncode not in (0, 1):
            said = " ".join((done.stderr or done.stdout)[-600:].split())
            raise UnreadableReportError(f"schemathesis exited with {done.returncode}: {said}")
        return read_report(report)


def sample(document: Document, options: Options) -> list[str]:
    """The operations to test by name (``GET /pets``); none means all."""
    labels = sorted(operation.label for operation in document.operations)
    if options.operations is None or options.operations >= len(labels):
        return []
    chosen = random.Random(options.seed)  # noqa: S311 - a sample to test, no secret
    return sorted(chosen.sample(labels, options.operations))


def credentials(document: dict[str, Any]) -> str:
    """Settings of schemathesis (TOML) with credentials for every scheme that ``document`` declares.

    Without them nothing but 401 would be seen.
    """
    schemes = document.get("securityDefinitions")
    if schemes is None:
        schemes = document.get("components", {}).get("securitySchemes", {})
    lines: list[str] = []
    if any(_authorization(scheme) == "Bearer" for scheme in schemes.values()):
        lines.append('headers = { Authorization = "Bearer token" }')
    elif any(_authorization(scheme) == "Basic" for scheme in schemes.values()):
        lines.append('headers = { Authorization = "Basic dXNlcjpwYXNz" }')
    for name, scheme in schemes.items():
        if scheme.get("type") == "apiKey":
            lines += [f"[auth.openapi.{json.dumps(name)}]", 'api_key = "secret"']
    return "\n".join(lines) + "\n"


def _authorization(scheme: dict[str, Any]) -> str | None:
    kind = scheme.get("type")
    if kind in ("oauth2", "openIdConnect"):
        return "Bearer"
    if kind == "basic":
        return "Basic"
    if kind == "http":
        return {"bearer": "Bearer", "basic": "Basic"}.get(str(scheme.get("scheme")).lower())
    return None
