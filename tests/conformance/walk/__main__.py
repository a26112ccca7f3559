"""``python -m tests.conformance.walk FOLDER_OR_FILE ...``"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from .entries import discover, root_of
from .mutating import MutationTotals, MutationWalk
from .node import DanglingError
from .report import Report
from .serving import MOCKFORGE
from .walking import Options, Walk


def main(arguments: Sequence[str] | None = None) -> int:
    """Walk the given documents; 0 when no operation failed (or enough mutations were rejected), 1
    otherwise, 2 for wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.conformance.walk",
        description="Call every operation of the given OpenAPI documents and judge the answers.",
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="FOLDER_OR_FILE")
    parser.add_argument(
        "--server",
        default=MOCKFORGE,
        help="command that serves {document}, whose files lie in {root}, on {port} "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--no-base-path", action="store_true", help="leave out the path of the document's server"
    )
    parser.add_argument(
        "--repeat", action="store_true", help="send each request twice, expect the same answer"
    )
    parser.add_argument(
        "--full", action="store_true", help="send optional parameters and properties too"
    )
    parser.add_argument(
        "--mutate", action="store_true", help="send requests that the document forbids instead"
    )
    parser.add_argument("--only", type=re.compile, metavar="REGEX", help="operations to call")
    parser.add_argument("--quiet", action="store_true", help="do not print listed operations")
    given = parser.parse_args(arguments)
    missing = [path for path in given.paths if not path.exists()]
    if missing:
        parser.error(f"no such file or folder: {missing[0]}")
    options = Options(
        server=given.server,
        base_path=not given.no_base_path,
        repeat=given.repeat,
        full=given.full,
        only=given.only,
    )
    report, mutated = Report(quiet=given.quiet), MutationTotals()
    documents = discover(given.paths)
    if not documents:
        parser.error("no OpenAPI document was found there")
    for path in documents:
        try:
            of_path = replace(options, root=root_of(path, given.paths))
            walk: Walk | MutationWalk
            walk = (
                MutationWalk(path, of_path)
                if given.mutate
                else Walk(path, path.name, of_path, report)
            )
        except DanglingError as error:
            parser.error(f"{path} cannot be read: {error}")
        found = walk.run()
        if isinstance(found, MutationTotals):
            mutated.add(found)
    return mutated.close() if given.mutate else report.close()


if __name__ == "__main__":
    sys.exit(main())
