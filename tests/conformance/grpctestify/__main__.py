"""``python -m tests.conformance.grpctestify FOLDER [--engine http2|h2|grpcio] [--only NAME]``: a line for
each file of calls that differs, then the sum."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tests.conformance.grpctestify.listed import OTHERWISE
from tests.conformance.grpctestify.running import Verdict, projects, run


class Sums(NamedTuple):
    """What came of all files."""

    files: int
    passed: int
    listed: int
    failed: int

    def __str__(self) -> str:
        return f"files {self.files} passed {self.passed} listed {self.listed} failed {self.failed}"


def summed(verdicts: Iterable[Verdict]) -> Sums:
    """Count, and say what did not pass."""
    files = passed = listed = failed = 0
    for verdict in verdicts:
        files += 1
        if not verdict.why:
            passed += 1
            continue
        reason = OTHERWISE.get(verdict.name)
        listed += reason is not None
        failed += reason is None
        print(f"{'FAILED' if reason is None else 'listed'} {verdict.name}: {reason or verdict.why}")
    return Sums(files, passed, listed, failed)


def main(arguments: list[str]) -> int:
    """Run all projects; 1 if a file fails without a reason."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.grpctestify")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engine", default="http2", choices=("http2", "h2", "grpcio"))
    parser.add_argument("--only", default="", help="projects whose name contains this")
    given = parser.parse_args(arguments)
    chosen = [path for path in projects(given.folder.resolve()) if given.only in path.name]
    sums = summed(verdict for path in chosen for verdict in run(path, engine=given.engine))
    print(sums)
    return 1 if sums.failed or not sums.files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
