"""What serving a document costs: ``python -m benchmarks.documents DOCUMENT ...``.

Four figures for each: seconds until ready without and with prepared documents on disk, the slowest
first answer of any operation in milliseconds, and the resident memory after all were called once.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.conformance.walk.client import Client, TransportError
from tests.conformance.walk.document import Document
from tests.conformance.walk.entries import discover, root_of
from tests.conformance.walk.node import DanglingError
from tests.conformance.walk.request import RequestMaker
from tests.conformance.walk.schemas import Schemas
from tests.conformance.walk.serving import MOCKFORGE, NotStartedError, ServerProcess
from tests.conformance.walk.values import UnmakeableError

from .verdicts import Report, megabytes


def measure(report: Report, path: Path, root: Path, server: str) -> None:
    """The four figures of one document."""
    with tempfile.TemporaryDirectory() as cache:
        without = {"MOCKFORGE_HTTP__CACHE": "false"}
        kept = {"MOCKFORGE_HTTP__CACHE": "true", "MOCKFORGE_HTTP__CACHE_DIR": cache}
        with ServerProcess(server, path, root=root, environment=without) as first:
            cold = first.ready_seconds
        with ServerProcess(server, path, root=root, environment=kept):
            pass  # fills the cache
        with ServerProcess(server, path, root=root, environment=kept) as running:
            called, slowest, label = call_all(path, running.port)
            rss, warm = running.rss(), running.ready_seconds
    report.figure(
        path.name,
        {
            "ready_without_cache_s": cold,
            "ready_with_cache_s": warm,
            "slowest_first_answer_ms": slowest * 1000,
            "slowest_operation": label,
            "rss": rss,
            "operations": called,
        },
        f"{path.name}: {called} operations, ready {cold:.2f} s without cache, {warm:.2f} s with, "
        f"slowest first answer {slowest * 1000:.1f} ms ({label}), RSS {megabytes(rss)}",
    )


def call_all(path: Path, port: int) -> tuple[int, float, str]:
    """Call every operation once: how many were answered, the slowest answer's seconds, and whose."""
    document = Document(path)
    maker = RequestMaker(Schemas(document.store, document.dialect))
    client = Client("127.0.0.1", port)
    called, slowest, label = 0, 0.0, "none"
    for operation in document.operations:
        try:
            reply = client.send(maker.make(operation))
        except (DanglingError, UnmakeableError) as error:
            print(f"  {operation.label} is not called: {error}", file=sys.stderr)
            continue
        except TransportError as error:
            print(f"  {operation.label}: {error}", file=sys.stderr)
            continue
        called += 1
        if reply.seconds > slowest:
            slowest, label = reply.seconds, operation.label
    client.close()
    return called, slowest, label


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the given documents, or those in the given folders."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.documents", description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path, metavar="FOLDER_OR_FILE")
    parser.add_argument("--server", default=MOCKFORGE, help="command (default: %(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    given = parser.parse_args(arguments)
    report = Report()
    try:
        for path in discover(given.paths):
            measure(report, path, root_of(path, given.paths), given.server)
    except (NotStartedError, DanglingError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if given.json is not None:
        report.write(given.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
