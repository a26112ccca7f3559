"""A mock server that tells about its journal: ``python -P benchmarks/journalled.py DOCUMENT SETTINGS``
(``-P``: this folder has an ``http.py``, which must not stand for the library of that name).

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
            print(json.dumps(msgspec.structs.asdict(stats)), flush=True)


if __name__ == "__main__":
    main()
