"""What observing costs a request: ``python -m benchmarks.observe``.

Best of five runs, in nanoseconds per call; some ten seconds in all.
"""

from __future__ import annotations

import timeit
from collections.abc import Callable

from mockforge.mocking.exchange import Exchange, Request, Response
from mockforge.observe.journal import Journal
from mockforge.observe.metrics import Registry

HEADERS = [
    (b"Host", b"127.0.0.1:3000"),
    (b"User-Agent", b"client/4.1 (benchmark)"),
    (b"Accept", b"*/*"),
    (b"Accept-Encoding", b"gzip, br"),
    (b"X-Request-Id", b"0123456789abcdef"),
    (b"Authorization", b"Bearer abcdefghijkl"),
]


def exchange(body: bytes = b"", answer: bytes = b'{"id":1,"name":"rex"}') -> Exchange:
    request = Request(
        "POST", "/pets/1?limit=2", HEADERS, body, client="127.0.0.1:50000", head_size=230
    )
    made = Exchange(request)
    made.response = Response(
        200, [("Content-Type", "application/json"), ("X-Mockforge-Source", "stub:pets")], answer
    )
    made.sent_bytes = len(answer)
    made.template = "/pets/{petId}"
    return made


def measure(label: str, call: Callable[[], object], number: int = 100_000) -> None:
    best = min(timeit.repeat(call, number=number, repeat=5)) / number
    print(f"{label:<50}{best * 1e9:8.0f} ns")


def main() -> None:
    small, large = exchange(), exchange(b"x" * 100_000, b"y" * 100_000)
    journal, followed, requests = Journal(), Journal(), Registry().requests
    measure("an empty call", lambda: None)
    measure("journal.record, ring full", lambda: journal.record(small))
    measure("journal.record, both bodies cut to 8 KiB", lambda: journal.record(large), 20_000)
    with followed.subscribe():
        measure("journal.record, one subscriber falling behind", lambda: followed.record(small))
    journal.record(small)
    measure("journal.recent(1): building an entry", lambda: journal.recent(1), 20_000)
    measure(
        "requests.observe",
        lambda: requests.observe("http", "POST", "/pets/{petId}", 200, 123_456, 21),
    )
    measure(
        "requests.observe, a method nobody declared",
        lambda: requests.observe("http", "BREW", None, 501, 123_456, 21),
    )


if __name__ == "__main__":
    main()
