"""The command line that benchmarks have in common: ``--json``, ``--check``, and the exit code.

Used by every benchmark that has thresholds.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.conformance.walk.serving import NotStartedError

from .load import LoadError, wrk_found
from .verdicts import Report

_FAILURES: Final[tuple[type[Exception], ...]] = (
    LoadError,
    NotStartedError,
    OSError,
    subprocess.SubprocessError,
)


def options(name: str, description: str | None) -> argparse.ArgumentParser:
    """The parser of ``python -m benchmarks.NAME``, with the options that all have."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=description)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    parser.add_argument("--check", action="store_true", help="exit 1 when a threshold is missed")
    return parser


def add_runs(parser: argparse.ArgumentParser, seconds: float) -> None:
    """Add ``--seconds`` and ``--rounds``."""
    parser.add_argument(
        "--seconds", type=float, default=seconds, help=f"of each run (default: {seconds:g})"
    )
    parser.add_argument("--rounds", type=int, default=3, help="of runs (default: 3)")


def numbers(text: str) -> list[int]:
    """``1,10,100``."""
    return [int(part) for part in text.split(",")]


def conclude(
    given: argparse.Namespace,
    measure: Callable[[Report], None],
    *,
    needs_wrk: bool = False,
    failures: tuple[type[Exception], ...] = (),
) -> int:
    """Have ``measure`` fill a report, and do with it as was ``given``.

    The exit code is 1 when a threshold is missed and that is checked, and 2 when nothing came of it: a server
    or a client did not do its part, or ``measure`` raised one of ``failures``.
    """
    if needs_wrk and not wrk_found():
        print("skipped: wrk is not installed (apt-get install wrk, brew install wrk)")
        return 0
    report = Report()
    try:
        measure(report)
    except _FAILURES + failures as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if given.json is not None:
        report.write(given.json)
    return 1 if given.check and not report.passed else 0
