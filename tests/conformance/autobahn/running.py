"""One run of the fuzzing client, and its report."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from mockforge.testing import MockServer

ECHO = {"id": "echo", "websocket": {"script": [{"forever": ["expect", "echo"]}]}}
LARGEST = 32 * 1024 * 1024
"""Of messages: the cases send up to 16 MiB."""
GOOD = frozenset({"OK", "INFORMATIONAL"})
COMPRESSED = ("12.", "13.")
"""The cases about permessage-deflate."""


class Report(NamedTuple):
    """Verdicts by case: ``behaviour``, and that of the ``close``."""

    verdicts: dict[str, tuple[str, str]]

    def wrong(self, *, compression: bool) -> list[str]:
        """The cases that are neither OK nor informational; those about compression may go without where it
        is off."""
        return [
            f"{case}: {behaviour}, close {close}"
            for case, (behaviour, close) in self.verdicts.items()
            if not (
                (behaviour in GOOD and close in GOOD)
                or (
                    not compression and behaviour == "UNIMPLEMENTED" and case.startswith(COMPRESSED)
                )
            )
        ]

    def __str__(self) -> str:
        counts = Counter(behaviour for behaviour, _ in self.verdicts.values())
        told = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
        return f"cases {len(self.verdicts)}: {told}"


def fuzzer() -> Path | None:
    """The client, beside this Python or on the path."""
    beside = Path(sys.executable).with_name("kosoku")
    found = beside if beside.is_file() else shutil.which("kosoku")
    return None if found is None else Path(found)


def run(
    client: Path, *, compression: bool, include: Sequence[str] = (), timeout: float = 1800
) -> Report:
    """Drive ``client`` through the cases that ``include`` names (globs; all of them if there are none)."""
    with tempfile.TemporaryDirectory(prefix="autobahn-") as name:
        folder = Path(name)
        stubs = folder / "echo.json"
        stubs.write_text(json.dumps(ECHO))
        settings = {
            "websocket.scripts": [str(stubs)],
            "websocket.max_message": LARGEST,
            "websocket.max_frame": LARGEST,
            "websocket.compression": compression,
            "core.max_logged_body": 1024,
        }
        with MockServer(only=("ws",), settings=settings) as server:
            address = urlsplit(server.address("ws")).netloc
            command = [str(client), "-m", "fuzzingclient", address, "-o", str(folder / "report")]
            for pattern in include:
                command += ["-i", pattern]
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=timeout, check=False
            )
        index = folder / "report/index.json"
        if not index.is_file():
            raise RuntimeError(
                f"{client} made no report: {done.stdout[-500:]} {done.stderr[-500:]}"
            )
        (cases,) = json.loads(index.read_text()).values()
    return Report({case: (told["behavior"], told["behaviorClose"]) for case, told in cases.items()})
