"""Load from wrk, pinned to a core of its own, and what it says read into numbers."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.conformance.walk.serving import executable

_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}
_PERCENTILE = re.compile(r"^\s*(50|99)%\s+([\d.]+)(us|ms|s|m)\s*$", re.MULTILINE)
_REQUESTS = re.compile(r"(\d+) requests in")
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_ERRORS = re.compile(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")
_REFUSED = re.compile(r"Non-2xx or 3xx responses: (\d+)")


class LoadError(Exception):
    """wrk did not do its work, or the answers were not all good."""


@dataclass(frozen=True, slots=True)
class Load:
    """One run: requests per second, latencies in milliseconds, requests answered."""

    rate: float
    p50: float
    p99: float
    requests: int


def wrk_found() -> bool:
    """Whether wrk is installed."""
    return executable("wrk") is not None


def cores() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Command prefixes that put the server on one core and wrk on another, where there are two and
    ``taskset`` is installed."""
    allowed = sorted(os.sched_getaffinity(0))
    if executable("taskset") is None or len(allowed) < 2:
        return (), ()
    return ("taskset", "-c", str(allowed[0])), ("taskset", "-c", str(allowed[1]))


def run(
    url: str,
    seconds: float,
    *,
    connections: int = 32,
    script: str | None = None,
    refused: bool = False,
) -> Load:
    """Load ``url`` for so long (whole seconds, at least one); ``script`` is Lua for wrk. Answers are
    successes, or, if they are to be ``refused``, none is."""
    return read(said(url, seconds, connections=connections, script=script), refused=refused)


def said(
    url: str,
    seconds: float,
    *,
    connections: int = 32,
    script: str | None = None,
    patience: int = 10,
) -> str:
    """What wrk says after such a run; an answer that takes more than ``patience`` seconds is a failure."""
    _, prefix = cores()
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *prefix, "wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency",
            "--timeout", f"{patience}s",
        ]  # fmt: skip
        if script is not None:
            file = Path(folder) / "script.lua"
            file.write_text(script)
            command += ["-s", str(file)]
        done = subprocess.run(
            [*command, url], capture_output=True, text=True, timeout=seconds + 60, check=False
        )
    if done.returncode:
        raise LoadError(f"wrk exited with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def ratio(loads: Sequence[Load], base: Sequence[Load]) -> float:
    """Median over the rounds of one server's throughput against another's."""
    return median(load.rate / other.rate for load, other in zip(loads, base, strict=True))


def read(text: str, *, refused: bool = False, faulty: bool = False) -> Load:
    """The report of wrk; :class:`LoadError` when requests failed, or when other ones were refused than
    were to be. ``faulty`` is a server of which neither says anything, as long as it is there and answers in
    time."""
    if (errors := _ERRORS.search(text)) is not None and not (
        faulty and errors[1] == errors[4] == "0"
    ):
        raise LoadError(errors[0])
    rate, requests, no_success = _RATE.search(text), _REQUESTS.search(text), _REFUSED.search(text)
    if no_success is not None and not refused and not faulty:
        raise LoadError(no_success[0])
    if rate is None or requests is None:
        raise LoadError(f"wrk said: {text.strip()}")
    if refused and (no_success is None or no_success[1] != requests[1]):
        raise LoadError(
            f"of {requests[1]} requests, {no_success[1] if no_success else 0} were refused"
        )
    latency = {found[1]: float(found[2]) * _UNITS[found[3]] for found in _PERCENTILE.finditer(text)}
    return Load(float(rate[1]), latency.get("50", 0.0), latency.get("99", 0.0), int(requests[1]))
