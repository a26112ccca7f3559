"""How soon the server is there and what it brings: ``python -m benchmarks.startup [DOCUMENT]``.

Prints the time of ``mockforge --version``, the time until a petstore is served over HTTP alone, the
idle memory, and which of the libraries that this way of serving has no use for were imported all
the same. Imports are read from ``PYTHONPROFILEIMPORTTIME``, in a run of their own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

from tests.conformance.walk.serving import MOCKFORGE, NotStartedError, ServerProcess, executable

from .command import conclude, options
from .rivals import HERE
from .verdicts import Report, megabytes

PETSTORE = HERE.parent / "examples" / "petstore" / "openapi.yaml"
UNUSED = ("grpc", "quart", "hypercorn", "wsproto", "wasmtime", "openapi_core")
"""What ``serve --only http`` without TLS has no use for."""
_IMPORTED = re.compile(r"^import time:\s+\d+ \|\s+\d+ \|\s*([\w.]+)", re.MULTILINE)
_SETTLED_AFTER = 1.0
IDLE = {"http,admin": 50e6, "http,ws,admin": 55e6}
"""Bytes that servers of these protocols may take when nobody has asked them for anything."""


def version_seconds(runs: int) -> float:
    """Median time of ``mockforge --version``."""
    command = executable("mockforge")
    if command is None:
        raise NotStartedError("mockforge is not installed")
    found = []
    for _ in range(runs):
        started = perf_counter()
        subprocess.run([command, "--version"], check=True, capture_output=True)
        found.append(perf_counter() - started)
    return median(found)


def imported(document: Path) -> set[str]:
    """Top-level packages that the serving process had imported when it was ready."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "imports.log"
        command = f"sh -c '{MOCKFORGE} 2>{log}'"
        place = Path(executable("mockforge") or "mockforge").parent
        environment = {
            "PYTHONPROFILEIMPORTTIME": "1",
            "MOCKFORGE_HTTP__CHECK": "never",  # the check runs in a process of its own
            "PATH": f"{place}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        }
        server = ServerProcess(f"{command} --json", document, environment=environment)
        server.stop()
        names = {name.partition(".")[0] for name in _IMPORTED.findall(log.read_text())}
    if "mockforge" not in names:
        raise NotStartedError("the interpreter did not tell what it imported")
    return names


def _serving(protocols: str) -> str:
    ports = "--admin-port 0" + (" --ws-port 0" if "ws" in protocols else "")
    return MOCKFORGE.replace("--only http", f"--only {protocols}") + f" {ports}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; with ``--check``, exit 1 when something unused was imported."""
    parser = options("startup", __doc__)
    parser.add_argument("document", nargs="?", type=Path, default=PETSTORE)
    parser.add_argument("--runs", type=int, default=10, help="of each timing (default: 10)")
    given = parser.parse_args(arguments)

    def measured(report: Report) -> None:
        version = version_seconds(given.runs)
        report.figure("version_s", version, f"mockforge --version: {version:.3f} s")
        ready = []
        for _ in range(given.runs):
            with ServerProcess(MOCKFORGE, given.document) as server:
                ready.append(server.ready_seconds)
        report.figure("ready_s", median(ready), f"ready: {median(ready):.3f} s")
        with ServerProcess(MOCKFORGE, given.document) as server:
            sleep(_SETTLED_AFTER)  # idle is what is left when the start is over
            rss = server.rss()
        report.figure("idle_rss", rss, f"idle RSS: {megabytes(rss)}")
        for protocols, most in IDLE.items():
            with ServerProcess(_serving(protocols), given.document) as server:
                sleep(_SETTLED_AFTER)
                rss = server.rss()
            report.verdict(
                f"{protocols} idle: RSS below {megabytes(most)}",
                holds=rss < most,
                measured=megabytes(rss),
            )
        brought = sorted(set(UNUSED) & imported(given.document))
        report.verdict(
            "nothing is imported that HTTP alone has no use for",
            holds=not brought,
            measured=", ".join(brought) or "none of " + ", ".join(UNUSED),
        )

    return conclude(given, measured)


if __name__ == "__main__":
    sys.exit(main())
