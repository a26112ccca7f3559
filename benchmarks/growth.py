"""Whether the memory report explains what the process grows by: ``python -m benchmarks.growth``.

Each scenario starts a server of its own with HTTP, WebSocket and the admin, drives it from outside, and
sets what its resident memory grew by against what the components of ``/__mockforge/memory`` grew by. What the
admin itself brings when it is first asked is a scenario too.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from time import sleep
from typing import Final

from tests.conformance.walk.serving import ServerProcess, free_port

from .command import conclude, options
from .documents import call_all
from .rivals import DOCUMENTS, HERE
from .verdicts import Report, megabytes

LEAST: Final = 0.8
MOST: Final = 1.25
"""What components may grow by, as parts of what the process grows by."""
PETSTORE: Final = HERE.parent / "examples" / "petstore" / "openapi.yaml"
LARGE: Final = HERE.parent.parent / "shared/corpus/openapi/github-api.github.com.json"
CONNECTIONS: Final = 1000
ENTRIES: Final = 1000
BODY: Final = 15 * 1024
_SPARE: Final = 200
_SETTLED: Final = 1.5
"""Seconds after which a server has done what it had to do."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds: resident bytes, and bytes by component."""

    rss: int
    components: Mapping[str, int]


class Watched:
    """A server with HTTP, WebSocket and the admin, and what its memory report says."""

    def __init__(self, document: Path, environment: Mapping[str, str]) -> None:
        self.admin, self.ws = free_port(), free_port()
        command = (
            f"mockforge serve {{document}} --only http --only ws --only admin --http-port {{port}} "
            f"--ws-script {HERE / 'ws-echo.json'} --ws-port {self.ws} --admin-port {self.admin} "
            "--json --log-level warning"
        )
        self.process = ServerProcess(
            command, document, environment={"MOCKFORGE_HTTP__CHECK": "never", **environment}
        )
        self.port = self.process.port

    def held(self) -> Held:
        """What it holds when it has settled."""
        sleep(_SETTLED)
        url = f"http://127.0.0.1:{self.admin}/__mockforge/memory"
        with urllib.request.urlopen(url, timeout=60) as response:  # loopback
            told = json.load(response)
        found = {each["name"]: int(each["bytes"] or 0) for each in told["components"]}
        return Held(int(told["rss"]), found)

    def __enter__(self) -> Watched:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stop()


@contextmanager
def watched(
    document: Path = PETSTORE, environment: Mapping[str, str] | None = None
) -> Iterator[Watched]:
    """A server that has been asked once, over HTTP and by the admin."""
    with Watched(document, environment or {}) as server:
        yield server


def told(report: Report, name: str, before: Held, after: Held) -> None:
    """The figures of one scenario."""
    growth = after.rss - before.rss
    changes = {
        key: after.components.get(key, 0) - before.components.get(key, 0)
        for key in {*after.components, *before.components}
    }
    explained = sum(changes.values())
    largest = sorted(changes.items(), key=lambda each: -abs(each[1]))[:5]
    parts = ", ".join(f"{key} {size / 1e6:+.1f}" for key, size in largest if abs(size) >= 50_000)
    report.figure(
        name,
        {"before": before.rss, "growth": growth, "explained": explained, "changes": changes},
        f"{name}: RSS {megabytes(before.rss)} {growth / 1e6:+.1f} MB, components "
        f"{explained / 1e6:+.1f} MB ({parts})",
    )
    part = explained / growth if growth > 0 else 1.0
    report.verdict(
        f"{name}: components explain {LEAST:.0%} of it",
        holds=LEAST <= part <= MOST,
        measured=f"{part:.0%}",
    )


def first_use(report: Report) -> None:
    """What the admin brings when it is asked for the first time."""
    with watched() as server:
        sleep(_SETTLED)
        idle = server.process.rss()
        after = server.held()
    told(report, "admin first asked", Held(idle, {}), after)


def journal(report: Report) -> None:
    """The journal full, by entries and by bytes."""
    settings = {
        "MOCKFORGE_CORE__MAX_LOGGED_BODY": "64KiB",
        "MOCKFORGE_CORE__MAX_REQUEST_LOG_BYTES": "16MiB",
        "MOCKFORGE_CORE__MAX_REQUEST_LOGS": str(ENTRIES),
    }
    with watched(DOCUMENTS / "bodies.yaml", settings) as server:
        before = server.held()
        client = HTTPConnection("127.0.0.1", server.port, timeout=60)
        for number in range(2 * ENTRIES):
            body = json.dumps({"text": f"{number:08}" + "b" * BODY}).encode()
            client.request("POST", "/notes", body, {"Content-Type": "application/json"})
            client.getresponse().read()
        client.close()
        told(report, "journal full", before, server.held())


def large(report: Report, document: Path) -> None:
    """A large document, each of its operations called."""
    with watched() as server:
        before = server.held()
    with tempfile.TemporaryDirectory() as cache:
        environment = {"MOCKFORGE_HTTP__CACHE": "true", "MOCKFORGE_HTTP__CACHE_DIR": cache}
        for name in ("large document, prepared anew", "large document, prepared before"):
            with watched(document, environment) as server:
                call_all(document, server.port)
                told(report, name, before, server.held())


def websocket(report: Report) -> None:
    """Idle WebSocket connections."""
    settings = {"MOCKFORGE_WEBSOCKET__MAX_CONNECTIONS": "20000"}
    with watched(environment=settings) as server, ExitStack() as stack:
        before = server.held()
        child = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "benchmarks.ws_client", "hold", str(server.ws), str(CONNECTIONS)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )  # fmt: skip
        assert child.stdout is not None
        held = int(child.stdout.readline())
        told(report, f"{held:,} WebSocket connections", before, server.held())
        child.communicate("", timeout=60)


def keep_alive(report: Report) -> None:
    """Idle HTTP connections that have had one answer each."""
    settings = {"MOCKFORGE_HTTP__MAX_CONNECTIONS": "20000"}
    with watched(environment=settings) as server, ExitStack() as stack:
        before = server.held()
        for _ in range(CONNECTIONS):
            held = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            held.sendall(b"GET /pets HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert held.recv(65536).startswith(b"HTTP/1.1 200")
        told(report, f"{CONNECTIONS:,} keep-alive connections", before, server.held())


SCENARIOS: Final[Mapping[str, Callable[[Report], None]]] = {
    "admin": first_use,
    "journal": journal,
    "websocket": websocket,
    "http": keep_alive,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; with ``--check``, exit 1 where too little or too much is explained."""
    parser = options("growth", __doc__)
    parser.add_argument("--document", type=Path, default=LARGE, help="a large one (%(default)s)")
    parser.add_argument("--only", choices=[*SCENARIOS, "document"], help="this scenario alone")
    given = parser.parse_args(arguments)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    def measured(report: Report) -> None:
        for name, scenario in SCENARIOS.items():
            if given.only in (None, name):
                scenario(report)
        if given.only in (None, "document"):
            if given.document.exists():
                large(report, given.document)
            else:
                print(f"skipped: no document at {os.fspath(given.document)}")

    return conclude(given, measured)


if __name__ == "__main__":
    sys.exit(main())
