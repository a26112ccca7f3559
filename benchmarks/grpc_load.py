"""Load from h2load, pinned to a core of its own, and what it says read into numbers."""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.conformance.walk.serving import executable

from .load import LoadError, cores

CONNECTIONS: Final = 8
STREAMS: Final = 16
"""Calls under way on each connection."""

_RATE = re.compile(r"finished in [\d.]+m?s, ([\d.]+) req/s")
_REQUESTS = re.compile(r"(\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout")
_STATUSES = re.compile(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx")


@dataclass(frozen=True, slots=True)
class Calls:
    """One run: calls per second, and how many were answered."""

    rate: float
    count: int


def h2load_found() -> bool:
    """Whether h2load is installed."""
    return executable("h2load") is not None


def run(port: int, path: str, message: bytes, seconds: float) -> Calls:
    """Call the method at ``path`` with the serialised ``message`` for so long, after a second to warm up."""
    _, prefix = cores()
    with tempfile.TemporaryDirectory() as folder:
        body = Path(folder) / "body"
        body.write_bytes(b"\0" + len(message).to_bytes(4) + message)
        done = subprocess.run(
            [
                *prefix,
                "h2load",
                f"-c{CONNECTIONS}",
                f"-m{STREAMS}",
                f"-D{max(1, round(seconds))}",
                "--warm-up-time=1",
                "-d",
                str(body),
                "-H",
                "content-type: application/grpc",
                "-H",
                "te: trailers",
                f"http://127.0.0.1:{port}{path}",
            ],
            capture_output=True,
            text=True,
            timeout=seconds + 60,
            check=False,
        )
    if done.returncode:
        raise LoadError(f"h2load exited with {done.returncode}: {done.stderr.strip()}")
    return read(done.stdout)


def read(text: str) -> Calls:
    """The report of h2load; :class:`LoadError` when calls failed."""
    rate, requests, statuses = (pattern.search(text) for pattern in (_RATE, _REQUESTS, _STATUSES))
    if rate is None or requests is None or statuses is None:
        raise LoadError(f"h2load said: {text.strip()}")
    if any(int(requests[group]) for group in (3, 4, 5)):
        raise LoadError(requests[0])
    if any(int(statuses[group]) for group in (2, 3, 4)) or not int(statuses[1]):
        raise LoadError(statuses[0])
    return Calls(float(rate[1]), int(requests[1]))
