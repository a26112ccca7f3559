"""WebSocket: echo throughput against a bare loop of the same stack, memory per idle connection, how punctual
replay files are played, and whether clients that come and go leave anything behind.

Run ``python -m benchmarks.ws``; see ``benchmarks/README.md``.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Final

import psutil

from tests.conformance.walk.serving import ServerProcess, executable, free_port

from .command import add_runs, conclude, numbers, options
from .load import cores
from .verdicts import Report, megabytes
from .ws_churn import churn
from .ws_replay import EXAMPLES, replay

LEAST_RATIO: Final = 0.6
MOST_BYTES: Final = 12_000
ECHO: Final = {"websocket": {"path": "/echo", "script": [{"forever": ["expect", "echo"]}]}}
CONNECTIONS: Final = 16
_SPARE: Final = 200
"""Descriptors of a process besides its connections."""


def _mock(folder: Path, port: int) -> str:
    stubs = folder / "echo.json"
    stubs.write_text(json.dumps(ECHO))
    command = executable("mockforge") or "mockforge"
    return (
        f"{command} serve --only ws --ws-port {port} --ws-script {stubs} "
        "--log-level warning --config " + str(_config(folder))
    )


def _config(folder: Path) -> Path:
    path = folder / "mockforge.json"
    path.write_text('{"websocket": {"max_connections": 20000}}')
    return path


def _servers(folder: Path, stack: ExitStack, names: Sequence[str]) -> dict[str, ServerProcess]:
    prefix, _ = cores()
    running: dict[str, ServerProcess] = {}
    for name in names:
        port = free_port()
        command = (
            _mock(folder, port)
            if name == "mock"
            else f"{sys.executable} -m benchmarks.ws_servers {name} {port}"
        )
        running[name] = stack.enter_context(ServerProcess(command, prefix=prefix, port=port))
    return running


def _client(*arguments: object) -> list[str]:
    _, prefix = cores()
    return [*prefix, sys.executable, "-m", "benchmarks.ws_client", *map(str, arguments)]


def throughput(report: Report, seconds: float, rounds: int) -> None:
    """Messages per second, round by round."""
    names = ("bare", "mock", "websockets")
    rates: dict[str, list[float]] = {name: [] for name in names}
    costs: dict[str, list[float]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        servers = _servers(Path(folder), stack, names)
        for _ in range(rounds):
            for name in names:
                process = psutil.Process(servers[name].process.pid)
                before = _used(process)
                done = subprocess.run(
                    _client("load", servers[name].port, CONNECTIONS, seconds),
                    capture_output=True,
                    text=True,
                    timeout=seconds + 60,
                    check=True,
                )
                rate, total = done.stdout.split()
                rates[name].append(float(rate))
                costs[name].append((_used(process) - before) / int(total))
        for name in names:
            middle, cost = median(rates[name]), min(costs[name])
            against = _ratio(rates[name], rates["bare"])
            report.figure(
                name,
                {"rate": middle, "ratio": against, "cpu": cost, "rss": servers[name].rss()},
                f"{name:12} {middle:10,.0f} messages/s  {against:5.2f} of the bare loop  "
                f"{cost * 1e6:5.1f} us of processor time each  RSS {megabytes(servers[name].rss())}",
            )
    against = _ratio(rates["mock"], rates["bare"])
    report.verdict(
        f"the mock echoes at least {LEAST_RATIO} of the bare loop",
        holds=against >= LEAST_RATIO,
        measured=f"{against:.2f}",
    )


def _used(process: psutil.Process) -> float:
    """Seconds of processor time so far: what they are spent on does not depend on who else is at work."""
    times = process.cpu_times()
    return times.user + times.system


def _ratio(rates: Sequence[float], base: Sequence[float]) -> float:
    return median(rate / other for rate, other in zip(rates, base, strict=True))


def idle(report: Report, count: int) -> None:
    """Resident bytes for each of ``count`` idle connections."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count + _SPARE:
        print(f"skipped: {count} connections need more open files than the {hard} allowed here")
        return
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        server = _servers(Path(folder), stack, ["mock"])["mock"]
        for warm in (100, count):  # what the first connections load is not theirs
            before = server.rss()
            with subprocess.Popen(
                _client("hold", server.port, warm),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            ) as child:
                assert child.stdout is not None
                held = int(child.stdout.readline())
                after = server.rss()
                child.communicate("", timeout=60)
        each = (after - before) / held
        report.figure(
            f"idle {count}",
            {"held": held, "bytes": each, "rss": after},
            f"{held:,} idle connections: {each / 1000:.1f} KB each, RSS {megabytes(after)} "
            f"({megabytes(before)} without)",
        )
        report.verdict(
            f"{count:,} connections held, under {MOST_BYTES / 1000:.0f} KB each",
            holds=held == count and each < MOST_BYTES,
            measured=f"{held:,}, {each / 1000:.1f} KB",
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; with ``--check`` a missed threshold is exit code 1."""
    parser = options("ws", __doc__)
    add_runs(parser, 3)
    parser.add_argument(
        "--idle",
        type=numbers,
        default=[1000, 10_000],
        metavar="N,N",
        help="idle connections to hold (default: 1000,10000)",
    )
    parser.add_argument(
        "--replay",
        type=Path,
        nargs="*",
        metavar="FILE",
        help="only play replay files, by default those of this folder, and say how late each line comes",
    )
    parser.add_argument(
        "--churn",
        type=float,
        metavar="MINUTES",
        help="only have clients come, converse and go for so long, and say what is left",
    )
    given = parser.parse_args(arguments)

    def measured(report: Report) -> None:
        if given.replay is not None:
            replay(report, given.replay or sorted(EXAMPLES.glob("*.jsonl")), max(1, given.rounds))
        if given.churn is not None:
            churn(report, given.churn)
        if given.replay is not None or given.churn is not None:
            return
        if given.rounds:
            throughput(report, given.seconds, given.rounds)
        for count in given.idle:
            idle(report, count)

    return conclude(given, measured, failures=(ValueError,))


if __name__ == "__main__":
    sys.exit(main())
