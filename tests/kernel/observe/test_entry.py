"""What an entry says of an exchange."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from mockforge.findings import Finding
from mockforge.observe.journal import Journal, JournalEntry
from mockforge.observe.journal.entry import body_text
from tests.kernel.observe.exchanges import exchange


def entry_of(*args: object, **kwargs: object) -> JournalEntry:
    journal = Journal()
    journal.record(exchange(*args, **kwargs))  # type: ignore[arg-type]  # forwarded as given
    return journal.recent()[0]


def test_an_entry_tells_the_whole_exchange() -> None:
    found = Finding("request.query", "limit is no number", severity="warning")
    entry = entry_of(
        "POST",
        "/pets/7?limit=ten&x=%20",
        status=422,
        headers=[(b"X-Name", b"caf\xe9"), (b"x-name", b"again")],
        body=b'{"name":"rex"}',
        answer=b"{}",
        template="/pets/{petId}",
        source="operation:updatePet",
        received_ns=1_767_323_045_678_901_234,
        findings=(found,),
        error="transformer failed",
    )
    assert entry == JournalEntry(
        id=1,
        time=datetime(2026, 1, 2, 3, 4, 5, 678901, UTC),
        protocol="http",
        target="/pets/7?limit=ten&x=%20",
        method="POST",
        path="/pets/7",
        template="/pets/{petId}",
        query="limit=ten&x=%20",
        status=422,
        duration_us=1500,
        client="127.0.0.1:50000",
        request_headers=(("X-Name", "café"), ("x-name", "again")),
        response_headers=(("Content-Type", "application/json"),),
        request_size=14,
        response_size=2,
        request_body='{"name":"rex"}',
        request_body_base64=False,
        request_body_truncated=False,
        response_body="{}",
        response_body_base64=False,
        response_body_truncated=False,
        source="operation:updatePet",
        findings=(found,),
        error="transformer failed",
        explanation=None,
        stripped=False,
    )


def test_an_entry_survives_json() -> None:
    entry = entry_of(body=b"\xff\x00", answer="grün".encode())
    text = msgspec.json.encode(entry)
    assert msgspec.json.decode(text, type=JournalEntry) == entry
    fields = json.loads(text)
    assert fields["request_headers"][0] == ["Host", "api.example.test"]
    assert fields["time"].endswith("Z")
    assert fields["response_body"] == "grün"


def test_no_answer_has_no_status() -> None:
    entry = entry_of(status=None, error="connection reset by fault")
    assert entry.status is None
    assert entry.response_headers == ()
    assert entry.response_size == 0


def test_what_a_stream_sent_is_counted_and_marked_as_not_kept() -> None:
    entry = entry_of(answer=b"", sent_bytes=12_345)
    assert entry.response_size == 12_345
    assert entry.response_body == ""
    assert entry.response_body_truncated


def test_an_answer_to_head_keeps_its_body_for_reading_and_says_that_none_was_sent() -> None:
    entry = entry_of("HEAD", answer=b"{}", sent_bytes=0)
    assert entry.response_size == 0
    assert entry.response_body == "{}"
    assert not entry.response_body_truncated


def test_findings_of_another_kind_are_shown_as_text() -> None:
    entry = entry_of(findings=("odd",))
    assert entry.findings[0].message == "odd"


def test_an_entry_that_a_plugin_made_unreadable_says_so_and_spoils_no_query() -> None:
    class Odd:
        def __str__(self) -> str:
            raise ValueError("no text")

    journal = Journal()
    journal.record(exchange(target="/first"))
    journal.record(exchange(answer="text" * 5000))  # type: ignore[arg-type]  # a plugin's mistake
    journal.record(exchange(findings=(Odd(),), error="transform failed"))
    third, second, first = journal.recent()
    assert first.error is None
    assert second.response_body == ""
    assert second.error is not None
    assert "cannot be shown: AttributeError" in second.error
    assert third.error is not None
    assert third.error.startswith("transform failed; ")
    assert third.error.endswith("ValueError: no text")


def test_binary_bodies_are_base64() -> None:
    for body in (b"\x89PNG\r\n\x1a\n", b"\x00\x00\x00\x00\x05hello", b"\xff\xfe"):
        text, encoded = body_text(body, cut=False)
        assert encoded
        assert base64.b64decode(text) == body


def test_a_character_split_by_the_cut_is_left_off() -> None:
    whole = "aé€😀".encode()
    for length in range(len(whole) + 1):
        text, encoded = body_text(whole[:length], cut=True)
        assert not encoded
        assert "aé€😀".startswith(text)
    # The same bytes as a whole body are no text.
    assert body_text(whole[:2], cut=False)[1]


@given(st.binary(max_size=60), st.booleans())
def test_every_body_can_be_shown(body: bytes, cut: bool) -> None:
    text, encoded = body_text(body, cut=cut)
    if encoded:
        assert base64.b64decode(text) == body
    elif cut:
        assert body.startswith(text.encode())
        assert len(body) - len(text.encode()) <= 3
    else:
        assert text.encode() == body


def test_bodies_that_are_recorded_as_sent_are_read_when_they_are_asked_for() -> None:
    journal = Journal()
    read: list[tuple[str, str]] = []

    def reader(method: str, target: str, asked: bytes, answered: bytes) -> tuple[bytes, bytes]:
        read.append((method, target))
        return asked[::-1], answered.upper()

    journal.read_with("grpc", reader)
    for protocol in ("grpc", "http"):
        journal.record(exchange("GET", "/a", protocol=protocol, body=b"abc", answer=b"xyz"))
    assert read == []
    other, ours = journal.recent()
    assert (ours.request_body, ours.response_body) == ("cba", "XYZ")
    assert (other.request_body, other.response_body) == ("abc", "xyz")
    assert read == [("GET", "/a")]


def test_a_reader_that_fails_costs_the_bodies_only() -> None:
    journal = Journal()

    def reader(*_: object) -> tuple[bytes, bytes]:
        raise ValueError("broken")

    journal.read_with("grpc", reader)
    journal.record(exchange("GET", "/a", protocol="grpc", body=b"abc"))
    (entry,) = journal.recent()
    assert (entry.target, entry.request_body) == ("/a", "")
    assert "ValueError: broken" in (entry.error or "")
