"""Whether memory stays bounded under load: the modes ``--million`` and ``--journal-bytes`` of
:mod:`benchmarks.http`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any, Self

import psutil

from .load import Load, cores, run
from .rivals import DOCUMENTS, HERE
from .verdicts import Report, megabytes

MOST_GROWTH = 3e6
"""Bytes of RSS that a million requests may add after the warm-up."""
WARM_UP = 100_000
"""Requests after which the journal is full and every cache has met what it will hold."""
MOST_GROWTH_OF_JOURNAL = 1.5
"""Bytes of RSS that filling the journal may take, as a multiple of its limit."""

_LARGE = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["X-Large"] = string.rep("h", 8192)
wrk.body = '{"text": "' .. string.rep("b", 65536) .. '"}'
"""
_SMALL = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"text": "b"}'
"""


class JournalledServer:
    """The process of :mod:`benchmarks.journalled`; a context manager that ends it."""

    def __init__(self, document: Path | None, settings: Mapping[str, Any]) -> None:
        prefix, _ = cores()
        self._process = subprocess.Popen(
            [
                *prefix,
                sys.executable,
                "-P",
                str(HERE / "journalled.py"),
                str(document or ""),
                json.dumps(settings),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url: str = self._line()["http"]

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise OSError(f"the server ended with {self._process.wait(10)}")
        value: dict[str, Any] = json.loads(line)
        return value

    def journal(self) -> dict[str, Any]:
        """The journal's figures: entries, bytes, their limits, and what was evicted."""
        return self._ask("")

    def held(self) -> dict[str, Any]:
        """``components`` with what each holds, and what was ``dropped`` by component."""
        return self._ask("memory")

    def _ask(self, question: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{question}\n")
        self._process.stdin.flush()
        return self._line()

    def rss(self) -> int:
        """Resident bytes."""
        return int(psutil.Process(self._process.pid).memory_info().rss)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def million(report: Report, requests: int) -> None:
    """So many requests against the default settings: entries and RSS stay where they are."""
    settings = {"core.max_logged_body": "8KiB", "core.max_request_logs": 1000}
    with JournalledServer(DOCUMENTS / "example.yaml", settings) as server:
        url = f"{server.url}/pets/1"
        rate = run(url, 1).rate
        _send(url, WARM_UP, rate)
        before = server.rss()
        started = monotonic()
        sent = _send(url, requests, rate)
        seconds = monotonic() - started
        growth, journal = server.rss() - before, server.journal()
    report.figure(
        "million",
        {"requests": sent, "seconds": seconds, "rss_before": before, "growth": growth, **journal},
        f"{sent:,} requests in {seconds:.0f} s, RSS {megabytes(before)} after the warm-up, "
        f"{growth / 1e6:+.1f} MB since",
    )
    report.verdict(
        "the journal keeps its newest 1,000 entries",
        holds=journal["entries"] == 1000,
        measured=f"{journal['entries']:,}, {journal['evicted']:,} evicted",
    )
    report.verdict(
        f"RSS grows by less than {megabytes(MOST_GROWTH)}",
        holds=growth < MOST_GROWTH,
        measured=f"{growth / 1e6:+.1f} MB",
    )


def _send(url: str, requests: int, rate: float) -> int:
    """At least so many requests, in runs of at most twenty seconds."""
    sent = 0
    while sent < requests:
        load: Load = run(url, min(20.0, max(1.0, (requests - sent) / rate)))
        sent += load.requests
        rate = load.rate
    return sent


def journal_bytes(report: Report, seconds: float) -> None:
    """Requests with large heads and bodies, and room for any number of entries: bytes are the limit."""
    settings = {"core.max_logged_body": "64KiB", "core.max_request_logs": 1_000_000}
    with JournalledServer(DOCUMENTS / "bodies.yaml", settings) as server:
        url = f"{server.url}/notes"
        run(url, 1, script=_SMALL)
        before = server.rss()
        sent = run(url, seconds, script=_LARGE).requests
        growth, journal = server.rss() - before, server.journal()
    limit = int(journal["max_bytes"])
    report.figure(
        "journal_bytes",
        {"requests": sent, "rss_before": before, "growth": growth, **journal},
        f"{sent:,} requests of 72 KiB, {journal['entries']:,} entries kept, "
        f"{journal['evicted']:,} evicted, RSS {growth / 1e6:+.1f} MB",
    )
    report.verdict(
        f"the journal's bytes stay below its limit of {megabytes(limit)}",
        holds=0 < journal["bytes"] <= limit and journal["evicted"] > 0,
        measured=megabytes(journal["bytes"]),
    )
    report.verdict(
        f"RSS grows by at most {MOST_GROWTH_OF_JOURNAL} times the limit",
        holds=growth <= MOST_GROWTH_OF_JOURNAL * limit,
        measured=f"{growth / 1e6:+.1f} MB",
    )
