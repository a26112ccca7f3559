"""A mock server that tells about its journal: ``python benchmarks/journalled.py DOCUMENT SETTINGS``.

Started by :mod:`benchmarks.memory`. Prints its address as a JSON line, then for every line on its
standard input a JSON line with the journal's figures; ends with its input.
"""

from __future__ import annotations

import json
import sys

import msgspec

from mockforge.testing import MockServer


def main() -> None:
    """Serve until standard input ends."""
    document, settings = sys.argv[1], json.loads(sys.argv[2])
    with MockServer(document, settings=settings) as server:
        print(json.dumps({"http": server.url}), flush=True)
        for _ in sys.stdin:
            stats = server.kernel.journal.stats()
            print(msgspec.json.encode(stats).decode(), flush=True)


if __name__ == "__main__":
    main()
