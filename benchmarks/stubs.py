"""Throughput of stubs: ``python -m benchmarks.stubs [MODE] [--check]``.

Ratios are taken round by round, as in ``benchmarks.http``. WireMock, where it is found, is measured side by
side, with the same stubs in its own format. See README.md for the modes and the thresholds.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from tests.conformance.walk.serving import (
    MOCKFORGE,
    ServerProcess,
    executable,
    free_port,
)

from .command import add_runs, conclude, numbers, options
from .load import Load, LoadError, ratio, run
from .rivals import Rival, floor
from .verdicts import Report, megabytes

LEAST_RATIO = {"mockforge, static": 0.40, "mockforge, templated": 0.25}
"""Least throughput of a stub against the floor's."""
MOST_DIFFERENCE = 0.10
"""Most that the number of stubs on other paths may change the throughput, as a fraction."""
WARM_UP = 8.0
"""Seconds in which a Java virtual machine compiles what it runs."""
PER_FILE = 10_000
"""Stubs in one file of many."""

Stub = dict[str, Any]
PET = {"id": 1, "name": "rex"}


@dataclass(frozen=True, slots=True)
class Case:
    """A server with stubs, and the request that it is loaded with (``script`` is Lua for wrk)."""

    rival: Rival
    script: str | None = None
    warm_up: float = 2.0
    """Seconds of load that do not count."""
    optional: bool = False
    """Go on without it where it does not bear the load."""


def static(number: int = 1) -> Stub:
    """The same answer for everyone."""
    return {
        "id": f"static-{number}",
        "request": {"method": "GET", "path": f"/pets/{number}"},
        "response": {"json": PET},
    }


def templated() -> Stub:
    """An answer with a value of the request in it."""
    return {
        "id": "templated",
        "request": {"method": "GET", "path": "/pets/{petId}"},
        "response": {"json": {"id": "{{ request.path.petId }}", "name": "rex"}, "template": True},
    }


def by_header(number: int) -> Stub:
    """One of many on a path, told apart by a header."""
    return {
        "id": f"header-{number}",
        "request": {"method": "POST", "path": "/pets", "headers": {"X-Tenant": f"t{number}"}},
        "response": {"json": PET},
    }


def by_body(number: int) -> Stub:
    """One of many on a path, told apart by a value in a JSON body."""
    return {
        "id": f"body-{number}",
        "request": {"method": "POST", "path": "/pets", "body": {"json": {"name": f"n{number}"}}},
        "response": {"json": PET},
    }


def mock(name: str, folder: Path, stubs: Sequence[Stub], target: str) -> Rival:
    """The mock server with ``stubs`` and its default settings."""
    folder.mkdir()
    for start in range(0, len(stubs), PER_FILE):
        (folder / f"{start}.json").write_text(json.dumps(stubs[start : start + PER_FILE]))
    command = MOCKFORGE.replace("{document}", "").replace("--spec-root {root}", "")
    return Rival(name, f"{command} --mocks {shlex.quote(str(folder))}", target)


# ------------------------------------------------------------------ WireMock


def wiremock_jar() -> Path | None:
    """The jar that ``MOCKFORGE_WIREMOCK`` names, or that of the npm package ``wiremock`` on the path."""
    named = os.environ.get("MOCKFORGE_WIREMOCK")
    if named:
        return Path(named)
    command = executable("wiremock")
    if command is None:
        return None
    package = Path(command).resolve().parent
    found = sorted(package.rglob("wiremock*.jar")) or sorted(package.parent.rglob("wiremock*.jar"))
    return found[-1] if found else None


def wiremock(name: str, jar: Path, folder: Path, stubs: Sequence[Stub], target: str) -> Rival:
    """WireMock with the same stubs, and a request journal of the same length."""
    (folder / "mappings").mkdir(parents=True)
    mappings = {"mappings": [_mapping(stub) for stub in stubs]}
    (folder / "mappings" / "stubs.json").write_text(json.dumps(mappings))
    port = free_port()
    command = (
        f"java -jar {shlex.quote(str(jar))} --port {port} --bind-address 127.0.0.1 "
        f"--root-dir {shlex.quote(str(folder))} --disable-banner --max-request-journal-entries 1000"
    )
    return Rival(name, command, target, port=port)


def _mapping(stub: Stub) -> Stub:
    request, response = stub["request"], stub["response"]
    path = request["path"]
    wanted: Stub = {"method": request["method"]}
    wanted["urlPathTemplate" if "{" in path else "urlPath"] = path
    if "headers" in request:
        wanted["headers"] = {name: {"equalTo": value} for name, value in request["headers"].items()}
    if "body" in request:
        wanted["bodyPatterns"] = [
            {"equalToJson": request["body"]["json"], "ignoreExtraElements": True}
        ]
    body = json.dumps(response["json"]).replace(
        "{{ request.path.petId }}", "{{request.path.petId}}"
    )
    answer: Stub = {
        "status": 200,
        "headers": {"Content-Type": "application/json"},
        "body": body,
    }
    if response.get("template"):
        answer["transformers"] = ["response-template"]
    return {"request": wanted, "response": answer}


# ------------------------------------------------------------------ measuring


def measure(
    report: Report, cases: Sequence[Case], seconds: float, rounds: int, *, base: str
) -> dict[str, list[Load]]:
    """Load each server in turn, ``rounds`` times, and report each against the one named ``base``."""
    with ExitStack() as stack:
        running = [(case, stack.enter_context(case.rival.start())) for case in cases]
        runs: dict[str, list[Load]] = {case.rival.name: [] for case in cases}
        cpu: dict[str, list[float]] = {case.rival.name: [] for case in cases}
        for number in range(rounds + 1):
            for case, server in running:
                length = seconds if number else case.warm_up
                spent = _cpu(server)
                try:
                    load = _load(case, server, length)
                except LoadError as error:
                    if not case.optional:
                        raise
                    print(f"{case.rival.name}: not measured, {error}")
                    runs.pop(case.rival.name, None)
                    continue
                if number and case.rival.name in runs:
                    runs[case.rival.name].append(load)
                    cpu[case.rival.name].append((_cpu(server) - spent) / load.requests * 1e6)
        for case, server in running:
            if case.rival.name in runs:
                spent = median(cpu[case.rival.name])
                _report(report, case.rival.name, runs, base, server, spent)
    return runs


def _load(case: Case, server: ServerProcess, seconds: float) -> Load:
    url = f"http://127.0.0.1:{server.port}{case.rival.target}"
    return run(url, seconds, script=case.script)


def _cpu(server: ServerProcess) -> float:
    """Seconds of processor time that a server has used: what other processes do hardly changes it."""
    times = psutil.Process(server.process.pid).cpu_times()
    return times.user + times.system


def _report(
    report: Report,
    name: str,
    runs: dict[str, list[Load]],
    base: str,
    server: ServerProcess,
    cpu: float,
) -> None:
    loads = runs[name]
    rate, p99 = median(load.rate for load in loads), median(load.p99 for load in loads)
    against = ratio(loads, runs[base])
    report.figure(
        name,
        {"rate": rate, "ratio": against, "cpu_us": cpu, "p99_ms": p99, "rss": server.rss()},
        f"{name:28} {rate:10,.0f} req/s  {against:5.2f} of {base}  {cpu:6.1f} us CPU each  "
        f"p99 {p99:7.2f} ms  "
        f"RSS {megabytes(server.rss())}  ready in {server.ready_seconds:.1f} s",
    )


def throughput(report: Report, seconds: float, rounds: int) -> None:
    """A static stub and a templated one against the floor, and WireMock beside them."""
    jar = wiremock_jar()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        cases = [
            Case(floor()),
            Case(mock("mockforge, static", place / "static", [static()], "/pets/1")),
            Case(mock("mockforge, templated", place / "templated", [templated()], "/pets/1")),
        ]
        if jar is None:
            print(
                "skipped: WireMock is not found (npm install wiremock, or MOCKFORGE_WIREMOCK=JAR)"
            )
        elif executable("java") is None:
            print("skipped: WireMock needs java")
        else:
            for stub, name in ((static(), "static"), (templated(), "templated")):
                there = place / f"wiremock-{name}"
                cases.append(
                    Case(
                        wiremock(f"WireMock, {name}", jar, there, [stub], "/pets/1"),
                        warm_up=WARM_UP,
                    )
                )
        runs = measure(report, cases, seconds, rounds, base="floor")
    for name, least in LEAST_RATIO.items():
        found = ratio(runs[name], runs["floor"])
        report.verdict(
            f"{name}: at least {least:.2f} of the floor",
            holds=found >= least,
            measured=f"{found:.2f}",
        )


def by_number(report: Report, sizes: Sequence[int], seconds: float, rounds: int) -> None:
    """Whether the number of stubs on other paths changes the throughput."""
    with tempfile.TemporaryDirectory() as folder:
        cases = [
            Case(
                mock(
                    f"{size} stubs",
                    Path(folder) / str(size),
                    [static(number) for number in range(size)],
                    f"/pets/{size // 2}",
                )
            )
            for size in sizes
        ]
        base = cases[0].rival.name
        runs = measure(report, cases, seconds, rounds, base=base)
    for case in cases[1:]:
        against = ratio(runs[case.rival.name], runs[base])
        report.verdict(
            f"{case.rival.name}: within {MOST_DIFFERENCE:.0%} of {base}",
            holds=abs(1 - against) <= MOST_DIFFERENCE,
            measured=f"{against - 1:+.1%}",
        )


def on_one_path(report: Report, size: int, seconds: float, rounds: int) -> None:
    """So many stubs on one path, told apart by a header and by a JSON body, against one alone."""
    wanted = size // 2
    header = f'wrk.method = "POST"\nwrk.headers["X-Tenant"] = "t{wanted}"\n'
    body = (
        f'wrk.method = "POST"\nwrk.body = \'{{"name": "n{wanted}", "age": 4}}\'\n'
        'wrk.headers["Content-Type"] = "application/json"\n'
    )
    jar = wiremock_jar() if executable("java") is not None else None
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        cases = []
        for name, make, script in (("header", by_header, header), ("body", by_body, body)):
            one, all_of_them = [make(wanted)], [make(number) for number in range(size)]
            cases += [
                Case(mock(f"1 by {name}", place / f"1-{name}", one, "/pets"), script),
                Case(
                    mock(f"{size} by {name}", place / f"{size}-{name}", all_of_them, "/pets"),
                    script,
                ),
            ]
            if jar is not None:
                there = place / f"wiremock-{name}"
                rival = wiremock(f"WireMock, {size} by {name}", jar, there, all_of_them, "/pets")
                cases.append(Case(rival, script, warm_up=WARM_UP, optional=True))
        measure(report, cases, seconds, rounds, base="1 by header")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mode asked for; with ``--check`` a missed threshold is exit code 1."""
    parser = options("stubs", __doc__)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--stubs",
        type=numbers,
        metavar="N,N,...",
        help="compare so many stubs on paths of their own (1,1000,100000)",
    )
    mode.add_argument("--one-path", type=int, metavar="N", help="so many stubs on one path (1000)")
    add_runs(parser, 4)
    given = parser.parse_args(arguments)

    def measured(report: Report) -> None:
        if given.stubs:
            by_number(report, given.stubs, given.seconds, given.rounds)
        elif given.one_path:
            on_one_path(report, given.one_path, given.seconds, given.rounds)
        else:
            throughput(report, given.seconds, given.rounds)

    return conclude(given, measured, needs_wrk=True)


if __name__ == "__main__":
    sys.exit(main())
