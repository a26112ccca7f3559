"""``python -m tests.conformance.schemathesis DOCUMENT ...``"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.conformance.walk.serving import NotStartedError

from .excuses import ENTRIES, excuse_for
from .report import Failure, Report, UnreadableReportError
from .running import NAMED_BY, Options, executable, run

SHOWN = 400
"""Characters of a failing request that are printed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Test the given documents: 0 when every failure is excused, 1 when one is not, 2 for wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.conformance.schemathesis",
        description="Run schemathesis against `mockforge serve` for each document.",
    )
    parser.add_argument("documents", nargs="+", type=Path, metavar="DOCUMENT")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument(
        "--examples", type=int, default=15, help="cases of the fuzzing phase for each operation"
    )
    parser.add_argument(
        "--operations", type=int, metavar="N", help="a sample of so many operations (default: all)"
    )
    parser.add_argument("--quiet", action="store_true", help="do not print excused failures")
    given = parser.parse_args(arguments)
    tool = executable()
    if tool is None:
        parser.error(f"no schemathesis on the path; name the executable by {NAMED_BY}")
    missing = [path for path in given.documents if not path.is_file()]
    if missing:
        parser.error(f"no such file: {missing[0]}")
    options = Options(given.seed, given.examples, given.operations)
    passed = True
    for document in given.documents:
        try:
            report = run(tool, document, options)
        except (NotStartedError, UnreadableReportError) as error:
            print(f"{document.name}: {error}")
            passed = False
            continue
        passed &= judge(document.name, report, quiet=given.quiet)
    return 0 if passed else 1


def shortened(text: str) -> str:
    """``text`` on one line, without what repeats and without its middle."""
    line = ascii(re.sub(r"(.)\1{20,}", r"\1..\1", text))
    return line if len(line) <= SHOWN else f"{line[: SHOWN // 2]} ... {line[-SHOWN // 2 :]}"


def judge(document: str, report: Report, *, quiet: bool = False) -> bool:
    """Print what became of ``document``; whether nothing is left unexcused.

    A failure is one operation failing one check, in however many cases, all excused for one reason or
    all not.
    """
    excused: dict[tuple[str, str, str], int] = {}
    failed: dict[tuple[str, str], list[Failure]] = {}
    for failure in report.failures:
        entry = excuse_for(document, failure, ENTRIES)
        if entry is None:
            failed.setdefault((failure.operation, failure.check), []).append(failure)
        else:
            key = (failure.operation, failure.check, entry.reason)
            excused[key] = excused.get(key, 0) + 1
    if not quiet:
        for (operation, check, reason), cases in excused.items():
            print(f"excused {operation}: {check} ({cases} cases): {reason}")
    for (operation, check), failures in failed.items():
        first = failures[0]
        print(f"FAILED {operation}: {check} ({len(failures)} cases)")
        print(f"    {' '.join(first.message.split())}")
        if first.sent:
            print(f"    {shortened(first.sent)} -> {first.status} {first.findings}")
    print(
        f"{document}: operations {report.operations}, cases {report.cases}, "
        f"failures {len(failed)}, excused {len(excused)}"
    )
    return not failed


if __name__ == "__main__":
    sys.exit(main())
