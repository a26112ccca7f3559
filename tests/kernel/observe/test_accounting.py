"""The bytes that the journal accounts for are close to what Python allocates."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mockforge.mocking.exchange import Exchange
from mockforge.observe.journal import Journal
from tests.kernel.observe.exchanges import exchange
from tests.traced import tracing

COUNT = 500


def fresh(text: str) -> bytes:
    """Bytes that no other object shares."""
    return bytes(bytearray(text, "latin-1"))


def headers(number: int, count: int, length: int) -> list[tuple[bytes, bytes]]:
    return [
        (fresh(f"X-Header-{index}"), fresh(f"{number:05}" + "v" * length)) for index in range(count)
    ]


def small(number: int) -> Exchange:
    return exchange(
        target=f"/pets/{number}",
        headers=headers(number, 4, 15),
        answer_headers=[("Content-Type", f"application/json; n={number}")],
        answer=fresh(f'{{"id": {number}}}'),
        source=f"stub:pet-{number}",
    )


def browser(number: int) -> Exchange:
    return exchange(
        target=f"/search?q={number}&page=2&size=100",
        headers=headers(number, 16, 60),
        answer_headers=[(f"X-Answer-{index}", f"{number}" + "w" * 30) for index in range(6)],
        answer=fresh(f"{number}" + "z" * 400),
        source=f"operation:search{number}",
        client=f"127.0.0.1:{number}",
    )


def bodies(number: int) -> Exchange:
    return exchange(
        "POST",
        f"/pets?n={number}",
        headers=headers(number, 6, 20),
        body=fresh(f"{number}" + "b" * 3000),
        answer=fresh(f"{number}" + "a" * 30_000),
    )


@pytest.mark.parametrize("make", [small, browser, bodies])
def test_accounting_is_within_a_quarter_of_the_truth(make: Callable[[int], Exchange]) -> None:
    journal = Journal(max_entries=COUNT)
    with tracing() as traced:
        for number in range(20):  # caches and counters that are there once
            journal.record(make(number))
        journal.clear()
        traced.restart()
        for number in range(COUNT):
            # As on the wire, nothing but the journal keeps an exchange or its parts.
            journal.record(make(10_000 + number))
        held = traced.held
    assert journal.count() == COUNT
    assert held * 0.75 <= journal.stats().bytes <= held * 1.25, (journal.stats().bytes, held)


def test_filling_it_far_past_its_limit_holds_no_more_than_the_limit() -> None:
    journal = Journal(max_entries=100_000, max_bytes=512 * 1024)
    with tracing() as traced:
        for number in range(5000):
            journal.record(browser(number))
        held = traced.held
    assert journal.stats().evicted > 4000
    assert held <= 512 * 1024 * 1.25


def test_what_is_held_by_the_exchange_but_not_kept_is_let_go() -> None:
    journal = Journal(max_body=100)
    with tracing() as traced:
        for number in range(50):
            made = exchange(body=fresh(f"{number}" + "b" * 200_000), answer=fresh("a" * 200_000))
            assert made.request.headers  # the request's own cache
            journal.record(made)
        del made
        held = traced.held
    assert held < 200_000


def test_a_head_that_the_wire_did_not_count_is_counted_here() -> None:
    counted, uncounted = Journal(), Journal()
    fields = headers(1, 5, 200)
    counted.record(exchange(headers=fields))
    uncounted.record(exchange(headers=fields, head_size=0))
    assert abs(counted.bytes - uncounted.bytes) < 10
