"""The journal cannot grow: entries, bytes, bodies, and what is done at the edges."""

from __future__ import annotations

import pytest

from mockforge.errors import ConfigError
from mockforge.observe.journal import Journal
from tests.kernel.observe.exchanges import exchange


def ids(journal: Journal) -> list[int]:
    return [entry.id for entry in journal.recent()]


def test_the_oldest_go_when_the_number_of_entries_is_reached() -> None:
    journal = Journal(max_entries=3)
    for _ in range(10):
        journal.record(exchange())
    assert ids(journal) == [10, 9, 8]
    assert journal.count() == 3
    assert journal.stats().evicted == 7


def test_the_oldest_go_when_the_bytes_are_reached() -> None:
    journal = Journal(max_entries=10_000, max_bytes=50_000)
    for _ in range(500):
        journal.record(exchange(body=b"x" * 1000))
        assert journal.stats().bytes <= 50_000
    stats = journal.stats()
    assert 10 < stats.entries < 50
    assert stats.evicted == 500 - stats.entries
    assert ids(journal) == list(range(500, 500 - stats.entries, -1))


def test_entries_of_all_sizes_never_take_it_over_its_bytes() -> None:
    journal = Journal(max_entries=10_000, max_bytes=20_000, max_body=50_000)
    for number in range(300):
        journal.record(exchange(body=b"x" * (number * 97 % 40_000), answer=b"y" * (number * 31)))
        assert journal.stats().bytes <= 20_000


def test_bodies_are_cut_to_the_cap_and_say_so() -> None:
    journal = Journal(max_body=10)
    journal.record(exchange(body=b"0123456789abc", answer=b"A" * 10))
    entry = journal.recent()[0]
    assert entry.request_body == "0123456789"
    assert entry.request_body_truncated
    assert entry.request_size == 13
    assert entry.response_body == "A" * 10
    assert not entry.response_body_truncated


def test_without_a_body_cap_no_body_is_kept() -> None:
    journal = Journal(max_body=0)
    journal.record(exchange(body=b"secret", answer=b"secret"))
    entry = journal.recent()[0]
    assert (entry.request_body, entry.response_body) == ("", "")
    assert entry.request_body_truncated
    assert entry.response_body_truncated


def test_an_entry_over_the_whole_limit_goes_without_bodies_and_keeps_the_others_out_of_harm() -> (
    None
):
    journal = Journal(max_bytes=20_000, max_body=1_000_000)
    for _ in range(5):
        journal.record(exchange())
    journal.record(exchange("PUT", body=b"x" * 100_000, answer=b"y" * 100_000))
    newest = journal.recent()[0]
    assert newest.method == "PUT"
    assert newest.stripped
    assert (newest.request_body, newest.response_body) == ("", "")
    assert newest.request_size == newest.response_size == 100_000
    assert newest.request_body_truncated
    assert newest.response_body_truncated
    assert newest.request_headers
    assert journal.count() == 6
    assert journal.totals().stripped == 1


def test_an_entry_whose_headers_alone_are_too_large_goes_without_them() -> None:
    journal = Journal(max_bytes=20_000)
    many = [(b"X-%d" % number, b"v" * 100) for number in range(200)]
    journal.record(exchange(target="/" + "p" * 30_000, headers=many))
    entry = journal.recent()[0]
    assert entry.stripped
    assert entry.request_headers == ()
    assert len(entry.target) == 2048
    assert journal.stats().bytes <= 20_000


@pytest.mark.parametrize("journal", [Journal(max_entries=0), Journal(max_bytes=0)])
def test_a_journal_switched_off_keeps_nothing_but_counts_and_tells_subscribers(
    journal: Journal,
) -> None:
    with journal.subscribe() as tail:
        journal.record(exchange(answer=b"whole"))
        assert journal.recent() == []
        assert journal.stats().bytes == 0
        assert journal.totals().total == 1
        item = tail.get(0)
        assert item is not None
        assert getattr(item, "response_body", None) == "whole"


def test_limits_can_be_changed_while_it_runs() -> None:
    journal = Journal(max_entries=100)
    for _ in range(50):
        journal.record(exchange(body=b"x" * 100))
    journal.configure(max_entries=10)
    assert ids(journal) == list(range(50, 40, -1))
    assert journal.stats().evicted == 40
    journal.configure(max_bytes=journal.stats().bytes // 2)
    assert journal.count() == 5
    journal.configure(max_entries=1000, max_bytes=1024**2, max_body=3)
    for _ in range(50):
        journal.record(exchange(body=b"abcdef"))
    assert journal.count() == 55
    assert journal.recent(1)[0].request_body == "abc"


def test_negative_limits_are_refused_and_change_nothing() -> None:
    with pytest.raises(ConfigError, match="max_bytes is -1"):
        Journal(max_bytes=-1)
    journal = Journal(max_entries=5)
    with pytest.raises(ConfigError, match="max_body is -2"):
        journal.configure(max_entries=7, max_body=-2)
    assert journal.stats().max_entries == 5


def test_clearing_forgets_entries_and_gives_no_id_twice() -> None:
    journal = Journal(max_entries=3)
    for _ in range(5):
        journal.record(exchange())
    assert journal.clear() == 3
    assert journal.recent() == []
    assert journal.bytes == 0
    journal.record(exchange())
    assert ids(journal) == [6]
    assert journal.get(5) is None
    assert journal.stats().evicted == 2


def test_long_errors_and_many_findings_are_cut() -> None:
    journal = Journal()
    journal.record(exchange(error="e" * 100_000, findings=tuple(map(str, range(500)))))
    entry = journal.recent()[0]
    assert entry.error == "e" * 2048
    assert len(entry.findings) == 20
