"""Secrets do not leave the journal, by any of its doors."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockforge.observe.journal import (
    DEFAULT_REDACT,
    REDACTED,
    Criteria,
    Journal,
    JournalEntry,
    JsonLinesSink,
    LogDispatcher,
)
from mockforge.observe.journal.redaction import Redaction
from tests.kernel.observe.exchanges import exchange

SECRET = "s3cr3t-value"


def secretive(journal: Journal) -> None:
    journal.record(
        exchange(
            target=f"/pets?API_KEY={SECRET}&limit=2&access%5Ftoken={SECRET}",
            headers=[
                (b"AUTHORIZATION", b"Bearer " + SECRET.encode()),
                (b"Cookie", SECRET.encode()),
                (b"X-Api-Key", SECRET.encode()),
                (b"Accept", b"*/*"),
            ],
            answer_headers=[("Set-Cookie", f"id={SECRET}"), ("X-Ok", "yes")],
        )
    )


def test_listed_headers_and_query_parameters_are_replaced_in_any_case() -> None:
    journal = Journal()
    secretive(journal)
    entry = journal.recent()[0]
    assert entry.request_headers == (
        ("AUTHORIZATION", REDACTED),
        ("Cookie", REDACTED),
        ("X-Api-Key", REDACTED),
        ("Accept", "*/*"),
    )
    assert entry.response_headers == (("Set-Cookie", REDACTED), ("X-Ok", "yes"))
    assert entry.query == f"API_KEY={REDACTED}&limit=2&access%5Ftoken={REDACTED}"
    assert entry.target == f"/pets?{entry.query}"


def test_no_door_of_the_journal_lets_a_secret_out(tmp_path: Path) -> None:
    journal = Journal()
    seen: list[JournalEntry] = []
    sink = JsonLinesSink(tmp_path / "log.jsonl")
    dispatcher = LogDispatcher(journal, [seen.append, sink])
    with journal.subscribe() as tail:
        secretive(journal)
        assert dispatcher.close()
        sink.close()
        doors = [
            journal.recent(),
            journal.get(1),
            journal.find(Criteria()),
            journal.find(lambda entry: True),
            tail.get(0),
            seen,
        ]
    assert len(seen) == 1
    for found in doors:
        assert found
        assert SECRET.encode() not in msgspec.json.encode(found)
    assert SECRET not in (tmp_path / "log.jsonl").read_text()


def test_a_search_for_a_secret_finds_nothing() -> None:
    journal = Journal()
    secretive(journal)
    assert journal.recent(text=SECRET) == []
    assert len(journal.recent(text=REDACTED)) == 1


def test_a_changed_list_covers_what_was_recorded_before() -> None:
    journal = Journal(redact=["x-other"])
    secretive(journal)
    assert dict(journal.recent()[0].request_headers)["Cookie"] == SECRET
    journal.configure(redact=["Cookie"])
    headers = dict(journal.recent()[0].request_headers)
    assert headers["Cookie"] == REDACTED
    assert headers["X-Api-Key"] == SECRET


def test_nothing_is_redacted_if_nothing_is_listed() -> None:
    journal = Journal(redact=())
    secretive(journal)
    assert SECRET in journal.recent()[0].target


@pytest.mark.parametrize("query", ["", "a", "a&b=&=c", "flag&cookie", "cookie=", "&&", "a=b=c"])
def test_odd_queries_keep_their_form(query: str) -> None:
    expected = query.replace("cookie=", f"cookie={REDACTED}")
    assert Redaction().query(query) == expected


names = st.sampled_from([*DEFAULT_REDACT, "limit", "q", "Authorization", "näme"])


@given(st.lists(st.tuples(names, st.text(min_size=1))))
def test_values_of_listed_parameters_are_hidden_and_all_others_kept(
    pairs: list[tuple[str, str]],
) -> None:
    redacted = Redaction().query(urlencode(pairs))
    expected = [
        (name, REDACTED if name.lower() in DEFAULT_REDACT else value) for name, value in pairs
    ]
    assert parse_qsl(redacted, keep_blank_values=True) == expected
