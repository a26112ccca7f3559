"""gRPC: mocked unary calls against a bare grpc.aio echo, memory per idle stream, and a mixed load.

Run ``python -m benchmarks.grpc``; see ``benchmarks/README.md``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, Final

from tests.conformance.walk.serving import ServerProcess, executable, free_port

from .command import add_runs, conclude, options
from .grpc_load import h2load_found, run
from .grpc_stubs import HELLO, PROTO, STUBS, WORLD, settings
from .load import LoadError, cores
from .verdicts import Report, megabytes

LEAST: Final = {"grpcio": 0.8, "http2": 5.0}
"""Mocked calls on each engine, as a multiple of the bare echo."""
MOST_BYTES: Final = 30_000
"""Resident bytes of an idle stream, its share of a connection included."""


def _mock(folder: Path, engine: str, port: int) -> str:
    config = folder / f"{engine}.json"
    config.write_text(json.dumps({"grpc": {"engine": engine, "cache_dir": str(folder)}}))
    stubs = folder / "stubs.json"
    stubs.write_text(json.dumps(STUBS))
    command = executable("mockforge") or "mockforge"
    return (
        f"{command} serve --only grpc --grpc-port {port} --proto {PROTO} --mocks {stubs} "
        f"--log-level warning --config {config}"
    )


def _gripmock(folder: Path, port: int) -> str | None:
    """GripMock's command with the same stub, None where it is not installed."""
    found = executable("gripmock")
    if found is None:
        return None
    stubs = folder / "gripmock"
    stubs.mkdir()
    (stubs / "hello.yaml").write_text(
        "- service: helloworld.Greeter\n  method: SayHello\n"
        "  input: {equals: {name: world}}\n  output: {data: {message: world}}\n"
    )
    return f"{found} --stub {stubs} {PROTO}"


def _commands(folder: Path) -> Iterator[tuple[str, str, int]]:
    """Names, commands and ports of the servers that can be had."""
    for name in ("bare", "native"):
        port = free_port()
        if name == "native" and find_spec("pygrpc_native") is None:
            print("skipped: pygrpc-native is not installed (pip install pygrpc-native)")
            continue
        yield name, f"{sys.executable} -m benchmarks.grpc_servers {name} {port}", port
    for engine in ("grpcio", "http2", "h2"):
        port = free_port()
        yield engine, _mock(folder, engine, port), port
    port = free_port()
    command = _gripmock(folder, port)
    if command is None:
        print("skipped: gripmock is not installed")
    else:
        yield "gripmock", command, port


def _client(*arguments: object) -> list[str]:
    _, prefix = cores()
    return [*prefix, sys.executable, "-m", "benchmarks.grpc_client", *map(str, arguments)]


def _ask(port: int) -> None:
    done = subprocess.run(
        _client("check", port), capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode:
        raise LoadError(done.stderr.strip()[-300:])


def throughput(report: Report, seconds: float, rounds: int) -> None:
    """Calls per second, round by round, with the same messages."""
    prefix, _ = cores()
    rates: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        servers = {
            name: stack.enter_context(
                ServerProcess(
                    command,
                    prefix=prefix,
                    port=port,
                    environment={"GRPC_PORT": str(port), "GRPC_HOST": "127.0.0.1"},
                )
            )
            for name, command, port in _commands(Path(folder))
        }
        for server in servers.values():
            _ask(server.port)
        for _ in range(rounds):
            for name, server in servers.items():
                rates.setdefault(name, []).append(run(server.port, HELLO, WORLD, seconds).rate)
        for name, server in servers.items():
            against = _ratio(rates[name], rates["bare"])
            report.figure(
                name,
                {"rate": median(rates[name]), "ratio": against, "rss": server.rss()},
                f"{name:10} {median(rates[name]):10,.0f} calls/s  {against:6.2f} of bare grpc.aio  "
                f"RSS {megabytes(server.rss())}",
            )
    for name, least in LEAST.items():
        against = _ratio(rates[name], rates["bare"])
        report.verdict(
            f"mocked calls on the engine {name} reach {least} of a bare echo",
            holds=against >= least,
            measured=f"{against:.2f}",
        )


def _ratio(rates: Sequence[float], base: Sequence[float]) -> float:
    return median(rate / other for rate, other in zip(rates, base, strict=True))


class Mocked:
    """The mock of :mod:`benchmarks.grpc_servers`, which can be asked what is open."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.port = int(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise OSError(f"the server ended with {self._process.wait(10)}")
        return line

    def open(self) -> dict[str, float]:
        """Calls and connections."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        found: dict[str, float] = json.loads(self._line())
        return found

    def rss(self) -> int:
        """Resident bytes."""
        import psutil

        return int(psutil.Process(self._process.pid).memory_info().rss)


@contextmanager
def mocked(given: Mapping[str, Any]) -> Iterator[Mocked]:
    """A mock with these settings."""
    prefix, _ = cores()
    with subprocess.Popen(
        [*prefix, sys.executable, "-m", "benchmarks.grpc_servers", "mock", json.dumps(given)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Mocked(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def idle(report: Report, count: int) -> None:
    """Resident bytes for each of ``count`` idle streams."""
    with tempfile.TemporaryDirectory() as folder, mocked(settings(Path(folder))) as server:
        for warm in (100, count):  # what the first streams load is not theirs
            before = server.rss()
            with subprocess.Popen(
                _client("hold", server.port, warm),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            ) as child:
                assert child.stdout is not None
                held = int(child.stdout.readline())
                counted = server.open()["calls"]
                after = server.rss()
                child.communicate("", timeout=60)
    each = (after - before) / held
    report.figure(
        f"idle {count}",
        {"held": held, "bytes": each, "rss": after},
        f"{held:,} idle streams: {each / 1000:.1f} KB each, RSS {megabytes(after)} "
        f"({megabytes(before)} without)",
    )
    report.verdict(
        f"{count:,} streams held, under {MOST_BYTES / 1000:.0f} KB each",
        holds=held == counted == count and each < MOST_BYTES,
        measured=f"{held:,}, {each / 1000:.1f} KB",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; with ``--check`` a missed threshold is exit code 1."""
    parser = options("grpc", __doc__)
    add_runs(parser, 3)
    parser.add_argument(
        "--idle", type=int, default=1000, metavar="N", help="idle streams to hold (default: 1000)"
    )
    parser.add_argument(
        "--mixed",
        type=float,
        metavar="MINUTES",
        help="only this: a mixed load of streams with cancelled and broken clients",
    )
    given = parser.parse_args(arguments)
    if given.rounds and given.mixed is None and not h2load_found():
        print("skipped: h2load is not installed (apt-get install nghttp2-client)")
        return 0

    def measured(report: Report) -> None:
        if given.mixed is not None:
            from .grpc_mixed import mixed

            mixed(report, given.mixed * 60)
            return
        if given.rounds:
            throughput(report, given.seconds, given.rounds)
        if given.idle:
            idle(report, given.idle)

    return conclude(given, measured)


if __name__ == "__main__":
    sys.exit(main())
