"""``python -m tests.conformance.admin`` prints what schemathesis found; exits with 1 if that is anything."""

from __future__ import annotations

import argparse
import sys

from tests.conformance.schemathesis.__main__ import shortened
from tests.conformance.schemathesis.running import NAMED_BY, executable

from .running import run


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.admin", description=__doc__)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--examples", type=int, default=20)
    given = parser.parse_args()
    tool = executable()
    if tool is None:
        parser.error(f"no schemathesis on the path; name the executable by {NAMED_BY}")
    report = run(tool, examples=given.examples, seed=given.seed)
    for failure in report.failures:
        print(f"FAILED {failure.operation}: {failure.check}")
        print(f"    {' '.join(failure.message.split())}")
        print(f"    {shortened(failure.sent)} -> {failure.status}")
    print(f"operations {report.operations}, cases {report.cases}, failures {len(report.failures)}")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
