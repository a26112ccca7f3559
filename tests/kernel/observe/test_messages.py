"""Messages of streams: entries like those of exchanges, made without one."""

from __future__ import annotations

from typing import Any

import pytest

from mockforge.findings import Finding
from mockforge.mocking.exchange import Exchange, Request, Response
from mockforge.observe.journal import Journal, JournalEntry
from tests.kernel.observe.exchanges import exchange

OPENED = {"target": "/chat?a=1", "template": "/{room}", "source": "stub:chat", "protocol": "ws"}
FOUND = tuple(Finding("message.body", f"{number} is wrong") for number in range(30))


def as_exchange(
    opened: Exchange, method: str, data: bytes, status: int | None, source: str | None
) -> Exchange:
    asked = opened.request
    body = data if status is None else b""
    made = Exchange(
        Request(method, asked.target, [], body, protocol=asked.protocol, client=asked.client)
    )
    made.template, made.source = opened.template, source or opened.source
    if status is not None:
        made.response = Response(status, (), data)
        made.sent_bytes = len(data)
    return made


def like(entry: JournalEntry) -> dict[str, Any]:
    """All of an entry but its id and time."""
    fields = {name: getattr(entry, name) for name in entry.__struct_fields__}
    del fields["id"], fields["time"]
    return fields


@pytest.mark.parametrize("status", [None, 101])
@pytest.mark.parametrize("data", [b"", b"hello", b"\xff\x00", b"x" * 5000])
@pytest.mark.parametrize("max_bytes", [1_000_000, 1_000])
def test_a_message_is_an_entry_as_an_exchange_would_be(
    status: int | None, data: bytes, max_bytes: int
) -> None:
    one, other = (Journal(max_body=2000, max_bytes=max_bytes) for _ in range(2))
    opened = exchange(**OPENED)  # type: ignore[arg-type] # forwarded as given
    found = FOUND if max_bytes > 1_000 else ()
    made = as_exchange(opened, "RECEIVE", data, status, "op:x")
    made.findings = found
    one.record(made)
    other.record_message(opened, "RECEIVE", data, status=status, source="op:x", findings=found)
    assert like(other.recent()[0]) == like(one.recent()[0])
    assert other.bytes == one.bytes
    assert other.stats().stripped == one.stats().stripped


def test_subscribers_get_messages() -> None:
    journal = Journal()
    with journal.subscribe() as subscription:
        journal.record_message(exchange(**OPENED), "SEND", b"x", status=101)  # type: ignore[arg-type]
        entry = subscription.get(5)
        assert isinstance(entry, JournalEntry)
        assert (entry.source, entry.response_body) == ("stub:chat", "x")
