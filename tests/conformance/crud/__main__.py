"""``python -m tests.conformance.crud FOLDER_OR_FILE ...``"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.conformance.walk.entries import discover, root_of
from tests.conformance.walk.node import DanglingError

from .running import MOCKFORGE, Report, Run


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a session on every collection of the given documents; 0 when none failed, 1 otherwise, 2 for wrong
    usage."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.conformance.crud",
        description="Create, read, list, change and delete in every collection of OpenAPI documents.",
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="FOLDER_OR_FILE")
    parser.add_argument(
        "--server", default=MOCKFORGE, help="command that serves (default: %(default)s)"
    )
    parser.add_argument("--only", type=re.compile, metavar="REGEX", help="collections to use")
    parser.add_argument("--quiet", action="store_true", help="do not print listed sessions")
    given = parser.parse_args(arguments)
    missing = [path for path in given.paths if not path.exists()]
    if missing:
        parser.error(f"no such file or folder: {missing[0]}")
    report = Report(quiet=given.quiet)
    for path in discover(given.paths):
        try:
            run = Run(path, root_of(path, given.paths), report, given.server, given.only)
        except DanglingError as error:
            parser.error(f"{path} cannot be read: {error}")
        run.run()
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
