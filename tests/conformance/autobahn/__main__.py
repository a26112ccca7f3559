"""``python -m tests.conformance.autobahn``: a line for each case that is wrong, then the sums."""

from __future__ import annotations

import argparse
import sys

from tests.conformance.autobahn.running import fuzzer, run


def main() -> int:
    """Without compression, then with it; 1 if a case is neither OK nor informational."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--include", action="append", default=[], metavar="GLOB", help="cases to run"
    )
    parser.add_argument("--compression", choices=["off", "on", "both"], default="both")
    given = parser.parse_args()
    client = fuzzer()
    if client is None:
        print("skipped: the fuzzing client is not installed (pip install kosoku)")
        return 0
    failed = False
    for compression in (False, True):
        if given.compression not in ("both", "on" if compression else "off"):
            continue
        report = run(client, compression=compression, include=given.include)
        for line in report.wrong(compression=compression):
            failed = True
            print(line)
        print(f"compression {'on' if compression else 'off'}: {report}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
