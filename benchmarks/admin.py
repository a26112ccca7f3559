"""What watching costs: ``python -m benchmarks.admin``.

A mock server with a journal of 10,000 entries, full, answers 2,000 requests a second, and then as many as it
can: first unwatched, then while five clients follow the journal and another asks for logs, the dashboard, the
memory report and metrics all the while. Round by round the one is set against the other.
"""

from __future__ import annotations

import json
import selectors
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from statistics import median
from threading import Event, Thread
from time import perf_counter
from typing import Final

from tests.conformance.walk.serving import ServerProcess, free_port

from .command import add_runs, conclude, options
from .load import cores, run
from .rivals import DOCUMENTS
from .verdicts import Report, megabytes, percentile

ENTRIES: Final = 10_000
TAILS: Final = 5
RATE: Final = 2000
TARGET: Final = "/pets/1"
MOST_LOST: Final = 0.15
"""Part of the throughput that watching may cost."""
SLOWEST: Final = 0.2
"""Seconds that the admin may take at the 95th percentile."""
MOST_RSS: Final = 65_000_000 + 16 * 1024**2 + TAILS * 1024**2
"""Everything idle, the journal, and what waits for those that follow it."""
PAUSE: Final = 0.02
"""Seconds between an answer of the admin and the next question."""
QUESTIONS: Final = (
    "/__mockforge/logs?limit=100",
    "/__mockforge/dashboard",
    "/__mockforge/memory",
    "/__mockforge/logs?limit=100&text=no-such-text",
    "/metrics",
    "/requests",
)


class Watching:
    """Five tails and one that asks, in threads, until it is left."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._over = Event()
        self.latencies: dict[str, list[float]] = {question: [] for question in QUESTIONS}
        self.received = 0
        """Bytes that the tails read."""
        self._threads = [Thread(target=self._follow), Thread(target=self._ask)]

    def _follow(self) -> None:
        request = b"GET /__mockforge/logs/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        tails = [socket.create_connection(("127.0.0.1", self._port)) for _ in range(TAILS)]
        with selectors.DefaultSelector() as ready:
            for tail in tails:
                tail.sendall(request)
                ready.register(tail, selectors.EVENT_READ)
            while not self._over.is_set():
                for key, _ in ready.select(0.1):
                    assert isinstance(key.fileobj, socket.socket)
                    self.received += len(key.fileobj.recv(1 << 20))
        for tail in tails:
            tail.close()

    def _ask(self) -> None:
        for question in cycle(QUESTIONS):
            if self._over.wait(PAUSE):
                return
            started = perf_counter()
            with urllib.request.urlopen(  # loopback
                f"http://127.0.0.1:{self._port}{question}", timeout=60
            ) as answer:
                answer.read()
            self.latencies[question].append(perf_counter() - started)

    def __enter__(self) -> Watching:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


@contextmanager
def serving() -> Iterator[tuple[ServerProcess, int]]:
    """The server, and the port of its admin."""
    admin = free_port()
    command = (
        "mockforge serve {document} --only http --only admin --http-port {port} "
        f"--admin-port {admin} --max-request-logs {ENTRIES} --json --log-level warning"
    )
    environment = {"MOCKFORGE_HTTP__CHECK": "never"}
    prefix, _ = cores()
    with ServerProcess(
        command, DOCUMENTS / "example.yaml", prefix=prefix, environment=environment
    ) as server:
        yield server, admin


def paced(port: int, seconds: float) -> tuple[float, float]:
    """Answers per second at a steady rate, and the 95th percentile of their latencies in ms."""
    _, prefix = cores()
    done = subprocess.run(
        [
            *(*prefix, sys.executable, "-m", "benchmarks.paced"),
            *("127.0.0.1", str(port), TARGET, str(RATE), str(seconds)),
        ],
        capture_output=True,
        text=True,
        timeout=seconds + 60,
        check=True,
    )
    rate, latency, missing = done.stdout.split()
    if int(missing):
        raise OSError(f"{missing} requests were not answered")
    return float(rate), float(latency)


def measure(report: Report, seconds: float, rounds: int) -> None:
    """All rounds against one server."""
    alone: list[tuple[float, float]] = []
    watched: list[tuple[float, float]] = []
    most_alone: list[float] = []
    most_watched: list[float] = []
    latencies: dict[str, list[float]] = {question: [] for question in QUESTIONS}
    received = 0
    with serving() as (server, admin):
        url = f"http://127.0.0.1:{server.port}{TARGET}"
        urllib.request.urlopen(f"http://127.0.0.1:{admin}/__mockforge/health", timeout=60).close()
        while (held := _held(admin)) < ENTRIES:
            run(url, 1)
        for _ in range(rounds):
            alone.append(paced(server.port, seconds))
            with Watching(admin) as watching:
                watched.append(paced(server.port, seconds))
            received += watching.received
            for question, found in watching.latencies.items():
                latencies[question] += found
            most_alone.append(run(url, seconds).rate)
            with Watching(admin):
                most_watched.append(run(url, seconds).rate)
        rss = server.rss()
    for name, runs in (("alone", alone), ("watched", watched)):
        rate, latency = (median(each[at] for each in runs) for at in (0, 1))
        report.figure(
            name,
            {"rate": rate, "p95_ms": latency},
            f"{name:8} {rate:8,.0f} requests/s, p95 {latency:.1f} ms",
        )
    for question, found in latencies.items():
        middle, slow = percentile(found, 0.5) * 1000, percentile(found, 0.95) * 1000
        report.figure(
            question,
            {"p50_ms": middle, "p95_ms": slow, "asked": len(found)},
            f"{question:48} {len(found):4} times, p50 {middle:5.1f} ms, p95 {slow:5.1f} ms",
        )
    report.figure("tails", received, f"tails read {megabytes(received)}; journal {held:,} entries")
    against = median(one[0] / other[0] for one, other in zip(watched, alone, strict=True))
    _kept(report, f"at {RATE:,} requests a second", against)
    every = [each for found in latencies.values() for each in found]
    slow = percentile(every, 0.95)
    report.verdict(
        f"the admin answers within {SLOWEST * 1000:.0f} ms at the 95th percentile",
        holds=slow <= SLOWEST,
        measured=f"{slow * 1000:.1f} ms",
    )
    report.verdict(
        f"RSS stays below {megabytes(MOST_RSS)}", holds=rss <= MOST_RSS, measured=megabytes(rss)
    )
    most = median(one / other for one, other in zip(most_watched, most_alone, strict=True))
    report.figure(
        "as many as it can",
        {"alone": median(most_alone), "watched": median(most_watched), "ratio": most},
        f"as many as it can: {median(most_alone):,.0f} requests/s alone, {median(most_watched):,.0f} "
        f"watched ({most:.0%})",
    )


def _kept(report: Report, when: str, against: float) -> None:
    report.verdict(
        f"watching costs less than {MOST_LOST:.0%} of the throughput {when}",
        holds=against > 1 - MOST_LOST,
        measured=f"{1 - against:.1%}",
    )


def _held(admin: int) -> int:
    url = f"http://127.0.0.1:{admin}/__mockforge/logs?limit=0"
    with urllib.request.urlopen(url, timeout=60) as answer:  # loopback
        return int(json.load(answer)["held"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; with ``--check`` a missed threshold is exit code 1."""
    parser = options("admin", __doc__)
    add_runs(parser, 4)
    given = parser.parse_args(arguments)
    return conclude(
        given, lambda report: measure(report, given.seconds, given.rounds), needs_wrk=True
    )


if __name__ == "__main__":
    sys.exit(main())
