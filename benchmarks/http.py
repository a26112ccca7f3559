"""HTTP throughput, latency and bounds under load: ``python -m benchmarks.http [MODE] [--check]``.

Ratios to the floor are what counts: they are taken round by round, while the machine's load is the
same for all. See README.md for the modes and the thresholds.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from tests.conformance.walk.serving import ServerProcess

from . import memory, rivals, validation
from .command import add_runs, conclude, numbers, options
from .generated import write_document
from .load import Load, ratio, run
from .rivals import Rival
from .verdicts import Report, megabytes

LEAST_RATIO = {"mockforge, example": 0.40, "mockforge, ten fields": 0.15}
"""Least throughput of an answer against the floor's; ten fields are made anew for each request."""
MOST_DIFFERENCE = 0.10
"""Most that the number of operations in a document may change the throughput, as a fraction."""


def measure(
    contenders: Sequence[tuple[Rival, ServerProcess]], seconds: float, rounds: int
) -> dict[str, list[Load]]:
    """Load each server in turn, ``rounds`` times, so that all meet the same weather."""
    runs: dict[str, list[Load]] = {rival.name: [] for rival, _ in contenders}
    for rival, server in contenders:
        rivals.answers(f"http://127.0.0.1:{server.port}{rival.target}")
        run(f"http://127.0.0.1:{server.port}{rival.target}", 1)
    for _ in range(rounds):
        for rival, server in contenders:
            runs[rival.name].append(run(f"http://127.0.0.1:{server.port}{rival.target}", seconds))
    return runs


def throughput(report: Report, seconds: float, rounds: int) -> None:
    """The mock server against the floor and against what else is installed."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        wanted = [rivals.floor(), rivals.example(), rivals.ten_fields()]
        wanted += [one for one in (rivals.nginx(Path(folder)), rivals.prism()) if one is not None]
        contenders = [(rival, stack.enter_context(rival.start())) for rival in wanted]
        runs = measure(contenders, seconds, rounds)
        for rival, server in contenders:
            _report_rival(report, rival.name, runs[rival.name], runs["floor"], server.rss())
    for name, least in LEAST_RATIO.items():
        found = ratio(runs[name], runs["floor"])
        report.verdict(
            f"{name}: at least {least:.2f} of the floor",
            holds=found >= least,
            measured=f"{found:.2f}",
        )


def _report_rival(
    report: Report, name: str, loads: Sequence[Load], floor: Sequence[Load], rss: int
) -> None:
    rate = median(load.rate for load in loads)
    p50, p99 = median(load.p50 for load in loads), median(load.p99 for load in loads)
    against = ratio(loads, floor)
    report.figure(
        name,
        {"rate": rate, "ratio": against, "p50_ms": p50, "p99_ms": p99, "rss": rss},
        f"{name:24} {rate:10,.0f} req/s  {against:5.2f} of the floor  "
        f"p50 {p50:7.2f} ms  p99 {p99:7.2f} ms  RSS {megabytes(rss)}",
    )


def by_operations(report: Report, sizes: Sequence[int], seconds: float, rounds: int) -> None:
    """Whether the number of operations in a document changes the throughput."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        contenders = []
        for size in sizes:
            document, target = write_document(Path(folder), size)
            rival = rivals.mock(f"{size} operations", document, target)
            contenders.append((rival, stack.enter_context(rival.start())))
        runs = measure(contenders, seconds, rounds)
        base = runs[contenders[0][0].name]
        for rival, server in contenders:
            loads = runs[rival.name]
            rate, against = median(load.rate for load in loads), ratio(loads, base)
            report.figure(
                rival.name,
                {"rate": rate, "ratio": against, "rss": server.rss()},
                f"{rival.name:24} {rate:10,.0f} req/s  {against:5.2f} of {contenders[0][0].name}  "
                f"RSS {megabytes(server.rss())}",
            )
            report.verdict(
                f"{rival.name}: within {MOST_DIFFERENCE:.0%} of {contenders[0][0].name}",
                holds=abs(1 - against) <= MOST_DIFFERENCE,
                measured=f"{against - 1:+.1%}",
            )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mode asked for; with ``--check`` a missed threshold is exit code 1."""
    parser = options("http", __doc__)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--operations",
        type=numbers,
        metavar="N,N,...",
        help="compare documents of so many operations (1,1000,10000)",
    )
    mode.add_argument(
        "--million", action="store_true", help="send a million requests, watch the journal and RSS"
    )
    mode.add_argument(
        "--journal-bytes", action="store_true", help="send large requests, watch the byte limit"
    )
    mode.add_argument(
        "--validation",
        action="store_true",
        help="post 1 KB, valid and not, with validation off, warning and enforcing",
    )
    add_runs(parser, 4)
    parser.add_argument(
        "--requests", type=int, default=1_000_000, help="sent by --million (default: a million)"
    )
    given = parser.parse_args(arguments)

    def measured(report: Report) -> None:
        if given.operations:
            by_operations(report, given.operations, given.seconds, given.rounds)
        elif given.million:
            memory.million(report, given.requests)
        elif given.journal_bytes:
            memory.journal_bytes(report, given.seconds)
        elif given.validation:
            validation.validation(report, given.seconds, given.rounds)
        else:
            throughput(report, given.seconds, given.rounds)

    return conclude(given, measured, needs_wrk=True)


if __name__ == "__main__":
    sys.exit(main())
