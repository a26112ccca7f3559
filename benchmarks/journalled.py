"""A mock server that tells about what it holds: ``python -P benchmarks/journalled.py DOCUMENT SETTINGS``
(``-P``: this folder has an ``http.py``, which must not stand for the library of that name). ``DOCUMENT``
may be empty.

Started by :mod:`benchmarks.memory` and :mod:`benchmarks.mixed`. Prints its address as a JSON line, then for
every line on its standard input a JSON line: for an empty one the journal's figures, for ``memory`` what each
component holds and what was dropped; ends with its input.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import msgspec

from mockforge.testing import MockServer


def _memory(server: MockServer) -> dict[str, Any]:
    dropped = {
        sample.labels[0][1]: sample.value
        for family in server.metrics.collect()
        for sample in family.samples
        if family.name == "mockforge_dropped_total"
    }
    components = [msgspec.structs.asdict(each) for each in server.kernel.memory.components()]
    return {"components": components, "dropped": dropped}


def main() -> None:
    """Serve until standard input ends."""
    document, settings = sys.argv[1], json.loads(sys.argv[2])
    with MockServer(*filter(None, [document]), settings=settings) as server:
        print(json.dumps({"http": server.url}), flush=True)
        for line in sys.stdin:
            if line.strip() == "memory":
                answer = _memory(server)
            else:
                answer = msgspec.structs.asdict(server.kernel.journal.stats())
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
