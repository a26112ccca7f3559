"""The black-box cases of the Prism test harness, run against ``mockforge serve``:
``python -m tests.conformance.prism [GLOB]``.

The cases and their runner are in the corpus. The verdict that counts is the runner's *portable* level, which
leaves out Prism's own wording. Cases of its proxy are not run.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.corpus import corpus_root

OTHERWISE = {
    "cors/cors-headers-in-response.txt": "without an Origin there is nobody to tell about sharing (Fetch "
    "section 3.2.1), and a Swagger 2.0 response with a schema but no `produces` is given as JSON, not empty",
    "head-requests/head_requests-AC-2.oas2.txt": "GET answers HEAD: every general-purpose server must "
    "support both (RFC 9110 section 9.1)",
    "head-requests/head_requests-AC-2.pc.txt": "as above",
    "serialization/E2E-text-html-complex-serialisation.oas3.txt": "an object under text/html is given as "
    "JSON text: the document asks for it, so it is no error of the server",
}
"""Cases in which MockForge answers otherwise on purpose, and why."""


def run(pattern: str = "*") -> list[dict[str, Any]]:
    """The runner's verdicts for the cases whose path matches ``pattern``."""
    server = f"{shlex.quote(sys.executable)} -m mockforge serve --only http --spec {{spec}} "
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "verdicts.json"
        subprocess.run(
            [
                sys.executable, str(corpus_root() / "prism" / "run.py"),
                "--server", server + "--http-port {port} {flags}",
                "--flag", "dynamic=--dynamic", "--flag", "errors=--strict", "--flag", "nocors=--no-cors",
                "--skip-tag", "proxy", "--only", pattern, "--out", str(out),
            ],
            check=False,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        verdicts: list[dict[str, Any]] = json.loads(out.read_text())
    return verdicts


def main(pattern: str = "*") -> int:
    """Print what fails and the shares that pass; 1 if something fails that is not listed above."""
    verdicts = run(pattern)
    unexpected = 0
    for verdict in verdicts:
        if not verdict["portable"]:
            reason = OTHERWISE.get(verdict["case"])
            unexpected += reason is None
            says = reason or verdict["why_portable"]
            print(f"{'otherwise' if reason else 'FAILED'} {verdict['case']}: {says}")
    for level in ("strict", "portable", "status"):
        passed = sum(bool(verdict[level]) for verdict in verdicts)
        print(f"{level}: {passed} of {len(verdicts)} ({passed / len(verdicts):.1%})")
    return 1 if unexpected else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
